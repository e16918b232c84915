"""World of rows of which some may be unusable: those are left out and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.contract.document import Document
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.fixture_reader import RowError, RowFault, add_row
from mockserver.fixture_files.fixture_validator import FixtureValidator
from mockserver.state.table import Record
from mockserver.state.world import World


@dataclass
class LeftOut:
    """What was left out, counted by reason: rows, and values of rows. `examples` has a problem of each reason."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, reason: str, example: str = "") -> None:
        """Counts one."""
        self.counts[reason] += 1
        self.examples.setdefault(reason, example)

    def describe(self) -> Iterator[str]:
        """Yields a line for each reason."""
        for reason, count in sorted(self.counts.items()):
            example = self.examples[reason]
            yield f"left out: {count} of {reason}" + (f", such as: {example}" if example else "")


def usable_world(rows: Mapping[str, Iterable[Record]], document: Document, left_out: LeftOut) -> World:
    """Returns a valid world of rows by collection. Of rows that share a unique value, the first one stays."""
    world = World(TABLES)
    for table in TABLES:
        for row in rows.get(table.name, ()):
            try:
                add_row(world, table, row)
            except RowError as error:
                _note_row(left_out, table.name, error.fault)
    validator = FixtureValidator(document)
    # In the order of the tables, as records rely on those of earlier ones; again, since some need later ones.
    while sum([_clean(world, table.name, validator, left_out) for table in TABLES]):
        pass
    return world


def _clean(world: World, table: str, validator: FixtureValidator, left_out: LeftOut) -> int:
    """Repairs or removes the faulty records of a collection; returns how many there were."""
    count = 0
    while faulty := list(_faulty(world, table, validator)):
        count += len(faulty)
        with world.transaction():
            for id, fault in faulty:
                if (record := world[table].get(id)) is not None:
                    if _repair(world, table, record, fault):
                        left_out.note(f"the values `{fault.member}` in {table}", fault.problem)
                    else:
                        _note_row(left_out, table, fault)
                        _remove(world, table, id, left_out)
    return count


def _repair(world: World, table: str, record: Record, fault: RowFault) -> bool:
    """Gives a faulty member its default; returns whether there is one."""
    defaults = world[table].table.defaults
    if fault.member is None or fault.member not in defaults or record[fault.member] == defaults[fault.member]:
        return False
    world.update(table, record["id"], **{fault.member: defaults[fault.member]})
    return True


def _faulty(world: World, table: str, validator: FixtureValidator) -> Iterator[tuple[int, RowFault]]:
    for record in world[table]:
        if fault := next(validator.find_faults(world, table, record), None):
            yield record["id"], fault


def _remove(world: World, table: str, id: int, left_out: LeftOut) -> None:
    """Removes a record with those that cannot exist without it."""
    for name, collection in world:
        for relation in collection.table.relations:
            if relation.target == table and relation.on_delete == "never":
                for record in collection.where(**{relation.member: id}):
                    left_out.note(f"{name}: `{relation.member}` was left out")
                    _remove(world, name, record["id"], left_out)
    world.delete(table, id)


def _note_row(left_out: LeftOut, table: str, fault: RowFault) -> None:
    left_out.note(f"{table}: `{fault.member}`" if fault.member else table, fault.problem)
