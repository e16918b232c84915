"""Authenticate: who calls, and is that caller allowed to use this operation?

Derived from the operation's `security` and the scope of its method; no operation has code of its own. In Enspace's
order: 401 for the key, 400 for a missing workspace, 403 for a foreign workspace, 403 for a missing scope.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

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

# The schemes of HTTP that documents describe.
_SCHEMES = ("basic", "bearer", "digest")

CredentialCheck: TypeAlias = Callable[[Exchange], None]


class Authenticate:
    """The security requirements of each operation, compiled to checks. Fills in `sandbox`, `caller` and `workspace`.

    In a document other than Enspace's the keys cannot be known, so only their presence and form are required.
    """

    name = "authenticate"

    def __init__(self, document: Document, operations: Iterable[Operation], sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes
        schemes = document.raw.get("components", {}).get("securitySchemes", {})
        compile_scheme = self._compile_scheme if is_enspace(document) else _require_credentials
        checks = {name: compile_scheme(document.resolve(scheme)) for name, scheme in schemes.items()}
        self._alternatives = {
            operation.id: [[checks[name] for name in alternative] for alternative in operation.security]
            for operation in operations
        }

    async def __call__(self, exchange: Exchange) -> str:
        assert exchange.operation is not None
        alternatives = self._alternatives[exchange.operation.id]
        if not alternatives:
            return "no credentials required"
        _require_one_of(alternatives, exchange)
        if exchange.caller is None:
            return "credentials present"
        _require_scope(exchange.caller, exchange.operation)
        workspace = f" in {exchange.workspace}" if exchange.workspace else ""
        return f"key {exchange.caller['reference']}{workspace}"

    def _compile_scheme(self, scheme: dict[str, Any]) -> CredentialCheck:
        name = scheme.get("name", "").lower()
        match scheme.get("type"), scheme.get("in"), name or scheme.get("scheme", "").lower():
            case "apiKey", "header", "x-api-key":
                return self._check_api_key
            case "apiKey", "header", "en-workspace":
                return _check_workspace
            case "http", _, "bearer":
                return self._check_bearer
        return _require_credentials(scheme)

    def _check_api_key(self, exchange: Exchange) -> None:
        self._identify(exchange, "api_keys", exchange.headers.get(b"x-api-key", b""), "key")

    def _check_bearer(self, exchange: Exchange) -> None:
        scheme, _, token = exchange.headers.get(b"authorization", b"").partition(b" ")
        self._identify(exchange, "sessions", token.strip() if scheme.lower() == b"bearer" else b"", "session")

    def _identify(self, exchange: Exchange, table: str, secret: bytes, noun: str) -> None:
        found = self._sandboxes.find(table, secret)
        if found is None:
            exchange.notes.append(f"the request has no known {noun}")
            raise Refusal(401, UNAUTHORIZED)
        sandbox, caller = found
        if caller["expires_at"] is not None and parse_instant(caller["expires_at"]).timestamp() <= sandbox.clock():
            exchange.notes.append(f"the {noun} {caller['reference']} has expired")
            raise Refusal(401, UNAUTHORIZED)
        exchange.sandbox, exchange.caller = sandbox, caller


def _require_scope(caller: dict[str, Any], operation: Operation) -> None:
    """Refuses a key without the scope of the method. A session has no scopes: it may do everything."""
    scope = SCOPE_OF_METHOD.get(operation.method)
    if scope is not None and "scope" in caller and scope not in caller["scope"]["global"]:
        raise Refusal(403, MISSING_SCOPE.format(scope=scope))


def _require_one_of(alternatives: list[list[CredentialCheck]], exchange: Exchange) -> None:
    """Accepts the first alternative whose checks pass.

    If none does, the refusal of the first one is raised, since it documents the usual credentials.
    """
    first: Refusal | None = None
    for checks in alternatives:
        try:
            for check in checks:
                check(exchange)
        except Refusal as refusal:
            first = first or refusal
        else:
            return
    assert first is not None
    raise first


def _check_workspace(exchange: Exchange) -> None:
    slug = exchange.headers.get(b"en-workspace", b"").decode("latin-1").strip()
    if not slug:
        raise Refusal(400, MISSING_WORKSPACE)
    exchange.workspace = slug
    caller = exchange.caller
    if caller is not None and "scope" in caller and slug not in caller["scope"]["workspaces"]:
        raise Refusal(403, FOREIGN_WORKSPACE)


def _require_credentials(scheme: dict[str, Any]) -> CredentialCheck:
    """Compiles a scheme to a check that its credentials are present."""
    return _require_key(scheme) if scheme.get("type") == "apiKey" else _require_authorization(scheme)


def _require_key(scheme: dict[str, Any]) -> CredentialCheck:
    where, name = scheme.get("in", "header"), scheme["name"]
    name = name.lower() if where == "header" else name
    is_present = partial(_PRESENT[where], name)

    def check(exchange: Exchange) -> None:
        if not is_present(exchange):
            raise Refusal(401, f"Missing credentials: the {where} {name}", headers=_challenge("ApiKey"))

    return check


def _require_authorization(scheme: dict[str, Any]) -> CredentialCheck:
    """Compiles a scheme of HTTP, or one that issues bearer tokens: OAuth 2 and OpenID Connect."""
    kind = scheme.get("scheme", "bearer") if scheme.get("type") == "http" else "bearer"

    def check(exchange: Exchange) -> None:
        received = exchange.headers.get(b"authorization", b"").decode("latin-1")
        if not _has_scheme(received, kind.lower()):
            problem = "Unusable" if received else "Missing"
            message = f"{problem} credentials: the header authorization, scheme {kind}"
            raise Refusal(401, message, headers=_challenge(kind.capitalize()))

    return check


def _challenge(scheme: str) -> tuple[tuple[bytes, bytes], ...]:
    """Returns the header that every 401 has (RFC 9110, section 11.6.1). Keys have no registered scheme."""
    return ((b"www-authenticate", f'{scheme} realm="mock"'.encode("latin-1", "replace")),)


def _has_scheme(authorization: str, kind: str) -> bool:
    name, _, credentials = authorization.partition(" ")
    # Some documents name schemes that do not exist, such as JWT: their clients send `Bearer`.
    if kind not in _SCHEMES:
        return bool(authorization)
    return name.lower() == kind and (_is_basic(credentials) if kind == "basic" else bool(credentials.strip()))


def _is_basic(credentials: str) -> bool:
    """Whether these are a name and a password, encoded as RFC 7617 describes."""
    try:
        return b":" in b64decode(credentials.strip(), validate=True)
    except ValueError:
        return False


def _has_header(name: str, exchange: Exchange) -> bool:
    return bool(exchange.headers.get(name.encode()))


def _has_query(name: str, exchange: Exchange) -> bool:
    return any(known == name for known, _ in parse_qsl(exchange.query_string.decode("latin-1")))


def _has_cookie(name: str, exchange: Exchange) -> bool:
    cookies = exchange.headers.get(b"cookie", b"").decode("latin-1").split(";")
    return any(cookie.partition("=")[0].strip() == name for cookie in cookies)


_PRESENT = {"header": _has_header, "query": _has_query, "cookie": _has_cookie}
