"""Lists and counts: `_limit`, `_start`, `_sort`, `_q` and filters by equality. R17-R19.

All of this is inferred; see the parameters of the contract. Null sorts before everything.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, TypeAlias

from mockserver.enspace.context import Context
from mockserver.state.collection import BY_ID, Order, Test
from mockserver.state.table import Record

Query: TypeAlias = Mapping[str, Any]
Texts: TypeAlias = Callable[[Record], Iterable[str | None]]

# The parameters of lists that are no filters.
PARAMETERS = ("_limit", "_start", "_sort", "_q")
# An id that no record has: for a filter by an unknown slug.
NO_ID = -1


def select(
    context: Context,
    table: str,
    query: Query,
    texts: Texts | None = None,
    test: Test | None = None,
    within: Mapping[str, Any] | None = None,
) -> list[Record]:
    """Returns the requested page of the records of this workspace, or of the records with the values of `within`.

    texts: the texts of a record that `_q` searches
    test: whether the caller may see a record
    """
    collection = context.world[table]
    order = read_order(query.get("_sort", "id:ASC"), collection.table.sorts)
    where = _where(context, query, within)
    test = _combined_test(context, table, query, texts, test)
    return collection.select(where, order, query.get("_start", 0), query.get("_limit"), test)


def count(context: Context, table: str, query: Query, texts: Texts | None = None, test: Test | None = None) -> int:
    """Counts the records that `select` would find without a limit. R17."""
    return context.world[table].count(_where(context, query, None), _combined_test(context, table, query, texts, test))


def read_order(text: str, known: Container[str]) -> Order:
    """Parses `name:ASC,id:DESC`; members by which the list cannot be sorted are left out."""
    parts = (part.partition(":") for part in text.split(","))
    order = tuple((member, direction == "DESC") for member, _, direction in parts if member == "id" or member in known)
    return order or BY_ID


def contains(text: str, texts: Iterable[str | None]) -> bool:
    """Whether one of `texts` contains `text`, ignoring case."""
    wanted = text.casefold()
    return any(wanted in candidate.casefold() for candidate in texts if candidate is not None)


def _where(context: Context, query: Query, within: Mapping[str, Any] | None) -> dict[str, Any]:
    where = {name: value for name, value in query.items() if not name.startswith("_")}
    # Queries name types by slug, records by id.
    if isinstance(slug := where.get("item_type"), str):
        named = context.find_type(slug)
        where["item_type"] = named["id"] if named else NO_ID
    return {**where, **({"workspace": context.workspace["id"]} if within is None else within)}


def _combined_test(context: Context, table: str, query: Query, texts: Texts | None, test: Test | None) -> Test | None:
    """Combines the tests that a record has to pass besides its filters."""
    tests = [test] if test else []
    if texts is not None and (wanted := query.get("_q")):
        tests.append(lambda record: contains(wanted, texts(record)))
    if context.grants is not None:  # R11
        member, grants = ("id" if table == "types" else "item_type"), context.grants
        tests.append(lambda record: record[member] in grants)
    # No test at all lets the collection count and page by its indexes alone.
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda record: all(passes(record) for passes in tests)
