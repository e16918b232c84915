"""Validate the request: path, query and body against the contract, all violations in one answer.

Members that the client may not set, and those that the contract does not name, are taken out of the body and noted
for the journal; Enspace ignores them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import Operation, Parameter
from mockserver.contract.parameters import Decoder, QueryParameter, scalar_decoder, single
from mockserver.contract.schemas import Schemas
from mockserver.pipeline.cache import remember
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal, Violation
from mockserver.pipeline.strip_members import sieve_for
from mockserver.pipeline.violations import LONGEST_READ_TO_THE_END, MOST, first_violation_of, violations_of
from mockserver.secrets import excerpt

MOST_QUERY_NAMES = 1000
_MOST_REMEMBERED = 256
_LONGEST_REMEMBERED = 512


class Validate:
    """One compiled check per operation."""

    name = "validate"

    def __init__(self, document: Document, operations: Iterable[Operation], *, lenient: bool) -> None:
        schemas = Schemas(document, "request")
        self._checks = {operation.id: _Check(document, schemas, operation, lenient) for operation in operations}

    def __call__(self, exchange: Exchange) -> None:
        assert exchange.operation is not None
        self._checks[exchange.operation.id](exchange)


class _Head(NamedTuple):
    """What a path and a query say, decoded, with the faults in them. Depends on nothing else, so it is remembered."""

    path: dict[str, Any]
    query: dict[str, Any]
    filled: frozenset[str]
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]


class _Check:
    """What one operation promises of its requests."""

    def __init__(self, document: Document, schemas: Schemas, operation: Operation, lenient: bool) -> None:
        query = operation.parameters_in("query")
        self._lenient = lenient
        self._free = next((p.name for p in query if p.takes_free_names), None)
        self._query = {p.name: QueryParameter(document, p) for p in query if not p.takes_free_names}
        self._defaults = {p.name: p.schema["default"] for p in query if "default" in p.schema}
        self._path = {p.name: scalar_decoder(document, p.schema) for p in operation.parameters_in("path")}
        self._headers = _header_decoders(document, operation)
        self._body_required = operation.body is not None and operation.body.required
        self._sieve = sieve_for(document, operation.body.schema) if operation.body else None
        self._secrets = operation.body.secret_names if operation.body else frozenset()
        self._head_validator = schemas.validator(_head_schema(operation))
        self._rest_validator = schemas.validator(_rest_schema(operation))
        self._has_rest = operation.body is not None or bool(self._headers)
        self._heads: dict[tuple[bytes, bytes], _Head] = {}

    def __call__(self, exchange: Exchange) -> None:
        came = (exchange.raw_path, exchange.query_string)
        head = self._heads.get(came)
        if head is None:
            head = self._read_head(exchange.path, exchange.query_string)
            if sum(map(len, came)) <= _LONGEST_REMEMBERED:
                remember(self._heads, came, head, _MOST_REMEMBERED)
        exchange.path, exchange.query = head.path, head.query
        exchange.notes += head.notes
        found = head.violations
        if self._has_rest:
            found += self._check_rest(exchange)
        if found:
            raise _refusal(found[:MOST])
        exchange.filled = head.filled

    def _read_head(self, keys: Mapping[str, str], query_string: bytes) -> _Head:
        path = {name: self._path[name](text) for name, text in keys.items()}
        query: dict[str, Any] = {}
        notes: list[str] = []
        found = self._read_query(query_string, query, notes) if query_string else []
        values = {"path": path, "query": query}
        if found or not self._head_validator.is_valid(values):
            found += violations_of(self._head_validator, values, frozenset())
        return _Head(path, self._defaults | query, self._filled(path, query), tuple(found[:MOST]), tuple(notes))

    def _filled(self, path: dict[str, Any], query: dict[str, Any]) -> frozenset[str]:
        """The declared parameters that came; a free name fills the parameter that takes it."""
        names = {name if name in self._query else self._free for name in query}
        return frozenset([f"path.{name}" for name in path] + [f"query.{name}" for name in names])

    def _check_rest(self, exchange: Exchange) -> tuple[Violation, ...]:
        """The violations in the headers and in the body, which is sifted first."""
        rest: dict[str, Any] = {"header": self._read_headers(exchange)} if self._headers else {}
        if self._sieve is not None and exchange.body is not None:
            exchange.body, notes = self._sieve(exchange.body)
            exchange.notes += notes
        if exchange.body is not None or self._body_required:
            rest["body"] = exchange.body
        if self._rest_validator.is_valid(rest):
            return ()
        tell = violations_of if len(exchange.raw_body) <= LONGEST_READ_TO_THE_END else first_violation_of
        return tuple(tell(self._rest_validator, rest, self._secrets))

    def _read_headers(self, exchange: Exchange) -> dict[str, Any]:
        received = ((name, decode, exchange.headers.get(name.lower().encode())) for name, decode in self._headers)
        return {name: decode(raw.decode("latin-1")) for name, decode, raw in received if raw is not None}

    def _read_query(self, query_string: bytes, query: dict[str, Any], notes: list[str]) -> list[Violation]:
        """Fills in `query` and `notes`."""
        found: list[Violation] = []
        for name, texts in _query_texts(query_string).items():
            parameter = self._query.get(name)
            try:
                if parameter is not None:
                    query[name] = parameter.read(texts)
                elif self._free is not None:
                    query[name] = single(texts)
                elif self._lenient:
                    notes.append(f"ignored the unknown query name {excerpt(name, 60)!r}")
                elif len(found) < MOST:
                    found.append(self._unknown_name(name))
            except ValueError as error:
                found.append(Violation(f"query.{excerpt(name, 60)}", "repeated", str(error), "one value"))
        return found

    def _unknown_name(self, name: str) -> Violation:
        nearest = get_close_matches(name, self._query, n=1, cutoff=0.4)
        known = f"nearest is {nearest[0]}" if nearest else ", ".join(self._query) or "no query names"
        told = excerpt(name, 60) or "(no name)"
        return Violation(f"query.{told}", "unknown", "an unknown name", known)


def _header_decoders(document: Document, operation: Operation) -> list[tuple[str, Decoder]]:
    # OpenAPI has these three ignored as parameters: they are told by the body, the answer and the security.
    ignored = ("accept", "content-type", "authorization")
    headers = [p for p in operation.parameters_in("header") if p.name.lower() not in ignored]
    return [(p.name, scalar_decoder(document, p.schema)) for p in headers]


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


def _head_schema(operation: Operation) -> Schema:
    places = {where: _parameters_schema(operation.parameters_in(where)) for where in ("path", "query")}
    return {"type": "object", "properties": places}


def _rest_schema(operation: Operation) -> Schema:
    """Headers and body as one object, so that one call of the validator sees all of them."""
    places: Schema = {"header": _parameters_schema(operation.parameters_in("header"))}
    if operation.body is None:
        return {"type": "object", "properties": places}
    required = ["body"] if operation.body.required else []
    return {"type": "object", "required": required, "properties": places | {"body": operation.body.schema}}


def _parameters_schema(parameters: tuple[Parameter, ...]) -> Schema:
    declared = [parameter for parameter in parameters if not parameter.takes_free_names]
    schema: Schema = {"type": "object", "properties": {p.name: p.schema for p in declared}}
    if required := [p.name for p in declared if p.required]:
        schema["required"] = required
    for free in (p for p in parameters if p.takes_free_names):
        schema["additionalProperties"] = free.schema.get("additionalProperties", True)
    return schema


def _refusal(violations: Sequence[Violation]) -> Refusal:
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
