"""JSON as text and as values: fast, and exact where the fast way is not.

orjson reads `5.0` and integers beyond 64 bits as floats, keeps the last of two equal keys, and cannot write such
integers. Where any of these could matter, the standard library does the work.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from mockserver.contract.yaml_text import MAX_DEPTH, is_deeper
from mockserver.secrets import excerpt

# Fewer digits always fit into 64 bits.
_LONG_NUMBER = re.compile(rb"[0-9]{19}")
# What may be a whole number with a fraction or an exponent, and what follows a value.
_WHOLE_NUMBER = re.compile(rb"[0-9](?:\.0+|(?:\.[0-9]+)?[eE][+-]?[0-9]+)\s*(?:[,\]}]|$)")
_MAX_WHOLE = 2**53  # beyond, a float does not have each integer


class JsonError(ValueError):
    """The text is not JSON, or two readers would understand it differently; says where and why."""


def read_json(raw: bytes) -> Any:
    """Parses one value. `JsonError` for bad syntax or text, equal keys, NaN, or nesting deeper than `MAX_DEPTH`."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise JsonError(f"not readable as JSON at line {error.lineno} column {error.colno}: {error.msg}") from None
    # Every level of nesting has an opening bracket.
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and is_deeper(value, MAX_DEPTH):
        raise JsonError(f"nested deeper than {MAX_DEPTH} levels")
    # Of two equal keys one is lost, and its colon with it; an escaped colon could hide that.
    may_have_equal_keys = raw.count(b":") != orjson.dumps(value).count(b":") or b"\\u" in raw
    if may_have_equal_keys or _LONG_NUMBER.search(raw) or _WHOLE_NUMBER.search(raw):
        return json.loads(raw, object_pairs_hook=_refuse_equal_keys, parse_float=_read_number)
    return value


def write_json(value: Any) -> bytes:
    """Renders a value as compact UTF-8."""
    try:
        # A copy, since a result of orjson keeps its whole buffer: 8 KB for an answer of 1 KB in cache and journal.
        return bytes(memoryview(orjson.dumps(value)))
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _read_number(text: str) -> int | float:
    """A whole number is an integer, however it is written, as in JavaScript and in JSON Schema since draft 6."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= _MAX_WHOLE else number


def _refuse_equal_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, part in pairs:
        if key in value:
            raise JsonError(f"the key {json.dumps(excerpt(key, 60))} is repeated in one object")
        value[key] = part
    return value
