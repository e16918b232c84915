"""A schema becomes a function of a seed: the page to read first.

Merged, then asked in this order what it means: its `x-faker`, its enum, its branches, its type. What the keywords of
the result do not say for certain is looked at on each call.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.schemas import Schemas
from mockserver.payloads.arrays import listed
from mockserver.payloads.combined import checked, chosen, proven
from mockserver.payloads.compiler import Compiler, Fits
from mockserver.payloads.constants import anything, boolean, enumerated
from mockserver.payloads.faker_hints import hinted
from mockserver.payloads.merging import Merged, merge
from mockserver.payloads.numbers import integer, number
from mockserver.payloads.objects import record
from mockserver.payloads.payload_error import Endless, NoValue, PayloadError
from mockserver.payloads.people import People
from mockserver.payloads.pools import Fakers
from mockserver.payloads.recursion import References
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, apart, sometimes_null
from mockserver.payloads.strings import string
from mockserver.payloads.vocabulary import Vocabulary
from mockserver.payloads.words import Words

# How often a component stands in itself before no more is made than must be.
_DEEPEST = 2

_MAKERS: dict[str, Callable[[Compiler, Merged, Place], Make]] = {
    "object": record,
    "array": listed,
    "string": string,
    "integer": integer,
    "number": number,
    "boolean": boolean,
}
_KEYWORDS_OF = {
    "object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "string": {"pattern", "minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "multipleOf"},
}
_PYTHON_TYPES: dict[str, type] = {"string": str, "boolean": bool, "object": dict, "array": list}


class SchemaCompiler:
    """The compiler of one document."""

    def __init__(self, document: Document, vocabulary: Vocabulary, locale: str) -> None:
        self.document, self.vocabulary = document, vocabulary
        self.fakers = Fakers(locale)
        self.people = People(self.fakers, locale)
        self.words: Words = Words(vocabulary, self.fakers)
        self._schemas = Schemas(document, "response")
        self._references = References(document)
        self._merged: dict[str, Merged] = {}
        self._components: dict[tuple[Any, ...], Make] = {}
        self._fits: dict[int, tuple[Merged, Fits]] = {}
        self._cuts = 0

    def compile(self, schema: Schema, place: Place) -> Make:
        return self.compile_whole(self.merge(schema), place)

    def compile_whole(self, whole: Merged, place: Place) -> Make:
        ref = whole.schema.get("$ref")
        return self.of(whole, place) if ref is None else self._component(ref, whole, place)

    def merge(self, schema: Schema) -> Merged:
        ref = schema.get("$ref")
        if ref is None:
            return merge(self.document, schema)
        if ref not in self._merged:
            self._merged[ref] = merge(self.document, schema)
        return self._merged[ref]

    def fits(self, whole: Merged) -> Fits:
        """Whether a value is one of this schema."""
        if id(whole) not in self._fits:
            self._fits[id(whole)] = (whole, self._test(whole))
        return self._fits[id(whole)][1]

    def of(self, whole: Merged, place: Place) -> Make:
        """A maker of what the merged schema describes, null included."""
        if not self._may_be_null(whole):
            return self._sound(whole, place)
        if place.minimal:
            return lambda seed: None
        try:
            make = self._sound(whole, place)
        except NoValue:
            return lambda seed: None
        return make if place.known else sometimes_null(make, place.key)

    def _may_be_null(self, whole: Merged) -> bool:
        if not whole.keywords.get("nullable") or None not in whole.keywords.get("enum", [None]):
            return False
        return whole.sure or self.fits(whole)(None)

    def _sound(self, whole: Merged, place: Place) -> Make:
        """A maker of values that fit, if need be by looking at each."""
        if (make := hinted(self, whole, place)) is not None:
            return make
        if "enum" in whole.keywords:
            return enumerated(self, whole, place)
        if proven(self.document, whole):
            return self._by_kind(whole, place)
        makes = []
        for variant in (place, replace(place, minimal=True)):
            with suppress(NoValue):
                makes.append(self._by_kind(whole, variant))
        return checked(makes, self.fits(whole), place)

    def _by_kind(self, whole: Merged, place: Place) -> Make:
        if whole.choices:
            return chosen(self, whole, place)
        return _MAKERS.get(kind_of(whole), anything)(self, whole, place)

    def _component(self, ref: str, whole: Merged, place: Place) -> Make:
        """Objects are compiled once for all places; of anything else, the place has a say in what it means."""
        inside = self._entered(ref, place)
        if whole.choices or kind_of(whole) != "object":
            return self.of(whole, inside)
        at = inside.component(ref)
        key = (ref, at.level, at.minimal, at.known)
        if (make := self._components.get(key)) is None:
            cuts = self._cuts
            make = self.of(whole, at)
            # What was cut short because of the way to it would be made otherwise elsewhere.
            if not at.minimal or cuts == self._cuts:
                self._components[key] = make
        return make if place.shares else apart(make, place.key)

    def _entered(self, ref: str, place: Place) -> Place:
        level = place.level + self._references.is_recursive(ref)
        minimal = place.minimal or level > _DEEPEST
        if minimal and ref in place.trail:
            self._cuts += 1
            raise Endless(ref)
        return replace(place, level=level, minimal=minimal, trail=(*place.trail, ref) if minimal else ())

    def _test(self, whole: Merged) -> Fits:
        kind = _PYTHON_TYPES.get(whole.keywords.get("type", ""))
        if kind is None or not whole.sure or whole.constraints:
            return self._validator(whole)
        kinds = (kind, type(None)) if whole.keywords["nullable"] else kind
        return lambda value: isinstance(value, kinds)

    def _validator(self, whole: Merged) -> Fits:
        try:
            return self._schemas.validator(whole.schema).is_valid
        except ValueError as error:
            where = whole.schema.get("$ref") or str(whole.schema)
            raise PayloadError(where, f"it is no schema: {error}", "correct what the message names") from error


def kind_of(whole: Merged) -> str:
    """The type, or the one that the keywords speak of; empty for a schema that says nothing."""
    if "type" in whole.keywords:
        return str(whole.keywords["type"])
    return next((kind for kind, keywords in _KEYWORDS_OF.items() if keywords & whole.keywords.keys()), "")
