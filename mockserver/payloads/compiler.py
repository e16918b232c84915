"""From a schema to a function of a seed. Read this file first.

A schema is merged (`$ref` and `allOf`), then the first of these decides its values: `x-faker`, `enum`, the branches of
`anyOf` and `oneOf`, the type. Values that the merged keywords do not fully describe are validated on each call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.contract.schemas import ADDED_KEYWORDS, Schemas
from mockserver.payloads.arrays import compile_array
from mockserver.payloads.combinations import compile_branches, verified
from mockserver.payloads.discriminators import choose_subtype, find_subtypes
from mockserver.payloads.faker_hints import compile_hint
from mockserver.payloads.fakers import Fakers
from mockserver.payloads.merging import MergedSchema, merge, referenced
from mockserver.payloads.objects import compile_object
from mockserver.payloads.payload_error import Endless, NoValue, PayloadError
from mockserver.payloads.randomness import Draw, derived, samples, sometimes_null
from mockserver.payloads.realism import People
from mockserver.payloads.scalars import (
    choose_copy,
    compile_any,
    compile_boolean,
    compile_enum,
    compile_integer,
    compile_number,
)
from mockserver.payloads.strings import compile_string
from mockserver.payloads.vocabulary import Row, Vocabulary, Words

Fits: TypeAlias = Callable[[Any], bool]

# How often a component may be nested in itself before only required members are generated.
_MAX_DEPTH = 2
# Lists of objects with lists of objects multiply; an answer of some contracts would have millions of values.
_MAX_LEVEL = 6
_SAMPLES = 64


@dataclass(frozen=True)
class SchemaLocation:
    """Position of a schema in the contract, and what its value must agree with there."""

    # Begins at the component around the schema, or at the schema of the response. It is the key of random choices.
    pointer: str
    # The member, and the object around it.
    name: str = ""
    owner: str = ""
    # That object describes a person.
    is_person: bool = False
    # By family, the rows of the vocabulary that suit all members of that object.
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    # The value describes the same person as the object around it, and therefore uses its seed.
    shares_seed: bool = True
    # A rule between the members decides when the value is null.
    never_null: bool = False
    # How many different values a list needs.
    variety: int = 0
    # How often components are nested in themselves. At `_MAX_DEPTH` the location becomes `minimal`: only required
    # members are generated, and the components in `inside` must not occur again.
    depth: int = 0
    minimal: bool = False
    inside: tuple[str, ...] = ()
    # Members and elements around the value. From `_MAX_LEVEL` on the location is `minimal` too.
    level: int = 0

    def member(self, name: str, *, never_null: bool, shares_seed: bool) -> SchemaLocation:
        pointer = f"{self.pointer}/properties/{name}"
        return self._deeper(pointer=pointer, name=name, never_null=never_null, shares_seed=shares_seed, variety=0)

    def element(self, variety: int) -> SchemaLocation:
        """Returns the location of an element, which has a seed of its own and the singular of the list's name."""
        name = self.name[:-1] if self.name.endswith("s") and not self.name.endswith("ss") else self.name
        pointer = f"{self.pointer}/items"
        return self._deeper(pointer=pointer, name=name, never_null=False, shares_seed=True, variety=variety)

    def _deeper(self, **changes: Any) -> SchemaLocation:
        level = self.level + 1
        return replace(self, **changes, level=level, minimal=self.minimal or level >= _MAX_LEVEL)


class Compiler:
    """Compiles the schemas of one document; the functions for each keyword call it for the parts of a schema.

    In a foreign document examples and defaults are the values, and `x-faker` has another meaning than ours.
    """

    def __init__(self, document: Document, vocabulary: Vocabulary, locale: str, *, is_foreign: bool) -> None:
        self.document, self.vocabulary, self.is_foreign = document, vocabulary, is_foreign
        self.fakers = Fakers(locale)
        self.people: People = People(self.fakers, locale)
        self.words: Words = Words(vocabulary, self.fakers)
        self._schemas = Schemas(document, "response")
        self._subtypes = find_subtypes(document)
        self._recursive = find_recursive_references(document, self._subtypes)
        # Once for equal schemas: a pattern such as `^[^\r\n]{3,4000}$`, which takes 12 MB, stands in many places.
        self._validators: dict[str, Fits] = {}
        self._components: dict[tuple[str, int, bool, int], Draw] = {}

    def compile(self, schema: Schema, location: SchemaLocation) -> Draw:
        return self.compile_merged(self.merge(schema), location)

    def compile_merged(self, schema: MergedSchema, location: SchemaLocation) -> Draw:
        ref = schema.written.get("$ref")
        if ref is None:
            for part in schema.written.get("allOf", ()):
                location = self._enter(part["$ref"], location) if "$ref" in part else location
            return self.compile_inline(schema, location)
        inside = self._enter(ref, location)
        # What a text or a number means depends on the member that refers to it; an object speaks for itself.
        if schema.choices or type_of(schema) != "object":
            return self.compile_inline(schema, inside)
        draw = self._component(ref, schema, inside)
        return draw if location.shares_seed else derived(draw, location.pointer)

    def compile_inline(self, schema: MergedSchema, location: SchemaLocation) -> Draw:
        """Compiles the merged schema itself, null included."""
        if not self._may_be_null(schema):
            return self._compile_value(schema, location)
        if location.minimal:
            return lambda seed: None
        # Null is better than an error, where nothing else is valid.
        try:
            draw = self._compile_value(schema, location)
        except NoValue:
            return lambda seed: None
        return draw if location.never_null else sometimes_null(draw, location.pointer)

    def merge(self, schema: Schema) -> MergedSchema:
        return merge(self.document, schema)

    def fits(self, schema: MergedSchema) -> Fits:
        """Returns the validator of the schema as it was written."""
        key = repr(schema.written)
        if key not in self._validators:
            self._validators[key] = self._validator(schema)
        return self._validators[key]

    def _validator(self, schema: MergedSchema) -> Fits:
        try:
            return self._schemas.validator(schema.written).is_valid
        except ValueError as error:
            where = schema.written.get("$ref") or str(schema.written)
            raise PayloadError(where, f"not a valid schema: {error}", "correct what the message names") from error

    def _may_be_null(self, schema: MergedSchema) -> bool:
        if not schema.keywords.get("nullable") or None not in schema.keywords.get("enum", [None]):
            return False
        return schema.is_exact or self.fits(schema)(None)

    def _compile_value(self, schema: MergedSchema, location: SchemaLocation) -> Draw:
        if self.is_foreign and (values := self._written_values(schema, location)):
            return choose_copy(values, location.pointer)
        if not self.is_foreign and (draw := compile_hint(self, schema, location)) is not None:
            return draw
        # An enum wins over branches and type, which can only remove values from it.
        if "enum" in schema.keywords:
            return compile_enum(self, schema, location)
        if not schema.needs_validation:
            return self._compile_type(schema, location)
        # With fewer members there is less that could contradict a `not`, or fit a second branch of `oneOf`.
        for variant in (location, replace(location, minimal=True)):
            with suppress(NoValue):
                draw, is_valid = self._compile_type(schema, variant), self.fits(schema)
                if fitting := [value for value in map(draw, samples(_SAMPLES)) if is_valid(value)]:
                    return verified(draw, is_valid, fitting, location.pointer)
        # Variants in documents of others often fit each other, and their servers answer one of them all the same. And
        # what no draw fulfils, such as `propertyNames`, is no reason for no answer.
        overlapping = replace(schema, choices=tuple(replace(choice, only_one=False) for choice in schema.choices))
        of_30 = {name: value for name, value in schema.keywords.items() if name not in ADDED_KEYWORDS}
        if self.is_foreign and not replace(overlapping, keywords=of_30).needs_validation:
            return self._compile_type(overlapping, location)
        raise NoValue(location.pointer, "no value was found that fits all parts of it")

    def _written_values(self, schema: MergedSchema, location: SchemaLocation) -> list[Any]:
        """Returns the example, else the default, if it is valid. A list of different values needs others."""
        if location.variety > 1:
            return []
        written = (schema.keywords.get(name) for name in ("example", "default"))
        return next(([value] for value in written if value is not None and self.fits(schema)(value)), [])

    def _compile_type(self, schema: MergedSchema, location: SchemaLocation) -> Draw:
        if subtypes := self._subtypes.get(schema.written.get("$ref", "")):
            schema = choose_subtype(schema, subtypes)
        if schema.choices:
            return compile_branches(self, schema, location)
        return _COMPILERS.get(type_of(schema), compile_any)(self, schema, location)

    def _component(self, ref: str, schema: MergedSchema, location: SchemaLocation) -> Draw:
        """Compiles an object with a name of its own, once for all places where it is used."""
        inside = SchemaLocation(
            ref,
            owner=ref.rpartition("/")[2],
            never_null=location.never_null,
            depth=location.depth,
            minimal=location.minimal,
            inside=location.inside,
            level=location.level,
        )
        if location.minimal:
            # Depends on the components around it, so that it cannot be shared.
            return self.compile_inline(schema, inside)
        key = (ref, location.depth, location.never_null, location.level)
        if key not in self._components:
            self._components[key] = self.compile_inline(schema, inside)
        return self._components[key]

    def _enter(self, ref: str, location: SchemaLocation) -> SchemaLocation:
        depth = location.depth + (ref in self._recursive)
        minimal = location.minimal or depth > _MAX_DEPTH
        if minimal and ref in location.inside:
            raise Endless(ref)
        return replace(location, depth=depth, minimal=minimal, inside=(*location.inside, ref) if minimal else ())


_COMPILERS: dict[str, Callable[[Compiler, MergedSchema, SchemaLocation], Draw]] = {
    "object": compile_object,
    "array": compile_array,
    "string": compile_string,
    "integer": compile_integer,
    "number": compile_number,
    "boolean": compile_boolean,
}
_KEYWORDS_OF = {
    "object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties"}
    | {"x-patternProperties", "x-propertyNames", "x-unevaluatedProperties"},
    "array": {"items", "minItems", "maxItems", "uniqueItems", "x-prefixItems", "x-contains"},
    "string": {"pattern", "minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "multipleOf"},
}


def type_of(schema: MergedSchema) -> str:
    """Returns the type, or the type to which the keywords belong; empty if there are none."""
    if "type" in schema.keywords:
        return str(schema.keywords["type"])
    return next((name for name, keywords in _KEYWORDS_OF.items() if keywords & schema.keywords.keys()), "")


def find_recursive_references(document: Document, subtypes: Mapping[str, Sequence[str]]) -> set[str]:
    """Finds the references that lead back to themselves, also by a subtype that may stand for a component."""
    inside: dict[str, set[str]] = {}
    ahead = set(_references_in(document.raw, subtypes))
    while ahead:
        ref = ahead.pop()
        inside[ref] = set()
        with suppress(NoValue):
            inside[ref] = set(_references_in(referenced(document, ref), subtypes))
        ahead |= inside[ref] - inside.keys()
    return {ref for ref in inside if ref in _reachable(inside, ref)}


def _reachable(inside: Mapping[str, Collection[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = {start}
    while ahead:
        new = set(inside.get(ahead.pop(), ())) - found
        found |= new
        ahead |= new
    return found


def _references_in(part: Any, subtypes: Mapping[str, Sequence[str]], *, is_extended: bool = False) -> Iterator[str]:
    """Yields the references in a part of the document, and the subtypes of those that are not extended there."""
    if isinstance(part, dict):
        if isinstance(ref := part.get("$ref"), str):
            yield ref
            yield from () if is_extended else _reachable(subtypes, ref)
        for name, value in part.items():
            if name not in ("example", "default", "enum"):
                yield from _references_in(value, subtypes, is_extended=name == "allOf")
    elif isinstance(part, list):
        for value in part:
            yield from _references_in(value, subtypes, is_extended=is_extended)
