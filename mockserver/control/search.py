"""Records of a collection found by what they show: one page of those that match, in any order.

A large collection is gone through in slices, so that nobody else waits for it. What was found is remembered for the
next pages until something changes, and what a record shows until another one stands in its place.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Any, NamedTuple, TypeAlias

from mockserver.control.scope import unusable
from mockserver.control.slices import in_slices
from mockserver.enspace.hidden_members import masked
from mockserver.state.collection import Collection, Test, sort_key
from mockserver.state.table import Record, Table, read_member
from mockserver.state.world import World

MOST_TEXTS = 200_000  # of one table
_RUN = 500

Found: TypeAlias = tuple[int, list[Record]]  # how many there are in all, and the page


class Wanted(NamedTuple):
    """Which records, as a query names them: `name:DESC`, a text that they show, `item_type:12`."""

    sort: str
    q: str | None
    where: str | None


class Finder:
    """Finds records in any sandbox."""

    def __init__(self) -> None:
        self._texts: dict[str, _Texts] = defaultdict(_Texts)

    async def page(self, world: World, collection: Collection, wanted: Wanted, start: int, limit: int) -> Found:
        """How many records are as `wanted`, and a page of them; a problem of 400 for what cannot be wanted."""
        table = collection.table
        member, descending = _order(table, wanted.sort)
        named = _named(table, wanted.where)
        if member == "id" and not wanted.q and (named or not wanted.where):
            return collection.count(named), collection.select(named, ((member, descending),), start, limit)
        found = await self._found(world, collection, wanted)
        return len(found), found[start : start + limit]

    async def _found(self, world: World, collection: Collection, wanted: Wanted) -> list[Record]:
        table = collection.table
        named = _named(table, wanted.where)
        tests = self._tests(table, wanted, is_named=bool(named))
        found = await _ordered(await _passing(collection.select(named), tests), *_order(table, wanted.sort))
        return found

    def _tests(self, table: Table, wanted: Wanted, *, is_named: bool) -> list[Test]:
        tests = [] if is_named or not wanted.where else [_has(table, wanted.where)]
        if wanted.q:
            text = wanted.q.casefold()
            texts = self._texts[table.name]
            tests.append(lambda record: text in texts.of(table.name, record))
        return tests


class _Texts:
    """What the records of one table show, as one text each without upper case. Records are replaced, never changed."""

    def __init__(self) -> None:
        self._records: dict[int, Record] = {}
        self._texts: dict[int, str] = {}

    def of(self, table: str, record: Record) -> str:
        id = record["id"]
        if self._records.get(id) is not record:
            if len(self._records) >= MOST_TEXTS:
                self._records.clear()
            self._records[id] = record
            self._texts[id] = "\n".join(_texts(masked(table, record))).casefold()
        return self._texts[id]


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


def _order(table: Table, text: str) -> tuple[str, bool]:
    member, _, direction = text.partition(":")
    known = ("id", *table.needed, *table.defaults)
    if member not in known or direction not in ("", "ASC", "DESC"):
        raise unusable(f"sort: received {text[:60]!r}, documented: a member with :ASC or :DESC, of {', '.join(known)}")
    return member, direction == "DESC"


def _named(table: Table, where: str | None) -> dict[str, int]:
    """`item_type:12` as what an index finds; empty if there is none for it."""
    member, _, value = (where or "").partition(":")
    return {member: int(value)} if (member,) in table.indexes and value.isdecimal() and len(value) < 19 else {}


def _has(table: Table, where: str) -> Test:
    """`status:active`: does the member hold that value, or the list that it is hold it?"""
    member, _, value = where.partition(":")
    paths = {"id", *table.needed, *table.defaults, *(relation.member for relation in table.relations)}
    if member not in paths:
        raise unusable(
            f"where: received {where[:60]!r}, documented: MEMBER:VALUE with one of {', '.join(sorted(paths))}"
        )

    def holds(record: Record) -> bool:
        held = read_member(record, member)
        return value in map(_written, held) if isinstance(held, list) else _written(held) == value

    # Most records are left out by what they hold; only of the others it costs to be shown.
    return lambda record: holds(record) and holds(masked(table.name, record))


def _written(value: Any) -> str:
    """A value as a query can name it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


async def _passing(records: Sequence[Record], tests: list[Test]) -> list[Record]:
    return [record async for record in in_slices(records) if all(test(record) for test in tests)]


async def _ordered(records: list[Record], member: str, descending: bool) -> list[Record]:
    """The records, given by id, in order: null first, equal ones by id in the same direction."""
    if member == "id":
        return records[::-1] if descending else records
    parts = (records[start : start + _RUN] for start in range(0, len(records), _RUN))
    runs = [sorted(_keyed(part, member), reverse=descending) async for part in in_slices(parts)]
    return [record async for _, _, record in in_slices(merge(*runs, reverse=descending))]


def _keyed(records: list[Record], member: str) -> Iterator[tuple[Any, int, Record]]:
    """What sorts the records, which are never compared themselves: no two have the same id."""
    return ((sort_key(read_member(record, member)), record["id"], record) for record in records)
