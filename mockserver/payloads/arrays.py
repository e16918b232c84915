"""Lists: how many elements, all different where that matters, and each with a seed of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeAlias

from mockserver.payloads.compiler import Compiler
from mockserver.payloads.constants import example_of, fresh, unshared
from mockserver.payloads.merging import Merged
from mockserver.payloads.payload_error import Endless, NoValue
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, apart, below, element, pick, samples
from mockserver.payloads.vocabulary_rows import RowsRule, rows_rules_for

Build: TypeAlias = Callable[[int, int], list[Any]]

_FEW, _PLENTY = 3, 12
# Enough to meet each of some values at least once, and more of them the more values there are.
_TRIES_FOR_EACH = 8
_SCALARS = ("string", "integer", "number", "boolean")


class ListMaker:
    """A maker of lists that can also be asked for a length."""

    def __init__(self, build: Build, least: int, most: int | None, key: int) -> None:
        self._build, self._least, self._most = build, least, most
        self._fewest = max(least, self._bounded(1))
        self._more = below(self._bounded(max(self._fewest, _FEW)) - self._fewest + 1, key)

    def __call__(self, seed: int) -> list[Any]:
        return self._build(seed, self._fewest + self._more(seed))

    def of_length(self, seed: int, wished: int) -> list[Any]:
        return self._build(seed, max(self._least, self._bounded(wished)))

    def _bounded(self, length: int) -> int:
        return length if self._most is None else min(length, self._most)


def listed(compiler: Compiler, whole: Merged, place: Place) -> Make:
    least, most = whole.keywords.get("minItems", 0), whole.keywords.get("maxItems")
    if most is not None and least > most:
        raise NoValue(place.pointer, "a list would need more elements than it may have")
    items = compiler.merge(whole.keywords.get("items", {}))
    if _says_nothing(items) and (example := example_of(compiler, whole)):
        return unshared(pick(example, place.key), example)
    try:
        make = _list_maker(compiler, whole, items, place)
    except Endless:
        if least:
            raise
        return lambda seed: []
    return make if place.shares else apart(make, place.key)


def _says_nothing(items: Merged) -> bool:
    """Neither what the elements are nor what one looks like."""
    of_kind = items.keywords.get("type", "object") == "object"
    return of_kind and items.sure and not items.constraints and "example" not in items.keywords


def _list_maker(compiler: Compiler, whole: Merged, items: Merged, place: Place) -> ListMaker:
    keywords = whole.keywords
    least, unique = keywords.get("minItems", 0), keywords.get("uniqueItems", False)
    most = least if place.minimal else keywords.get("maxItems")
    make = compiler.compile_whole(items, place.element(variety=max(1, least if unique else 1)))
    if not unique and items.keywords.get("type") not in _SCALARS:
        return ListMaker(_one_by_one(make, rows_rules_for(compiler, items)), least, most, place.key)
    supply = _different(make, max(least if unique else 0, _PLENTY))
    if unique and len(supply) < least:
        raise NoValue(place.pointer, f"there are only {len(supply)} different elements, and it needs {least}")
    if len(supply) < _PLENTY:
        most = max(least, len(supply) if most is None else min(most, len(supply)))
    return ListMaker(_all_different(make, supply if unique else [], least), least, most, place.key)


def _one_by_one(make: Make, rules: Sequence[RowsRule]) -> Build:
    def build(seed: int, length: int) -> list[Any]:
        rows = [make(element(seed, number)) for number in range(length)]
        for rule in rules:
            rule(rows, seed)
        return rows

    return build


def _all_different(make: Make, reserve: Sequence[Any], least: int) -> Build:
    """Without repetition, as far as there are values; what is missing comes from the reserve, or else is repeated."""

    def build(seed: int, length: int) -> list[Any]:
        found: dict[Hashable, Any] = {}
        for number in range(length * _TRIES_FOR_EACH):
            value = make(element(seed, number))
            found.setdefault(_identity(value), value)
            if len(found) == length:
                break
        for value in reserve if len(found) < least else ():
            found.setdefault(_identity(value), fresh(value))
        repeated = [make(element(seed, number)) for number in range(least - len(found))]
        return [*found.values(), *repeated][: max(length, least)]

    return build


def _different(make: Make, wanted: int) -> list[Any]:
    """So many different values, or all that are found."""
    found: dict[Hashable, Any] = {}
    for seed in samples(wanted * (_TRIES_FOR_EACH + 2 * wanted.bit_length())):
        value = make(seed)
        found.setdefault(_identity(value), value)
        if len(found) == wanted:
            break
    return list(found.values())


def _identity(value: Any) -> Hashable:
    """Equal for values that JSON Schema calls equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) in (str, int) else (json.dumps(value, sort_keys=True),)
