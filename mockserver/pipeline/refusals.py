"""Refusals as answers: Enspace's envelope `{statusCode, error, message}`, with `data` for the members of a bad body."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Any

from mockserver.pipeline.exchange import Answer, Refusal, Violation
from mockserver.pipeline.json_text import write_json

INTERNAL_ERROR = "An internal server error occurred"

_Headers = tuple[tuple[bytes, bytes], ...]


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that a stage refused."""
    if refusal.status == HTTPStatus.NO_CONTENT:
        return Answer(refusal.status, b"", "refused", headers=refusal.headers)
    if refusal.violations:
        body = _envelope(refusal.status, refusal.message, refusal.violations)
        return Answer(refusal.status, body, "refused", headers=refusal.headers)
    return _plain(refusal.status, refusal.message, refusal.headers)


def failed() -> Answer:
    """The answer when the server itself is at fault. It tells nothing of the fault; the log does."""
    return Answer(500, _envelope(500, INTERNAL_ERROR, ()), "failed")


@lru_cache(maxsize=512)
def _plain(status: int, message: str, headers: _Headers) -> Answer:
    return Answer(status, _envelope(status, message, ()), "refused", headers=headers)


def _envelope(status: int, message: str, violations: tuple[Violation, ...]) -> bytes:
    body: dict[str, Any] = {"statusCode": status, "error": HTTPStatus(status).phrase, "message": message}
    if violations:
        body["data"] = [
            {
                "field": v.where.partition(".")[2] or v.where,
                "message": f"received {v.received}, documented: {v.documented}",
            }
            for v in violations
        ]
    return write_json(body)
