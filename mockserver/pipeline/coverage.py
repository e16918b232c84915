"""Coverage: which parts of the contract have the calls shown? One shape for each call, in its sandbox and for all.

A call costs the look-up of its shape; what that says of the contract is told when it is asked for, by
`mockserver.coverage`. The journal is no source of it, as it forgets.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mockserver.contract.document import Document
from mockserver.contract.members import Place, collect_paths, place_of
from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Exchange
from mockserver.state.sandboxes import Sandbox
from mockserver.state.seen import Seen

# Most bodies have the members of an earlier one.
_MOST_REMEMBERED = 64
_LONGEST_REMEMBERED = 2048
_NOTHING: frozenset[str] = frozenset()


class Coverage:
    """Records calls. `all` is what those of all sandboxes have shown, of sandboxes that are gone too.

    Calls without a known key belong to no sandbox, and are counted with those of the default one.
    """

    def __init__(self, document: Document, operations: Iterable[Operation], default: Sandbox) -> None:
        self._rest = {o.id: rest for o in operations if (rest := _Rest(document, o)).is_declared}
        self._default = default
        self.all = Seen()

    def record(self, exchange: Exchange) -> None:
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
        seen = (exchange.sandbox or self._default).seen
        if shape not in seen.shapes:
            seen.add(shape)
            self.all.add(shape)


class _Rest:
    """The headers and the body that an operation declares."""

    def __init__(self, document: Document, operation: Operation) -> None:
        headers = operation.parameters_in("header")
        self._headers = [(p.name.lower().encode(), f"header.{p.name}") for p in headers]
        self._body: Place | None = None
        if operation.body is not None:
            self._body = place_of(document, operation.body.schema, "body")
        self._outermost_again = lru_cache(maxsize=_MOST_REMEMBERED)(self._outermost)
        self.is_declared = bool(self._headers) or (self._body is not None and not self._body.is_leaf)

    def filled(self, exchange: Exchange) -> frozenset[str]:
        """The places that this request filled."""
        body = exchange.body
        if self._headers or not isinstance(body, dict) or len(exchange.raw_body) > _LONGEST_REMEMBERED:
            return self._filled_anew(exchange)
        places, deep = self._outermost_again(tuple(body))
        if not deep:
            return places
        found = set(places)
        for name, place in deep:
            collect_paths(place, body[name], found)
        return frozenset(found)

    def _outermost(self, names: tuple[str, ...]) -> tuple[frozenset[str], tuple[tuple[str, Place], ...]]:
        """What these members of a body fill, and those of them that have places inside."""
        members = self._body.members if self._body is not None else {}
        known = [(name, members[name]) for name in names if name in members]
        return frozenset(place.path for _, place in known), tuple(pair for pair in known if not pair[1].is_leaf)

    def _filled_anew(self, exchange: Exchange) -> frozenset[str]:
        found = {place for name, place in self._headers if name in exchange.headers}
        if self._body is not None:
            collect_paths(self._body, exchange.body, found)
        return frozenset(found)
