"""What the rest of the server sees: a generator for each schema of the contract."""

from __future__ import annotations

from typing import Any, Protocol

from mockserver.contract.document import Document, Pointer, Schema
from mockserver.payloads.arrays import ListMaker
from mockserver.payloads.compile import SchemaCompiler
from mockserver.payloads.error_body import Tell, status_rule
from mockserver.payloads.payload_error import NoValue, PayloadError
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, mixed
from mockserver.payloads.vocabulary import Vocabulary


class Generator(Protocol):
    """A value for a seed: always the same one, and a new one to keep and change on each call.

    rows: the wished length of a list, bounded by its schema · status: what an error envelope tells
    """

    def __call__(self, seed: int, *, rows: int | None = None, status: int = 200) -> Any: ...


class Payloads:
    """The generators of one contract, each compiled when it is first asked for."""

    def __init__(self, document: Document, vocabulary: Vocabulary, locale: str = "pt_BR") -> None:
        self._document = document
        self._compiler = SchemaCompiler(document, vocabulary, locale)
        self._generators: dict[str | int, tuple[Schema, Generator]] = {}

    def generator(self, schema: Schema) -> Generator:
        """For a schema that stands in the document. `PayloadError` if no value can be made for it."""
        name = schema.get("$ref") or id(schema)
        if name not in self._generators:
            self._generators[name] = (schema, self._compiled(schema))
        return self._generators[name][1]

    def _compiled(self, schema: Schema) -> Generator:
        try:
            whole = self._compiler.merge(schema)
            make = self._compiler.compile_whole(whole, Place(""))
            return _rooted(make, status_rule(self._compiler, whole))
        except NoValue as error:
            raise PayloadError(self._where(schema, error.where), error.problem, error.mend) from error
        except PayloadError as error:
            raise PayloadError(self._where(schema, error.where), error.problem, error.mend) from error

    def _where(self, schema: Schema, inside: str) -> str:
        """The whole way from the document to the place of an error."""
        if inside.startswith("#"):
            return inside
        pointer = _pointer_to(schema, self._document.raw)
        return "#/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in pointer or ()) + inside


def _rooted(make: Make, tell: Tell | None) -> Generator:
    if isinstance(make, ListMaker):
        return _list_generator(make)
    return _plain_generator(make) if tell is None else _telling_generator(make, tell)


def _list_generator(make: ListMaker) -> Generator:
    def generate(seed: int, *, rows: int | None = None, status: int = 200) -> Any:
        return make(mixed(seed)) if rows is None else make.of_length(mixed(seed), rows)

    return generate


def _plain_generator(make: Make) -> Generator:
    def generate(seed: int, *, rows: int | None = None, status: int = 200) -> Any:
        return make(mixed(seed))

    return generate


def _telling_generator(make: Make, tell: Tell) -> Generator:
    def generate(seed: int, *, rows: int | None = None, status: int = 200) -> Any:
        value = make(mixed(seed))
        if isinstance(value, dict):
            tell(value, status)
        return value

    return generate


def _pointer_to(schema: Schema, part: Any, pointer: Pointer = ()) -> Pointer | None:
    if part is schema:
        return pointer
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    ways = (_pointer_to(schema, value, (*pointer, key)) for key, value in pairs)
    return next((way for way in ways if way is not None), None)
