"""Arrays: how many elements, all different where that matters, and ids and positions that count upwards.

Element i depends on the seed and i only, however long the array is: a page shows a part of the same records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeAlias

from mockserver.contract.document import Schema
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.payload_error import Endless, NoValue
from mockserver.payloads.randomness import Draw, Seed, derived, samples
from mockserver.payloads.scalars import choose_copy, fitting_example, integers_of

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler, SchemaLocation

DrawLength: TypeAlias = Callable[[Seed, int], list[Any]]
RowRule: TypeAlias = Callable[[list[dict[str, Any]], Seed], None]

# Length of an array when none is asked for; and the number of different values that such an array can do with.
_DEFAULT_LENGTH, _MANY = 3, 12
# Draws for each different value that is wanted.
_TRIES = 8
_SCALARS = ("string", "integer", "number", "boolean")
_POSITIONS = ("position", "order", "index", "rank")
# Ids of neighbours are at most this far apart; the ids of so many rows stay below a maximum.
_GAP, _ROWS = 3, 1000


class ArrayDraw:
    """Draws arrays of a random length, or of a given one within the bounds of the schema."""

    def __init__(self, draw: DrawLength, least: int, most: int | None, key: str) -> None:
        self._draw, self._least, self._most, self._key = draw, least, most, key

    def __call__(self, seed: Seed) -> list[Any]:
        # An empty array shows nothing, so that one element is the least where it may be.
        shortest = max(self._least, self._bounded(1))
        longest = self._bounded(max(shortest, _DEFAULT_LENGTH))
        return self._draw(seed, shortest + seed.below(longest - shortest + 1, f"{self._key} length"))

    def with_length(self, seed: Seed, length: int) -> list[Any]:
        return self._draw(seed, max(self._least, self._bounded(length)))

    def _bounded(self, length: int) -> int:
        return length if self._most is None else min(length, self._most)


def compile_array(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    least, most = schema.keywords.get("minItems", 0), schema.keywords.get("maxItems")
    if most is not None and least > most:
        raise NoValue(location.pointer, "a list would need more elements than it may have")
    if first := _first_items(schema.keywords):
        return _compile_tuple(compiler, schema.keywords, first, location)
    items = compiler.merge(schema.keywords.get("items", {}))
    if _is_free(items) and (example := fitting_example(compiler, schema)):
        return choose_copy(example, location.pointer)
    try:
        draw = _compile_elements(compiler, schema, items, location)
    except Endless:
        if least:
            raise
        # The innermost list of a recursive schema is empty.
        return lambda seed: []
    return draw if location.shares_seed else derived(draw, location.pointer)


def _first_items(keywords: Schema) -> list[Schema]:
    """Returns the schemas of the first elements that must be there, or that are described one by one."""
    items = keywords.get("items", {})
    wanted = [{"allOf": [keywords["x-contains"], items]}] if "x-contains" in keywords else []
    first: list[Schema] = keywords.get("x-prefixItems") or wanted * keywords.get("x-minContains", 1)
    return first


def _compile_tuple(compiler: Compiler, keywords: Schema, first: Sequence[Schema], location: SchemaLocation) -> Draw:
    """Draws these elements, and as many more as there must be; fewer before one without an end."""
    least = keywords.get("minItems", 0)
    parts = [*first, *[keywords.get("items", {})] * (least - len(first))][: keywords.get("maxItems")]
    draws: list[Draw] = []
    for part in parts:
        try:
            draws.append(compiler.compile(part, location.element(variety=1)))
        except Endless:
            if len(draws) < least:
                raise
            break
    return lambda seed: [draw(seed.element(number)) for number, draw in enumerate(draws)]


def _is_free(items: MergedSchema) -> bool:
    """The schema of the elements has neither constraints nor an example."""
    is_object = items.keywords.get("type", "object") == "object"
    return is_object and items.is_exact and not items.constraints and "example" not in items.keywords


def _compile_elements(
    compiler: Compiler, schema: MergedSchema, items: MergedSchema, location: SchemaLocation
) -> ArrayDraw:
    keywords = schema.keywords
    least, unique = keywords.get("minItems", 0), keywords.get("uniqueItems", False)
    most = least if location.minimal else keywords.get("maxItems")
    draw = compiler.compile_merged(items, location.element(variety=max(1, least if unique else 1)))
    # Objects hardly ever repeat; scalars would do so often, which is unrealistic.
    if not unique and items.keywords.get("type") not in _SCALARS:
        return ArrayDraw(_draw_rows(draw, _row_rules(compiler, items)), least, most, location.pointer)
    supply = _different_values(draw, max(least if unique else 0, _MANY))
    if unique and len(supply) < least:
        raise NoValue(location.pointer, f"there are only {len(supply)} different elements, and it needs {least}")
    if len(supply) < _MANY:
        most = max(least, len(supply) if most is None else min(most, len(supply)))
    return ArrayDraw(_draw_different(draw, supply if unique else [], least), least, most, location.pointer)


def _draw_rows(draw: Draw, rules: Sequence[RowRule]) -> DrawLength:
    def draw_rows(seed: Seed, length: int) -> list[Any]:
        rows = [draw(seed.element(number)) for number in range(length)]
        for rule in rules:
            rule(rows, seed)
        return rows

    return draw_rows


def _draw_different(draw: Draw, supply: Sequence[Any], least: int) -> DrawLength:
    """Draws different elements as far as there are any; then takes them from the supply, or else repeats some."""

    def draw_different(seed: Seed, length: int) -> list[Any]:
        found: dict[Hashable, Any] = {}
        for number in range(length * _TRIES):
            if len(found) == length:
                break
            value = draw(seed.element(number))
            found.setdefault(_identity(value), value)
        for value in supply if len(found) < least else ():
            found.setdefault(_identity(value), deepcopy(value))
        repeated = [draw(seed.element(number)) for number in range(least - len(found))]
        return [*found.values(), *repeated][: max(length, least)]

    return draw_different


def _different_values(draw: Draw, wanted: int) -> list[Any]:
    """Collects so many different values, or all that are found."""
    found: dict[Hashable, Any] = {}
    # To meet each of n values at least once takes about n * log(n) draws.
    for seed in samples(wanted * (_TRIES + 2 * wanted.bit_length())):
        value = draw(seed)
        found.setdefault(_identity(value), value)
        if len(found) == wanted:
            break
    return list(found.values())


def _identity(value: Any) -> Hashable:
    """Returns the same for values that are equal in JSON Schema: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _row_rules(compiler: Compiler, items: MergedSchema) -> list[RowRule]:
    """Returns the rules between the rows of a list of objects, as their members demand."""
    if items.keywords.get("type") != "object" or items.keywords["nullable"] or items.choices:
        return []
    properties = items.keywords.get("properties", {})
    parts = {name: compiler.merge(properties[name]) for name in ("id", *_POSITIONS) if properties.get(name)}
    rules = [_count_positions(name, part) for name, part in parts.items() if name != "id" and _is_open(part)]
    return [_count_ids(parts["id"]), *rules] if "id" in parts and _is_integer(parts["id"]) else rules


def _count_ids(part: MergedSchema) -> RowRule:
    """Ids that grow from the id of the first row on; with a maximum, from low enough to stay below it."""
    ids = integers_of(part)

    def set_ids(rows: list[dict[str, Any]], seed: Seed) -> None:
        if not rows or "id" not in rows[0]:  # optional members may be left out
            return
        start, gap = ids.index(rows[0]["id"]), _GAP
        if ids.count is not None:
            start, gap = min(start, max(0, ids.count - _ROWS)), 1
        for number, row in enumerate(rows):
            index = start + gap * number + seed.below(gap, f"id {number}")
            row["id"] = ids.at(index if ids.count is None else index % ids.count)

    return set_ids


def _count_positions(name: str, part: MergedSchema) -> RowRule:
    first = max(0, part.keywords.get("minimum", 0))

    def set_positions(rows: list[dict[str, Any]], seed: Seed) -> None:
        for number, row in enumerate(rows):
            if name in row:
                row[name] = first + number

    return set_positions


def _is_integer(part: MergedSchema) -> bool:
    keywords = part.keywords
    is_plain = part.is_exact and not {"enum", "x-faker"} & keywords.keys()
    return is_plain and keywords.get("type") == "integer" and not keywords["nullable"]


def _is_open(part: MergedSchema) -> bool:
    """Any higher integer is valid as well."""
    least = part.keywords.get("minimum", 0)
    return _is_integer(part) and part.constraints.keys() <= {"minimum"} and isinstance(least, int)
