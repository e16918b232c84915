"""Forward: operations that are not mocked are answered by a real Enspace, the upstream. Only with `--upstream`.

The upstream decides about a request that is forwarded: what a stage before this one refuses is a note in the journal.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Answer, EarlyAnswer, Exchange
from mockserver.pipeline.pipeline import Stage
from mockserver.pipeline.read_body import read_raw_body
from mockserver.pipeline.refusals import Refusal

# The body was not read completely, so that nothing can be forwarded.
_UNREAD = (408, 413)

# Sends the request of an exchange to the upstream; raises `Refusal` if that is impossible.
SendUpstream: TypeAlias = Callable[[Exchange], Awaitable[Answer]]


@dataclass(frozen=True)
class MockedOperations:
    """The operations that the fake answers, by id; with `missing`, also those that the upstream does not have."""

    ids: frozenset[str] = frozenset()
    missing: bool = False

    def forwards(self, exchange: Exchange) -> bool:
        """Returns whether the upstream answers. What `Prefer` asks for (status, example, data) comes from the fake."""
        preferences = exchange.preferences
        is_mocked = exchange.operation is not None and exchange.operation.id in self.ids
        return not (is_mocked or preferences.bypass_state or preferences.unmet)


class Advisory:
    """A stage whose refusal is a note if the request is forwarded. Fills in `refusal`.

    After a path that the contract does not have there is nothing to do for the other stages.
    """

    def __init__(self, stage: Stage, mocked: MockedOperations) -> None:
        self.name, self._stage, self._mocked = stage.name, stage, mocked

    async def __call__(self, exchange: Exchange) -> str | None:
        if exchange.operation is None and exchange.refusal is not None:
            return None
        try:
            return await self._stage(exchange)
        except Refusal as refusal:
            if refusal.status in _UNREAD or not self._mocked.forwards(exchange):
                raise
            exchange.refusal = exchange.refusal or refusal
            exchange.notes.append(f"upstream decides: {refusal.message}")
            return f"the fake would refuse with {refusal.status}"


class Forward:
    """Ends the walk with the answer of the upstream, if the request is forwarded."""

    name = "forward"

    def __init__(self, send: SendUpstream, mocked: MockedOperations, max_body: int) -> None:
        self._send, self._mocked, self._max_body = send, mocked, max_body

    async def __call__(self, exchange: Exchange) -> str | None:
        if not self._mocked.forwards(exchange):
            return None
        await read_raw_body(exchange, self._max_body)
        answer = await self._send(exchange)
        if not (self._mocked.missing and _is_missing(answer)):
            raise EarlyAnswer(answer, f"{answer.status} from upstream")
        if exchange.refusal is not None:
            raise exchange.refusal
        return f"upstream does not have it ({answer.status})"


def _is_missing(answer: Answer) -> bool:
    """Whether an answer says that there is no such operation, not that there is no such record."""
    return answer.status in (405, 501) or (answer.status == 404 and not _is_envelope(answer.body))


def _is_envelope(body: bytes) -> bool:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "statusCode" in value


def mocked_operations(operations: tuple[Operation, ...], names: list[str]) -> MockedOperations:
    """Returns the operations that the names stand for: operationIds, tags, or `missing`. `KeyError` for another one."""
    by_name: dict[str, set[str]] = {}
    for operation in operations:
        by_name.setdefault(operation.id, set()).add(operation.id)
        by_name.setdefault(operation.tag, set()).add(operation.id)
    ids = {id for name in names if name != "missing" for id in by_name[name]}
    return MockedOperations(frozenset(ids), "missing" in names)
