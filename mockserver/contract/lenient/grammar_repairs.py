"""Repairs by the grammar of OpenAPI 3.0: unknown keys, values of a wrong type, and required keys that are missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite
from typing import Any

from mockserver.contract.document import Pointer
from mockserver.contract.lenient.notes import Notes, Raw
from mockserver.contract.lint.form_laws import describe_expected
from mockserver.contract.lint.grammar import FORMS, REFERABLE, REQUIRED, Form, form_of

_UNREADABLE = object()
# What a missing key means. An object that lacks any other required key is left out.
_DEFAULTS: dict[tuple[str, str], Callable[[], Any]] = {
    ("document", "info"): lambda: {"title": "", "version": ""},
    ("parameter", "in"): lambda: "query",
    ("info", "title"): str,
    ("info", "version"): str,
    ("response", "description"): str,
    ("operation", "responses"): lambda: {"default": {"description": ""}},
    ("requestBody", "content"): dict,
    ("serverVariable", "default"): str,
    ("oauthFlow", "scopes"): dict,
}
_WORDS = {"true": True, "false": False}


def repair_by_grammar(document: Raw, notes: Notes) -> Raw:
    """Returns the document with only what the grammar allows."""
    repaired: Raw = _Repair(notes).object("document", document, ())
    return repaired


class _Repair:
    """One pass through a document."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def object(self, kind: str, value: Raw, pointer: Pointer) -> Any:
        """Returns the object; `_UNREADABLE` if a key is missing that has no default."""
        if "$ref" in value and kind in REFERABLE:
            return value
        repaired = {}
        for key, part in value.items():
            form = form_of(kind, str(key))
            if form is None and str(key).startswith("x-"):
                repaired[str(key)] = _json(part)
            elif form is None:
                self._notes.add((*pointer, key), f"ignored: `{key}` is not a key of the {kind} object")
            elif (read := self._value(form, part, (*pointer, key))) is not _UNREADABLE:
                repaired[str(key)] = read
        for key in REQUIRED[kind]:
            if key not in repaired:
                if (kind, key) not in _DEFAULTS:
                    self._notes.add(pointer, f"left out: the {kind} object has no usable `{key}`")
                    return _UNREADABLE
                repaired[key] = _DEFAULTS[kind, key]()
                self._notes.add(pointer, f"the {kind} object has no `{key}`: read as {json.dumps(repaired[key])}")
        return repaired

    def _value(self, form: Form, value: Any, pointer: Pointer) -> Any:
        if not form.container:
            return self._single(form.kind, value, pointer)
        is_map = form.container == "map"
        if value is None:
            return _UNREADABLE
        if not isinstance(value, dict if is_map else list):
            return self._ignore(pointer, "not an object" if is_map else "not a list")
        if isinstance(value, dict):
            parts = {str(key): self._single(form.kind, part, (*pointer, key)) for key, part in value.items()}
            return {key: part for key, part in parts.items() if part is not _UNREADABLE}
        listed = [self._single(form.kind, part, (*pointer, index)) for index, part in enumerate(value)]
        kept = [part for index, part in enumerate(listed) if part is not _UNREADABLE]
        return _UNREADABLE if form.filled and not kept else kept

    def _single(self, kind: str, value: Any, pointer: Pointer) -> Any:
        if kind == "any":
            return _json(value)
        if kind in FORMS or (kind == "flag/schema" and isinstance(value, dict)):
            kind = kind.removeprefix("flag/")
            if isinstance(value, dict):
                return self.object(kind, value, pointer)
            # A media type, a response or a schema without content is often written as null or as an empty text.
            if not value and kind in ("mediaType", "schema", "pathItem", "responses", "operation"):
                return self.object(kind, {}, pointer)
            return self._ignore(pointer, f"not an object: the {kind}")
        read = _scalar(kind, value)
        if read is _UNREADABLE:
            return self._ignore(pointer, f"received {str(value)[:60]!r}, expected {describe_expected(kind)}")
        return read

    def _ignore(self, pointer: Pointer, problem: str) -> Any:
        self._notes.add(pointer, f"ignored: {problem}")
        return _UNREADABLE


def _json(value: Any) -> Any:
    """Copies a value without what JSON cannot express."""
    if isinstance(value, dict):
        return {str(key): _json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_json(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _scalar(kind: str, value: Any) -> Any:
    """Reads a scalar of the grammar, also one that YAML or a generator has written as another type."""
    if "|" in kind:
        words = {word.lower(): word for word in kind.split("|")}
        return words.get(str(value).lower(), _UNREADABLE)
    if kind == "text":
        return _text(value)
    if kind in ("flag", "flag/schema"):
        return value if isinstance(value, bool) else _WORDS.get(str(value).lower(), _UNREADABLE)
    return _number(kind, value)


def _text(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    return value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) else _UNREADABLE


def _number(kind: str, value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return _UNREADABLE
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        return _UNREADABLE
    if kind == "count":
        return int(value) if value >= 0 and value == int(value) else _UNREADABLE
    return value if kind != "positive" or value > 0 else _UNREADABLE
