"""What answers show of records, wherever they show them: those that differ although nothing was written in between.

A record is an object with a schema of its own in the contract and a key. The same record may have several schemas: a
short one within other records, by the promises, and a longer one in its own answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, Visible
from mockserver.verify.judging.assertions import is_same
from mockserver.verify.resources import Contract
from mockserver.verify.watching.record_shapes import ROW, RecordShape, objects_in

if TYPE_CHECKING:
    from mockserver.verify.received import Received, Record


@dataclass(frozen=True)
class ShownRecord:
    """A record as an answer shows it at a path: `whole`, and without what records in it have besides their keys."""

    operation: Operation
    kind: str
    path: MemberPath
    name: str  # of the member with the key
    key: Any
    record: Record
    whole: Record
    schemas: dict[str, Schema]
    answer: Received
    repeat: Callable[[], Received]

    def is_like(self, other: ShownRecord) -> bool:
        """True for the same record at the same place of the same operation."""
        return (self.operation, self.path, self.name, self.key) == (other.operation, other.path, other.name, other.key)

    def agrees(self, other: ShownRecord, member: str) -> bool:
        """True if both show a member with the same value; of another schema, an object may have other keys."""
        is_exact = self.schemas[member] == other.schemas[member]
        return _agrees(self.record[member], other.record[member], is_exact=is_exact)

    @property
    def depth(self) -> int:
        """How many members lead to the record, none in an answer of its own."""
        return len([name for name in self.path if name != ROW])


@dataclass(frozen=True)
class Disagreement:
    """A member that two answers show with different values; `known` are all answers that show the record so far."""

    member: str
    one: ShownRecord
    other: ShownRecord
    known: list[ShownRecord] = field(compare=False)

    @property
    def odd(self) -> ShownRecord:
        """The one at fault: that of fewer operations, else the one within another record, else that of a GET."""
        votes = [self._operations(side) for side in (self.one, self.other)]
        few, many = (len(votes[0] - votes[1]), len(votes[1] - votes[0]))
        if few != many:
            return self.one if few < many else self.other
        if self.one.depth != self.other.depth:
            return max(self.one, self.other, key=lambda side: side.depth)
        return self.other if ROW in self.one.path else self.one

    @property
    def reference(self) -> ShownRecord:
        """The other one."""
        return self.other if self.odd is self.one else self.one

    def _operations(self, side: ShownRecord) -> set[str]:
        return {one.operation.id for one in self.known if self.member in one.record and one.agrees(side, self.member)}


class ShownRecords:
    """What answers have shown since the last write to it, and the disagreements of the run."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        shapes = ((one.id, one.success.schema or {}) for one in contract.operations)
        self._shapes = {name: RecordShape(contract.document, schema) for name, schema in shapes}
        self._seen: dict[tuple[Any, ...], list[ShownRecord]] = {}
        self._found: dict[tuple[Any, ...], list[Disagreement]] = {}
        self._first: dict[tuple[str, str], int] = {}  # by kind and key, the number of the request that showed a record

    @property
    def disagreements(self) -> list[list[Disagreement]]:
        """Those about the same member of the same two answers together: the first one and the newest one."""
        return list(self._found.values())

    def note(
        self, operation: Operation, caller: tuple[str, str], answer: Received, repeat: Callable[[], Received]
    ) -> None:
        """Takes in an answer to a key and a workspace: others may not see the same."""
        if operation.method != "GET":
            self._forget(operation)
        for shown in self.find(operation, answer, repeat):
            key, workspace = caller if shown.kind not in self._global else (caller[0], "")
            self._first.setdefault((shown.kind, str(shown.key)), answer.request.number)
            known = self._seen.setdefault((key, workspace, shown.kind, shown.name, str(shown.key)), [])
            if not any(one.is_like(shown) and one.record == shown.record for one in known):
                known.append(shown)
                for other in known[:-1]:
                    self._compare(other, shown, known)

    def is_older(self, listing: Operation, key: Any, write: Received) -> bool:
        """True if a record of a list was shown before a write was sent."""
        name = self._shapes[listing.id].rows.component, str(key)
        return self._first.get(name, write.request.number) < write.request.number

    def _forget(self, write: Operation) -> None:
        """Forgets what a write may have changed: the records on its path, after a deletion all that may refer to it."""
        written = [one for one in self._contract.resources if f"{write.path}/".startswith(f"{one.collection}/")]
        kinds = {self._shapes[resource.listing.id].rows.component for resource in written}
        is_kept = write.method != "DELETE"
        self._seen = {name: known for name, known in self._seen.items() if is_kept and known[0].kind not in kinds}

    def find(self, operation: Operation, answer: Received, repeat: Callable[[], Received]) -> Iterator[ShownRecord]:
        """Yields the records in an answer; one without an id by its slug, and so each of a kind that has such ones."""
        for path, shape, value in objects_in(self._shapes[operation.id], answer.json if answer.ok else None):
            kind = self._short.get(shape.component, (shape.component, True))[0]
            # A slug may be one of a part of the records only, such as those below one parent.
            names = ("id", "slug") if (kind, False) in self._short.values() else ("id",)
            record = {
                name: self._brief(shape.members[name], part) for name, part in value.items() if name in shape.members
            }
            for name in (name for name in names if type(value.get(name)) in (int, str)):
                yield ShownRecord(
                    operation, kind, path, name, value[name], record, value, shape.schemas, answer, repeat
                )

    def _brief(self, shape: RecordShape, value: Any) -> Any:
        """Returns the keys of a record in place of the whole."""
        if isinstance(value, list):
            return [self._brief(shape.rows, row) for row in value]
        is_record = isinstance(value, dict) and ("id" in value or shape.component in self._short)
        return {name: value[name] for name in ("id", "slug") if name in value} if is_record else value

    def _compare(self, one: ShownRecord, other: ShownRecord, known: list[ShownRecord]) -> None:
        # Only a reading can be repeated; the answer to a write decides between two of them.
        is_reading = {one.operation.method, other.operation.method} == {"GET"}
        for member in (member for member in one.record if member in other.record and is_reading):
            name = (member, one.operation.id, one.path, other.operation.id, other.path)
            if not one.agrees(other, member):
                self._found[name] = [*self._found.get(name, ())[:1], Disagreement(member, one, other, known)]

    @cached_property
    def _global(self) -> set[str]:
        """The kinds of records that are in no workspace."""
        lists = [one.listing.id for one in self._contract.resources if not one.is_in_workspace]
        return {self._shapes[name].rows.component for name in lists}

    @cached_property
    def _short(self) -> dict[str, tuple[str, bool]]:
        """The schemas of records within others: with that of the records themselves, and whether they have an id."""
        kinds = [self._shapes[resource.listing.id].rows.component for resource in self._contract.resources]
        short = {}
        for operation in self._contract.operations:
            for promise in self._contract.promises(operation):
                if isinstance(promise, Visible) and promise.within and len(promise.key) == 1:
                    shape = self._shapes[operation.id].at(promise.rows or promise.member)
                    kind = self._shapes[promise.within].rows.component
                    if shape.component and shape.component not in kinds:
                        short[shape.component] = kind, "id" in shape.schemas
        return short


def _agrees(one: Any, other: Any, *, is_exact: bool) -> bool:
    """True for equal values, lists in any order."""
    agrees = partial(_agrees, is_exact=is_exact)
    if isinstance(one, dict) and isinstance(other, dict):
        common = one.keys() & other.keys()
        return (not is_exact or one.keys() == other.keys()) and all(agrees(one[name], other[name]) for name in common)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(agrees, sorted(one, key=_order), sorted(other, key=_order)))
    return is_same(one, other) or is_same(other, one)


def _order(row: Any) -> str:
    return json.dumps(row.get("id", row) if isinstance(row, dict) else row, sort_keys=True)
