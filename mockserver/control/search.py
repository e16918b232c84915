"""Search for records of a collection: filter, full text, order and page.

Large collections are searched cooperatively, so that other requests do not wait.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any

from mockserver.control.cooperative import cooperatively
from mockserver.control.problems import bad_request
from mockserver.enspace.hidden_members import masked
from mockserver.state.collection import Collection, Test, sort_key
from mockserver.state.table import Record, Table, read_member
from mockserver.state.world import World

# Searching 100,000 records takes more than a second; the pages after the first come from here.
MAX_CACHED_RESULTS = 16
# Sorted at once, before the others have a turn.
_RUN = 500


@dataclass(frozen=True)
class Query:
    """A search: `sort` is `name:DESC`, `q` a text in any value, `where` is `item_type:12`."""

    sort: str
    q: str | None
    where: str | None


@dataclass(frozen=True)
class Page:
    """A page of records, and how many there are on all pages."""

    total: int
    records: list[Record]


class RecordSearch:
    """Searches the collections of any sandbox and caches the latest results.

    Versions are unique among all worlds, so a result is stale exactly when the version of the world is another one.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[tuple[int, str, Query], list[Record]] = OrderedDict()

    async def page(self, world: World, collection: Collection, query: Query, start: int, limit: int) -> Page:
        """One page of the matching records. Raises a 400 for an invalid query."""
        table = collection.table
        member, descending = _parse_sort(table, query.sort)
        indexed = _indexed_values(table, query.where)
        if member == "id" and not query.q and (indexed or not query.where):
            records = collection.select(indexed, ((member, descending),), start, limit)
            return Page(collection.count(indexed), records)
        found = await self._search(world, collection, query)
        return Page(len(found), found[start : start + limit])

    async def _search(self, world: World, collection: Collection, query: Query) -> list[Record]:
        key = (world.version, collection.table.name, query)
        if key not in self._results:
            found = await _search(collection, query)
            if world.version != key[0]:  # changed while others had their turn
                return found
            self._results[key] = found
            while len(self._results) > MAX_CACHED_RESULTS:
                self._results.popitem(last=False)
        return self._results[key]


async def _search(collection: Collection, query: Query) -> list[Record]:
    table = collection.table
    indexed = _indexed_values(table, query.where)
    tests = []
    if query.where and not indexed:
        tests.append(_value_test(table, query.where))
    if query.q:
        tests.append(_text_test(table, query.q))
    member, descending = _parse_sort(table, query.sort)
    return await _sort(await _filter(collection.select(indexed), tests), member, descending)


def _parse_sort(table: Table, text: str) -> tuple[str, bool]:
    """The member, and whether the order is descending."""
    member, _, direction = text.partition(":")
    known = ("id", *table.needed, *table.defaults)
    if member not in known or direction not in ("", "ASC", "DESC"):
        raise bad_request(
            f"sort: received {text[:60]!r}, documented: a member with :ASC or :DESC, of {', '.join(known)}"
        )
    return member, direction == "DESC"


def _indexed_values(table: Table, where: str | None) -> dict[str, int]:
    """Parses `item_type:12` if `item_type` has an index of its own; else empty."""
    member, _, value = (where or "").partition(":")
    # 19 digits may exceed the integers of SQLite.
    return {member: int(value)} if (member,) in table.indexes and value.isdecimal() and len(value) < 19 else {}


def _value_test(table: Table, where: str) -> Test:
    """A test for `status:active`: the member has the value, or is a list with it."""
    member, _, value = where.partition(":")
    known = {"id", *table.needed, *table.defaults, *(relation.member for relation in table.relations)}
    if member not in known:
        documented = f"MEMBER:VALUE with one of {', '.join(sorted(known))}"
        raise bad_request(f"where: received {where[:60]!r}, documented: {documented}")

    def has_value(record: Record) -> bool:
        stored = read_member(record, member)
        return value in map(_as_text, stored) if isinstance(stored, list) else _as_text(stored) == value

    # The masked record decides, so that nobody can guess a secret. Masking is slow, so most records fail before it.
    return lambda record: has_value(record) and has_value(masked(table.name, record))


def _text_test(table: Table, q: str) -> Test:
    """A test for a text in any value of the masked record, in upper or lower case."""
    specification = q.casefold()
    return lambda record: any(specification in text.casefold() for text in _texts(masked(table.name, record)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value is not None:
        yield str(value)


def _as_text(value: Any) -> str:
    """A value as queries write it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


async def _filter(records: Sequence[Record], tests: list[Test]) -> list[Record]:
    return [record async for record in cooperatively(records) if all(test(record) for test in tests)]


async def _sort(records: list[Record], member: str, descending: bool) -> list[Record]:
    """Sorts records that are in the order of their ids: null first, equal ones by id in the same direction."""
    if member == "id":
        return records[::-1] if descending else records
    parts = (records[start : start + _RUN] for start in range(0, len(records), _RUN))
    runs = [sorted(_sort_items(part, member), reverse=descending) async for part in cooperatively(parts)]
    return [record async for _, _, record in cooperatively(merge(*runs, reverse=descending))]


def _sort_items(records: list[Record], member: str) -> Iterator[tuple[Any, int, Record]]:
    """Tuples that sort the records. The unique id comes before the record, which cannot be compared."""
    return ((sort_key(read_member(record, member)), record["id"], record) for record in records)
