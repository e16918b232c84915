"""Decoding of the texts in a path, a query, a header or a cookie to the documented types.

A text that does not fit its type stays a text, so that the validator reports it like any other wrong value. Python's
own conversions accept too much: `int("1_000")` is 1000 and `int(" 1")` is 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import SEPARATORS, Parameter
from mockserver.contract.walk import parts_of
from mockserver.contract.yaml_text import parse_json

Decoder: TypeAlias = Callable[[str], Any]

# The lengths bound the work; Python itself refuses to convert more than 4,300 digits.
_INTEGER = re.compile(r"-?[0-9]{1,300}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][-+]?[0-9]{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> Any:
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(text: str) -> Any:
    return _BOOLEANS.get(text, text)


_DECODERS: dict[str, Decoder] = {"integer": _integer, "number": _number, "boolean": _boolean}


def scalar_decoder(document: Document, schema: Schema) -> Decoder:
    """Returns the function that decodes one text of this schema, whose parts may differ in type."""
    kinds = dict.fromkeys(part.get("type") for part in parts_of(document, schema))
    decoders = [_DECODERS[kind] for kind in kinds if kind in _DECODERS]

    def decode(text: str) -> Any:
        return next((value for decode in decoders if not isinstance(value := decode(text), str)), text)

    return decode


class TextParameter:
    """Decoder of one declared parameter, from the texts that a request has for its name."""

    def __init__(self, document: Document, parameter: Parameter) -> None:
        self.name = parameter.name
        self._kind = parameter.schema.get("type")
        self._is_json = parameter.is_json
        self._allows_empty = parameter.allows_empty
        self._is_exploded = parameter.explode
        self._is_repeated = parameter.explode and parameter.style == "form"
        self._separator = SEPARATORS.get(parameter.style, ",")
        self._is_header = parameter.where == "header"
        items = parameter.schema.get("items", {}) if self._kind == "array" else parameter.schema
        self._decode = scalar_decoder(document, items)
        self._members = member_decoders(document, parameter) if self._kind == "object" else {}

    def read(self, texts: list[str]) -> Any:
        """Decodes the values of the name. Raises `ValueError` if there are several and one is documented."""
        if self._allows_empty and texts == [""]:
            return ""
        if self._kind == "array" and self._is_repeated and not self._is_json:
            return [self._decode(text) for text in texts]
        text = single(texts)
        if self._is_json:
            with suppress(ValueError):
                return parse_json(text)
            return text
        if self._kind == "array":
            return [self._decode(part) for part in self._split(text)]
        return self._read_object(text) if self._kind == "object" else self._decode(text)

    def _split(self, text: str) -> list[str]:
        """Splits a list; an empty text is an empty one. Headers may have spaces beside commas (RFC 9110, 5.6.1)."""
        parts = text.split(self._separator) if text else []
        return [part.strip(" \t") for part in parts] if self._is_header else parts

    def _read_object(self, text: str) -> Any:
        """Decodes `a,1,b,2`, or `a=1,b=2` if the object is exploded; a text in another form stays a text."""
        parts = self._split(text)
        names, values = parts[::2], parts[1::2]
        if self._is_exploded:
            names, values = [part.partition("=")[0] for part in parts], [part.partition("=")[2] for part in parts]
        if len(names) != len(values):
            return text
        pairs = zip(names, values, strict=True)
        return {name: self._members[name].read([part]) if name in self._members else part for name, part in pairs}


def member_decoders(document: Document, parameter: Parameter) -> dict[str, TextParameter]:
    """Returns the decoders of the documented members of an object."""
    return {part.name: TextParameter(document, part) for part in member_parameters(document, parameter)}


def member_parameters(document: Document, parameter: Parameter) -> list[Parameter]:
    """Returns the documented members of an object as query parameters of their own."""
    members = parameter.schema.get("properties", {})
    return [
        Parameter(name, "query", required=False, schema=document.resolve(part), explode=True)
        for name, part in members.items()
    ]


def single(texts: list[str]) -> str:
    """Returns the one value of a query name. Raises `ValueError` if there are more."""
    if len(texts) > 1:
        raise ValueError(f"{len(texts)} values")
    return texts[0]
