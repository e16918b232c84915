"""Keys of a recording: who called with each, in which workspaces, and what it may do. Fixtures get keys alike.

The recorded keys themselves never get into fixtures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.enspace.keys import SCOPES, new_secret
from mockserver.fixture_files.observed_records import ObservedRecord, ObservedRecords
from mockserver.fixture_files.record_completion import RecordCompletion
from mockserver.judging.recorded_calls import RecordedCall
from mockserver.pipeline.authenticate import MISSING_SCOPE, SCOPE_OF_METHOD
from mockserver.state.ids import derived_text
from mockserver.state.table import Record
from mockserver.state.world import World


@dataclass
class RecordedKey:
    """What answers have shown of one key. `workspaces` has what is known of the caller's membership in each.

    `used` and `denied` are the scopes of its calls, `shown` those in an answer about the caller, None without one.
    """

    user: int | None = None
    workspaces: dict[str, Record] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    shown: set[str] | None = None

    @property
    def refused(self) -> set[str]:
        """The scopes that it lacks: what an answer has shown counts, and whether all calls were refused for that."""
        return (set() if self.shown is None else set(SCOPES) - self.shown) | (self.denied - self.used)

    @property
    def granted(self) -> set[str]:
        """The scopes that it is known to have."""
        return ((self.shown or set()) | self.used) - self.refused

    @property
    def scopes(self) -> list[str]:
        return [scope for scope in SCOPES if scope not in self.refused]

    def see_workspace(self, view: Any) -> None:
        """Notes what a workspace, as the caller sees it, shows of the caller's membership."""
        match view:
            case {"slug": str(slug), "member_type": kind, "favorite": favorite}:
                self.workspaces[slug] = {"type": kind, "favorite": favorite}


class RecordedKeys:
    """The keys of a recording, in the order of their first calls."""

    def __init__(self) -> None:
        self._keys: dict[str, RecordedKey] = {}
        self._listed: dict[int, RecordedKey] = {}  # by the ids of listed keys, those of their users
        self.replacements: dict[str, str] = {}  # by the recorded keys, those of the fixtures
        self.of_unknown_user: set[str] = set()  # recorded keys whose users no answer names, or the fixtures lack

    def note(self, call: RecordedCall, operation: Operation, body: Any, workspace: str) -> None:
        """Notes what a call in a workspace shows of its key."""
        secret = call.request_headers.get("x-api-key") or call.request_headers.get("authorization")
        if not secret or call.status == 401:
            return
        key = self._keys.setdefault(secret, RecordedKey())
        scope = SCOPE_OF_METHOD.get(operation.method, "read")
        if call.status == 403 and isinstance(body, dict) and body.get("message") == MISSING_SCOPE.format(scope=scope):
            key.denied.add(scope)
        if 200 <= call.status < 300:
            key.used.add(scope)
            if workspace:
                key.workspaces.setdefault(workspace, {})
            self._note_caller(key, operation, body)

    def owners(self) -> dict[str, int]:
        """Returns the callers who own a workspace, by its slug."""
        return {
            workspace: key.user
            for key in self._keys.values()
            for workspace, membership in key.workspaces.items()
            if membership.get("type") == "owner" and key.user is not None
        }

    def _note_caller(self, key: RecordedKey, operation: Operation, body: Any) -> None:
        match operation.id, body:
            case "getWorkspaceContext", {"member": {"user": {"id": int(user)}}, "scope": list(scope)}:
                key.user, key.shown = user, set(scope)
                key.see_workspace(body.get("workspace"))
            case (("listWorkspaces" | "createWorkspace"), _):
                for workspace in body if isinstance(body, list) else [body]:
                    key.see_workspace(workspace)
            case "listApiKeys", list():
                self._listed |= {row["id"]: key for row in body if isinstance(row, dict) and type(row.get("id")) is int}
            case _, {"user": {"id": int(user)}} if operation.method == "POST" and operation.id != "createMember":
                key.user = user if key.shown is None else key.user

    def add_to(self, records: ObservedRecords, completion: RecordCompletion) -> None:
        """Adds keys like the recorded ones; the first one may do most, so that it is the demo key."""
        self.of_unknown_user = {secret for secret, key in self._keys.items() if key.user is None}
        for key in self._keys.values():
            for workspace in [slug for slug in key.workspaces if records.is_deleted("workspaces", slug)]:
                del key.workspaces[workspace]
            self._complete(key, completion)
        for id, key in self._listed.items():
            if listed := records.get("api_keys", id):
                listed.members |= {"user": key.user, "key": new_secret()}
        for record in () if self._keys else records.of("workspaces"):
            demo = self._keys.setdefault("demo", RecordedKey(completion.owner_of(record.key)))
            demo.workspaces[record.key] = {}
            self._complete(demo, completion)
        free = records.of("api_keys")
        for secret, key in sorted(self._keys.items(), key=lambda entry: -len(entry[1].scopes)):
            like = next((record for record in free if _is_like(record, key)), None)
            if like is not None:
                free.remove(like)
            if like is not None or key.user is not None:
                self.replacements[secret] = (like or self._add(records, key)).members["key"]

    def note_left_out(self, world: World) -> None:
        """Notes the keys whose users are no members in the world: an odd answer about them could not be used."""
        for secret, key in self._keys.items():
            found = [world["workspaces"].find(("slug",), slug) for slug in key.workspaces]
            places = [(workspace["id"], key.user) for workspace in found if workspace]
            if any(world["members"].find(("workspace", "user"), *place) is None for place in places):
                self.of_unknown_user.add(secret)

    def _complete(self, key: RecordedKey, completion: RecordCompletion) -> None:
        """Finds a user for a key, and makes that a member where the key was used."""
        for workspace, membership in key.workspaces.items():
            key.user = key.user or completion.owner_of(workspace)
            completion.ensure_member(workspace, key.user, {"type": "full", **membership})

    def _add(self, records: ObservedRecords, key: RecordedKey) -> ObservedRecord:
        id = records.free_id("api_keys")
        record = records.ensure("api_keys", id, {})
        record.members = {
            "id": id,
            "key": new_secret(),
            "description": "Recorded key",
            "reference": derived_text(0, "recorded key", id, 16),
            "user": key.user,
            "scope": {"global": key.scopes, "workspaces": list(key.workspaces)},
        }
        return record


def _is_like(record: ObservedRecord, key: RecordedKey) -> bool:
    """Whether a listed key may be the recorded one."""
    scope = record.get("scope")
    return (
        record.get("user") == key.user
        and isinstance(scope, dict)
        and key.granted <= set(scope["global"])
        and not key.refused & set(scope["global"])
        and set(key.workspaces) <= set(scope["workspaces"])
        and record.get("expires_at") is None
    )
