"""One collection of records with its indexes.

Records are immutable: a change replaces the record. So copies of a collection share everything until one is changed.
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
# The members to sort by, with True for descending.
Order: TypeAlias = tuple[tuple[str, bool], ...]

BY_ID: Order = (("id", False),)

# So many candidates are sorted if some may not pass a test; with more, walking the sorted index is cheaper.
_MAX_SORTED = 256
_NOTHING: Mapping[str, Any] = {}


class Duplicate(Exception):
    """A record would share the values of unique `members` with another one."""

    def __init__(self, members: Members, values: tuple[Any, ...]) -> None:
        super().__init__(f"{', '.join(members)} {values!r} must be unique")
        self.members, self.values = members, values


class Collection:
    """Records by id, and the indexes of their table. An index is built when it is first used."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.blank: Mapping[str, Any] = {"id": 0, **table.defaults}
        self._indexes = table.indexes
        self._records: dict[int, Record] = {}
        self._unique: dict[Members, tuple[Key, dict[Any, int]]] = {
            members: (_key(members), {}) for members in table.unique
        }
        self._found: dict[Members, tuple[Key, dict[Any, list[int]]]] = {(): (_key(()), {})}
        self._sorted: dict[tuple[Members, str], tuple[Key, dict[Any, list[tuple[Any, int]]]]] = {}
        self._is_shared = False

    def fork(self) -> Collection:
        """Returns a copy that shares everything; the first of the two to change copies the contents."""
        self._is_shared = True
        return copy.copy(self)

    def is_like(self, other: Collection) -> bool:
        """Returns whether both have the same records."""
        return self._records is other._records or self._records == other._records

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        """Yields all records by id."""
        return (self._records[id] for id in self._ids_by((), _NOTHING))

    def as_put(self) -> Iterator[Record]:
        """Yields all records in the order in which they were put."""
        return iter(self._records.values())

    def get(self, id: int) -> Record | None:
        """Returns the record, or None."""
        return self._records.get(id)

    def find(self, members: Members, *values: Any) -> Record | None:
        """Returns the record with these values of unique `members`, or None."""
        _, taken = self._unique[members]
        id = taken.get(values if len(values) > 1 else values[0])
        return None if id is None else self._records[id]

    def where(self, **values: Any) -> list[Record]:
        """Returns all records with these values, by id."""
        return self.select(values)

    def count(self, where: Mapping[str, Any], test: Test | None = None) -> int:
        """Returns the number of records that `select` would find without a limit."""
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
        """Returns one page of the records that have the values of `where` and pass `test`.

        Null sorts before everything, equal records by id in the direction of the last member of `order`.
        """
        start = min(start, len(self))  # a client may send a number that islice does not accept
        end = None if limit is None else start + limit
        ids, members, rest = self._narrowest(where)
        member, descending = order[0]
        if member == "id":
            if test is None and not rest:
                return [self._records[id] for id in _page(ids, start, end, descending)]
            return list(islice(self._matching(reversed(ids) if descending else ids, rest, test), start, end))
        is_short = len(ids) < _MAX_SORTED and (rest or test is not None)
        if len(order) == 1 and member in self.table.sorts and not is_short:
            walk = self._sorted_by(members, member, where)
            if test is None and not rest:
                return [self._records[id] for _, id in _page(walk, start, end, descending)]
            walked = (id for _, id in (reversed(walk) if descending else walk))
            return list(islice(self._matching(walked, rest, test), start, end))
        return in_order(self._matching(ids, rest, test), order)[start:end]

    def _narrowest(self, where: Mapping[str, Any]) -> tuple[Sequence[int], Members, Mapping[str, Any]]:
        """Returns the shortest list of ids that an index has for `where`, its members, and the remaining conditions."""
        usable = [members for members in self._indexes if members and where.keys() >= set(members)]
        candidates = usable or [()]
        lists = [(self._ids_by(members, where), members) for members in candidates]
        ids, members = min(lists, key=_length) if len(lists) > 1 else lists[0]
        if len(members) == len(where):
            return ids, members, _NOTHING
        return ids, members, {member: value for member, value in where.items() if member not in members}

    def _ids_by(self, members: Members, where: Mapping[str, Any]) -> Sequence[int]:
        """Returns the ids of the records with the values that `where` has for `members`."""
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
        """Returns the same ids in the order of one member, each with its sort key."""
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
        """Adds the record, or replaces the one with its id. `Duplicate`, in which case nothing changes."""
        id = record["id"]
        old = self._records.get(id)
        for members, (key, taken) in self._unique.items():
            if taken.get(key(record), id) != id:
                raise Duplicate(members, tuple(record[member] for member in members))
        if self._is_shared:
            self._unshare()
        if old is not None:
            self._unindex(old)
        self._records[id] = record
        self._index(record)

    def remove(self, id: int) -> None:
        """Removes an existing record."""
        if self._is_shared:
            self._unshare()
        self._unindex(self._records.pop(id))

    def _unshare(self) -> None:
        """Copies the contents, so that other copies do not see the change."""
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
    """Returns the key function of an index: the value of one member, the values of several, or an empty tuple."""
    return itemgetter(*members) if members else lambda record: ()


def _page(ordered: Sequence[Any], start: int, end: int | None, descending: bool) -> Sequence[Any]:
    """Returns a slice of the list or of its reverse, at the cost of the slice."""
    if not descending:
        return ordered[start:end]
    length = len(ordered)
    return ordered[0 if end is None else max(length - end, 0) : max(length - start, 0)][::-1]


def _length(found: tuple[Sequence[int], Members]) -> int:
    return len(found[0])


def _copy(index: dict[Any, list[Any]]) -> dict[Any, list[Any]]:
    return {values: found.copy() for values, found in index.items()}


def _put_in(index: dict[Any, list[Any]], values: Any, new: Any) -> None:
    """Adds an entry in order; new entries are mostly the last ones."""
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
    """Returns a key that compares values of all types: null, numbers and booleans, texts, the rest as text."""
    if value is None:
        return (0,)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value if isinstance(value, str) else repr(value))


def _key_of(member: str, record: Record) -> tuple[Any, ...]:
    return sort_key(read_member(record, member))


def in_order(records: Iterable[Record], order: Order) -> list[Record]:
    """Returns the records sorted: null first, equal ones by id in the direction of the last member of `order`."""
    ordered = sorted(records, key=lambda record: record["id"], reverse=order[-1][1])
    for member, descending in reversed(order):
        # `reverse` keeps the order of equal records, as the sort is stable in both directions.
        ordered.sort(key=partial(_key_of, member), reverse=descending)
    return ordered
