"""Editing of single records by hand: they are added, replaced or deleted by the same rules as rows of fixtures.

The caller opens the transaction, and an `EditError` must leave it, so that nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from mockserver.clock import stamp
from mockserver.enspace import fields, members, workspaces
from mockserver.enspace.context import Context
from mockserver.enspace.hidden_members import with_secrets
from mockserver.fixture_files.fixture_reader import RowError, RowFault, record_of
from mockserver.fixture_files.fixture_validator import FixtureValidator
from mockserver.state.collection import Duplicate
from mockserver.state.ids import derived_text
from mockserver.state.request_log import RequestLog
from mockserver.state.table import Members, Record, read_member
from mockserver.state.world import Change, World

# A longer list of faults is no help, and a change may affect thousands of records.
_MAX_FAULTS = 20


class RecordRef(NamedTuple):
    """The collection and the id of a record."""

    table: str
    id: int


@dataclass(frozen=True)
class EditFault:
    """A message about a member of the edited record; without a member it concerns the whole record, or another one."""

    member: str | None
    message: str


@dataclass(frozen=True)
class RecordEdit:
    """A change that was made, and the related records that must still be validated; there may be very many."""

    record: Record
    related: Iterable[RecordRef]


class EditError(ValueError):
    """The rules do not allow a change."""

    def __init__(self, *faults: EditFault) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.message for fault in faults))


class Editor:
    """Changes single records of a world, and validates them together with related records."""

    def __init__(self, validator: FixtureValidator) -> None:
        self._validator = validator

    def add(self, world: World, table: str, row: Record, seconds: float, seed: int) -> RecordEdit:
        """Adds a record. Raises `EditError`."""
        row = _complete(world, table, row, seconds, seed)
        record = _read(world, table, row)
        if world[table].get(record["id"]) is not None:
            raise EditError(EditFault("id", f"there is a record {record['id']} already"))
        _apply(lambda: world.insert(table, record))
        return self._validated(world, table, record)

    def replace(self, world: World, table: str, before: Record, row: Record, seconds: float) -> RecordEdit:
        """Replaces the record `before`; secrets that are left out or masked stay. Raises `EditError`."""
        record = _read(world, table, _with_fixed_members(table, before, row, seconds))
        changed = {name: value for name, value in record.items() if name != "id"}
        _apply(lambda: world.update(table, before["id"], **changed))
        return self._validated(world, table, record, before)

    def delete(self, world: World, table: str, record: Record, seconds: float, changes: list[Change]) -> RecordEdit:
        """Deletes a record with everything that belongs to it. Raises `EditError` if another record needs it."""
        if dependent := next(_dependents(world, table, record["id"]), None):
            raise EditError(EditFault(None, f"{dependent} needs it; delete or change that first"))
        if before_deletion := _BEFORE_DELETION.get(table):
            before_deletion(_context_of(world, record, table, seconds), record)
        world.delete(table, record["id"])
        return RecordEdit(record, _changed_records(world, changes))

    def related_faults(self, world: World, ref: RecordRef) -> Iterator[EditFault]:
        """Validates a record that is related to a change, unless it is deleted."""
        record = world[ref.table].get(ref.id)
        if record is not None:
            for fault in self._validator.find_faults(world, ref.table, record):
                yield EditFault(None, f"{ref.table} {ref.id}: {_message(fault)}")

    def _validated(self, world: World, table: str, record: Record, *before: Record) -> RecordEdit:
        """Returns the change if the record itself is valid. Raises `EditError`."""
        faults = self._validator.find_faults(world, table, record)
        raise_if_any(EditFault(fault.member, _message(fault)) for fault in faults)
        itself = RecordRef(table, record["id"])
        related = _related_records(world, table, [record, *before])
        return RecordEdit(record, (ref for ref in related if ref != itself))


def raise_if_any(faults: Iterable[EditFault]) -> None:
    """Raises `EditError` with the first faults, if there are any."""
    if first := list(islice(faults, _MAX_FAULTS)):
        raise EditError(*first)


def _complete(world: World, table: str, row: Record, seconds: float, seed: int) -> Record:
    """Adds what a row need not contain: id, time stamps, reference and secret."""
    id, needed = world.next_id(table), world[table].table.needed
    given = {"id": id, "created_at": stamp(seconds), "updated_at": stamp(seconds)}
    given["reference"] = derived_text(seed, table, id, 16)
    missing = {name: value for name, value in given.items() if name == "id" or name in needed}
    return with_secrets(table, missing | row, None)


def _with_fixed_members(table: str, before: Record, row: Record, seconds: float) -> Record:
    """Returns the row with the id, a new time stamp and the secrets of the record that it replaces."""
    if row.get("id", before["id"]) != before["id"]:
        raise EditError(EditFault("id", f"it is {before['id']} and stays"))
    # A time stamp that the user edited stays.
    stamped = {"updated_at": stamp(seconds)} if row.get("updated_at") == before.get("updated_at") else {}
    return with_secrets(table, {"id": before["id"]} | row | (stamped if "updated_at" in before else {}), before)


def _read(world: World, table: str, row: Record) -> Record:
    try:
        return record_of(world, world[table].table, row)
    except RowError as error:
        raise EditError(EditFault(error.fault.member, _message(error.fault))) from error


def _apply(change: Callable[[], Any]) -> None:
    try:
        change()
    except Duplicate as error:
        message = f"another record has the same {' and '.join(error.members)}"
        raise EditError(EditFault(error.members[-1], message)) from error


def _message(fault: RowFault) -> str:
    fix = fault.fix.rstrip(".")
    return f"{fault.problem.rstrip('.')}. {fix[:1].upper()}{fix[1:]}{'' if fix.endswith('?') else '.'}"


def _targets(world: World, table: str, records: Iterable[Record]) -> Iterator[RecordRef]:
    """Yields the records to which these refer, each once."""
    seen = set()
    for record in records:
        for relation in world[table].table.relations:
            ids = read_member(record, relation.member)
            for id in ids if relation.is_list else [ids]:
                ref = RecordRef(relation.target, id)
                if id is not None and ref not in seen:
                    seen.add(ref)
                    yield ref


def _related_records(world: World, table: str, versions: list[Record]) -> Iterator[RecordRef]:
    """Yields records to which a record in any version refers, and records that refer to it or name it."""
    yield from _targets(world, table, versions)
    yield from _referrers(world, table, versions[0]["id"])
    yield from _namers(world, table, versions)


def _changed_records(world: World, changes: list[Change]) -> Iterator[RecordRef]:
    """Yields the records that changed, those to which one of them referred before, and those that may name one."""
    before: dict[str, list[Record]] = {}
    for change in changes:
        yield RecordRef(change.table, change.id)
        if change.before is not None:
            before.setdefault(change.table, []).append(change.before)
    for table, records in before.items():
        yield from _targets(world, table, records)
        yield from _namers(world, table, records)


def _namers(world: World, table: str, versions: list[Record]) -> Iterator[RecordRef]:
    """Yields the records that may name one of these otherwise than by a relation."""
    for other, shared in _NAMERS.get(table, {}).items():
        for values in {tuple(record[member] for member in shared) for record in versions}:
            same = dict(zip(shared, values, strict=True))
            yield from (RecordRef(other, one["id"]) for one in world[other].where(**same))


def _referrers(world: World, table: str, id: int) -> Iterator[RecordRef]:
    """Yields the records that refer to a record."""
    for name, collection in world:
        for relation in collection.table.relations:
            if relation.target != table:
                continue
            if relation.is_list:
                yield from (RecordRef(name, one["id"]) for one in collection if id in read_member(one, relation.member))
            else:
                yield from (RecordRef(name, one["id"]) for one in collection.where(**{relation.member: id}))


def _dependents(world: World, table: str, id: int) -> Iterator[str]:
    """Names the records that cannot exist without this one."""
    for name, collection in world:
        for relation in collection.table.relations:
            if relation.target == table and relation.on_delete == "never":
                yield from (f"{name} {one['id']}" for one in collection.select({relation.member: id}, limit=1))


def _context_of(world: World, record: Record, table: str, seconds: float) -> Context:
    """Returns the context of a change that no member of the workspace makes."""
    id = record["id"] if table == "workspaces" else record.get("workspace")
    workspace = world["workspaces"].get(id) if id is not None else None
    return Context(world, seconds, 0, RequestLog(), {}, workspace=workspace or {})


# By collection, those whose records may name one of its records, and the members that both have in common then.
_NAMERS: Mapping[str, Mapping[str, Members]] = {
    "workspaces": {"api_keys": ()},
    "members": {"mgroups": ("workspace",)},
    "fields": dict.fromkeys(("items", "forms", "tasks"), ("item_type",)),
    "stages": {"tasks": ("flow",)},
    "integrations": {"tasks": ("workspace",)},
}

# Changes to other records before a record is deleted.
_BEFORE_DELETION: Mapping[str, Callable[[Context, Record], None]] = {
    "members": members.end_membership,
    "fields": fields.clear_traces,
    "workspaces": lambda context, record: workspaces.end_workspace(context),
}
