"""Contract coverage as the control API tells it: of one sandbox or of all, in several forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.control.scope import named_sandbox
from mockserver.coverage.page import page
from mockserver.coverage.recorder import CoverageRecorder
from mockserver.coverage.rendering import text, values
from mockserver.coverage.report import report_of
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.sandboxes import Sandboxes

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class CoverageHandlers:
    """The operations on the coverage. A call that names no sandbox, by name or by key, means those of all together."""

    def __init__(
        self, coverage: CoverageRecorder, document: Document, operations: Sequence[Operation], sandboxes: Sandboxes
    ) -> None:
        self._coverage, self._document = coverage, document
        self._operations, self._sandboxes = operations, sandboxes

    async def get_coverage(self, form: str = "json", sandbox: str | None = None) -> Any:
        box = named_sandbox(self._sandboxes, sandbox)
        coverage_log, name = (self._coverage.all, None) if box is None else (box.coverage_log, box.name)
        report = report_of(self._document, self._operations, coverage_log, name)
        if form == "text":
            return text(report), 200, {"content-type": "text/plain; charset=utf-8"}
        if form == "html":
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": _POLICY}
            return page(report), 200, headers
        return values(report)

    async def forget_coverage(self, sandbox: str | None = None) -> tuple[None, int]:
        box = named_sandbox(self._sandboxes, sandbox)
        if box is None:
            self._coverage.all = CoverageLog()
        for forgotten in self._sandboxes if box is None else [box]:
            forgotten.coverage_log = CoverageLog()
        return None, 204
