"""Refusals in the form that the document describes; as problem details (RFC 9457) where it describes none."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from mockserver.contract.media_types import is_json
from mockserver.contract.operations import Operation, Response
from mockserver.payloads.payload_error import PayloadError
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.generate import Generate
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Refusal

_PROBLEM = "application/problem+json"


class DocumentedRefusals:
    """Renders refusals of documents that are not Enspace's."""

    def __init__(self, generate: Generate) -> None:
        self._generate = generate

    def __call__(self, exchange: Exchange, refusal: Refusal) -> Answer:
        operation = exchange.operation
        status = refusal.status if operation is None else _documented_status(operation, refusal.status)
        response = None if operation is None else _documented(operation, status)
        if operation is not None and response is not None:
            try:
                answer = self._generate.documented_answer(operation, response, exchange.preferences.example)
                return replace(answer, source="refused", headers=(*answer.headers, *refusal.headers))
            except PayloadError:
                pass  # then the refusal is a plain problem
        return _problem(refusal, status)


def _documented_status(operation: Operation, status: int) -> int:
    """Returns 422 for a 400 if only that is documented: many APIs answer so."""
    only_422 = 400 not in operation.responses and 422 in operation.responses
    return 422 if status == HTTPStatus.BAD_REQUEST and only_422 else status


def _documented(operation: Operation, status: int) -> Response | None:
    """Returns the documented response of a refusal that has a body, in JSON if it may be."""
    response = operation.find_response(status)
    if response is None:
        return None
    offered = [each for each in (response, *response.alternatives) if each.has_content]
    found = next((each for each in offered if is_json(each.media_type)), offered[0] if offered else None)
    # A range or `default` gets the status of the refusal.
    return None if found is None else replace(found, status=status)


def _problem(refusal: Refusal, status: int) -> Answer:
    if status == HTTPStatus.NO_CONTENT:
        return Answer(status, b"", "refused", headers=refusal.headers)
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": refusal.message}
    if refusal.violations:
        body["errors"] = [violation.to_json() for violation in refusal.violations]
    return Answer(status, write_json(body), "refused", media_type=_PROBLEM, headers=refusal.headers)
