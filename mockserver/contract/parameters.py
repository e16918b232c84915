"""Text of a path or a query as the values that the contract declares.

A text that does not fit its type stays a text, so that the validator names it like any other wrong value. Python's
own readings are too generous here: `int("1_000")` is 1000 and `int(" 1")` is 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import Parameter

Decoder: TypeAlias = Callable[[str], Any]

# The lengths keep the work small; Python itself refuses to read more than 4,300 digits.
_INTEGER = re.compile(r"-?[0-9]{1,300}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][-+]?[0-9]{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> Any:
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(text: str) -> Any:
    return _BOOLEANS.get(text, text)


_DECODERS: dict[str | None, Decoder] = {"integer": _integer, "number": _number, "boolean": _boolean}


def scalar_decoder(document: Document, schema: Schema) -> Decoder:
    """How one text of this schema is read."""
    return _DECODERS.get(document.resolve(schema).get("type"), str)


class QueryParameter:
    """One declared query parameter: the values of its name, read as `style: form` writes them."""

    def __init__(self, document: Document, parameter: Parameter) -> None:
        self.name = parameter.name
        self._is_array = parameter.schema.get("type") == "array"
        self._explode = parameter.explode
        items = parameter.schema.get("items", {}) if self._is_array else parameter.schema
        self._decode = scalar_decoder(document, items)

    def read(self, texts: list[str]) -> Any:
        """`ValueError` if the name stands more than once and is documented once."""
        if self._is_array and self._explode:
            return [self._decode(text) for text in texts]
        text = single(texts)
        return [self._decode(part) for part in text.split(",")] if self._is_array else self._decode(text)


def single(texts: list[str]) -> str:
    """The one value of a query name; `ValueError` if there are more."""
    if len(texts) > 1:
        raise ValueError(f"{len(texts)} values")
    return texts[0]
