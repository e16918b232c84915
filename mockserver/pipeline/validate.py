"""Validate the request: path, query, headers and body against the contract, with all violations in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.document import Document, Schema
from mockserver.contract.form_bodies import Field, decode_form
from mockserver.contract.operations import Operation, Parameter
from mockserver.contract.parameters import TextParameter, member_decoders, single
from mockserver.contract.schemas import Schemas
from mockserver.enspace.handlers import is_enspace
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal, Violation
from mockserver.pipeline.strip_members import compile_stripper
from mockserver.pipeline.violations import MAX_VIOLATIONS, find_first_violation, find_violations
from mockserver.secrets import NO_SECRETS, excerpt

MAX_QUERY_NAMES = 1000
_MAX_NOTES_IN_MESSAGE = 5
_UNENCODED_OBJECT = "[object Object]"
# The validator cannot stop half-way, and a megabyte may break the contract at every other byte.
_MAX_SIZE_FOR_ALL_VIOLATIONS = 32_768

_TITLES = {
    "path": "Invalid path parameter",
    "query": "Invalid query parameter",
    "header": "Invalid header",
    "cookie": "Invalid cookie",
}


@dataclass(slots=True)
class Target:
    """The decoded path and query of a request, and what is wrong with them."""

    path: dict[str, Any]
    query: dict[str, Any]
    filled: frozenset[str]
    violations: list[Violation]
    notes: list[str]


class Validate:
    """One validation per operation, compiled with its first request. Fills in `path`, `query`, `filled` and `body`."""

    name = "validate"

    def __init__(self, document: Document, *, lenient: bool) -> None:
        self._compile = partial(_Validation, document, Schemas(document, "request"), lenient=lenient)
        self._validations: dict[str, _Validation] = {}

    async def __call__(self, exchange: Exchange) -> str:
        operation = exchange.operation
        assert operation is not None
        validation = self._validations.get(operation.id)
        if validation is None:
            validation = self._validations[operation.id] = self._compile(operation)
        target = validation.read_target(exchange.path, exchange.query_string)
        exchange.path, exchange.query = target.path, target.query
        exchange.notes += target.notes
        violations = (*target.violations, *validation.check_rest(exchange))
        if violations:
            raise _refusal(violations[:MAX_VIOLATIONS], exchange.notes[:_MAX_NOTES_IN_MESSAGE])
        exchange.filled = target.filled
        return "valid"


class _Validation:
    """The compiled promises about the requests of one operation."""

    def __init__(self, document: Document, schemas: Schemas, operation: Operation, *, lenient: bool) -> None:
        query = operation.parameters_in("query")
        self._lenient = lenient
        self._free_parameter = next((p.name for p in query if p.takes_free_names), None)
        self._document, self._credentials = document, _query_credentials(document, operation)
        self._declared = frozenset(p.name for p in query if not p.takes_free_names)
        self._query = {p.name: TextParameter(document, p) for p in query if not p.is_spread}
        self._members = _spread_members(document, query)
        self._deep = {p.name: p.schema for p in query if p.style == "deepObject"}
        self._defaults = {p.name: p.schema["default"] for p in query if "default" in p.schema}
        self._path = {p.name: TextParameter(document, p) for p in operation.parameters_in("path")}
        self._headers = [TextParameter(document, p) for p in operation.parameters_in("header") if not _is_ignored(p)]
        self._cookies = [TextParameter(document, p) for p in operation.parameters_in("cookie")]
        self._body = body = operation.body
        keeps_unknown = not is_enspace(document)
        self._strip = compile_stripper(document, body.schema, keeps_unknown=keeps_unknown) if body else None
        self._target_validator = schemas.validator(_target_schema(operation))
        self._rest_validators = {
            media_type: schemas.validator(_rest_schema(operation, media_type))
            for media_type in (None, *(operation.body.schemas if operation.body else ()))
        }
        self._has_rest = operation.body is not None or bool(self._headers or self._cookies)

    def read_target(self, keys: Mapping[str, str], query_string: bytes) -> Target:
        """Decodes path and query, and checks them."""
        path = {name: self._path[name].read([text]) for name, text in keys.items()}
        query: dict[str, Any] = {}
        notes: list[str] = []
        violations = self._read_query(query_string, query, notes) if query_string else []
        values = {"path": path, "query": query}
        if not self._target_validator.is_valid(values):
            violations += find_violations(self._target_validator, values, NO_SECRETS)
        filled = self._filled_places(path, query)
        return Target(path, self._defaults | query, filled, violations, notes)

    def check_rest(self, exchange: Exchange) -> Sequence[Violation]:
        """Strips the body; returns the violations in headers and body."""
        if not self._has_rest:
            return ()
        rest: dict[str, Any] = {"header": self._decode_headers(exchange)} if self._headers else {}
        if self._cookies:
            rest["cookie"] = self._decode_cookies(exchange)
        if self._strip is not None and exchange.body is not None:
            exchange.body, notes = self._strip(exchange.body)
            exchange.notes += notes
        # A body that was not decoded is not validated.
        if exchange.body is not None or exchange.media_type is not None:
            rest["body"] = exchange.body
        validator = self._rest_validators[exchange.media_type]
        if validator.is_valid(rest):
            return ()
        is_short = len(exchange.raw_body) <= _MAX_SIZE_FOR_ALL_VIOLATIONS
        find = find_violations if is_short else find_first_violation
        return find(validator, rest, self._body.secrets if self._body else NO_SECRETS)

    def _filled_places(self, path: dict[str, Any], query: dict[str, Any]) -> frozenset[str]:
        """Returns the declared parameters that the request has; free names fill the parameter that takes them."""
        names = {name if name in self._declared else self._free_parameter for name in query}
        return frozenset([f"path.{name}" for name in path] + [f"query.{name}" for name in names])

    def _decode_headers(self, exchange: Exchange) -> dict[str, Any]:
        received = ((parameter, exchange.headers.get(parameter.name.lower().encode())) for parameter in self._headers)
        return {header.name: header.read([raw.decode("latin-1")]) for header, raw in received if raw is not None}

    def _decode_cookies(self, exchange: Exchange) -> dict[str, Any]:
        pairs = exchange.headers.get(b"cookie", b"").decode("latin-1").split(";")
        received = {name.strip(): text for name, _, text in (pair.partition("=") for pair in pairs)}
        return {
            cookie.name: cookie.read([received[cookie.name]]) for cookie in self._cookies if cookie.name in received
        }

    def _read_query(self, query_string: bytes, query: dict[str, Any], notes: list[str]) -> list[Violation]:
        """Fills in `query` and `notes`; returns what cannot be decoded."""
        violations: list[Violation] = []
        deep: dict[str, list[Field]] = {}
        for name, texts in _parse_query(query_string, self._free_parameter).items():
            parameter = self._query.get(name)
            try:
                if self._deep and (owner := name.partition("[")[0]) in self._deep:
                    deep.setdefault(owner, []).extend(Field(name, text) for text in texts)
                elif parameter is not None:
                    query[name] = parameter.read(texts)
                elif name in self._members:
                    member = self._members[name]
                    query.setdefault(member.owner, {})[name] = member.decoder.read(texts)
                elif self._free_parameter is not None:
                    query[name] = _single_value(texts)
                elif name in self._credentials:
                    continue  # the stage `authenticate` has read it
                elif self._lenient and len(notes) < MAX_VIOLATIONS:
                    notes.append(f"ignored the unknown query parameter {excerpt(name, 60)!r}; {self._hint(name)}")
                elif not self._lenient and len(violations) < MAX_VIOLATIONS:
                    violations.append(self._unknown_name(name))
            except ValueError as error:
                violations.append(Violation(("query", excerpt(name, 60)), "value", str(error), "one value"))
        for owner, fields in deep.items():
            query |= decode_form(self._document, {"properties": {owner: self._deep[owner]}}, fields)
        return violations

    def _unknown_name(self, name: str) -> Violation:
        return Violation(("query", excerpt(name, 60) or "(no name)"), "unknown", "an unknown name", self._hint(name))

    def _hint(self, name: str) -> str:
        known = [*self._query, *self._members]
        closest = get_close_matches(name, known, n=1, cutoff=0.4)
        return f"closest is {closest[0]}" if closest else ", ".join(known) or "no query parameters"


class _Member(NamedTuple):
    """A member of an exploded object, which is a query name of its own."""

    owner: str
    decoder: TextParameter


def _spread_members(document: Document, query: Iterable[Parameter]) -> dict[str, _Member]:
    return {
        name: _Member(parameter.name, decoder)
        for parameter in query
        if parameter.is_spread
        for name, decoder in member_decoders(document, parameter).items()
    }


def _query_credentials(document: Document, operation: Operation) -> frozenset[str]:
    """Returns the names of API keys in the query."""
    schemes = document.raw.get("components", {}).get("securitySchemes", {})
    used = (document.resolve(schemes[name]) for alternative in operation.security for name in alternative)
    return frozenset(scheme["name"] for scheme in used if scheme.get("in") == "query")


def _is_ignored(parameter: Parameter) -> bool:
    """Whether OpenAPI ignores a header parameter of that name: body, answer and security describe these."""
    return parameter.where == "header" and parameter.name.lower() in ("accept", "content-type", "authorization")


def _single_value(texts: list[str]) -> str:
    """Returns the one value of a free name. Raises `ValueError` for what JavaScript makes of an unencoded object."""
    text = single(texts)
    if text == _UNENCODED_OBJECT:
        raise ValueError(f"{text!r}, an object that the client has not encoded")
    return text


def _parse_query(raw: bytes, free_parameter: str | None) -> Mapping[str, list[str]]:
    """Returns the values by name. `values[slug]` is read as `slug` if `values` is the parameter of free names.

    Several client generators write objects so, although the contract documents `explode: true`.
    """
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_NAMES)
    except UnicodeDecodeError:
        raise Refusal(400, "Invalid query: received bytes that are not UTF-8") from None
    except ValueError:
        raise Refusal(400, f"Invalid query: more than {MAX_QUERY_NAMES} names") from None
    texts: dict[str, list[str]] = {}
    prefix = f"{free_parameter}["
    for name, text in pairs:
        if free_parameter is not None and name.startswith(prefix) and name.endswith("]"):
            name = name[len(prefix) : -1]
        texts.setdefault(name, []).append(text)
    return texts


def _target_schema(operation: Operation) -> Schema:
    places = {where: _parameters_schema(operation.parameters_in(where)) for where in ("path", "query")}
    return {"type": "object", "properties": places}


def _rest_schema(operation: Operation, media_type: str | None) -> Schema:
    """Returns the schema of `{header, body}`: one call of the validator checks both."""
    places: Schema = {where: _parameters_schema(operation.parameters_in(where)) for where in ("header", "cookie")}
    if operation.body is not None and media_type is not None:
        places["body"] = operation.body.schemas[media_type]
    return {"type": "object", "properties": places}


def _parameters_schema(parameters: tuple[Parameter, ...]) -> Schema:
    declared = [p for p in parameters if not p.takes_free_names and not _is_ignored(p)]
    schema: Schema = {"type": "object", "properties": {p.name: _value_schema(p) for p in declared}}
    if required := [p.name for p in declared if p.required]:
        schema["required"] = required
    for free in (p for p in parameters if p.takes_free_names):
        schema["additionalProperties"] = free.schema.get("additionalProperties", True)
    return schema


def _value_schema(parameter: Parameter) -> Schema:
    return {"anyOf": [parameter.schema, {"enum": [""]}]} if parameter.allows_empty else parameter.schema


def _refusal(violations: tuple[Violation, ...], notes: list[str]) -> Refusal:
    """Returns a 400 whose message begins as Enspace's do and lists all violations.

    The notes say what was ignored, which is often the misspelt name of what is missing.
    """
    sentences = [
        f"{title}: {_describe(violation)}"
        for place, title in _TITLES.items()
        for violation in violations
        if violation.where[0] == place
    ]
    if body := [violation for violation in violations if violation.where[0] == "body"]:
        sentences.append("Validation failed: " + "; ".join(map(_describe, body)))
    return Refusal(400, "; ".join([*sentences, *notes]), violations=violations)


def _describe(violation: Violation) -> str:
    return f"{violation.member} (received {violation.received}, documented: {violation.documented})"
