"""Route: which operation does this path and method name?

Paths are split before they are decoded, so that an encoded slash stays inside its key. Literal segments win over
keys; the cost of a look-up depends on the length of the path and not on the number of operations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt

_SLASH = re.compile(rb"%(2[fF])")

_MOST_REMEMBERED = 1024
_LONGEST_REMEMBERED = 256

Methods: TypeAlias = dict[str, Operation]


class _Node:
    __slots__ = ("key", "literals", "methods")

    def __init__(self) -> None:
        self.literals: dict[bytes, _Node] = {}
        self.key: _Node | None = None
        self.methods: Methods = {}


class Route:
    """The routes of a contract as a tree of path segments, walked once for each request."""

    name = "route"

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self._keys: dict[str, tuple[str, ...]] = {}
        self._paths: list[str] = []
        for operation in operations:
            self._add(operation)
        self._find_again = lru_cache(maxsize=_MOST_REMEMBERED)(self._find)

    def __call__(self, exchange: Exchange) -> None:
        raw_path = exchange.raw_path
        find = self._find_again if len(raw_path) <= _LONGEST_REMEMBERED else self._find
        exchange.operation, exchange.path = find(exchange.method, raw_path)

    def _add(self, operation: Operation) -> None:
        node, keys = self._root, []
        for segment in operation.path.split("/")[1:]:
            if segment.startswith("{") and segment.endswith("}"):
                keys.append(segment[1:-1])
                node.key = node.key or _Node()
                node = node.key
            else:
                node = node.literals.setdefault(segment.encode(), _Node())
        node.methods[operation.method] = operation
        self._keys[operation.id] = tuple(keys)
        self._paths.append(operation.path)

    def _find(self, method: str, raw_path: bytes) -> tuple[Operation, dict[str, str]]:
        """The operation, and its path keys by name."""
        methods, values = self._walk(raw_path)
        operation = methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise self._method_not_allowed(method, methods)
        return operation, dict(zip(self._keys[operation.id], map(_decode, values), strict=True))

    def _walk(self, raw_path: bytes) -> tuple[Methods, list[bytes]]:
        """The operations of a path by their methods, and what stands in the places of its keys."""
        segments, values, node = raw_path.split(b"/")[1:], [], self._root
        for segment in segments:
            if (literal := node.literals.get(segment)) is not None:
                node = literal
            elif node.key is not None and segment:
                values.append(segment)
                node = node.key
            else:
                break
        else:
            if node.methods:
                return node.methods, values
        return self._walk_slowly(raw_path, segments)

    def _walk_slowly(self, raw_path: bytes, segments: list[bytes]) -> tuple[Methods, list[bytes]]:
        """Taking the first literal led nowhere: another way may, such as a key or a literal that came encoded."""
        values: list[bytes] = []
        methods = _walk(self._root, segments, 0, values)
        if methods is None:
            # An encoded slash is told as it came: it is the reason why nothing was found.
            raise self._not_found(_decode(_SLASH.sub(b"%25\\1", raw_path)))
        return methods, values

    def _not_found(self, path: str) -> Refusal:
        nearest = get_close_matches(path, self._paths, n=1, cutoff=0.5)
        hint = f"; the nearest documented path is {nearest[0]}" if nearest else ""
        return Refusal(404, f"Not Found: no operation is documented at {excerpt(path, 200)}{hint}")

    def _method_not_allowed(self, method: str, methods: Methods) -> Refusal:
        allowed = ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))
        headers = ((b"allow", allowed.encode()),)
        if method == "OPTIONS":
            return Refusal(204, "", headers=headers)
        return Refusal(405, f"Method Not Allowed: received {method}, documented: {allowed}", headers=headers)


def _walk(node: _Node, segments: list[bytes], index: int, values: list[bytes]) -> Methods | None:
    """Methods at the end of the path; fills `values` with the raw path keys, takes them back from a dead end."""
    if index == len(segments):
        return node.methods or None
    segment = segments[index]
    literal = node.literals.get(segment) or (node.literals.get(unquote_to_bytes(segment)) if b"%" in segment else None)
    if literal is not None and (found := _walk(literal, segments, index + 1, values)) is not None:
        return found
    if node.key is None or not segment:
        return None
    values.append(segment)
    if (found := _walk(node.key, segments, index + 1, values)) is None:
        values.pop()
    return found


def _decode(raw: bytes) -> str:
    try:
        return (unquote_to_bytes(raw) if b"%" in raw else raw).decode()
    except UnicodeDecodeError:
        received = excerpt(raw.decode("ascii", "backslashreplace"), 200)
        raise Refusal(400, f"Invalid path: {received} is not UTF-8") from None
