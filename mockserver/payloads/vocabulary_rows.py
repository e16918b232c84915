"""What the rows of one list have to do with each other: their ids go up, their positions count.

Row i follows from the seed and i alone, however long the list is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.payloads.compiler import Compiler
from mockserver.payloads.merging import Merged
from mockserver.payloads.numbers import integers_from
from mockserver.payloads.source import key_of

Rows: TypeAlias = list[dict[str, Any]]
RowsRule: TypeAlias = Callable[[Rows, int], None]

_NUMBERED = ("position", "order", "index", "rank")
# Ids of one list are at most this far apart, and a list is hardly ever longer than this.
_GAP, _LONG = 3, 1000


def rows_rules_for(compiler: Compiler, items: Merged) -> list[RowsRule]:
    if items.keywords.get("type") != "object" or items.keywords["nullable"] or items.choices:
        return []
    properties = items.keywords.get("properties", {})
    parts = {name: compiler.merge(properties[name]) for name in ("id", *_NUMBERED) if properties.get(name)}
    numbered = [_numbered(name, part) for name, part in parts.items() if name in _NUMBERED and _is_open(part)]
    return [_ascending(parts["id"]), *numbered] if "id" in parts and _is_integer(parts["id"]) else numbered


def _ascending(ids: Merged) -> RowsRule:
    """Ids that go up from that of the first row; with a maximum, from early enough to stay below it."""
    least, step, room = integers_from(ids)
    key = key_of("distance between ids")

    def rule(rows: Rows, seed: int) -> None:
        start = rows[0]["id"]
        for number, row in enumerate(rows):
            row["id"] = start + step * (_GAP * number + (seed * (key + 2 * number) >> 24) % _GAP)

    def bounded_rule(rows: Rows, seed: int) -> None:
        assert room is not None
        start = min((rows[0]["id"] - least) // step, max(0, room - _LONG))
        for number, row in enumerate(rows):
            row["id"] = least + step * ((start + number) % room)

    return _where_there_is("id", rule if room is None else bounded_rule)


def _numbered(name: str, part: Merged) -> RowsRule:
    first = max(0, part.keywords.get("minimum", 0))

    def rule(rows: Rows, seed: int) -> None:
        for number, row in enumerate(rows):
            row[name] = first + number

    return _where_there_is(name, rule)


def _where_there_is(name: str, rule: RowsRule) -> RowsRule:
    """Not for an empty list, nor for rows that are made without their optional members."""

    def careful_rule(rows: Rows, seed: int) -> None:
        if rows and name in rows[0]:
            rule(rows, seed)

    return careful_rule


def _is_integer(part: Merged) -> bool:
    keywords = part.keywords
    is_plain = part.sure and not {"enum", "x-faker"} & keywords.keys()
    return is_plain and keywords.get("type") == "integer" and not keywords["nullable"]


def _is_open(part: Merged) -> bool:
    """Any higher number does as well."""
    least = part.keywords.get("minimum", 0)
    return _is_integer(part) and part.constraints.keys() <= {"minimum"} and isinstance(least, int)
