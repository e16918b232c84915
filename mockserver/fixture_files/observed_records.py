"""Records that answers have shown: whole ones, and what references to records show of the others.

Records are named as answers name them: a workspace by its slug, a type by workspace and slug, the others by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mockserver.enspace.tables import TABLES
from mockserver.state.table import Record, Table

Key: TypeAlias = Any
View: TypeAlias = Mapping[str, Any]

# The schemas of the contract that show a record, whole or as a reference.
TABLE_OF_SCHEMA = {
    **{"Field": "fields", "Flow": "flows", "FlowRef": "flows", "Forms": "forms", "FormRef": "forms"},
    **{"Integrations": "integrations", "Item": "items", "ItemRef": "items", "MemberGroup": "mgroups"},
    **{"Member": "members", "Permission": "permissions", "QuickTask": "quick_tasks", "Role": "roles"},
    **{"ScheduleTask": "schedule_tasks", "Stage": "stages", "StageRef": "stages", "Tasks": "tasks"},
    **{"TaskRef": "tasks", "Type": "types", "TypeRef": "types", "User": "users", "UserApiKey": "api_keys"},
    **{"Workspace": "workspaces"},
}
TABLE_OF_NAME = {table.name: table for table in TABLES}
# The member by which a record names the workspace, type, flow or stage that it belongs to.
_MEMBER_OF_PARENT = {"workspaces": "workspace", "types": "item_type", "flows": "flow", "stages": "stage"}
# A record that was seen as a reference only most likely shares these with the record that refers to it.
_LENT = ("workspace", "item_type", "flow", "stage", "user", "created_at", "updated_at", "assignees")


@dataclass
class ObservedRecord:
    """What answers have shown of a record: its own `members`, and those `borrowed` from records beside it."""

    table: str
    key: Key
    members: Record = field(default_factory=dict)
    borrowed: Record = field(default_factory=dict)
    answer: int = 0  # the last one that showed it

    def get(self, member: str) -> Any:
        """Returns a member; None if nothing has shown it."""
        return self.members.get(member, self.borrowed.get(member))

    def lends(self) -> Record:
        """Returns what a record that it refers to may borrow."""
        found = {name: self.get(name) for name in _LENT}
        return {name: value for name, value in found.items() if value is not None}


class ObservedRecords:
    """All observed records. Answers are added in their order; the newest one wins, or the first one `at_start`."""

    def __init__(self, *, at_start: bool = False) -> None:
        self._at_start = at_start
        self._records: dict[str, dict[Key, ObservedRecord]] = {table.name: {} for table in TABLES}
        self._deleted: set[tuple[str, Key]] = set()
        self._renamed: dict[Key, Key] = {}
        self._created: set[tuple[str, Key]] = set()
        self.answers = 0
        self.creating = ""  # the table in which the call that is added now has created a record

    def see(self, table: str, view: View, around: Record) -> Record:
        """Adds what a view shows of a record; returns what the records inside of it may borrow.

        `around` is what the record itself may borrow. Raises `KeyError` or `TypeError` for a view without a name.
        """
        named = _with_names(TABLE_OF_NAME[table], view)
        key = named["slug"] if table == "workspaces" else named["id"] if table != "types" else named["slug"]
        record = self.ensure(table, (around["workspace"], key) if table == "types" else key, around)
        shown = {name: value for name, value in named.items() if name in _members(table)}
        record.members = shown | record.members if self._at_start else record.members | shown
        record.answer = self.answers
        self._deleted.discard((table, record.key))
        lent = around | {name: named[name] for name in _LENT if name in named}
        return lent | ({_MEMBER_OF_PARENT[table]: key} if table in _MEMBER_OF_PARENT else {})

    def ensure(self, table: str, key: Key, around: Record) -> ObservedRecord:
        """Returns the record of this key, which may be a new one without members of its own."""
        key = self._renamed.get(key, key)
        if table == self.creating and key not in self._records[table]:
            self._created.add((table, key))
        record = self._records[table].setdefault(key, ObservedRecord(table, key, answer=self.answers))
        for name in _LENT:
            if name in around and name in _members(table):
                record.borrowed.setdefault(name, around[name])
        return record

    def rename_type(self, workspace: str, before: str, after: str) -> None:
        """Gives a type another slug; other records may name it by either."""
        if self._at_start:
            self._renamed[workspace, after] = (workspace, before)
        elif before != after and (record := self._records["types"].pop((workspace, before), None)):
            record.key = self._renamed[workspace, before] = (workspace, after)
            self._records["types"][record.key] = record

    def delete(self, table: str, key: Key) -> None:
        """Removes a record, whether it was seen or not; at the start it was still there."""
        if not self._at_start:
            self._remove(table, key)

    def drop(self, record: ObservedRecord) -> None:
        """Leaves out a record, and with it what cannot exist without."""
        self._remove(record.table, record.key)

    def drop_since(self, instant: str) -> None:
        """Leaves out the records created at an instant or later, or by a call, whatever time they show."""
        for record in self:
            stamp = record.members.get("created_at")
            if (isinstance(stamp, str) and stamp >= instant) or (record.table, record.key) in self._created:
                self.drop(record)

    def _remove(self, table: str, key: Key) -> None:
        self._records[table].pop(key, None)
        self._deleted.add((table, key))

    def is_deleted(self, table: str, key: Key) -> bool:
        return (table, key) in self._deleted

    def get(self, table: str, key: Key) -> ObservedRecord | None:
        return self._records[table].get(key)

    def type_key(self, record: ObservedRecord) -> Key:
        """Returns the key of the type that a record names."""
        key = (record.get("workspace"), record.get("item_type"))
        return self._renamed.get(key, key)

    def of(self, table: str, **members: Any) -> list[ObservedRecord]:
        """Returns the records with these members."""
        wanted = members.items()
        return [r for r in self._records[table].values() if all(r.get(name) == value for name, value in wanted)]

    def free_id(self, table: str) -> int:
        """Returns an id that no record has, or had."""
        ids = [record.get("id") for record in self._records[table].values()]
        ids += [key for name, key in self._deleted if name == table]
        return max((id for id in ids if type(id) is int), default=0) + 1

    def __iter__(self) -> Iterator[ObservedRecord]:
        return (record for records in self._records.values() for record in list(records.values()))


def _members(table: str) -> set[str]:
    return {"id", *TABLE_OF_NAME[table].needed, *TABLE_OF_NAME[table].defaults}


def _with_names(table: Table, view: View) -> Record:
    """Returns the view with the names of other records in place of their views."""
    named = dict(view)
    for relation in table.relations:
        if relation.member in view:
            named[relation.member] = _name(relation.target, view[relation.member])
    return _NAMED[table.name](named) if table.name in _NAMED else named


def _name(target: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_name(target, one) for one in value]
    if isinstance(value, dict):
        return value["slug"] if target == "types" else value["id"]
    return value


def _user(view: Record) -> Record:
    meta = view.get("meta")
    return {**view, **{name: meta.get(name) for name in ("fname", "lname")}} if isinstance(meta, dict) else view


def _workspace(view: Record) -> Record:
    return {**view, "id": int(view["id"])}


def _integration(view: Record) -> Record:
    return {**view, "integration": view["integration"]["id"]}


# The views that differ from their records in more than names.
_NAMED: Mapping[str, Callable[[Record], Record]] = {
    "users": _user,
    "workspaces": _workspace,
    "integrations": _integration,
}
