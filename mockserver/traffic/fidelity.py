"""Fidelity: how alike a recorded answer and the one of the fake are, by meaning, and the report of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field
from functools import partial
from typing import Any, NamedTuple

from mockserver.contract.document import Pointer
from mockserver.judging.schema_places import kind_of_value
from mockserver.judging.schema_views import SchemaView
from mockserver.secrets import mask_text
from mockserver.traffic.generated_values import GeneratedValues, Kind, kind_of
from mockserver.traffic.shown_times import ShownTimes
from mockserver.traffic.view_walk import ViewWalk

# The contract does not say how a message reads, nor what a call costs, nor what else the caller did.
_FREE_MEMBERS = ("message", "last_used_at")
_FREE_SCHEMAS = ("RequestLog",)
_FREE_STAMPS = "IntegrationProvider"  # whose stamps are those of the product, not of a workspace
_MOST_SHOWN = 3  # differences of one operation
_LONGEST = 60  # characters of a value in a message


KEYS = ("id", "reference", "slug")  # members that name a record
Place = tuple[str | int, ...]  # of an answer: `body` with members and places in lists, or `status`


class NamedRecord(NamedTuple):
    """A record by its collection, and by its id, reference or slug."""

    table: str
    key: str


def names_of(table: str, record: Mapping[str, Any]) -> tuple[NamedRecord, ...]:
    """Returns all names of an object that shows a record; none without a collection."""
    names = KEYS if table else ()
    return tuple(NamedRecord(table, str(record[name])) for name in names if type(record.get(name)) in (int, str))


@dataclass(frozen=True)
class AnswerDifference:
    """A place of an answer where recording and fake differ; `MISSING` is in place of a member that one does not have.

    `records` are those around it, outer ones first.
    """

    place: Place
    recorded: Any
    answered: Any
    records: tuple[NamedRecord, ...] = ()

    def __str__(self) -> str:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.place)
        return f"{where[1:]}: recorded {self.show(self.recorded)}, answered {self.show(self.answered)}"

    def show(self, value: Any) -> str:
        """Renders one side: of two lists, the number of rows."""
        if value is MISSING:
            return "no such member"
        if isinstance(self.recorded, list) and isinstance(self.answered, list):
            return f"{len(value)} rows"
        text = mask_text(json.dumps(value, ensure_ascii=False))
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@dataclass
class OperationFidelity:
    """The compared calls of one operation, the numbers of those that differ, and the first differences."""

    calls: int = 0
    differing: list[int] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    @property
    def alike(self) -> int:
        return self.calls - len(self.differing)

    @property
    def percent(self) -> float:
        return 100 * self.alike / self.calls


@dataclass
class Fidelity:
    """The compared calls by operation."""

    operations: dict[str, OperationFidelity] = field(default_factory=dict)

    def add(self, operation: str, number: int, differences: list[AnswerDifference]) -> None:
        """Adds a call, by its number in the recording."""
        found = self.operations.setdefault(operation, OperationFidelity())
        found.calls += 1
        found.differing += [number] if differences else []
        if differences and len(found.examples) < _MOST_SHOWN:
            more = f" and {len(differences) - 1} more" if len(differences) > 1 else ""
            found.examples.append(f"call {number}: {differences[0]}{more}")

    @property
    def calls(self) -> int:
        return sum(operation.calls for operation in self.operations.values())

    @property
    def percent(self) -> float:
        alike = sum(operation.alike for operation in self.operations.values())
        return 100 * alike / self.calls if self.calls else 0.0

    def describe(self) -> Iterator[str]:
        """Yields a line for each operation, the least alike ones first, with differences, and the total."""
        for name, operation in sorted(self.operations.items(), key=lambda entry: (entry[1].percent, entry[0])):
            yield f"{operation.percent:5.1f} % {name}: {operation.alike} of {operation.calls}"
            yield from (f"        {example}" for example in operation.examples)
        yield f"fidelity {self.percent:.1f} % of {self.calls:,} calls"


class AnswerComparison:
    """Compares bodies along the schema of the contract. With `times`, those of records have to change together."""

    def __init__(self, walk: ViewWalk, generated: GeneratedValues, times: ShownTimes | None = None) -> None:
        self._walk, self._generated, self._times = walk, generated, times

    def compare(
        self, recorded: Any, answered: Any, place: Pointer | None, *, is_refusal: bool, sort: str = ""
    ) -> list[AnswerDifference]:
        """Returns the differences of two bodies.

        In a refusal only the texts that the contract fixes count, and in a list that is sorted by `sort` no order of
        rows which are equal by that.
        """
        view = self._walk.view(place) if place else None
        if sort and isinstance(recorded, list) and isinstance(answered, list):
            kind = Kind(self._walk.table_of(self._walk.items(view)), "id")
            answered = _in_recorded_order(recorded, answered, sort, partial(self._generated.recorded, kind))
        return list(self._compare(recorded, answered, view, _Around(("body",), is_free=is_refusal)))

    def _compare(
        self, recorded: Any, answered: Any, view: SchemaView | None, around: _Around
    ) -> Iterator[AnswerDifference]:
        if isinstance(recorded, dict) and isinstance(answered, dict):
            yield from self._compare_objects(recorded, answered, view, around)
        elif isinstance(recorded, list) and isinstance(answered, list):
            yield from self._compare_lists(recorded, answered, view, around)
        elif not self._are_alike(recorded, answered, around):
            yield around.difference(recorded, answered)

    def _are_alike(self, recorded: Any, answered: Any, around: _Around) -> bool:
        if type(recorded) is not type(answered) and _kind(recorded) != _kind(answered):
            return around.is_free and (recorded is None or answered is None)
        if around.is_free:
            return True
        # Outside of records, a single value is a number of records, such as the `roles` of statistics.
        is_number = not around.records and isinstance(around.place[-1], str)
        kind = None if is_number else kind_of(around.name, around.table)
        return self._generated.are_alike(kind, recorded, answered)

    def _compare_objects(
        self, recorded: Any, answered: Any, view: SchemaView | None, around: _Around
    ) -> Iterator[AnswerDifference]:
        schema = view.place[-1] if view else ""
        table = self._walk.table_of(view)
        around = around.inside(table, recorded, is_free=schema in _FREE_SCHEMAS)
        odd = self._odd_times(table, view, recorded, answered)
        for name in (name for name in recorded if name not in answered):
            yield around.at(name).difference(recorded[name], MISSING)
        for name in (name for name in answered if name not in recorded):
            yield around.at(name).difference(MISSING, answered[name])
        plain = self._generated.is_plain
        for name in (name for name in recorded if name in answered and not plain(name, recorded[name], answered[name])):
            is_stamp = name in ("created_at", "updated_at") and schema == _FREE_STAMPS
            is_free = is_stamp or name in _FREE_MEMBERS or (around.is_free and name != "statusCode")
            inner = around.at(name, is_free=is_free)
            if name in odd and not is_free:
                yield inner.difference(recorded[name], answered[name])
            else:
                yield from self._compare(recorded[name], answered[name], self._walk.member(view, name), inner)

    def _odd_times(self, table: str, view: SchemaView | None, recorded: Mapping[str, Any], answered: Any) -> set[str]:
        """Returns the members with an odd time; none where both show different records."""
        key = next((name for name in KEYS if name in recorded and name in answered), "") if table else ""
        if self._times is None or view is None or not key:
            return set()
        is_same = self._generated.are_alike(kind_of(key, table), recorded[key], answered[key])
        return self._times.odd((table, str(recorded[key])), view.place, recorded, answered) if is_same else set()

    def _compare_lists(
        self, recorded: Any, answered: Any, view: SchemaView | None, around: _Around
    ) -> Iterator[AnswerDifference]:
        inner = self._walk.items(view)
        is_free = around.is_free or bool(inner and inner.place[-1] in _FREE_SCHEMAS)
        if len(recorded) != len(answered) and not is_free:
            yield around.difference(recorded, answered)
        else:
            for number, (one, other) in enumerate(zip(recorded, answered, strict=False)):
                yield from self._compare(one, other, inner, around.at(number, is_free=is_free))


@dataclass
class _Around:
    """What is known of a place: the member or list that it is in, the record of the `table`, and those around it."""

    place: Place
    name: str = ""
    table: str = ""
    records: tuple[NamedRecord, ...] = ()
    is_free: bool = False

    def at(self, part: str | int, *, is_free: bool | None = None) -> _Around:
        """Returns a member, or a row of a list: its values have the name of the list."""
        is_free = self.is_free if is_free is None else is_free
        name = part if isinstance(part, str) else self.name
        return _Around((*self.place, part), name, self.table, self.records, is_free)

    def inside(self, table: str, record: dict[str, Any], *, is_free: bool) -> _Around:
        """Returns the inside of an object, which may be a record of a collection."""
        records = self.records + names_of(table, record)
        return _Around(self.place, self.name, table, records, self.is_free or is_free)

    def difference(self, recorded: Any, answered: Any) -> AnswerDifference:
        return AnswerDifference(self.place, recorded, answered, self.records)


def _in_recorded_order(
    recorded: list[Any], answered: list[Any], sort: str, recorded_id: Callable[[Any], Any]
) -> list[Any]:
    """Sorts rows by their places in a recorded list, if both lists have the same order."""
    names = [part.partition(":")[0] for part in sort.split(",")]

    def keys(rows: list[Any]) -> list[list[Any]]:
        return [[row.get(name, row.get("data", {}).get(name)) for name in names] for row in rows]

    rows = [*recorded, *answered]
    if not all(isinstance(row, dict) and isinstance(row.get("data", {}), dict) for row in rows):
        return answered
    if keys(recorded) != keys(answered):
        return answered
    places = {str(row.get("id")): number for number, row in enumerate(recorded)}
    return sorted(answered, key=lambda row: places.get(str(recorded_id(row.get("id"))), len(places)))


def _kind(value: Any) -> str:
    kind = kind_of_value(value)
    return "number" if kind == "integer" else kind
