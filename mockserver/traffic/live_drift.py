"""Drift while the fake is running: forwarded answers are compared with the contract as they come."""

from __future__ import annotations

from threading import Lock
from typing import Any

from mockserver.contract.document import Document
from mockserver.judging.call_classifier import CallClassifier
from mockserver.judging.drift import DriftRow, find_drift
from mockserver.judging.evidence import Evidence
from mockserver.judging.recorded_calls import RecordedCall
from mockserver.secrets import mask_text
from mockserver.text import escape_controls

MOST_NOTES = 10  # of one answer


class LiveDrift:
    """The drift of all forwarded calls, and of each one."""

    def __init__(self, document: Document) -> None:
        self._document, self._lock = document, Lock()
        self._total, self._single = CallClassifier(document), CallClassifier(document)

    def observe(self, call: RecordedCall) -> list[str]:
        """Adds a call; returns a note for each place of the contract that its answer contradicts."""
        with self._lock:
            self._total.add(call)
            self._single.add(call)
            rows = find_drift(self._document, Evidence({"": self._single.take()}))
        notes = [f"drift: {_describe(row)}" for row in rows[:MOST_NOTES]]
        return notes if len(rows) <= MOST_NOTES else [*notes, f"drift: {len(rows) - MOST_NOTES} more"]

    def clear(self) -> None:
        """Forgets all calls."""
        with self._lock:
            self._total.take()

    def to_json(self) -> dict[str, Any]:
        """Renders the rows of all calls, and why calls were set aside."""
        with self._lock:
            rows = find_drift(self._document, Evidence({"": self._total.recording()}))
            counts = {"used": self._total.used, "set_aside": dict(sorted(self._total.set_aside.items()))}
        return counts | {"rows": [self._row_to_json(row) for row in rows]}

    def _row_to_json(self, row: DriftRow) -> dict[str, Any]:
        return {
            "identity": _shown(row.identity),
            "severity": str(row.severity),
            "place": _shown(row.name),
            "received": _shown(row.received),
            "documented": _shown(row.documented),
            "line": row.line,
            "answers": row.seen.answers,
            "records": row.seen.records,
            "operations": [_shown(operation) for operation in row.operations],
        }


def _describe(row: DriftRow) -> str:
    return _shown(f"{row.name}: received {row.received}, documented: {row.documented}")


def _shown(text: str) -> str:
    """The text of a target as it may be shown."""
    return escape_controls(mask_text(text))
