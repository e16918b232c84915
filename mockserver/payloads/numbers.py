"""Integers and numbers: within their bounds, of the size that the name or the example suggests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from random import Random
from typing import Any

from mockserver.contract.document import Schema
from mockserver.payloads.compiler import Compiler
from mockserver.payloads.meaning import NUMBERS, ending
from mockserver.payloads.merging import Merged
from mockserver.payloads.payload_error import NoValue
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, below, pick

_FORMATS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_ORDINARY = 1000
_POOL = 128


@dataclass(frozen=True)
class Grid:
    """The multiples of `step` from the `first` one to the `last` one; None where there is no end."""

    step: Fraction
    first: int | None
    last: int | None

    def within(self, least: Fraction, most: Fraction) -> range:
        low, high = ceil(least / self.step), floor(most / self.step)
        return range(low if self.first is None else max(low, self.first), self._at_most(high) + 1)

    def whole(self) -> range:
        return range(0) if self.first is None or self.last is None else range(self.first, self.last + 1)

    def ordinary(self, variety: int) -> range:
        """The first thousand, or the last where there is no first; more for a list that needs more."""
        count = max(_ORDINARY, 2 * variety)
        if self.first is not None:
            return range(self.first, self._at_most(self.first + count) + 1)
        last = count if self.last is None else self.last
        return range(max(last - count, min(last, 1)), last + 1)

    def _at_most(self, high: int) -> int:
        return high if self.last is None else min(high, self.last)


def integer(compiler: Compiler, whole: Merged, place: Place) -> Make:
    # An integer is a multiple of 7/2 if it is one of 7.
    step = _fraction(whole.keywords.get("multipleOf", 1)).numerator
    found = _range(_grid(whole.keywords, Fraction(step)), whole, place)
    if not found:
        raise NoValue(place.pointer, "no integer lies within the bounds")
    first, draw = found.start * step, below(len(found), place.key)
    return (lambda seed: first + draw(seed)) if step == 1 else lambda seed: first + step * draw(seed)


def number(compiler: Compiler, whole: Merged, place: Place) -> Make:
    fits, random = compiler.fits(whole), Random(place.key)
    for step in _units(whole.keywords):
        if found := _range(_grid(whole.keywords, step), whole, place):
            drawn = [float(random.choice(found) * step) for _ in range(max(_POOL, 8 * place.variety))]
            if values := [value for value in drawn if fits(value)]:
                return pick(values, place.key)
    raise NoValue(place.pointer, "no number lies within the bounds")


def integers_from(whole: Merged) -> tuple[int, int, int | None]:
    """The least integer (1 where there is no least), the distance to the next, and how many there are."""
    step = _fraction(whole.keywords.get("multipleOf", 1)).numerator
    grid = _grid(whole.keywords, Fraction(step))
    first = 1 if grid.first is None else grid.first
    return first * step, step, None if grid.last is None else grid.last - first + 1


def _range(grid: Grid, whole: Merged, place: Place) -> range:
    """What the name suggests, unless the example says otherwise; else the bounds."""
    for least, most in _suggested(whole, place):
        found = grid.within(least, most)
        if len(found) > place.variety:
            return found
    return grid.whole() if {"minimum", "maximum"} <= whole.keywords.keys() else grid.ordinary(place.variety)


def _suggested(whole: Merged, place: Place) -> Iterator[tuple[Fraction, Fraction]]:
    example = whole.keywords.get("example")
    size = _fraction(example) if isinstance(example, int | float) and not isinstance(example, bool) else None
    by_name = ending(NUMBERS, place.name)
    if by_name and (size is None or by_name[0] <= size <= by_name[1]):
        yield Fraction(by_name[0]), Fraction(by_name[1])
    if size is not None and size > 0:
        yield size / 2, size * 2


def _grid(keywords: Schema, step: Fraction) -> Grid:
    least, most = _FORMATS.get(keywords.get("format", ""), (None, None))
    low, high = keywords.get("minimum", least), keywords.get("maximum", most)
    first = None if low is None else ceil(_fraction(low) / step)
    last = None if high is None else floor(_fraction(high) / step)
    if first is not None and keywords.get("exclusiveMinimum") and first * step == _fraction(low):
        first += 1
    if last is not None and keywords.get("exclusiveMaximum") and last * step == _fraction(high):
        last -= 1
    return Grid(step, first, last)


def _units(keywords: Schema) -> Iterator[Fraction]:
    """Distances between numbers: cents, or less where the bounds are close together."""
    if "multipleOf" in keywords:
        yield _fraction(keywords["multipleOf"])
        return
    yield Fraction(1, 100)
    low, high = _fraction(keywords.get("minimum", 0)), _fraction(keywords.get("maximum", 0))
    yield from (unit for unit in (abs(high - low) / _POOL, abs(low), abs(high)) if unit)


def _fraction(value: Any) -> Fraction:
    return Fraction(value) if isinstance(value, int) else Fraction(str(value))
