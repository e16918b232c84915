"""One collection of records with its indexes.

A record is never changed: a change puts another one into its place. So copies of a collection can share everything
until one of them is written to.
"""

from __future__ import annotations

import copy
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any, TypeAlias

from mockserver.state.table import Members, Record, Table, read_member

Test: TypeAlias = Callable[[Record], bool]
Key: TypeAlias = Callable[[Mapping[str, Any]], Any]
# Members to sort by, each with True for descending.
Order: TypeAlias = tuple[tuple[str, bool], ...]

BY_ID: Order = (("id", False),)

# Fewer candidates than this, of which some may not fit, are sorted; else the sorted index is walked.
_FEW = 256
_NOTHING: Mapping[str, Any] = {}


class Duplicate(Exception):
    """A record would share the values of `members` with another one."""

    def __init__(self, members: Members, values: tuple[Any, ...]) -> None:
        super().__init__(f"{', '.join(members)} {values!r} must be unique")
        self.members, self.values = members, values


class Collection:
    """Records by id, and the indexes of their table. An index is made when it is asked for first, and kept then."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.blank: Mapping[str, Any] = {"id": 0, **table.defaults}
        self._records: dict[int, Record] = {}
        self._unique: dict[Members, tuple[Key, dict[Any, int]]] = {
            members: (_key(members), {}) for members in table.unique
        }
        self._found: dict[Members, tuple[Key, dict[Any, list[int]]]] = {(): (_key(()), {})}
        self._sorted: dict[tuple[Members, str], tuple[Key, dict[Any, list[tuple[Any, int]]]]] = {}
        self._plans: dict[Members, tuple[Members, ...]] = {}  # by the names of what is looked for
        self._is_shared = False

    def fork(self) -> Collection:
        """A copy for the price of a reference: the first of the two to be written to copies the rest."""
        self._is_shared = True
        return copy.copy(self)

    def is_like(self, other: Collection) -> bool:
        """True if both hold the same records."""
        return self._records is other._records or self._records == other._records

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        """All records by id."""
        return (self._records[id] for id in self._ids_by((), _NOTHING))

    def as_put(self) -> Iterator[Record]:
        """All records in the order in which they were put."""
        return iter(self._records.values())

    def get(self, id: int) -> Record | None:
        """The record, or None."""
        return self._records.get(id)

    def find(self, members: Members, *values: Any) -> Record | None:
        """The record with these values of unique `members`, or None."""
        _, taken = self._unique[members]
        id = taken.get(values if len(values) > 1 else values[0])
        return None if id is None else self._records[id]

    def where(self, **values: Any) -> list[Record]:
        """All records with these values, by id."""
        return self.select(values)

    def count(self, where: Mapping[str, Any], test: Test | None = None) -> int:
        """How many records `select` would find without a limit."""
        ids, _, rest = self._narrowest(where)
        return len(ids) if test is None and not rest else sum(1 for _ in self._matching(ids, rest, test))

    def select(
        self,
        where: Mapping[str, Any],
        order: Order = BY_ID,
        start: int = 0,
        limit: int | None = None,
        test: Test | None = None,
    ) -> list[Record]:
        """The page of the records that have the values of `where` and pass `test`.

        Null sorts before everything, equal records by id in the direction of the last member of `order`.
        """
        start = min(start, len(self))  # a client may name a number that no machine counts to
        end = None if limit is None else start + limit
        ids, members, rest = self._narrowest(where)
        member, descending = order[0]
        if member == "id":
            if test is None and not rest:
                return [self._records[id] for id in _page(ids, start, end, descending)]
            return list(islice(self._matching(reversed(ids) if descending else ids, rest, test), start, end))
        is_short = len(ids) < _FEW and (rest or test is not None)
        if len(order) == 1 and member in self.table.sorts and not is_short:
            walk = self._sorted_by(members, member, where)
            if test is None and not rest:
                return [self._records[id] for _, id in _page(walk, start, end, descending)]
            walked = (id for _, id in (reversed(walk) if descending else walk))
            return list(islice(self._matching(walked, rest, test), start, end))
        return in_order(self._matching(ids, rest, test), order)[start:end]

    def _narrowest(self, where: Mapping[str, Any]) -> tuple[Sequence[int], Members, Mapping[str, Any]]:
        """The shortest list of ids that an index has for `where`, its members, and what is left to be looked at."""
        names = tuple(where)
        candidates = self._plans.get(names)
        if candidates is None:
            usable = [members for members in self.table.indexes if members and where.keys() >= set(members)]
            self._plans[names] = candidates = tuple(usable) or ((),)
        lists = [(self._ids_by(members, where), members) for members in candidates]
        ids, members = min(lists, key=_length) if len(lists) > 1 else lists[0]
        if len(members) == len(names):
            return ids, members, _NOTHING
        return ids, members, {member: value for member, value in where.items() if member not in members}

    def _ids_by(self, members: Members, where: Mapping[str, Any]) -> Sequence[int]:
        """The ids of the records that have the `members` of `where`."""
        if members not in self._found:
            self._index_by(members)
        key, found = self._found[members]
        return found.get(key(where), ())

    def _index_by(self, members: Members) -> None:
        key = _key(members)
        found: dict[Any, list[int]] = {}
        for record in self:
            found.setdefault(key(record), []).append(record["id"])
        self._found[members] = key, found

    def _sorted_by(self, members: Members, member: str, where: Mapping[str, Any]) -> Sequence[tuple[Any, int]]:
        """The same in the order of one member, which stands before each id."""
        if (members, member) not in self._sorted:
            self._sort_by(members, member)
        key, ordered = self._sorted[members, member]
        return ordered.get(key(where), ())

    def _sort_by(self, members: Members, member: str) -> None:
        key = _key(members)
        ordered: dict[Any, list[tuple[Any, int]]] = {}
        for record in self:
            ordered.setdefault(key(record), []).append((sort_key(record[member]), record["id"]))
        for ids in ordered.values():
            ids.sort()
        self._sorted[members, member] = key, ordered

    def _matching(self, ids: Iterable[int], where: Mapping[str, Any], test: Test | None) -> Iterator[Record]:
        wanted = tuple(where.items())
        for id in ids:
            record = self._records[id]
            if all(record[member] == value for member, value in wanted) and (test is None or test(record)):
                yield record

    def put(self, record: Record) -> None:
        """Adds the record, or takes it in place of the one with its id. `Duplicate` leaves everything as it was."""
        id = record["id"]
        old = self._records.get(id)
        for members, (key, taken) in self._unique.items():
            if taken.get(key(record), id) != id:
                raise Duplicate(members, tuple(record[member] for member in members))
        if self._is_shared:
            self._own()
        if old is not None:
            self._unindex(old)
        self._records[id] = record
        self._index(record)

    def remove(self, id: int) -> None:
        """Removes a record that is there."""
        if self._is_shared:
            self._own()
        self._unindex(self._records.pop(id))

    def _own(self) -> None:
        """Ends the sharing with other copies."""
        self._is_shared = False
        self._records = self._records.copy()
        self._unique = {members: (key, taken.copy()) for members, (key, taken) in self._unique.items()}
        self._found = {members: (key, _copy(found)) for members, (key, found) in self._found.items()}
        self._sorted = {index: (key, _copy(ordered)) for index, (key, ordered) in self._sorted.items()}

    def _index(self, record: Record) -> None:
        id = record["id"]
        for key, taken in self._unique.values():
            taken[key(record)] = id
        for key, found in self._found.values():
            _put_in(found, key(record), id)
        for (_, member), (key, ordered) in self._sorted.items():
            _put_in(ordered, key(record), (sort_key(record[member]), id))

    def _unindex(self, record: Record) -> None:
        id = record["id"]
        for key, taken in self._unique.values():
            del taken[key(record)]
        for key, found in self._found.values():
            _take_out(found, key(record), id)
        for (_, member), (key, ordered) in self._sorted.items():
            _take_out(ordered, key(record), (sort_key(record[member]), id))


def _key(members: Members) -> Key:
    """What an index finds a record by: the value of one member, the values of several, or nothing."""
    return itemgetter(*members) if members else lambda record: ()


def _page(ordered: Sequence[Any], start: int, end: int | None, descending: bool) -> Sequence[Any]:
    """A part of the list, or of the list turned around; it costs no more than the part."""
    if not descending:
        return ordered[start:end]
    length = len(ordered)
    return ordered[0 if end is None else max(length - end, 0) : max(length - start, 0)][::-1]


def _length(found: tuple[Sequence[int], Members]) -> int:
    return len(found[0])


def _copy(index: dict[Any, list[Any]]) -> dict[Any, list[Any]]:
    return {values: found.copy() for values, found in index.items()}


def _put_in(index: dict[Any, list[Any]], values: Any, new: Any) -> None:
    """What is new mostly comes last."""
    ordered = index.get(values)
    if ordered is None:
        index[values] = [new]
    elif ordered[-1] > new:
        insort(ordered, new)
    else:
        ordered.append(new)


def _take_out(index: dict[Any, list[Any]], values: Any, old: Any) -> None:
    ordered = index[values]
    del ordered[bisect_left(ordered, old)]
    if not ordered:
        del index[values]


def sort_key(value: Any) -> tuple[Any, ...]:
    """Makes values of all types comparable: null, numbers and booleans, texts, the rest as text."""
    if value is None:
        return (0,)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value if isinstance(value, str) else repr(value))


def _key_of(member: str, record: Record) -> tuple[Any, ...]:
    return sort_key(read_member(record, member))


def in_order(records: Iterable[Record], order: Order) -> list[Record]:
    """The records sorted; null first, equal ones by id in the direction of the last member of `order`."""
    ordered = sorted(records, key=lambda record: record["id"], reverse=order[-1][1])
    for member, descending in reversed(order):
        # Twice turned around, equal records keep the order that they came in.
        ordered.sort(key=partial(_key_of, member), reverse=descending)
    return ordered
