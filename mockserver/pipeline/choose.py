"""Choose: which status and which example answer this request. Pure; the stage `generate` makes the body.

Status: the preferred one, else the success. Example of that status: the preferred one, the twin of the request body,
the unnamed `example`, for an error the first named one, else a generated body. In a foreign document the first named
one comes before a generated body for a success too, and a success in a type that the client does not accept is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.contract.media_types import negotiate
from mockserver.contract.operations import Operation, Response
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.preferences import Preferences
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt


class Choose:
    """Fills in `status`, `response`, `example` and `is_generated`. Refuses preferences that cannot be met."""

    name = "choose"

    def __init__(self, operations: Iterable[Operation], *, is_foreign: bool = False) -> None:
        self._is_foreign = is_foreign
        self._success = {operation.id: operation.success.status for operation in operations}

    async def __call__(self, exchange: Exchange) -> str:
        operation, preferences = exchange.operation, exchange.preferences
        assert operation is not None
        if preferences.unmet:
            raise refuse_preference(preferences.unmet)
        status = self._success[operation.id] if preferences.code is None else _preferred_status(operation, preferences)
        response = operation.find_response(status)
        assert response is not None
        if response.alternatives or (self._is_foreign and response.has_content):
            response = _negotiate(response, exchange.headers.get(b"accept", b"").decode("latin-1"))
        exchange.response = response
        example = choose_example(operation, response, preferences, exchange.body)
        has_any = example is not None or response.has_example or preferences.dynamic
        if self._is_foreign and not has_any:
            example = next(iter(response.examples), None)
        exchange.status, exchange.example = status, example
        exchange.is_generated = example is None and (preferences.dynamic is True or not response.has_example)
        return f"status {status}" if example is None else f"status {status}, example {example}"


def _negotiate(response: Response, accept: str) -> Response:
    """Returns the response in the media type that the client prefers."""
    offered = (response, *response.alternatives)
    names = [each.media_type for each in offered]
    chosen = negotiate(accept, names)
    # An error that the client cannot read is still better than another one.
    if chosen is None and response.status >= 400:
        return response
    if chosen is None:
        detail = f"received {excerpt(accept, 80)!r}, documented: {', '.join(names)}"
        raise Refusal(406, f"Not Acceptable: header accept: {detail}")
    return offered[names.index(chosen)]


def refuse_preference(reason: str) -> Refusal:
    """Returns the refusal of a preference that cannot be met."""
    return Refusal(400, f"Invalid header: prefer ({reason})")


def _preferred_status(operation: Operation, preferences: Preferences) -> int:
    code = preferences.code
    assert code is not None
    if operation.find_response(code) is None:
        known = ", ".join(map(str, sorted(operation.responses)))
        raise refuse_preference(f"code: received {code}, documented for {operation.id}: {known}")
    return code


def choose_example(operation: Operation, response: Response, preferences: Preferences, body: Any) -> str | None:
    """Returns the name of the example that answers, or None."""
    if preferences.example is not None:
        if preferences.example not in response.examples:
            known = ", ".join(response.examples) or "none"
            received = f"example: received {excerpt(preferences.example, 40)!r}"
            raise refuse_preference(f"{received}, documented for {operation.id} {response.status}: {known}")
        return preferences.example
    if not response.examples or preferences.dynamic:
        return None
    if response.status >= 400:
        return None if response.has_example else next(iter(response.examples))
    return _find_twin(operation, response, body)


def _find_twin(operation: Operation, response: Response, body: Any) -> str | None:
    """Returns the response example with the name of the request example that the body equals.

    Body and example are equal if their outermost scalar members are, such as the id of a provider.
    """
    if operation.body is None or not isinstance(body, dict):
        return None
    for name, example in operation.body.examples.items():
        if name in response.examples and _scalar_members(example) == _scalar_members(body) != {}:
            return name
    return None


def _scalar_members(value: Any) -> dict[str, Any]:
    return {name: part for name, part in value.items() if not isinstance(part, (dict, list))}
