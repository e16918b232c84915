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
        response = None if operation is None else _documented(operation, refusal.status)
        if operation is not None and response is not None:
            try:
                answer = self._generate.documented_answer(operation, response)
                return replace(answer, source="refused", headers=(*answer.headers, *refusal.headers))
            except PayloadError:
                pass  # then the refusal is a plain problem
        return _problem(refusal)


def _documented(operation: Operation, status: int) -> Response | None:
    """Returns the documented JSON response of a refusal. Many APIs answer 422 to what we call 400."""
    exact = operation.responses.get(status)
    if exact is None and status == HTTPStatus.BAD_REQUEST:
        exact = operation.responses.get(HTTPStatus.UNPROCESSABLE_ENTITY)
    response = exact or operation.find_response(status)
    if response is None:
        return None
    offered = (response, *response.alternatives)
    found = next((each for each in offered if _has_body(each) and is_json(each.media_type)), None)
    # A range or `default` gets the status of the refusal.
    return found if found is None or exact is not None else replace(found, status=status)


def _has_body(response: Response) -> bool:
    return response.schema is not None or response.has_example or bool(response.examples)


def _problem(refusal: Refusal) -> Answer:
    if refusal.status == HTTPStatus.NO_CONTENT:
        return Answer(refusal.status, b"", "refused", headers=refusal.headers)
    title = HTTPStatus(refusal.status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": refusal.status, "detail": refusal.message}
    if refusal.violations:
        body["errors"] = [violation.to_json() for violation in refusal.violations]
    return Answer(refusal.status, write_json(body), "refused", media_type=_PROBLEM, headers=refusal.headers)
