"""Refusals as answers: Enspace's envelope `{statusCode, error, message}`, with `data` for the members of a bad body."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Any

from mockserver.pipeline.exchange import Answer
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Refusal, Violation

# Python calls it differently in each of its versions.
_PHRASES = {413: "Payload Too Large"}

INTERNAL_ERROR = "An internal server error occurred"

_Headers = tuple[tuple[bytes, bytes], ...]


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that a stage refused."""
    if refusal.violations:
        return _answer(refusal.status, refusal.message, "refused", refusal.headers, refusal.violations)
    return _remembered(refusal.status, refusal.message, refusal.headers)


def failed() -> Answer:
    """The answer when the server itself is at fault. It tells nothing of the fault; the log does."""
    return _answer(500, INTERNAL_ERROR, "failed")


@lru_cache(maxsize=512)
def _remembered(status: int, message: str, headers: _Headers) -> Answer:
    if status == HTTPStatus.NO_CONTENT:
        return Answer(status, b"", "refused", headers=headers)
    return _answer(status, message, "refused", headers)


def _answer(
    status: int, message: str, source: str, headers: _Headers = (), violations: tuple[Violation, ...] = ()
) -> Answer:
    error = _PHRASES.get(status) or HTTPStatus(status).phrase
    envelope: dict[str, Any] = {"statusCode": status, "error": error, "message": message}
    if violations:
        envelope["data"] = [_told(violation) for violation in violations]
    return Answer(status, write_json(envelope), source, envelope, headers=headers)


def _told(violation: Violation) -> dict[str, str]:
    field = violation.where.partition(".")[2] or violation.where
    if violation.rule == "state":
        return {"field": field, "message": violation.documented}
    return {"field": field, "message": f"received {violation.received}, documented: {violation.documented}"}
