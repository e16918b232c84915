"""Forms: the fields of a urlencoded or multipart body as the value that the schema describes.

Names such as `card[number]` and `tags[]` lead into objects and lists, as many APIs document them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple

from mockserver.contract.document import Document, Schema
from mockserver.contract.parameters import scalar_decoder
from mockserver.contract.walk import has_type, items_of, member_of, parts_of, properties_of, required_of
from mockserver.contract.yaml_text import parse_json

_KEY = re.compile(r"[^\[\]]+|\[\]")
_MAX_LEVELS = 20
NO_SEPARATORS: Mapping[str, str] = MappingProxyType({})


class Field(NamedTuple):
    """One field of a form."""

    name: str
    text: str


def decode_form(
    document: Document, schema: Schema, fields: Iterable[Field], separators: Mapping[str, str] = NO_SEPARATORS
) -> dict[str, Any]:
    """Decodes the fields to one object. A text that does not fit its type stays a text, which the validator reports.

    `separators` are those of lists that have one field, by its name.
    """
    value: dict[str, Any] = {}
    declared = properties_of(document, schema)
    for name, text in fields:
        # Some documents declare `card[number]` itself as a member.
        keys = [name] if name in declared else _KEY.findall(name)[:_MAX_LEVELS] or [name]
        for part in text.split(separators[name]) if name in separators else [text]:
            _put(document, schema, value, keys, part)
    return _empty_lists(document, schema) | {name: _with_lists(part) for name, part in value.items()}


def _empty_lists(document: Document, schema: Schema) -> dict[str, Any]:
    """Returns the required lists, which are empty if no field is theirs: forms cannot say it otherwise."""
    required = required_of(document, schema)
    lists = properties_of(document, schema).items() if required else ()
    return {name: [] for name, member in lists if name in required and has_type(document, member, "array")}


def _put(document: Document, schema: Schema, owner: dict[str, Any], keys: list[str], text: str) -> None:
    key, *rest = keys
    member = _member(document, schema, key)
    if rest and rest != ["[]"]:
        inner = owner.setdefault(key, {})
        if isinstance(inner, dict):
            _put(document, member, inner, rest, text)
            return
    if rest == ["[]"] or has_type(document, member, "array"):
        listed = owner.setdefault(key, [])
        if isinstance(listed, list):
            listed.append(_decode(document, items_of(document, member), text))
    else:
        owner[key] = _decode(document, member, text)


def _member(document: Document, schema: Schema, key: str) -> Schema:
    return items_of(document, schema) if key.isdecimal() else member_of(document, schema, key)


def _decode(document: Document, schema: Schema, text: str) -> Any:
    """Decodes one text. Objects are JSON by default (OpenAPI 3.0.3, section 4.7.15)."""
    if any(part.get("type") == "object" or "properties" in part for part in parts_of(document, schema)):
        with suppress(ValueError):
            return parse_json(text)
    return scalar_decoder(document, schema)(text)


def _with_lists(value: Any) -> Any:
    """Turns objects whose names are 0, 1, 2 and so on into lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(part) for key, part in value.items()}
    return list(inner.values()) if inner and list(inner) == [str(index) for index in range(len(inner))] else inner
