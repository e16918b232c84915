"""Public entry of the package: a generator of values for each schema of the contract."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol, TypeAlias

from mockserver.contract.document import Document, Pointer, Schema, pointer_text
from mockserver.payloads.arrays import ArrayDraw
from mockserver.payloads.compiler import Compiler, SchemaLocation
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.payload_error import NoValue, PayloadError
from mockserver.payloads.randomness import seed_of
from mockserver.payloads.vocabulary import Vocabulary

SetStatus: TypeAlias = Callable[[dict[str, Any], int], None]

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_MESSAGES = {
    400: "Validation failed",
    401: "Invalid or missing API key",
    403: "Insufficient permissions",
    500: "An internal server error occurred",
}
_ENVELOPE: dict[str, Callable[[int], Any]] = {
    "statusCode": lambda status: status,
    "error": lambda status: _PHRASES.get(status, "Error"),
    "message": lambda status: _MESSAGES.get(status) or _PHRASES.get(status, "Error"),
}


class Generator(Protocol):
    """A function from a seed to a value: always an equal one, and a new object on each call.

    rows: preferred length of a list, bounded by its schema
    status: the status that an error envelope states
    """

    def __call__(self, seed: int, *, rows: int | None = None, status: int = 200) -> Any: ...


class Payloads:
    """Compiles the generators of one contract."""

    def __init__(
        self, document: Document, vocabulary: Vocabulary, locale: str = "pt_BR", *, is_foreign: bool = False
    ) -> None:
        self._document = document
        self._compiler = Compiler(document, vocabulary, locale, is_foreign=is_foreign)

    def generator(self, schema: Schema) -> Generator:
        """Compiles a schema of the document. Raises `PayloadError` if no value can be generated for it."""
        try:
            merged = self._compiler.merge(schema)
            draw = self._compiler.compile_merged(merged, SchemaLocation(""))
        except (NoValue, PayloadError) as error:
            raise PayloadError(self._full_pointer(schema, error.where), error.problem, error.fix) from error
        set_status = _status_setter(self._compiler, merged)

        def generate(seed: int, *, rows: int | None = None, status: int = 200) -> Any:
            if isinstance(draw, ArrayDraw) and rows is not None:
                return draw.with_length(seed_of(seed), rows)
            value = draw(seed_of(seed))
            if isinstance(value, dict):
                set_status(value, status)
            return value

        return generate

    def _full_pointer(self, schema: Schema, inside: str) -> str:
        """Completes a pointer that begins at the schema. Others name a component, or no schema at all."""
        if inside and not inside.startswith("/"):
            return inside
        return pointer_text(_pointer_to(schema, self._document.raw) or ()) + inside


def _status_setter(compiler: Compiler, schema: MergedSchema) -> SetStatus:
    """Returns a function that writes the status into an error envelope, and does nothing for other schemas.

    Only the response itself can be an envelope, never a part of it.
    """
    properties = schema.keywords.get("properties", {})
    is_envelope = schema.keywords.get("type") == "object" and {"statusCode", "error"} <= properties.keys()
    names = [name for name in _ENVELOPE if is_envelope and name in properties]
    fits = {name: compiler.fits(compiler.merge(properties[name])) for name in names}

    def set_status(value: dict[str, Any], status: int) -> None:
        for name, is_valid in fits.items():
            text = _ENVELOPE[name](status)
            if name in value and is_valid(text):
                value[name] = text

    return set_status


def _pointer_to(schema: Schema, part: Any, pointer: Pointer = ()) -> Pointer | None:
    if part is schema:
        return pointer
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    found = (_pointer_to(schema, value, (*pointer, key)) for key, value in pairs)
    return next((pointer for pointer in found if pointer is not None), None)
