"""Choose: which status and which example answer this request. Pure; the body is made by the stage `produce`.

In this order: the status that the client wishes, else the success; of that status the example that the client
wishes, the one that is twin to the request's body, the one unnamed `example`, for an error the first named one,
else a generated body.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.contract.operations import Operation, Response
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.preferences import NO_PREFERENCES, Preferences, read_preferences
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt


class Choose:
    """Reads the wishes and fills in `status`, `example` and `generated`."""

    name = "choose"

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._success = {operation.id: operation.success.status for operation in operations}

    def __call__(self, exchange: Exchange) -> None:
        operation = exchange.operation
        assert operation is not None
        preferences = read_preferences(exchange.headers[b"prefer"]) if b"prefer" in exchange.headers else NO_PREFERENCES
        exchange.preferences = preferences
        exchange.status = (
            self._success[operation.id] if preferences.code is None else _wished_status(operation, preferences.code)
        )
        response = operation.responses[exchange.status]
        exchange.example = choose_example(operation, response, preferences, exchange.body)
        exchange.generated = exchange.example is None and (preferences.dynamic is True or not response.has_example)


def _wished_status(operation: Operation, code: int) -> int:
    if code not in operation.responses:
        known = ", ".join(map(str, sorted(operation.responses)))
        raise Refusal(400, f"Invalid header: prefer (code: received {code}, documented for {operation.id}: {known})")
    return code


def choose_example(operation: Operation, response: Response, preferences: Preferences, body: Any) -> str | None:
    """The name of the example that answers, or None."""
    if preferences.example is not None:
        if preferences.example not in response.examples:
            known = ", ".join(response.examples) or "none"
            received = f"received {excerpt(preferences.example, 40)!r}"
            message = f"example: {received}, documented for {operation.id} {response.status}"
            raise Refusal(400, f"Invalid header: prefer ({message}: {known})")
        return preferences.example
    if not response.examples or preferences.dynamic:
        return None
    if response.status >= 400:
        return None if response.has_example else next(iter(response.examples))
    return _twin(operation, response, body)


def _twin(operation: Operation, response: Response, body: Any) -> str | None:
    """A request example and a response example of one name belong together.

    A body is like a request example if its outermost plain members (a provider's id, say) are the same.
    """
    if operation.body is None or not isinstance(body, dict):
        return None
    for name, example in operation.body.examples.items():
        if name in response.examples and _plain_members(example) == _plain_members(body) != {}:
            return name
    return None


def _plain_members(value: Any) -> dict[str, Any]:
    return {name: part for name, part in value.items() if not isinstance(part, (dict, list))}
