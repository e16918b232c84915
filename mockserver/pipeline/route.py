"""Route: finds the operation of a path and a method.

Paths are split before they are decoded, so that an encoded slash stays inside its key. Literal segments win over keys;
the cost of a look-up depends on the length of the path, not on the number of operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from mockserver.contract.operations import Operation, allowed_methods
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt

Methods: TypeAlias = dict[str, Operation]


@dataclass(slots=True)
class _Node:
    """One segment: the segments that may follow, and the operations of a path that ends here."""

    literals: dict[bytes, _Node] = field(default_factory=dict)
    key: _Node | None = None
    methods: Methods = field(default_factory=dict)
    template: str = ""


class Route:
    """The routes of a contract as a tree of path segments."""

    name = "route"

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self._keys: dict[str, tuple[str, ...]] = {}
        for operation in operations:
            self._add(operation)

    async def __call__(self, exchange: Exchange) -> str:
        values: list[bytes] = []
        segments = exchange.raw_path.split(b"/")[1:]
        node = _find(self._root, segments, 0, values)
        if node is None:
            raise _not_found(exchange.raw_path, self._suggest(segments))
        method = exchange.method
        operation = node.methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise _method_not_allowed(method, node.methods)
        exchange.operation = operation
        exchange.path = dict(zip(self._keys[operation.id], map(_decode, values), strict=True))
        return operation.id

    def _add(self, operation: Operation) -> None:
        node, keys = self._root, []
        for segment in operation.path.split("/")[1:]:
            if segment.startswith("{") and segment.endswith("}"):
                keys.append(segment[1:-1])
                node.key = node.key or _Node()
                node = node.key
            else:
                node = node.literals.setdefault(segment.encode(), _Node())
        node.methods[operation.method], node.template = operation, operation.path
        self._keys[operation.id] = tuple(keys)

    def _suggest(self, segments: list[bytes]) -> str:
        """Returns the documented path that a misspelt one probably means, empty if there is none.

        Only the literals at the first unknown segment are compared: comparing whole paths would cost a client that
        tries unknown paths fifteen times as much as a known one.
        """
        node, segments = self._root, [segment for segment in segments if segment]
        for index, segment in enumerate(segments):
            following = node.literals.get(segment) or node.key
            if following is None:
                closest = get_close_matches(segment[:40].decode("latin-1"), _literal_names(node), n=1, cutoff=0.5)
                node = node.literals[closest[0].encode()] if closest else node
                return _first_template(node, len(segments) - index - 1) if closest else ""
            node = following
        return _first_template(node, 0)


def _find(node: _Node, segments: list[bytes], index: int, values: list[bytes]) -> _Node | None:
    """Returns the node of a path; fills `values` with its raw keys, and removes them again after a dead end."""
    if index == len(segments):
        return node if node.methods else None
    segment = segments[index]
    literal = node.literals.get(segment)
    if literal is None and b"%" in segment:
        literal = node.literals.get(unquote_to_bytes(segment))
    if literal is not None and (found := _find(literal, segments, index + 1, values)) is not None:
        return found
    if node.key is None or not segment:
        return None
    values.append(segment)
    if (found := _find(node.key, segments, index + 1, values)) is None:
        values.pop()
    return found


def _literal_names(node: _Node) -> list[str]:
    return [name.decode("latin-1") for name in node.literals]


def _first_template(node: _Node, depth: int) -> str:
    """Returns the first path at or below the node, if possible one that goes as deep as the request did."""
    while depth > 0 or not node.template:
        children = [*node.literals.values(), *([node.key] if node.key else [])]
        if not children:
            break
        node, depth = (node.key or children[0]) if depth > 0 else children[0], depth - 1
    return node.template


def _not_found(raw_path: bytes, suggestion: str) -> Refusal:
    # Encoded slashes are shown as they came: they are the reason why nothing was found.
    path = _decode(raw_path.replace(b"%2F", b"%252F").replace(b"%2f", b"%252f"))
    hint = f"; the closest documented path is {suggestion}" if suggestion else ""
    return Refusal(404, f"Not Found: no operation is documented at {excerpt(path, 200)}{hint}")


def _method_not_allowed(method: str, methods: Methods) -> Refusal:
    allowed = allowed_methods(methods)
    headers = ((b"allow", allowed.encode()),)
    if method == "OPTIONS":
        return Refusal(204, "", headers=headers)
    return Refusal(405, f"Method Not Allowed: received {method}, documented: {allowed}", headers=headers)


def _decode(raw: bytes) -> str:
    try:
        return (unquote_to_bytes(raw) if b"%" in raw else raw).decode()
    except UnicodeDecodeError:
        received = excerpt(raw.decode("ascii", "backslashreplace"), 200)
        raise Refusal(400, f"Invalid path: {received} is not UTF-8") from None
