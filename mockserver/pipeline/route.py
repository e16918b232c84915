"""Route: finds the operation of a path and a method."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from mockserver.contract.operations import Operation, allowed_methods
from mockserver.contract.path_matcher import PathMatcher
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt

Methods: TypeAlias = dict[str, Operation]


class Route:
    """The operations of a contract by path and method. Fills in `operation` and the texts of `path`."""

    name = "route"

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._paths = PathMatcher[Methods]()
        for operation in operations:
            methods = self._paths.at(operation.path) or {}
            self._paths.add(operation.path, methods | {operation.method: operation})

    async def __call__(self, exchange: Exchange) -> str:
        raw_path = exchange.raw_path.decode("latin-1")
        match = self._paths.match(raw_path)
        if match is None:
            raise _not_found(raw_path, self._paths.suggest(raw_path))
        operation = match.value.get(exchange.method)
        if operation is None and exchange.method == "HEAD":
            operation = match.value.get("GET")
        if operation is None:
            raise _method_not_allowed(exchange.method, match.value)
        exchange.operation = operation
        exchange.path = {name: _decode(text) for name, text in match.keys.items()}
        return operation.id


def _not_found(raw_path: str, suggestion: str) -> Refusal:
    # Encoded slashes are shown as they came: they are the reason why nothing was found.
    path = _decode(raw_path.replace("%2F", "%252F").replace("%2f", "%252f"))
    hint = f"; the closest documented path is {suggestion}" if suggestion else ""
    return Refusal(404, f"Not Found: no operation is documented at {excerpt(path, 200)}{hint}")


def _method_not_allowed(method: str, methods: Methods) -> Refusal:
    allowed = allowed_methods(methods)
    headers = ((b"allow", allowed.encode()),)
    if method == "OPTIONS":
        return Refusal(204, "", headers=headers)
    return Refusal(405, f"Method Not Allowed: received {method}, documented: {allowed}", headers=headers)


def _decode(text: str) -> str:
    raw = text.encode("latin-1")
    try:
        return (unquote_to_bytes(raw) if b"%" in raw else raw).decode()
    except UnicodeDecodeError:
        received = excerpt(raw.decode("ascii", "backslashreplace"), 200)
        raise Refusal(400, f"Invalid path: {received} is not UTF-8") from None
