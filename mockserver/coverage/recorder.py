"""Coverage: which parts of the contract have the calls shown? One shape for each call, in its sandbox and for all.

A call costs the look-up of its shape; what that says of the contract is told when it is asked for, by
`mockserver.coverage`. The journal is no source of it, as it forgets.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from mockserver.contract.body_paths import BodyPath, body_path_of, collect_paths
from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Exchange
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.sandboxes import Sandbox

# Most bodies have the members of an earlier one.
_MOST_REMEMBERED = 64
_LONGEST_REMEMBERED = 2048
_NOTHING: frozenset[str] = frozenset()


class CoverageRecorder:
    """Records calls. `all` is what those of all sandboxes have shown, of sandboxes that are gone too.

    Calls without a known key belong to no sandbox, and are counted with those of the default one.
    """

    def __init__(self, document: Document, operations: Iterable[Operation], default: Sandbox) -> None:
        self._rest = {o.id: rest for o in operations if (rest := _Rest(document, o)).is_declared}
        self._default = default
        self.all = CoverageLog()

    def record(self, exchange: Exchange, milliseconds: float) -> None:
        """Called once for each request. What it sent counts if it was valid, what was answered if that has left."""
        operation, answer, head = exchange.operation, exchange.answer, exchange.filled
        if operation is None or answer is None or not answer.status:
            return
        rest = _NOTHING
        if head is None:
            head = _NOTHING
        elif (declared := self._rest.get(operation.id)) is not None:
            rest = declared.filled(exchange)
        shape = (operation.id, answer.status, head, rest)
        coverage_log = (exchange.sandbox or self._default).coverage_log
        if shape not in coverage_log.shapes:
            coverage_log.add(shape)
            self.all.add(shape)


def _names_say_all(place: BodyPath) -> bool:
    return place.items is None and all(part.is_leaf for part in place.members.values())


class _Rest:
    """The headers and the body that an operation declares."""

    def __init__(self, document: Document, operation: Operation) -> None:
        headers = operation.parameters_in("header")
        self._headers = [(p.name.lower().encode(), f"header.{p.name}") for p in headers]
        self._body: BodyPath | None = None
        if operation.body is not None:
            self._body = body_path_of(document, operation.body.schema, "body")
        members = {} if self._body is None else self._body.members
        deep = {name: place for name, place in members.items() if not place.is_leaf}
        self._deep = tuple(deep)
        self._is_told_by_names = not self._headers and all(map(_names_say_all, deep.values()))
        self._again = lru_cache(maxsize=_MOST_REMEMBERED)(self._filled_by)
        self.is_declared = bool(self._headers) or (self._body is not None and not self._body.is_leaf)

    def filled(self, exchange: Exchange) -> frozenset[str]:
        """The places that this request filled."""
        body = exchange.body
        if self._is_told_by_names and isinstance(body, dict) and len(exchange.raw_body) <= _LONGEST_REMEMBERED:
            parts = map(body.get, self._deep)
            return self._again(tuple(body), tuple([tuple(part) if isinstance(part, dict) else None for part in parts]))
        return self._collected(body) | {place for name, place in self._headers if name in exchange.headers}

    def _filled_by(self, names: tuple[str, ...], inner: tuple[tuple[str, ...] | None, ...]) -> frozenset[str]:
        """What a body fills that has these members; `inner` are those of its objects that have places inside."""
        objects = {name: dict.fromkeys(part) for name, part in zip(self._deep, inner, strict=True) if part is not None}
        return self._collected(dict.fromkeys(names) | objects)

    def _collected(self, body: Any) -> frozenset[str]:
        found: set[str] = set()
        if self._body is not None:
            collect_paths(self._body, body, found)
        return frozenset(found)
