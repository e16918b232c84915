"""The context of a call: workspace, caller, time, and access to the records.

It finds and changes records of its own workspace only, so that no handler can reach into another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.clock import stamp
from mockserver.enspace.rule_errors import Forbidden, NotFound
from mockserver.state.request_log import RequestLog
from mockserver.state.table import Record
from mockserver.state.world import World

_NONE: Record = {}


class Context:
    """The context that every handler takes.

    seconds: time of the call, since 1970
    key: None for a call with a session
    workspace, member: empty for a call outside of workspaces
    grants: ids of the types to which the caller has access in this call, None for all (R11)
    notes: what the journal says about this call besides its answer
    """

    grants: frozenset[int] | None = None

    def __init__(
        self,
        world: World,
        seconds: float,
        seed: int,
        request_log: RequestLog,
        user: Record,
        key: Record | None = None,
        workspace: Record = _NONE,
        member: Record = _NONE,
    ) -> None:
        self.world, self.seconds, self.seed, self.request_log = world, seconds, seed, request_log
        self.user, self.key, self.workspace, self.member = user, key, workspace, member
        self.notes: list[str] = []

    @property
    def now(self) -> str:
        """The time of the call as Enspace writes it: `2026-03-12T20:55:53.111Z`."""
        return stamp(self.seconds)

    @property
    def is_owner(self) -> bool:
        return bool(self.member) and self.member["type"] == "owner"

    def get(self, table: str, id: Any) -> Record:
        """Returns a record of this workspace. Raises `NotFound`, or `Forbidden` if there is no access to its type."""
        record = self.find(table, id)
        if record is None:
            raise NotFound
        if "item_type" in record:
            self.require_access(record["item_type"])
        return record

    def find(self, table: str, id: Any) -> Record | None:
        """Returns the record of this workspace with that id, or None."""
        record = self.world[table].get(id)
        return record if record is not None and record["workspace"] == self.workspace["id"] else None

    def type(self, slug: str) -> Record:
        """Returns a type of this workspace. Raises `NotFound`, or `Forbidden` if there is no access to it."""
        record = self.find_type(slug)
        if record is None:
            raise NotFound
        self.require_access(record["id"])
        return record

    def find_type(self, slug: str | None) -> Record | None:
        """Returns the type of this workspace with that slug, or None."""
        return self.world["types"].find(("workspace", "slug"), self.workspace["id"], slug)

    def require_access(self, type_id: int | None) -> None:
        """Raises `Forbidden` if the caller has no access to a type, or to all types if `type_id` is None. R11."""
        if self.grants is not None and type_id not in self.grants:
            raise Forbidden

    def insert(self, table: str, **members: Any) -> Record:
        """Inserts a record into this workspace, with both time stamps."""
        members["workspace"] = self.workspace["id"]
        members["created_at"] = members["updated_at"] = self.now
        return self.world.insert(table, members)

    def update(self, table: str, record: Record, **members: Any) -> Record:
        """Changes `members` and `updated_at`, which grows even if the clock is frozen. R20, R21."""
        return self.world.update(table, record["id"], **members, updated_at=self.later_than(record["updated_at"]))

    def later_than(self, stamp: str) -> str:
        """Returns the time of the call, or the millisecond after `stamp` if that is later."""
        now = self.now
        # Time stamps have the same length, so that they compare as texts.
        return now if now > stamp else as_text(as_instant(stamp) + timedelta(milliseconds=1))

    def strangers(self, users: Sequence[int]) -> list[int]:
        """Returns the users who are not members of this workspace."""
        find = self.world["members"].find
        return [user for user in users if find(("workspace", "user"), self.workspace["id"], user) is None]


def as_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def as_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
