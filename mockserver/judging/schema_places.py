"""Places of schemas in the contract: their parts, members and kinds, as pointers with all references followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Pointer, Schema, pointer_of
from mockserver.contract.walk import members_of

KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def kind_of_value(value: Any) -> str:
    """The JSON type of a value; `integer` for a whole number."""
    return "null" if value is None else KINDS[type(value)]


def pointer_at(document: Document, text: str) -> Pointer:
    """Parses a pointer of a document, in which the numbers of lists are integers."""
    found: list[str | int] = []
    value: Any = document.raw
    for part in pointer_of(text):
        key = int(part) if isinstance(value, list) and str(part).isdecimal() else part
        found.append(key)
        try:
            value = value[key]
        except (LookupError, TypeError):  # a place that the contract does not have yet
            value = None
    return tuple(found)


def followed(document: Document, place: Pointer) -> Pointer:
    """The place itself, or the one that its references lead to."""
    while "$ref" in (part := document.at(place)):
        place = pointer_at(document, part["$ref"])
    return place


def find(document: Document, place: Pointer) -> Schema | None:
    """The schema at a place; None if the contract does not have it."""
    try:
        found = document.at(place)
    except KeyError:
        return None
    return found if isinstance(found, dict) else None


def parts(document: Document, place: Pointer) -> Iterator[Pointer]:
    """The place of a schema and those of its `allOf` parts."""
    place = followed(document, place)
    yield place
    for number in range(len(document.at(place).get("allOf", ()))):
        yield from parts(document, (*place, "allOf", number))


def branches(document: Document, place: Pointer) -> list[Pointer]:
    """The places of the alternatives of a schema; empty if it has none."""
    schema = document.at(place)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return [followed(document, (*place, keyword, number)) for number in range(len(schema[keyword]))]
    return []


def members(document: Document, place: Pointer) -> dict[str, Pointer]:
    """The places of the declared members of an object."""
    return {
        name: (*part, "properties", name)
        for part in parts(document, place)
        for name in document.at(part).get("properties", {})
    }


def required(document: Document, place: Pointer) -> dict[str, Pointer]:
    """The required members of an object, each with the place of the part that requires it."""
    return {name: part for part in parts(document, place) for name in document.at(part).get("required", ())}


def is_closed(document: Document, place: Pointer) -> bool:
    """True for an object whose members are all declared, so that another one is news."""
    return members_of(document, document.at(place)) is not None


def values(document: Document, place: Pointer) -> Pointer | None:
    """The place of the values of a map: of all members that an object does not declare."""
    found = (part for part in parts(document, place) if isinstance(document.at(part).get("additionalProperties"), dict))
    return next(((*part, "additionalProperties") for part in found), None)


def items(document: Document, place: Pointer) -> Pointer | None:
    """The place of the items of a list."""
    found = (part for part in parts(document, place) if isinstance(document.at(part).get("items"), dict))
    return next(((*part, "items") for part in found), None)


def allowed_kinds(document: Document, place: Pointer) -> set[str]:
    """The JSON types that a schema allows; empty if it allows all."""
    allowed: set[str] = set()
    alternatives = branches(document, place)
    for alternative in alternatives:
        kinds = allowed_kinds(document, alternative)
        if not kinds:
            return set()
        allowed |= kinds
    for part in () if alternatives else parts(document, place):
        schema = document.at(part)
        if part != place and branches(document, part):
            allowed |= allowed_kinds(document, part)
        if kind := schema.get("type"):
            only_null = schema.get("enum") == [None]
            allowed |= {"null"} if only_null else {kind, *(["null"] if schema.get("nullable") else [])}
    return allowed | {"integer"} if "number" in allowed else allowed
