"""Coverage recorder: adds the shape of each call to the coverage logs of its sandbox and of the server.

Coverage does not use the journal, because that drops old entries.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.contract.body_paths import BodyPath, body_path_of, collect_paths
from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Exchange
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.sandboxes import Sandbox


class CoverageRecorder:
    """Records calls. `all` is the log of all sandboxes together, including sandboxes that no longer exist.

    Calls without a valid key belong to no sandbox and count as calls of the default one.
    """

    def __init__(self, document: Document, operations: Iterable[Operation], default: Sandbox, log: CoverageLog) -> None:
        self._parts = {operation.id: _RequestParts(document, operation) for operation in operations}
        self._default = default
        self.all = log

    def record(self, exchange: Exchange, milliseconds: float) -> None:
        """Records one call: its status if a response was sent, and what the request contained if it was valid."""
        operation, answer, head = exchange.operation, exchange.answer, exchange.filled
        if operation is None or answer is None or not answer.status:
            return
        # `filled` is set only if the whole request was valid.
        present = frozenset[str]() if head is None else self._parts[operation.id].find(exchange)
        shape = (operation.id, answer.status, head or frozenset(), present)
        coverage_log = (exchange.sandbox or self._default).coverage_log
        # Most calls have the shape of an earlier one. What this log has, `all` has too: its reset clears every sandbox.
        if shape not in coverage_log.shapes:
            coverage_log.add(shape)
            self.all.add(shape)


class _RequestParts:
    """The documented headers and body members of an operation."""

    def __init__(self, document: Document, operation: Operation) -> None:
        headers = operation.parameters_in("header")
        self._headers = [(p.name.lower().encode(), f"header.{p.name}") for p in headers]
        self._body: BodyPath | None = None
        if operation.body is not None:
            self._body = body_path_of(document, operation.body.schema, "body")

    def find(self, exchange: Exchange) -> frozenset[str]:
        """The names of the parts that the request contains."""
        found = {place for name, place in self._headers if name in exchange.headers}
        if self._body is not None:
            collect_paths(self._body, exchange.body, found)
        return frozenset(found)
