"""Schemas with `$ref` and `allOf` merged into one set of keywords, each bound the tightest of all parts.

What cannot be merged is kept beside the keywords: branches to choose from and schemas that must not match. Values that
the keywords do not decide are validated against the schema as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import Any

from mockserver.contract.document import Document, Schema, pointer_of
from mockserver.contract.schemas import ADDED_KEYWORDS
from mockserver.payloads.payload_error import NoValue

_COMBINERS = ("$ref", "allOf", "anyOf", "oneOf", "not")
_MAX_NESTED_BRANCHES = 12
_ANNOTATIONS = {
    *("title", "description", "default", "example", "deprecated", "readOnly", "writeOnly"),
    *("externalDocs", "xml", "discriminator"),
}


@dataclass(frozen=True)
class Choice:
    """The branches of `anyOf`, or of `oneOf` if `only_one` may match."""

    only_one: bool
    branches: tuple[Schema, ...]


@dataclass(frozen=True)
class MergedSchema:
    """A schema as one set of keywords."""

    # Verbatim from the document.
    written: Schema
    keywords: Schema
    choices: tuple[Choice, ...] = ()
    # The schemas of `not`.
    refused: tuple[Schema, ...] = ()
    # False if the keywords do not say everything: two different patterns cannot be merged, for example.
    lossless: bool = True
    # The name of the component, if it is one.
    component: str = ""

    @property
    def constraints(self) -> Schema:
        """The keywords that restrict a value, `type` and `nullable` aside."""
        aside = _ANNOTATIONS | {"type", "nullable"}
        return {name: value for name, value in self.keywords.items() if name not in aside and name[:2] != "x-"}

    @property
    def is_exact(self) -> bool:
        """The keywords alone decide validity."""
        return self.lossless and not self.refused and not self.choices and not self.has_added

    @property
    def needs_validation(self) -> bool:
        """A value of the keywords and of one branch may still be invalid."""
        is_partial = not self.lossless or bool(self.refused) or self.has_added
        return is_partial or any(choice.only_one for choice in self.choices)

    @property
    def has_added(self) -> bool:
        """Some keywords are none of OpenAPI 3.0: they guide a draw, and their values are validated."""
        return not ADDED_KEYWORDS.keys().isdisjoint(self.keywords)


def merge(document: Document, schema: Schema, seen: tuple[str, ...] = ()) -> MergedSchema:
    """Merges a schema. Raises `NoValue` if its parts contradict each other, or if it is a part of itself."""
    ref = schema.get("$ref")
    if ref is not None:
        if ref in seen:
            raise NoValue(ref, "the schema consists of itself")
        merged = merge(document, referenced(document, ref), (*seen, ref))
        return replace(merged, written=schema, component=ref.rpartition("/")[2])
    # The keywords beside `allOf` come last, because their example and description are the most specific ones.
    parts = [merge(document, part, seen) for part in schema.get("allOf", ())]
    return replace(reduce(merge_two, [*parts, _without_combiners(schema)]), written=schema, component="")


def referenced(document: Document, ref: str) -> Schema:
    """Returns what the reference names, which may be a reference again."""
    try:
        part: Schema = document.at(pointer_of(ref))
        return part
    except KeyError as error:
        raise NoValue(ref, "nothing is there", "correct the `$ref` that names it") from error


def alternatives(document: Document, schema: MergedSchema, seen: tuple[str, ...] = ()) -> Iterator[MergedSchema]:
    """Merges the schema with each combination of its branches, except combinations that contradict themselves."""
    if not schema.choices:
        yield schema
        return
    base = replace(schema, choices=schema.choices[1:])
    for branch in schema.choices[0].branches:
        ref = branch.get("$ref", "")
        # A branch that leads back to itself adds nothing.
        if (ref and ref in seen) or len(seen) > _MAX_NESTED_BRANCHES:
            continue
        try:
            merged = merge_two(base, merge(document, branch))
        except NoValue:
            continue
        yield from alternatives(document, merged, (*seen, ref))


def merge_two(left: MergedSchema, right: MergedSchema) -> MergedSchema:
    """Merges two schemas; annotations are the right one's. Raises `NoValue` if they contradict each other."""
    keywords, lossless = left.keywords | right.keywords, left.lossless and right.lossless
    for name in sorted(left.keywords.keys() & right.keywords.keys() & _MERGERS.keys()):
        keywords[name] = _MERGERS[name](left.keywords[name], right.keywords[name])
    for name in ("pattern", "format"):
        lossless = lossless and len({left.keywords.get(name), right.keywords.get(name)} - {None}) < 2
    keywords |= _bounds(left.keywords, right.keywords)
    if "properties" in keywords or "additionalProperties" in keywords:
        keywords |= _members(left.keywords, right.keywords)
    return MergedSchema(
        written={"allOf": [left.written, right.written]},
        keywords=keywords,
        choices=left.choices + right.choices,
        refused=left.refused + right.refused,
        lossless=lossless,
        component=right.component or left.component,
    )


def _without_combiners(schema: Schema) -> MergedSchema:
    keywords = {name: value for name, value in schema.items() if name not in _COMBINERS}
    # Without a type, null is valid anyway.
    if "type" in keywords:
        keywords["nullable"] = schema.get("nullable", False)
    choices = [Choice(kind == "oneOf", tuple(schema[kind])) for kind in ("anyOf", "oneOf") if schema.get(kind)]
    if "x-if" in schema:
        condition, then, otherwise = (schema.get(f"x-{name}", {}) for name in ("if", "then", "else"))
        branches = {"allOf": [condition, then]}, {"allOf": [{"not": condition}, otherwise]}
        choices.append(Choice(only_one=False, branches=branches))
    return MergedSchema(schema, keywords, tuple(choices), tuple(schema[name] for name in ("not",) if name in schema))


def _common_type(left: str, right: str) -> str:
    if left == right:
        return left
    if {left, right} == {"integer", "number"}:
        return "integer"
    raise NoValue("", f"the value would have to be of type {left} and {right}")


def _common_multiple(left: float, right: float) -> int | float:
    one, other = Fraction(str(left)), Fraction(str(right))
    common = Fraction(lcm(one.numerator, other.numerator), gcd(one.denominator, other.denominator))
    return int(common) if common.denominator == 1 else float(common)


def _all_of(left: Schema, right: Schema) -> Schema:
    return left if left == right else {"allOf": [left, right]}


_MERGERS: dict[str, Callable[[Any, Any], Any]] = {
    "type": _common_type,
    "nullable": lambda left, right: left and right,
    "enum": lambda left, right: [value for value in left if value in right],
    "multipleOf": _common_multiple,
    # Values are drawn from the longer pattern and validated against the other one.
    "pattern": lambda left, right: max(left, right, key=len),
    "required": lambda left, right: [*left, *(name for name in right if name not in left)],
    "items": _all_of,
    "uniqueItems": lambda left, right: left or right,
    "writeOnly": lambda left, right: left or right,
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
}


def _bounds(left: Schema, right: Schema) -> Schema:
    """Merges to the higher minimum and the lower maximum, each with its own `exclusive…`."""
    out: Schema = {}
    for bound, exclusive, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        parts = [part for part in (left, right) if bound in part]
        if parts:
            tightest = max(parts, key=lambda part: (sign * part[bound], bool(part.get(exclusive))))
            out |= {bound: tightest[bound], exclusive: bool(tightest.get(exclusive))}
    return out


def _members(left: Schema, right: Schema) -> Schema:
    """Merges the members; one that only one side declares must fit the other side's `additionalProperties`."""
    ours, theirs = left.get("properties", {}), right.get("properties", {})
    out: Schema = {}
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        one, other = ours.get(name, undeclared(left, name)), theirs.get(name, undeclared(right, name))
        combined = _combined(one, other)
        out[name] = {"not": {}} if combined is False else combined
    rest = _combined(left.get("additionalProperties", True), right.get("additionalProperties", True))
    return {"properties": out, "additionalProperties": rest}


def undeclared(keywords: Schema, name: str) -> Schema | bool:
    """Returns the schema of a member that `properties` does not name."""
    rest: Schema | bool = keywords.get("additionalProperties", True)
    patterns: Schema = keywords.get("x-patternProperties", {})
    # Some expressions of ECMA are none of Python; whatever is drawn is validated.
    with suppress(re.error):
        return next((part for pattern, part in patterns.items() if re.search(pattern, name)), rest)
    return rest


def _combined(one: Schema | bool, other: Schema | bool) -> Any:
    if one is False or other is False:
        return False
    if one is True or other is True:
        return other if one is True else one
    return _all_of(one, other)
