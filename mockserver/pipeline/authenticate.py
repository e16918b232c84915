"""Authenticate: who calls, and may the caller do this here?

Follows the operation's `security` and the scope of its method; there is no code for any single operation. In
Enspace's order: 401 for the key, 400 for a missing workspace, 403 for a foreign one, 403 for a missing scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from mockserver.clock import parse_instant
from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.enspace.handlers import is_enspace
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal
from mockserver.state.sandboxes import Sandboxes

# Source: doc.api.enspace.io/auth for the scopes; that they follow the method is inferred.
SCOPE_OF_METHOD = {"GET": "read", "POST": "write", "PUT": "write", "PATCH": "write", "DELETE": "delete"}

UNAUTHORIZED = "Invalid or missing API key"
MISSING_WORKSPACE = "Missing required header: en-workspace"
FOREIGN_WORKSPACE = "Token not authorized for this workspace"
MISSING_SCOPE = "Token lacks the required scope: {scope}"

Check: TypeAlias = Callable[[Exchange], None]


class Authenticate:
    """The security of each operation, compiled to the checks that it asks for.

    Of a document that is not Enspace's, whose keys we cannot know, only their presence is asked for.
    """

    name = "authenticate"

    def __init__(self, document: Document, operations: Iterable[Operation], sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes
        schemes = document.raw.get("components", {}).get("securitySchemes", {})
        check_of = self._check if is_enspace(document) else _presence_of
        checks = {name: check_of(document.resolve(scheme)) for name, scheme in schemes.items()}
        self._alternatives = {
            operation.id: [[checks[name] for name in alternative] for alternative in operation.security]
            for operation in operations
        }

    def __call__(self, exchange: Exchange) -> None:
        assert exchange.operation is not None
        alternatives = self._alternatives[exchange.operation.id]
        if not alternatives:
            return
        if len(alternatives) == 1:
            for check in alternatives[0]:
                check(exchange)
        else:
            _first_that_holds(alternatives, exchange)
        _demand_scope(exchange, exchange.operation)

    def _check(self, scheme: dict[str, Any]) -> Check:
        name = scheme.get("name", "").lower()
        match scheme.get("type"), scheme.get("in"), name or scheme.get("scheme", "").lower():
            case "apiKey", "header", "x-api-key":
                return self._api_key
            case "apiKey", "header", "en-workspace":
                return _workspace
            case "http", _, "bearer":
                return self._bearer
        return _presence_of(scheme)

    def _api_key(self, exchange: Exchange) -> None:
        self._accept(exchange, "api_keys", exchange.headers.get(b"x-api-key", b""), "key")

    def _bearer(self, exchange: Exchange) -> None:
        kind, _, token = exchange.headers.get(b"authorization", b"").partition(b" ")
        self._accept(exchange, "sessions", token.strip() if kind.lower() == b"bearer" else b"", "session")

    def _accept(self, exchange: Exchange, table: str, secret: bytes, kind: str) -> None:
        found = self._sandboxes.find(table, secret)
        if found is None:
            exchange.notes += (f"no known {kind} was sent",)
            raise Refusal(401, UNAUTHORIZED)
        sandbox, caller = found
        if caller["expires_at"] is not None and parse_instant(caller["expires_at"]).timestamp() <= sandbox.clock():
            exchange.notes += (f"the {kind} {caller['reference']} has expired",)
            raise Refusal(401, UNAUTHORIZED)
        exchange.sandbox, exchange.caller = sandbox, caller


def _demand_scope(exchange: Exchange, operation: Operation) -> None:
    """A session has no scopes: it may do everything."""
    caller, scope = exchange.caller, SCOPE_OF_METHOD.get(operation.method)
    if caller is None or scope is None or "scope" not in caller:
        return
    if scope not in caller["scope"]["global"]:
        raise Refusal(403, MISSING_SCOPE.format(scope=scope))


def _presence_of(scheme: dict[str, Any]) -> Check:
    """Asks only for something to be there."""
    match scheme.get("type"), scheme.get("in"):
        case "apiKey", "header":
            return _presence(scheme["name"].lower().encode())
        case "apiKey", _:
            return lambda exchange: None
    return _presence(b"authorization")


def _first_that_holds(alternatives: list[list[Check]], exchange: Exchange) -> None:
    """The refusal of the first alternative is the one that is told, as it is the usual way in."""
    refused: Refusal | None = None
    for checks in alternatives:
        try:
            for check in checks:
                check(exchange)
        except Refusal as refusal:
            refused = refused or refusal
        else:
            return
    assert refused is not None
    try:
        raise refused
    finally:
        del refused  # it knows of this frame; they would refer to each other in a circle


def _workspace(exchange: Exchange) -> None:
    slug = exchange.headers.get(b"en-workspace", b"").decode("latin-1").strip()
    if not slug:
        raise Refusal(400, MISSING_WORKSPACE)
    exchange.workspace = slug
    caller = exchange.caller
    if caller is not None and "scope" in caller and slug not in caller["scope"]["workspaces"]:
        raise Refusal(403, FOREIGN_WORKSPACE)


def _presence(header: bytes) -> Check:
    def check(exchange: Exchange) -> None:
        if not exchange.headers.get(header):
            raise Refusal(401, f"Missing credentials: the header {header.decode()}")

    return check
