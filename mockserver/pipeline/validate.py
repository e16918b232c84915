"""Validate the request: path, query and body against the contract, all violations in one answer.

Members that the client may not set, and those that the contract does not name, are taken out of the body and noted
for the journal; Enspace ignores them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import Operation, Parameter
from mockserver.contract.parameters import Decoder, QueryParameter, scalar_decoder
from mockserver.contract.schemas import Schemas
from mockserver.contract.walk import secret_names
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal, Violation
from mockserver.pipeline.sieve import sieve_for
from mockserver.pipeline.violations import LONGEST_READ_TO_THE_END, MOST, first_violation_of, violations_of
from mockserver.secrets import mask_text

MOST_QUERY_NAMES = 1000


class Validate:
    """One compiled check per operation."""

    name = "validate"

    def __init__(self, document: Document, operations: Iterable[Operation], *, lenient: bool) -> None:
        schemas = Schemas(document, "request")
        self._checks = {operation.id: _Check(document, schemas, operation, lenient) for operation in operations}

    def __call__(self, exchange: Exchange) -> None:
        assert exchange.operation is not None
        self._checks[exchange.operation.id](exchange)


class _Check:
    """What one operation promises of its requests."""

    def __init__(self, document: Document, schemas: Schemas, operation: Operation, lenient: bool) -> None:
        query = operation.parameters_in("query")
        self._lenient = lenient
        self._takes_free_names = any(parameter.takes_free_names for parameter in query)
        self._query = {p.name: QueryParameter(document, p) for p in query if not p.takes_free_names}
        self._defaults = {p.name: p.schema["default"] for p in query if "default" in p.schema}
        self._path = [(p.name, scalar_decoder(document, p.schema)) for p in operation.parameters_in("path")]
        self._path = [(name, decode) for name, decode in self._path if decode is not str]
        self._headers = _header_decoders(document, operation)
        self._body_required = operation.body is not None and operation.body.required
        self._sieve = sieve_for(document, operation.body.schema) if operation.body else None
        self._secrets = secret_names(document, operation.body.schema) if operation.body else frozenset()
        self._validator = schemas.validator(_request_schema(operation))

    def __call__(self, exchange: Exchange) -> None:
        unreadable = self._read_query(exchange) if exchange.query_string else []
        for name, decode in self._path:
            exchange.path[name] = decode(exchange.path[name])
        if self._sieve is not None and exchange.body is not None:
            exchange.body = self._sieve(exchange.body, exchange.notes)
        request = {"path": exchange.path, "query": exchange.query}
        if self._headers:
            request["header"] = self._read_headers(exchange)
        if exchange.body is not None or self._body_required:
            request["body"] = exchange.body
        if unreadable or not self._validator.is_valid(request):
            tell = violations_of if len(exchange.raw_body) <= LONGEST_READ_TO_THE_END else first_violation_of
            found = tell(self._validator, request, self._secrets)
            raise _refusal([*unreadable, *found][:MOST])
        if self._defaults:
            exchange.query = self._defaults | exchange.query

    def _read_headers(self, exchange: Exchange) -> dict[str, Any]:
        received = ((name, decode, exchange.headers.get(name.lower().encode())) for name, decode in self._headers)
        return {name: decode(raw.decode("latin-1")) for name, decode, raw in received if raw is not None}

    def _read_query(self, exchange: Exchange) -> list[Violation]:
        found: list[Violation] = []
        for name, texts in _query_texts(exchange.query_string).items():
            parameter = self._query.get(name)
            if parameter is None:
                found += self._unknown_name(exchange, name, texts) if len(found) < MOST else []
                continue
            try:
                exchange.query[name] = parameter.read(texts)
            except ValueError as error:
                found.append(_repeated(name, str(error)))
        return found

    def _unknown_name(self, exchange: Exchange, name: str, texts: list[str]) -> list[Violation]:
        if self._takes_free_names:
            exchange.query[name] = texts[0]
            return [_repeated(name, f"{len(texts)} values")] if len(texts) > 1 else []
        if self._lenient:
            exchange.notes.append(f"ignored the unknown query name {mask_text(name[:60])!r}")
            return []
        nearest = get_close_matches(name, self._query, n=1, cutoff=0.4)
        known = f"nearest is {nearest[0]}" if nearest else ", ".join(self._query) or "no query names"
        told = mask_text(name[:60]) or "(no name)"
        return [Violation(f"query.{told}", "unknown", "an unknown name", known)]


def _repeated(name: str, received: str) -> Violation:
    return Violation(f"query.{mask_text(name[:60])}", "repeated", received, "one value")


def _header_decoders(document: Document, operation: Operation) -> list[tuple[str, Decoder]]:
    # OpenAPI has these three ignored as parameters: they are told by the body, the answer and the security.
    ignored = ("accept", "content-type", "authorization")
    headers = [p for p in operation.parameters_in("header") if p.name.lower() not in ignored]
    return [(p.name, scalar_decoder(document, p.schema)) for p in headers]


@lru_cache(maxsize=1024)
def _query_texts(raw: bytes) -> Mapping[str, list[str]]:
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_QUERY_NAMES)
    except UnicodeDecodeError:
        raise Refusal(400, "Invalid query: received bytes that are not UTF-8") from None
    except ValueError:
        raise Refusal(400, f"Invalid query: more than {MOST_QUERY_NAMES} names") from None
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    return texts


def _request_schema(operation: Operation) -> Schema:
    """Path, query, headers and body as one object, so that one call of the validator sees all of a request."""
    places: Schema = {
        where: _parameters_schema(operation.parameters_in(where)) for where in ("path", "query", "header")
    }
    required = ["path", "query"]
    if operation.body is not None:
        places["body"] = operation.body.schema
        required += ["body"] if operation.body.required else []
    return {"type": "object", "required": required, "properties": places}


def _parameters_schema(parameters: tuple[Parameter, ...]) -> Schema:
    declared = [parameter for parameter in parameters if not parameter.takes_free_names]
    schema: Schema = {"type": "object", "properties": {p.name: p.schema for p in declared}}
    if required := [p.name for p in declared if p.required]:
        schema["required"] = required
    for free in (p for p in parameters if p.takes_free_names):
        schema["additionalProperties"] = free.schema.get("additionalProperties", True)
    return schema


def _refusal(violations: list[Violation]) -> Refusal:
    """The message in Enspace's words, followed by all details."""
    texts = []
    for place, title in (("path", "Invalid path parameter"), ("query", "Invalid query parameter")):
        texts += [f"{title}: {_detail(v)}" for v in violations if v.where.startswith(place + ".")]
    texts += [f"Invalid header: {_detail(v)}" for v in violations if v.where.startswith("header.")]
    body = [v for v in violations if v.where.split(".")[0] == "body"]
    if body:
        texts.append("Validation failed: " + "; ".join(_detail(v) for v in body))
    return Refusal(400, "; ".join(texts), violations=tuple(violations))


def _detail(violation: Violation) -> str:
    place = violation.where.partition(".")[2] or "body"
    return f"{place} (received {violation.received}, documented: {violation.documented})"
