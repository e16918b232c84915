"""Refusals as answers: Enspace's envelope `{statusCode, error, message}`, with `data` for the members of a bad body."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from mockserver.pipeline.exchange import Answer
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Refusal, Violation

# Python 3.13 calls it "Content Too Large".
_PHRASES = {413: "Payload Too Large"}

INTERNAL_ERROR = "An internal server error occurred"


def render_refusal(refusal: Refusal) -> Answer:
    """Renders the answer to a request that a stage refused."""
    if refusal.status == HTTPStatus.NO_CONTENT:
        return Answer(refusal.status, b"", "refused", headers=refusal.headers)
    envelope = _envelope(refusal.status, refusal.message)
    if refusal.violations:
        envelope["data"] = [_render_violation(violation) for violation in refusal.violations]
    return Answer(refusal.status, write_json(envelope), "refused", envelope, headers=refusal.headers)


def render_internal_error() -> Answer:
    """Renders a 500. It says nothing of the cause; the log does."""
    envelope = _envelope(500, INTERNAL_ERROR)
    return Answer(500, write_json(envelope), "failed", envelope)


def _envelope(status: int, message: str) -> dict[str, Any]:
    return {"statusCode": status, "error": _PHRASES.get(status) or HTTPStatus(status).phrase, "message": message}


def _render_violation(violation: Violation) -> dict[str, str]:
    if violation.rule == "state":
        return {"field": violation.member, "message": violation.documented}
    message = f"received {violation.received}, documented: {violation.documented}"
    return {"field": violation.member, "message": message}
