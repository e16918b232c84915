"""Learner of a run: one patch of the contract that ends the contradictions of all its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.document import Document
from mockserver.judging.call_classifier import CallClassifier
from mockserver.judging.contract_patch import ContractPatch, learn
from mockserver.judging.drift import Contradiction, DriftRow, DriftSeverity, find_drift
from mockserver.judging.evidence import Evidence
from mockserver.judging.recorded_calls import RecordedBody, RecordedCall
from mockserver.verify.watching.run_calls import RunCalls

LONGEST_BODY = 1_000_000  # characters; a longer answer proves nothing that others do not
ENOUGH = 2  # equal answers to the same path: more of them prove nothing, and are a quarter of all


def patch_of_run(document: Document, target: str, calls: RunCalls) -> ContractPatch:
    """Returns the patch; empty without contradictions, or for a contract that was interpreted leniently.

    A patch needs two answers that agree, and never changes a documented part.
    """
    classifier = CallClassifier(document, urlsplit(target).path)
    sent, equal = set[str](), Counter[tuple[Any, ...]]()
    for call in calls.tests():
        sent.update(_names_in(call.request.json))
        # Only a success: what a refusal proves depends on its request.
        same = (call.method, call.path, call.status, hash(call.answer.text))
        equal[same] += 200 <= call.status < 400
        if equal[same] <= ENOUGH:
            classifier.add(_without_date(call))
    evidence = Evidence({"run": classifier.recording()})
    rows = find_drift(document, evidence)
    # An operation that a target has for an invented path or method is no part of its API.
    rows = [row for row in rows if row.contradiction is not Contradiction.OPERATION]
    # A member that the run has sent itself, under a name that the contract declares nowhere, is only an echo.
    echoes = sent - set(_declared_names(document.raw))
    rows = [row for row in rows if not _is_named(row, echoes)]
    inferred = [row for row in rows if row.severity is DriftSeverity.WARNING]
    return learn(document, [] if document.notes else inferred, evidence.places())


def _without_date(call: RecordedCall) -> RecordedCall:
    """Leaves out when a call was made, since the same run has the same patch, and a body that is too long."""
    is_usable = len(call.answer.text or "") <= LONGEST_BODY
    answer = call.answer if is_usable else RecordedBody(call.answer.media_type, None)
    return replace(call, day="", started="", answer=answer)


def _is_named(row: DriftRow, names: set[str]) -> bool:
    return row.contradiction is Contradiction.MEMBER and row.place[-1] in names


def _declared_names(part: Any) -> Iterator[str]:
    """Yields the names of all members that the schemas of a document declare."""
    if isinstance(part, dict) and isinstance(part.get("properties"), dict):
        yield from part["properties"]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _declared_names(inner)


def _names_in(value: Any) -> Iterator[str]:
    """Yields the names of all members in a JSON value."""
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names_in(part)
