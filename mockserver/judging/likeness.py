"""Likeness: whether a value may be what a schema describes, although it breaks the schema somewhere."""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.judging import schema_places
from mockserver.judging.schema_places import kind_of_value


def is_like(document: Document, place: Pointer, value: Any) -> bool:
    """Whether a value has a documented kind, and as an object at least half of the required members."""
    place = schema_places.followed(document, place)
    allowed = schema_places.allowed_kinds(document, place)
    if allowed and kind_of_value(value) not in allowed:
        return False
    if isinstance(value, list):
        items = schema_places.items(document, place)
        return items is None or not value or is_like(document, items, value[0])
    required = schema_places.required(document, place)
    return not isinstance(value, dict) or 2 * len(required.keys() & value.keys()) >= len(required)


def is_foreign(document: Document, place: Pointer, body: Any) -> bool:
    """Whether an answer is of something else, such as a gateway: neither it nor a part of it is like the documented."""
    if is_like(document, place, body):
        return False
    if isinstance(body, list):
        return not body or not is_like(document, place, body[0])
    if not isinstance(body, dict):
        return False
    may_be_object = "object" in schema_places.allowed_kinds(document, place)
    return may_be_object or not any(is_like(document, place, value) for value in body.values())
