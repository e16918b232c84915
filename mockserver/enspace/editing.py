"""Records changed by hand: added, replaced or deleted as a row of the fixtures could be, by the same rules.

Whoever calls opens the transaction, and leaves it with the error if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.clock import stamp
from mockserver.enspace import fields, members, workspaces
from mockserver.enspace.fixtures import Judge
from mockserver.enspace.here import Here
from mockserver.enspace.masking import with_secrets
from mockserver.state.collection import Duplicate
from mockserver.state.fixtures import RowError, record_of
from mockserver.state.history import History
from mockserver.state.ids import derived_text
from mockserver.state.tables import Record, read_member
from mockserver.state.world import Change, World


class EditFault(NamedTuple):
    """What is wrong, with the member that it is about; none if it is about the whole record or another one."""

    member: str | None
    message: str


class EditError(ValueError):
    """A change that the rules do not allow."""

    def __init__(self, faults: Iterable[EditFault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


class Editor:
    """Changes single records of a world, and judges them together with those that they are tied to."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def add(self, world: World, table: str, row: Record, seconds: float, seed: int) -> Record:
        """A new record; `EditError`."""
        row = _completed(world, table, row, seconds, seed)
        record = _read(world, table, row)
        if world[table].get(record["id"]) is not None:
            raise EditError([EditFault("id", f"there is a record {record['id']} already")])
        _put(lambda: world.insert(table, record))
        self._demand_sound(world, table, record, [])
        return record

    def replace(self, world: World, table: str, before: Record, row: Record, seconds: float) -> Record:
        """Another record in the place of `before`; hidden members that are left out or masked stay. `EditError`."""
        record = _read(world, table, _kept(table, before, row, seconds))
        changed = {name: value for name, value in record.items() if name != "id"}
        _put(lambda: world.update(table, before["id"], **changed))
        self._demand_sound(world, table, record, _neighbours(world, table, before))
        return record

    def delete(self, world: World, table: str, record: Record, seconds: float, changes: list[Change]) -> None:
        """Deletes a record with what belongs to it. `EditError` if another one would be left without what it needs."""
        if stuck := next(_held_by(world, table, record["id"]), None):
            raise EditError([EditFault(None, f"{stuck} needs it; delete or change that first")])
        _LEAVING.get(table, _nothing)(_here(world, record, table, seconds), record)
        world.delete(table, record["id"])
        touched = [(change.table, change.id) for change in changes]
        for change in changes:
            if change.before is not None:
                touched += _targets(world, change.table, change.before)
        _raise_if(self._faults_of_others(world, dict.fromkeys(touched)))

    def _demand_sound(self, world: World, table: str, record: Record, others: list[tuple[str, int]]) -> None:
        faults = self._judge.faults(world, table, record)
        _raise_if(EditFault(_member(world, table, problem), _sentence(problem, mend)) for problem, mend in faults)
        tied = [*others, *_neighbours(world, table, record)]
        _raise_if(self._faults_of_others(world, dict.fromkeys(one for one in tied if one != (table, record["id"]))))

    def _faults_of_others(self, world: World, places: Iterable[tuple[str, int]]) -> Iterator[EditFault]:
        for table, id in places:
            record = world[table].get(id)
            for problem, mend in self._judge.faults(world, table, record) if record is not None else ():
                yield EditFault(None, f"{table} {id}: {_sentence(problem, mend)}")


def _raise_if(faults: Iterable[EditFault]) -> None:
    if told := list(faults):
        raise EditError(told[:20])


def _completed(world: World, table: str, row: Record, seconds: float, seed: int) -> Record:
    """The row with what nobody likes to write: id, stamps, reference, secret."""
    id, needed = world.next_id(table), world[table].table.needed
    given = {"id": id, "created_at": stamp(seconds), "updated_at": stamp(seconds)}
    given["reference"] = derived_text(seed, table, id, 16)
    missing = {name: value for name, value in given.items() if name == "id" or name in needed}
    return with_secrets(table, missing | row, None)


def _kept(table: str, before: Record, row: Record, seconds: float) -> Record:
    if row.get("id", before["id"]) != before["id"]:
        raise EditError([EditFault("id", f"it is {before['id']} and stays")])
    stamped = {"updated_at": stamp(seconds)} if row.get("updated_at") == before.get("updated_at") else {}
    return with_secrets(table, {"id": before["id"]} | row | (stamped if "updated_at" in before else {}), before)


def _read(world: World, table: str, row: Record) -> Record:
    try:
        return record_of(world, world[table].table, row)
    except RowError as error:
        member = _member(world, table, error.problem)
        raise EditError([EditFault(member, _sentence(error.problem, error.mend))]) from error


def _put(change: Callable[[], Any]) -> None:
    try:
        change()
    except Duplicate as error:
        told = f"another record has the same {' and '.join(error.members)}"
        raise EditError([EditFault(error.members[-1], told)]) from error


def _sentence(problem: str, mend: str) -> str:
    mend = mend.rstrip(".")
    return f"{problem.rstrip('.')}. {mend[:1].upper()}{mend[1:]}{'' if mend.endswith('?') else '.'}"


def _member(world: World, table: str, problem: str) -> str | None:
    """Which member a problem is about: faults name it first, in backticks or before a colon."""
    known = {"id", *world[table].table.needed, *world[table].table.defaults}
    return next((name for name in re.findall(r"`?(\w+)[\w.]*(?:`|:)", problem) if name in known), None)


def _targets(world: World, table: str, record: Record) -> Iterator[tuple[str, int]]:
    """The records that this one names."""
    for relation in world[table].table.relations:
        told = read_member(record, relation.member)
        yield from ((relation.target, id) for id in (told if relation.is_list else [told]) if id is not None)


def _neighbours(world: World, table: str, record: Record) -> list[tuple[str, int]]:
    """The records that this one names, those that name it, and those that hold values of it."""
    found = [*_targets(world, table, record), *_referrers(world, table, record["id"])]
    for other in ("items", "forms", "tasks") if table == "fields" else ():
        found += [(other, one["id"]) for one in world[other].where(item_type=record["item_type"])]
    return found


def _referrers(world: World, table: str, id: int) -> Iterator[tuple[str, int]]:
    for name, collection in world:
        for relation in collection.table.relations:
            if relation.target != table:
                continue
            if relation.is_list:
                yield from ((name, one["id"]) for one in collection if id in read_member(one, relation.member))
            else:
                yield from ((name, one["id"]) for one in collection.where(**{relation.member: id}))


def _held_by(world: World, table: str, id: int) -> Iterator[str]:
    """The records that cannot be without this one."""
    for name, collection in world:
        for relation in collection.table.relations:
            if relation.target == table and relation.on_delete == "never":
                yield from (f"{name} {one['id']}" for one in collection.select({relation.member: id}, limit=1))


def _here(world: World, record: Record, table: str, seconds: float) -> Here:
    """The place of a change that nobody of the workspace makes."""
    id = record["id"] if table == "workspaces" else record.get("workspace")
    workspace = world["workspaces"].get(id) if id is not None else None
    return Here(world, seconds, 0, History(), {}, workspace=workspace or {})


def _nothing(here: Here, record: Record) -> None:
    pass


# What goes before the record itself does.
_LEAVING: Mapping[str, Callable[[Here, Record], None]] = {
    "members": members.end_membership,
    "fields": fields.clear_traces,
    "workspaces": lambda here, record: workspaces.end_workspace(here),
}
