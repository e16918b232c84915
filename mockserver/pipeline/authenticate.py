"""Authenticate: who calls, and may the caller do this here?

Follows the operation's `security` and the scope of its method; there is no code for any single operation. In
Enspace's order: 401 for the key, 400 for a missing workspace, 403 for a foreign one, 403 for a missing scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from mockserver.clock import Clock
from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.credentials import Credential, Credentials
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal

# Source: doc.api.enspace.io/auth for the scopes; that they follow the method is inferred.
SCOPE_OF_METHOD = {"GET": "read", "POST": "write", "PUT": "write", "PATCH": "write", "DELETE": "delete"}

UNAUTHORIZED = "Invalid or missing API key"
MISSING_WORKSPACE = "Missing required header: en-workspace"
FOREIGN_WORKSPACE = "Token not authorized for this workspace"
MISSING_SCOPE = "Token lacks the required scope: {scope}"

Check: TypeAlias = Callable[[Exchange], None]


class Authenticate:
    """The security of each operation, compiled to the checks that it asks for."""

    name = "authenticate"

    def __init__(
        self, document: Document, operations: Iterable[Operation], credentials: Credentials, clock: Clock
    ) -> None:
        self._credentials, self._clock = credentials, clock
        schemes = document.raw.get("components", {}).get("securitySchemes", {})
        checks = {name: self._check(document.resolve(scheme)) for name, scheme in schemes.items()}
        self._alternatives = {
            operation.id: [[checks[name] for name in alternative] for alternative in operation.security]
            for operation in operations
        }

    def __call__(self, exchange: Exchange) -> None:
        assert exchange.operation is not None
        alternatives = self._alternatives[exchange.operation.id]
        if not alternatives:
            return
        _first_that_holds(alternatives, exchange)
        self._demand_scope(exchange, exchange.operation)

    def _demand_scope(self, exchange: Exchange, operation: Operation) -> None:
        caller, scope = exchange.caller, SCOPE_OF_METHOD.get(operation.method)
        if caller is not None and scope is not None and scope not in caller.scopes:
            raise Refusal(403, MISSING_SCOPE.format(scope=scope))

    def _check(self, scheme: dict[str, Any]) -> Check:
        """The check of one scheme. Schemes that Enspace does not have ask only for something to be there."""
        name = scheme.get("name", "").lower()
        match scheme.get("type"), scheme.get("in"), name or scheme.get("scheme", "").lower():
            case "apiKey", "header", "x-api-key":
                return self._api_key
            case "apiKey", "header", "en-workspace":
                return _workspace
            case "http", _, "bearer":
                return self._bearer
            case "apiKey", "header", _:
                return _presence(name.encode())
            case "apiKey", _, _:
                return lambda exchange: None
        return _presence(b"authorization")

    def _api_key(self, exchange: Exchange) -> None:
        self._accept(exchange, self._credentials.keys.get(exchange.headers.get(b"x-api-key", b"")), "key")

    def _bearer(self, exchange: Exchange) -> None:
        kind, _, token = exchange.headers.get(b"authorization", b"").partition(b" ")
        session = self._credentials.sessions.get(token.strip()) if kind.lower() == b"bearer" else None
        self._accept(exchange, session, "session")

    def _accept(self, exchange: Exchange, credential: Credential | None, kind: str) -> None:
        if credential is None:
            exchange.notes.append(f"no known {kind} was sent")
            raise Refusal(401, UNAUTHORIZED)
        if credential.expires_at is not None and credential.expires_at <= self._clock():
            exchange.notes.append(f"the {kind} {credential.reference} has expired")
            raise Refusal(401, UNAUTHORIZED)
        exchange.caller = credential


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
    raise refused


def _workspace(exchange: Exchange) -> None:
    slug = exchange.headers.get(b"en-workspace", b"").decode("latin-1").strip()
    if not slug:
        raise Refusal(400, MISSING_WORKSPACE)
    caller = exchange.caller
    if caller is not None and caller.workspaces is not None and slug not in caller.workspaces:
        raise Refusal(403, FOREIGN_WORKSPACE)
    exchange.workspace = slug


def _presence(header: bytes) -> Check:
    def check(exchange: Exchange) -> None:
        if not exchange.headers.get(header):
            raise Refusal(401, f"Missing credentials: the header {header.decode()}")

    return check
