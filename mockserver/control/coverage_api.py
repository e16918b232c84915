"""Handlers of the control API for contract coverage, of one sandbox or of all, in several formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.control.sandbox_selection import find_sandbox
from mockserver.coverage.recorder import CoverageRecorder
from mockserver.coverage.rendering import render_html, render_text, to_json
from mockserver.coverage.report import report_of
from mockserver.state.sandboxes import Sandboxes

# The page needs no scripts and no network, so a name from a contract cannot load anything.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class CoverageHandlers:
    """Operations on the coverage. A request without a sandbox, by name or by key, is about all sandboxes together."""

    def __init__(
        self, coverage: CoverageRecorder, document: Document, operations: Sequence[Operation], sandboxes: Sandboxes
    ) -> None:
        self._coverage, self._document = coverage, document
        self._operations, self._sandboxes = operations, sandboxes

    async def get_coverage(self, form: str = "json", sandbox: str | None = None) -> Any:
        box = find_sandbox(self._sandboxes, sandbox)
        coverage_log, name = (self._coverage.all, None) if box is None else (box.coverage_log, box.name)
        report = report_of(self._document, self._operations, coverage_log, name)
        if form == "text":
            return render_text(report), 200, {"content-type": "text/plain; charset=utf-8"}
        if form == "html":
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": _POLICY}
            return render_html(report), 200, headers
        return to_json(report)

    async def reset_coverage(self, sandbox: str | None = None) -> tuple[None, int]:
        box = find_sandbox(self._sandboxes, sandbox)
        if box is None:
            self._coverage.all.clear()
        for cleared in self._sandboxes if box is None else [box]:
            cleared.coverage_log.clear()
        return None, 204
