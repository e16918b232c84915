"""Values that stand in the contract or the vocabulary themselves: enums, examples, rows; and booleans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.payloads.compiler import Compiler
from mockserver.payloads.meaning import LIKELY, ending
from mockserver.payloads.merging import Merged
from mockserver.payloads.payload_error import NoValue
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, pick


def fresh(value: Any) -> Any:
    """A copy that its receiver may change."""
    if isinstance(value, dict):
        return {name: fresh(part) for name, part in value.items()}
    return [fresh(part) for part in value] if isinstance(value, list) else value


def unshared(make: Make, values: Sequence[Any]) -> Make:
    """The maker of one of these values, with copies of those that could be changed."""
    if any(isinstance(value, dict | list) for value in values):
        return lambda seed: fresh(make(seed))
    return make


def enumerated(compiler: Compiler, whole: Merged, place: Place) -> Make:
    """One of the enum; null only if there is nothing else, for how often it comes is decided elsewhere."""
    fits = compiler.fits(whole)
    values = [value for value in whole.keywords["enum"] if fits(value)]
    values = [value for value in values if value is not None] or values
    if not values:
        raise NoValue(place.pointer, "no value of the enum fits the rest of the schema")
    return unshared(pick(values, place.key), values)


def boolean(compiler: Compiler, whole: Merged, place: Place) -> Make:
    likely = ending(LIKELY, place.name) or 5
    return pick([True] * likely + [False] * (10 - likely), place.key)


def anything(compiler: Compiler, whole: Merged, place: Place) -> Make:
    """For a schema that says nothing: its example, else something simple."""
    words = compiler.words.titles[:3]
    if "example" in whole.keywords:
        values = [whole.keywords["example"]]
    else:
        values = [*words, 7, True] if whole.sure else [*words, 7, True, 2.5, [], {}]
    return unshared(pick(values, place.key), values)


def example_of(compiler: Compiler, whole: Merged) -> list[Any]:
    """The example, if there is one that fits and is not null."""
    example = whole.keywords.get("example")
    return [example] if example is not None and compiler.fits(whole)(example) else []
