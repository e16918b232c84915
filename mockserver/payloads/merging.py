"""A schema with its `$ref` and `allOf` folded into one set of keywords, each bound the tightest of all parts.

What cannot be folded is kept aside: branches to choose from, schemas that must not hold, and `exact`, which is false
where the keywords alone do not say everything. Such values are checked against `schema`, the schema as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import Any

from mockserver.contract.document import Document, Schema, pointer_of
from mockserver.payloads.payload_error import NoValue

_COMBINERS = ("$ref", "allOf", "anyOf", "oneOf", "not")
_DEEPEST = 12
_NOTES = {
    *("title", "description", "default", "example", "deprecated", "readOnly", "writeOnly"),
    *("externalDocs", "xml", "discriminator"),
}


@dataclass(frozen=True)
class Choice:
    """`anyOf`, or `oneOf` if `only_one` may hold."""

    only_one: bool
    branches: tuple[Schema, ...]


@dataclass(frozen=True)
class Merged:
    schema: Schema
    keywords: Schema
    choices: tuple[Choice, ...] = ()
    refused: tuple[Schema, ...] = ()
    exact: bool = True
    component: str = ""

    @property
    def constraints(self) -> Schema:
        """The keywords that restrict a value, `type` and `nullable` aside."""
        aside = _NOTES | {"type", "nullable"}
        return {name: value for name, value in self.keywords.items() if name not in aside and name[:2] != "x-"}

    @property
    def sure(self) -> bool:
        """The keywords say everything about a value."""
        return self.exact and not self.refused and not self.choices


def merge(document: Document, schema: Schema, seen: tuple[str, ...] = ()) -> Merged:
    """`NoValue` if the parts contradict each other, or if the schema is a part of itself."""
    ref = schema.get("$ref")
    if ref is not None:
        if ref in seen:
            raise NoValue(ref, "the schema is made of itself")
        return replace(merge(document, followed(document, ref), (*seen, ref)), schema=schema, component=_name(ref))
    parts = [merge(document, part, seen) for part in schema.get("allOf", ())]
    return replace(reduce(both, [*parts, _own(schema)]), schema=schema, component="")


def followed(document: Document, ref: str) -> Schema:
    """What the reference names, which may be a reference again."""
    try:
        part: Schema = document.at(pointer_of(ref))
        return part
    except KeyError as error:
        raise NoValue(ref, "nothing is there", "correct the `$ref` that names it") from error


def alternatives(document: Document, whole: Merged, seen: tuple[str, ...] = ()) -> Iterator[Merged]:
    """The schema once for each way through its `anyOf` and `oneOf`, without the ways that contradict themselves."""
    if not whole.choices:
        yield whole
        return
    base = replace(whole, choices=whole.choices[1:])
    for branch in whole.choices[0].branches:
        ref = branch.get("$ref", "")
        if (ref and ref in seen) or len(seen) > _DEEPEST:
            continue
        try:
            way = both(base, merge(document, branch))
        except NoValue:
            continue
        yield from alternatives(document, way, (*seen, ref))


def both(left: Merged, right: Merged) -> Merged:
    """What holds for the one and for the other; of notes the right one's count. `NoValue` if nothing does."""
    keywords, exact = left.keywords | right.keywords, left.exact and right.exact
    for name in sorted(left.keywords.keys() & right.keywords.keys() & _TIGHTER.keys()):
        keywords[name] = _TIGHTER[name](left.keywords[name], right.keywords[name])
    for name in ("pattern", "format"):
        exact = exact and len({left.keywords.get(name), right.keywords.get(name)} - {None}) < 2
    keywords |= _bounds(left.keywords, right.keywords)
    keywords = {name: value for name, value in keywords.items() if value is not False or name[:9] != "exclusive"}
    if "properties" in keywords or "additionalProperties" in keywords:
        keywords |= _members(left.keywords, right.keywords)
    return Merged(
        schema={"allOf": [left.schema, right.schema]},
        keywords=keywords,
        choices=left.choices + right.choices,
        refused=left.refused + right.refused,
        exact=exact,
        component=right.component or left.component,
    )


def _own(schema: Schema) -> Merged:
    keywords = {name: value for name, value in schema.items() if name not in _COMBINERS}
    # `nullable` says something beside a `type` only; without a type everything may be null anyway.
    keywords.pop("nullable", None)
    if "type" in keywords:
        keywords["nullable"] = schema.get("nullable", False)
    choices = tuple(Choice(kind == "oneOf", tuple(schema[kind])) for kind in ("anyOf", "oneOf") if schema.get(kind))
    return Merged(schema, keywords, choices, tuple(schema[name] for name in ("not",) if name in schema))


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]


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


_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {
    "type": _common_type,
    "nullable": lambda left, right: left and right,
    "enum": lambda left, right: [value for value in left if value in right],
    "multipleOf": _common_multiple,
    # Not both at once: the longer pattern says more, the other one is looked at.
    "pattern": lambda left, right: max(left, right, key=len),
    "required": lambda left, right: [*left, *(name for name in right if name not in left)],
    "items": _all_of,
    "uniqueItems": lambda left, right: left or right,
    "writeOnly": lambda left, right: left or right,
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
}


def _bounds(left: Schema, right: Schema) -> Schema:
    """The higher minimum and the lower maximum, each with its own `exclusive…`."""
    out: Schema = {}
    for bound, exclusive, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        parts = [part for part in (left, right) if bound in part]
        if parts:
            tightest = max(parts, key=lambda part: (sign * part[bound], bool(part.get(exclusive))))
            out |= {bound: tightest[bound], exclusive: bool(tightest.get(exclusive))}
    return out


def _members(left: Schema, right: Schema) -> Schema:
    """Members of both; one that only one side knows must suit the other side's `additionalProperties`."""
    ours, theirs = left.get("properties", {}), right.get("properties", {})
    out: Schema = {}
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        one = ours.get(name, left.get("additionalProperties", True))
        other = theirs.get(name, right.get("additionalProperties", True))
        out[name] = _combined(one, other)
    rest = _combined(left.get("additionalProperties", True), right.get("additionalProperties", True))
    return {"properties": out, "additionalProperties": rest}


def _combined(one: Schema | bool, other: Schema | bool) -> Any:
    if one is False or other is False:
        return False
    if one is True or other is True:
        return other if one is True else one
    return _all_of(one, other)
