"""Where a call takes place: one world, one workspace, one caller, one instant. Every handler is given one.

It finds and changes records of this workspace only, so that no handler can reach into another one.
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
    """`seconds` since 1970 are the instant of the call. `workspace` and `member` are empty for a call outside
    workspaces, `key` for one with a session.

    `grants` are the ids of the types that the caller may reach in this call, None for all. R11.
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

    @property
    def now(self) -> str:
        """The instant as Enspace writes it: `2026-03-12T20:55:53.111Z`."""
        return stamp(self.seconds)

    @property
    def is_owner(self) -> bool:
        return bool(self.member) and self.member["type"] == "owner"

    def get(self, table: str, id: Any) -> Record:
        """The record of this workspace with that id: `NotFound`, or `Forbidden` if its type is out of reach."""
        record = self.find(table, id)
        if record is None:
            raise NotFound
        if "item_type" in record and record["item_type"] is not None:
            self.demand_reach(record["item_type"])
        return record

    def find(self, table: str, id: Any) -> Record | None:
        """The record of this workspace with that id, or None."""
        record = self.world[table].get(id)
        return record if record is not None and record["workspace"] == self.workspace["id"] else None

    def type(self, slug: str) -> Record:
        """The type of this workspace with that slug: `NotFound`, or `Forbidden` if it is out of reach."""
        record = self.find_type(slug)
        if record is None:
            raise NotFound
        self.demand_reach(record["id"])
        return record

    def find_type(self, slug: str | None) -> Record | None:
        """The type of this workspace with that slug, or None."""
        return self.world["types"].find(("workspace", "slug"), self.workspace["id"], slug)

    def demand_reach(self, type_id: int | None) -> None:
        """R11: a caller whose rows name types reaches those only; None stands for all types at once."""
        if self.grants is not None and type_id not in self.grants:
            raise Forbidden

    def insert(self, table: str, **members: Any) -> Record:
        """A new record of this workspace with both stamps."""
        members["workspace"] = self.workspace["id"]
        members["created_at"] = members["updated_at"] = self.now
        return self.world.insert(table, members)

    def update(self, table: str, record: Record, **members: Any) -> Record:
        """R20, R21: changes `members` only, and moves `updated_at` even if the clock stands still."""
        return self.world.update(table, record["id"], **members, updated_at=self.later_than(record["updated_at"]))

    def later_than(self, stamp: str) -> str:
        """Now, or the next millisecond after `stamp` if that is later."""
        now = self.now
        return now if now > stamp else as_text(as_instant(stamp) + timedelta(milliseconds=1))

    def strangers(self, users: Sequence[int]) -> list[int]:
        """Those of `users` who are no members of this workspace."""
        find = self.world["members"].find
        return [user for user in users if find(("workspace", "user"), self.workspace["id"], user) is None]


def as_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def as_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
