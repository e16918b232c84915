"""Failures of a schema in plain words: what was received for which member, and what is documented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import members_of
from mockserver.verify.engine import FailedCheck

LONGEST_VALUE = 80
TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
BOUNDS = {
    "exclusiveMaximum": "less than {}",
    "exclusiveMinimum": "more than {}",
    "format": "a text in the format {}",
    "maxItems": "a length of at most {}",
    "maxLength": "a length of at most {}",
    "maximum": "at most {}",
    "minItems": "a length of at least {}",
    "minLength": "a length of at least {}",
    "minimum": "at least {}",
    "multipleOf": "a multiple of {}",
    "pattern": "a text that matches {}",
}


def describe_schema_failure(failed: FailedCheck, document: Document, schema: Schema | None) -> tuple[str, str] | None:
    """Returns what was received and what is documented; None for a keyword without words of its own.

    `schema` is that of the object which lacks a member.
    """
    where, wanted = _member(failed.pointer), failed.schema.get(failed.keyword)
    if failed.missing:
        members = (members_of(document, schema) if schema else None) or {}
        return _missing(failed, where, {name: document.resolve(part) for name, part in members.items()})
    if failed.keyword == "type":
        return f"{where}: {_typed(failed.value)}", describe_types(wanted)
    if failed.keyword == "enum" and isinstance(wanted, list):
        return f"{where}: {_shown(failed.value)}", f"one of {', '.join(map(_shown, wanted))}"
    if failed.keyword in BOUNDS:
        return f"{where}: {_shown(failed.value)}", BOUNDS[failed.keyword].format(wanted)
    return None


def find_renamed(missing: str, schema: Mapping[str, Any], undeclared: Mapping[str, Any]) -> str:
    """Returns the undeclared member that seems to have replaced a missing one: of its type, with the closest name."""
    same_type = [name for name, value in undeclared.items() if _type_of(value) in _types(schema.get("type"))]
    return max(same_type, key=lambda name: SequenceMatcher(None, missing, name).ratio(), default="")


def describe_types(types: Any) -> str:
    """Describes the types that a schema allows."""
    return " or ".join(TYPES.get(name, name) for name in _types(types))


def _missing(failed: FailedCheck, where: str, members: Mapping[str, Schema]) -> tuple[str, str]:
    """Describes the missing members, each with the undeclared one that may be its new name."""
    undeclared = {name: value for name, value in failed.value.items() if name not in members}
    received, documented = [], []
    for name in failed.missing:
        schema = members.get(name, {})
        documented.append(f"{name} with {describe_types(schema['type']) if 'type' in schema else 'a value'}")
        if renamed := find_renamed(name, schema, undeclared):
            value = _typed(undeclared.pop(renamed))
            received.append(f"no {name}, but an undeclared {renamed} with {value}: it may be renamed")
        else:
            received.append(f"no {name}")
    return f"{where}: {'; '.join(received)}", ", ".join(documented)


def _member(pointer: tuple[str | int, ...]) -> str:
    """Names the place in a body: members by their names, rows only as such."""
    names = [step for step in pointer if isinstance(step, str)]
    if names:
        return ".".join(names)
    return "a row" if pointer else "the body"


def _types(written: Any) -> tuple[str, ...]:
    return tuple(written) if isinstance(written, list) else (str(written),)


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _typed(value: Any) -> str:
    """Describes a value with its type."""
    kind = TYPES[_type_of(value)]
    return kind if isinstance(value, bool | list | dict) or value is None else f"{kind} ({_shown(value)})"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
