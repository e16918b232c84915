"""Route: finds the operation of a path and a method."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_to_bytes

from mockserver.contract.operations import Operation, allowed_methods
from mockserver.contract.path_matcher import PathMatcher, key_names
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt


@dataclass
class _Path:
    """The operations of one path by method. Several of a method are chosen by the query."""

    key_names: list[str]
    methods: dict[str, list[Operation]]


class Route:
    """The operations of a contract by path and method. Fills in `operation` and the texts of `path`."""

    name = "route"

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._paths = PathMatcher[_Path]()
        # The names of keys of operations whose path names them otherwise than the first operation of that path.
        self._key_names: dict[str, list[str]] = {}
        for operation in operations:
            names = key_names(operation.path)
            path = self._paths.at(operation.path)
            if path is None:
                path = _Path(names, {})
                self._paths.add(operation.path, path)
            path.methods.setdefault(operation.method, []).append(operation)
            if names != path.key_names:
                self._key_names[operation.id] = names

    async def __call__(self, exchange: Exchange) -> str:
        raw_path = exchange.raw_path.decode("latin-1")
        match = self._paths.match(raw_path)
        if match is None:
            raise _not_found(raw_path, self._paths.suggest(raw_path))
        methods = match.value.methods
        operations = methods.get(exchange.method)
        if operations is None and exchange.method == "HEAD":
            operations = methods.get("GET")
        if operations is None:
            raise _method_not_allowed(exchange.method, methods)
        operation = operations[0] if len(operations) == 1 else _select(operations, exchange.query_string)
        exchange.operation = operation
        exchange.path = {name: _decode(text) for name, text in match.keys.items()}
        if operation.id in self._key_names:
            exchange.path = dict(zip(self._key_names[operation.id], exchange.path.values(), strict=True))
        return operation.id


def _select(operations: list[Operation], query_string: bytes) -> Operation:
    """Returns the operation with the most selectors that the query fulfils, else the first one."""
    query = dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))
    fitting = [operation for operation in operations if _is_selected(operation, query)]
    return max(fitting, key=lambda operation: len(operation.selectors), default=operations[0])


def _is_selected(operation: Operation, query: dict[str, str]) -> bool:
    return all(name in query and value in ("", query[name]) for name, value in operation.selectors.items())


def _not_found(raw_path: str, suggestion: str) -> Refusal:
    # Encoded slashes are shown as they came: they are the reason why nothing was found.
    path = _decode(raw_path.replace("%2F", "%252F").replace("%2f", "%252f"))
    hint = f"; the closest documented path is {suggestion}" if suggestion else ""
    return Refusal(404, f"Not Found: no operation is documented at {excerpt(path, 200)}{hint}")


def _method_not_allowed(method: str, methods: Iterable[str]) -> Refusal:
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
