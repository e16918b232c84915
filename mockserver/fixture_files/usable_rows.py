"""World of rows of which some may be unusable: those are left out and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockserver.contract.document import Document
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.fixture_reader import RowError, RowFault, add_row
from mockserver.fixture_files.fixture_validator import FixtureValidator
from mockserver.state.table import Record
from mockserver.state.world import World


@dataclass
class UsableWorld:
    """A valid world of rows by collection, and by reason how many rows, or values of rows, were left out.

    Of rows that share a unique value, the first one stays.
    """

    world: World
    left_out: Counter[str]


def usable_world(rows: Mapping[str, Iterable[Record]], document: Document) -> UsableWorld:
    """Returns the world of rows by collection."""
    world, left_out = World(TABLES), Counter[str]()
    for table in TABLES:
        for row in rows.get(table.name, ()):
            try:
                add_row(world, table, row)
            except RowError as error:
                left_out[_reason(table.name, error.fault)] += 1
    validator = FixtureValidator(document)
    # Again after each removal, since a record may need a removed one.
    while faulty := list(_faulty(world, validator)):
        with world.transaction():
            for table_name, id, fault in faulty:
                if (record := world[table_name].get(id)) is not None:
                    left_out[_reason(table_name, fault)] += 1
                    if not _repair(world, table_name, record, fault):
                        _remove(world, table_name, id, left_out)
    return UsableWorld(world, left_out)


def _repair(world: World, table: str, record: Record, fault: RowFault) -> bool:
    """Gives a faulty member its default; returns whether there is one."""
    defaults = world[table].table.defaults
    if fault.member is None or fault.member not in defaults or record[fault.member] == defaults[fault.member]:
        return False
    world.update(table, record["id"], **{fault.member: defaults[fault.member]})
    return True


def _faulty(world: World, validator: FixtureValidator) -> Iterator[tuple[str, int, RowFault]]:
    for name, collection in world:
        for record in collection:
            if fault := next(validator.find_faults(world, name, record), None):
                yield name, record["id"], fault


def _remove(world: World, table: str, id: int, left_out: Counter[str]) -> None:
    """Removes a record with those that cannot exist without it."""
    for name, collection in world:
        for relation in collection.table.relations:
            if relation.target == table and relation.on_delete == "never":
                for record in collection.where(**{relation.member: id}):
                    left_out[f"{name}: `{relation.member}` was left out"] += 1
                    _remove(world, name, record["id"], left_out)
    world.delete(table, id)


def _reason(table: str, fault: RowFault) -> str:
    return f"{table}: {fault.problem.rstrip('.')}"
