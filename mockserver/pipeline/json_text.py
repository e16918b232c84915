"""JSON as text and as values: fast, and exact where the fast way is not.

orjson reads whole numbers beyond 64 bits as floats, keeps the last of two equal keys, and cannot write such numbers.
Where any of these could matter, the standard library does the work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import orjson

DEEPEST = 100

_MEMBER = re.compile(rb'"\s*:')
_LONG_NUMBER = re.compile(rb"[0-9]{19}")


class JsonError(ValueError):
    """The text is not JSON that two readers would understand alike; says where and why."""


def read_json(raw: bytes) -> Any:
    """One value. `JsonError` for bad syntax or text, equal keys, NaN, or a nesting deeper than `DEEPEST`."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise JsonError(f"not readable as JSON at line {error.lineno} column {error.colno}: {error.msg}") from None
    # Each member has one `":`, and texts may add some. So equal numbers prove that no key stands twice; mostly it is
    # enough to count the colons.
    members = _count_members(value, DEEPEST)
    if _LONG_NUMBER.search(raw) or (members != raw.count(b":") and members != len(_MEMBER.findall(raw))):
        return json.loads(raw, object_pairs_hook=_refuse_equal_keys)
    return value


def write_json(value: Any) -> bytes:
    """A value as compact UTF-8."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _count_members(value: Any, depth: int) -> int:
    parts: Iterable[Any]
    if isinstance(value, dict):
        parts, count = value.values(), len(value)
    elif isinstance(value, list):
        parts, count = value, 0
    else:
        return 0
    if depth == 0:
        raise JsonError(f"nested deeper than {DEEPEST} levels")
    for part in parts:
        if isinstance(part, (dict, list)):
            count += _count_members(part, depth - 1)
    return count


def _refuse_equal_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, part in pairs:
        if key in value:
            raise JsonError(f"the key {json.dumps(key[:60])} stands twice in one object")
        value[key] = part
    return value
