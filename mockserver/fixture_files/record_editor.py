"""Records changed by hand: added, replaced or deleted as a row of the fixtures could be, by the same rules.

Whoever calls opens the transaction, and leaves it with the error if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from mockserver.clock import stamp
from mockserver.enspace import fields, members, workspaces
from mockserver.enspace.context import Context
from mockserver.enspace.hidden_members import with_secrets
from mockserver.fixture_files.fixture_reader import RowError, record_of
from mockserver.fixture_files.fixture_validator import FixtureValidator
from mockserver.state.collection import Duplicate
from mockserver.state.ids import derived_text
from mockserver.state.request_log import RequestLog
from mockserver.state.table import Record, read_member
from mockserver.state.world import Change, World

Place: TypeAlias = tuple[str, int]  # a collection and an id


class EditFault(NamedTuple):
    """What is wrong, with the member that it is about; none if it is about the whole record or another one."""

    member: str | None
    message: str


class Edit(NamedTuple):
    """A change that was made, and the places of the records that have yet to be judged with it, maybe very many."""

    record: Record
    tied: Iterable[Place]


class EditError(ValueError):
    """A change that the rules do not allow."""

    def __init__(self, faults: Iterable[EditFault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


class Editor:
    """Changes single records of a world, and judges them together with those that they are tied to."""

    def __init__(self, judge: FixtureValidator) -> None:
        self._judge = judge

    def add(self, world: World, table: str, row: Record, seconds: float, seed: int) -> Edit:
        """A new record; `EditError`."""
        row = _completed(world, table, row, seconds, seed)
        record = _read(world, table, row)
        if world[table].get(record["id"]) is not None:
            raise EditError([EditFault("id", f"there is a record {record['id']} already")])
        _put(lambda: world.insert(table, record))
        return self._sound(world, table, record)

    def replace(self, world: World, table: str, before: Record, row: Record, seconds: float) -> Edit:
        """Another record in the place of `before`; hidden members that are left out or masked stay. `EditError`."""
        record = _read(world, table, _kept(table, before, row, seconds))
        changed = {name: value for name, value in record.items() if name != "id"}
        _put(lambda: world.update(table, before["id"], **changed))
        return self._sound(world, table, record, before)

    def delete(self, world: World, table: str, record: Record, seconds: float, changes: list[Change]) -> Edit:
        """Deletes a record with what belongs to it. `EditError` if another one would be left without what it needs."""
        if stuck := next(_held_by(world, table, record["id"]), None):
            raise EditError([EditFault(None, f"{stuck} needs it; delete or change that first")])
        _LEAVING.get(table, _nothing)(_here(world, record, table, seconds), record)
        world.delete(table, record["id"])
        return Edit(record, _touched(world, changes))

    def faults_at(self, world: World, place: Place) -> Iterator[EditFault]:
        """What contract and rules have against a record that is tied to a change; nothing if it is gone."""
        table, id = place
        record = world[table].get(id)
        for problem, mend in self._judge.faults(world, table, record) if record is not None else ():
            yield EditFault(None, f"{table} {id}: {_sentence(problem, mend)}")

    def _sound(self, world: World, table: str, record: Record, *before: Record) -> Edit:
        """The change, if the record itself is as contract and rules want it."""
        faults = self._judge.faults(world, table, record)
        demand_none(EditFault(_member(world, table, problem), _sentence(problem, mend)) for problem, mend in faults)
        tied = _neighbours(world, table, [record, *before])
        return Edit(record, (place for place in tied if place != (table, record["id"])))


def demand_none(faults: Iterable[EditFault]) -> None:
    """`EditError` if there are any."""
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


def _targets(world: World, table: str, records: Iterable[Record]) -> Iterator[Place]:
    """The records that these name, each once."""
    seen = set()
    for record in records:
        for relation in world[table].table.relations:
            told = read_member(record, relation.member)
            for id in told if relation.is_list else [told]:
                if id is not None and (relation.target, id) not in seen:
                    seen.add((relation.target, id))
                    yield relation.target, id


def _neighbours(world: World, table: str, versions: list[Record]) -> Iterator[Place]:
    """The records that a record in all its versions names, those that name it, and those that hold values of it."""
    yield from _targets(world, table, versions)
    yield from _referrers(world, table, versions[0]["id"])
    for item_type in {record["item_type"] for record in versions} if table == "fields" else ():
        for other in ("items", "forms", "tasks"):
            yield from ((other, one["id"]) for one in world[other].where(item_type=item_type))


def _touched(world: World, changes: list[Change]) -> Iterator[Place]:
    """The records that changed, and those that one of them named before."""
    before: dict[str, list[Record]] = {}
    for change in changes:
        yield change.table, change.id
        if change.before is not None:
            before.setdefault(change.table, []).append(change.before)
    for table, records in before.items():
        yield from _targets(world, table, records)


def _referrers(world: World, table: str, id: int) -> Iterator[Place]:
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


def _here(world: World, record: Record, table: str, seconds: float) -> Context:
    """The place of a change that nobody of the workspace makes."""
    id = record["id"] if table == "workspaces" else record.get("workspace")
    workspace = world["workspaces"].get(id) if id is not None else None
    return Context(world, seconds, 0, RequestLog(), {}, workspace=workspace or {})


def _nothing(context: Context, record: Record) -> None:
    pass


# What goes before the record itself does.
_LEAVING: Mapping[str, Callable[[Context, Record], None]] = {
    "members": members.end_membership,
    "fields": fields.clear_traces,
    "workspaces": lambda context, record: workspaces.end_workspace(context),
}
