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

from mockserver.secrets import excerpt

DEEPEST = 100

# Fewer digits always fit into 64 bits.
_LONGEST_NUMBER = 19
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % _LONGEST_NUMBER)


class JsonError(ValueError):
    """The text is not JSON that two readers would understand alike; says where and why."""


def read_json(raw: bytes) -> Any:
    """One value. `JsonError` for bad syntax or text, equal keys, NaN, or a nesting deeper than `DEEPEST`."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise JsonError(f"not readable as JSON at line {error.lineno} column {error.colno}: {error.msg}") from None
    # What opens has to close.
    if len(raw) > 2 * DEEPEST and raw.count(b"{") + raw.count(b"[") > DEEPEST:
        _refuse_deep_nesting(value, DEEPEST)
    # Most texts have fewer digits than one long number altogether; counting them takes a fifth of the time.
    digits = len(raw) - len(raw.translate(None, b"0123456789"))
    has_long_number = digits >= _LONGEST_NUMBER and _LONG_NUMBER.search(raw) is not None
    # Of two equal keys one is lost, and its colon with it; escapes could make up for that colon.
    may_have_equal_keys = raw.count(b":") != orjson.dumps(value).count(b":") or (b"\\" in raw and b"\\u" in raw)
    if has_long_number or may_have_equal_keys:
        return json.loads(raw, object_pairs_hook=_refuse_equal_keys)
    return value


def write_json(value: Any) -> bytes:
    """A value as compact UTF-8."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _refuse_deep_nesting(value: Any, depth: int) -> None:
    parts: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if depth == 0:
        raise JsonError(f"nested deeper than {DEEPEST} levels")
    for part in parts:
        if isinstance(part, (dict, list)):
            _refuse_deep_nesting(part, depth - 1)


def _refuse_equal_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, part in pairs:
        if key in value:
            raise JsonError(f"the key {json.dumps(excerpt(key, 60))} stands twice in one object")
        value[key] = part
    return value
