"""Values without parts, strings aside: enums, examples, booleans, integers and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import Schema
from mockserver.contract.schemas import INTEGER_BOUNDS
from mockserver.payloads.combinations import verified
from mockserver.payloads.meaning import LIKELIHOODS, NUMBERS, meaning_of
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.payload_error import NoValue
from mockserver.payloads.randomness import Draw, samples

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler, SchemaLocation

# How many numbers a range without an end has.
_ORDINARY = 1000
_UNUSUAL = 10**6
_SAMPLES, _UNITS = 64, 128


def choose_copy(values: Sequence[Any], key: str) -> Draw:
    """Draws one of the values, as a copy that its receiver may change."""
    return lambda seed: deepcopy(seed.choose(values, key))


def fitting_example(compiler: Compiler, schema: MergedSchema) -> list[Any]:
    """Returns the example, if there is one that is valid and not null."""
    example = schema.keywords.get("example")
    return [example] if example is not None and compiler.fits(schema)(example) else []


def compile_enum(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    """Draws from the enum; null only if there is nothing else, because the compiler adds nulls itself."""
    fits = compiler.fits(schema)
    values = [value for value in schema.keywords["enum"] if fits(value)]
    values = [value for value in values if value is not None] or values
    if not values:
        raise NoValue(location.pointer, "no value of the enum fits the rest of the schema")
    return choose_copy(values, location.pointer)


def compile_boolean(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    likely = meaning_of(LIKELIHOODS, location.name) or 5
    return lambda seed: seed.below(10, location.pointer) < likely


def compile_any(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    """Draws for a schema without a type: its example, else something simple."""
    if "example" in schema.keywords:
        return choose_copy([schema.keywords["example"]], location.pointer)
    values = [*compiler.words.titles[:3], 7, True]
    # A `not` may refuse the usual types.
    return choose_copy(values if schema.is_exact else [*values, 2.5, [], {}], location.pointer)


def compile_integer(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    multiples = integers_of(schema)
    found = _range(multiples, schema, location)
    if not found:
        raise NoValue(location.pointer, "no integer lies within the bounds")
    # Not `len`, which fails for a range of more than 2**63 integers.
    count = found.stop - found.start
    return lambda seed: int(found[seed.below(count, location.pointer)] * multiples.step)


def compile_number(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    fits = compiler.fits(schema)
    for step in _steps(schema.keywords):
        if found := _range(_multiples(schema.keywords, step), schema, location):
            draw = _draw_number(found, step, location.pointer)
            # A float is not always the exact multiple that the validator wants.
            if fitting := [value for value in map(draw, samples(_SAMPLES)) if fits(value)]:
                return verified(draw, fits, fitting, location.pointer)
    raise NoValue(location.pointer, "no number lies within the bounds")


def _draw_number(found: range, step: Fraction, key: str) -> Draw:
    return lambda seed: float(found[seed.below(len(found), key)] * step)


@dataclass(frozen=True)
class Multiples:
    """The multiples of `step` from the `first` one to the `last` one; None where there is no end."""

    step: Fraction
    first: int | None
    last: int | None

    @property
    def count(self) -> int | None:
        return None if self.last is None else self.last - self._start + 1

    def at(self, index: int) -> int:
        return int((self._start + index) * self.step)

    def index(self, value: int) -> int:
        return int(value / self.step) - self._start

    def within(self, least: Fraction, most: Fraction) -> range:
        low, high = ceil(least / self.step), floor(most / self.step)
        return range(low if self.first is None else max(low, self.first), self._at_most(high) + 1)

    def ordinary(self, variety: int) -> range:
        """Returns the first thousand, or the last where there is no first; more for a list that needs more."""
        # Twice as many as are needed, so that different ones are found soon.
        count = max(_ORDINARY, 2 * variety)
        # The ends of `int64` are no ordinary numbers, and JavaScript would round them.
        if self.first is not None and self.first > -_UNUSUAL:
            return range(self.first, self._at_most(self.first + count) + 1)
        last = count if self.last is None or self.last > _UNUSUAL else self.last
        return range(max(last - count, min(last, 1)), last + 1)

    def all(self) -> range:
        return range(0) if self.first is None or self.last is None else range(self.first, self.last + 1)

    @property
    def _start(self) -> int:
        return 1 if self.first is None else self.first

    def _at_most(self, high: int) -> int:
        return high if self.last is None else min(high, self.last)


def integers_of(schema: MergedSchema) -> Multiples:
    """Returns the integers within the bounds of a schema."""
    # An integer is a multiple of 7/2 if it is a multiple of 7.
    step = _fraction(schema.keywords.get("multipleOf", 1)).numerator
    return _multiples(schema.keywords, Fraction(step))


def _range(multiples: Multiples, schema: MergedSchema, location: SchemaLocation) -> range:
    """Selects the range that the name suggests, unless the example contradicts it; else the bounds."""
    for least, most in _suggested_ranges(schema, location):
        found = multiples.within(least, most)
        if len(found) > location.variety:
            return found
    has_bounds = {"minimum", "maximum"} <= schema.keywords.keys()
    return multiples.all() if has_bounds else multiples.ordinary(location.variety)


def _suggested_ranges(schema: MergedSchema, location: SchemaLocation) -> Iterator[tuple[Fraction, Fraction]]:
    example = schema.keywords.get("example")
    size = _fraction(example) if isinstance(example, int | float) and not isinstance(example, bool) else None
    by_name = meaning_of(NUMBERS, location.name)
    if by_name and (size is None or by_name[0] <= size <= by_name[1]):
        yield Fraction(by_name[0]), Fraction(by_name[1])
    if size is not None and size > 0:
        yield size / 2, size * 2


def _multiples(keywords: Schema, step: Fraction) -> Multiples:
    widest = INTEGER_BOUNDS.get(keywords.get("format", ""), {})
    low, high = ({**widest, **keywords}.get(bound) for bound in ("minimum", "maximum"))
    first = None if low is None else ceil(_fraction(low) / step)
    last = None if high is None else floor(_fraction(high) / step)
    # In OpenAPI 3.0 `exclusive…` is a boolean, and matters only if the bound itself is a multiple.
    if first is not None and keywords.get("exclusiveMinimum") and first * step == _fraction(low):
        first += 1
    if last is not None and keywords.get("exclusiveMaximum") and last * step == _fraction(high):
        last -= 1
    return Multiples(step, first, last)


def _steps(keywords: Schema) -> Iterator[Fraction]:
    """Yields distances between numbers to try: cents, then less where the bounds are close together."""
    if "multipleOf" in keywords:
        yield _fraction(keywords["multipleOf"])
        return
    yield Fraction(1, 100)
    low, high = _fraction(keywords.get("minimum", 0)), _fraction(keywords.get("maximum", 0))
    yield from (unit for unit in (abs(high - low) / _UNITS, abs(low), abs(high)) if unit)


def _fraction(value: Any) -> Fraction:
    # By way of the text, because Fraction(0.1) is not 1/10.
    return Fraction(value) if isinstance(value, int) else Fraction(str(value))
