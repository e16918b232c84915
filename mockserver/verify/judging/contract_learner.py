"""Learner of a run: what all its responses have shown, and one patch of the contract that ends the contradictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import requests

from mockserver.contract.document import Document
from mockserver.judging.call_classifier import CallClassifier
from mockserver.judging.contract_patch import ContractPatch, learn
from mockserver.judging.drift import Contradiction, DriftRow, DriftSeverity, find_drift
from mockserver.judging.evidence import Evidence
from mockserver.judging.recorded_calls import RecordedBody, RecordedCall
from mockserver.verify.safety.bounded_transport import parse_json

LONGEST_BODY = 1_000_000  # bytes; a longer response proves nothing that others do not
ENOUGH = 2  # equal answers to the same path: more of them prove nothing, and are a quarter of all


class ContractLearner:
    """Observer of every response. A patch needs two responses that agree, and never changes a documented part."""

    def __init__(self, document: Document, target: str) -> None:
        self._document = document
        self._classifier = CallClassifier(document, urlsplit(target).path)
        self._numbers = count(1)
        self._sent: set[str] = set()  # names of members in bodies of the run
        self._successes = Counter[tuple[str | int | None, ...]]()
        self._declared = set(_declared_names(document.raw))

    def observe(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Takes in one response of the target."""
        self._sent.update(_names_in(parse_json(request.body)))
        # Only a success: what a refusal proves depends on its request.
        same = (request.method, urlsplit(request.url or "").path, response.status_code, hash(response.content))
        self._successes[same] += response.ok
        if self._successes[same] > ENOUGH:
            return
        self._classifier.add(
            RecordedCall(
                number=next(self._numbers),
                method=request.method or "",
                url=request.url or "",
                status=response.status_code,
                request=_body(request.headers.get("content-type", ""), request.body),
                answer=_body(response.headers.get("content-type", ""), response.content),
                headers={name.lower(): value for name, value in response.headers.items()},
            )
        )

    def patch(self) -> ContractPatch:
        """Returns the patch; empty without contradictions, or for a contract that was interpreted leniently."""
        evidence = Evidence({"run": self._classifier.recording()})
        rows = find_drift(self._document, evidence)
        # An operation that a target has for an invented path or method is no part of its API.
        rows = [row for row in rows if row.contradiction is not Contradiction.OPERATION]
        rows = [row for row in rows if not self._is_echo(row)]
        inferred = [row for row in rows if row.severity is DriftSeverity.WARNING]
        return learn(self._document, [] if self._document.notes else inferred, evidence.places())

    def _is_echo(self, row: DriftRow) -> bool:
        """True for a member that the run has sent itself, under a name that the contract declares nowhere."""
        return row.contradiction is Contradiction.MEMBER and row.place[-1] in self._sent - self._declared


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


def _body(media_type: str, raw: bytes | str | None) -> RecordedBody:
    content = raw.encode() if isinstance(raw, str) else raw or b""
    is_usable = isinstance(content, bytes) and len(content) <= LONGEST_BODY
    return RecordedBody(media_type, content.decode("utf-8", "replace") if is_usable else None)
