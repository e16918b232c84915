"""Fault: does a requested failure or delay affect this request?

Three ways to request one: a fault of the sandbox (control API), a scenario in `Prefer: scenario=NAME`, and a magic
value in path, query or body. How a damaged answer is sent is in `send`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, TypeAlias

from mockserver.contract.operations import Operation
from mockserver.pipeline.choose import refuse_preference
from mockserver.pipeline.envelope import INTERNAL_ERROR, render_refusal
from mockserver.pipeline.exchange import Answer, Damage, EarlyAnswer, Exchange
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt
from mockserver.state.faults import Fault
from mockserver.state.sandboxes import DEFAULT, Sandboxes

Scenarios: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]

# The text `mock-404`; in a path, whose keys may have to be numbers, also 990404.
_IN_TEXT = re.compile(rb"mock-([45][0-9]{2})(?![A-Za-z0-9])")
_IN_PATH = re.compile(rb"(?:mock-|/990)([45][0-9]{2})(?![A-Za-z0-9])")
# A request without an answer has no effect; one whose answer is damaged has its effect.
_WITHOUT_ANSWER = ("reset", "timeout")
_DEFAULT_SECONDS = 5.0
_TOO_MANY = "Too many requests"


class FaultStage:
    """Ends the walk with the answer of a fault, or fills in `damage` for the answer to come."""

    name = "fault"

    def __init__(self, scenarios: Scenarios, sandboxes: Sandboxes) -> None:
        self._scenarios, self._sandboxes, self._default = scenarios, sandboxes, sandboxes[DEFAULT]

    async def __call__(self, exchange: Exchange) -> str:
        sandbox, operation = exchange.sandbox or self._default, exchange.operation
        if operation is None:  # a path that the contract does not have, on its way to the upstream
            return "none"
        _answer_magic_value(exchange, operation)
        if exchange.sandbox is None:
            self._sandboxes.catch_up(sandbox)
        scenario = exchange.preferences.scenario
        specifications = () if scenario is None else self._faults_of(scenario)
        if scenario is None and not sandbox.faults:
            return "none"
        now = sandbox.clock()
        with self._sandboxes.faults(sandbox) as faults:
            if scenario is not None:
                faults = faults.of_scenario(scenario, specifications)
            fault = faults.affecting(operation.id, operation.tag, operation.method, sandbox.seed, now)
        return "none" if fault is None else _apply(fault, exchange, operation, sandbox.seed, now)

    def _faults_of(self, scenario: str) -> Sequence[Mapping[str, Any]]:
        if scenario not in self._scenarios:
            known = ", ".join(self._scenarios) or "none"
            raise refuse_preference(f"scenario: received {excerpt(scenario, 40)!r}, documented: {known}")
        return self._scenarios[scenario]


def _apply(fault: Fault, exchange: Exchange, operation: Operation, seed: int, now: float) -> str:
    specification = fault.specification
    connection = specification.get("connection")
    exchange.damage = Damage(connection, fault.delay(seed), specification.get("seconds", _DEFAULT_SECONDS))
    description = f"{fault.id}: {_describe(fault)}"
    exchange.notes.append(description)
    if connection in _WITHOUT_ANSWER:
        raise EarlyAnswer(Answer(0, b"", "fault"), description)
    if "rate" in specification:
        raise EarlyAnswer(_too_many_requests(fault, now), description)
    if "status" in specification:
        raise EarlyAnswer(_fault_answer(specification, operation), description)
    return description


def _describe(fault: Fault) -> str:
    effects = ("status", "connection", "rate", "delay")
    return ", ".join(f"{name} {fault.specification[name]}" for name in effects if name in fault.specification)


def _fault_answer(specification: Mapping[str, Any], operation: Operation) -> Answer:
    """Returns the body that the fault specifies, else the documented one, else the usual error envelope."""
    status = specification["status"]
    given = specification.get("headers", {})
    headers = tuple((name.lower().encode(), text.encode()) for name, text in given.items())
    body = write_json(specification["body"]) if "body" in specification else _documented_body(status, operation)
    return Answer(status, body, "fault", headers=headers)


def _documented_body(status: int, operation: Operation) -> bytes:
    response = operation.find_response(status)
    if response is not None and response.has_example:
        return write_json(response.example)
    if response is not None and response.examples:
        return write_json(next(iter(response.examples.values())))
    message = INTERNAL_ERROR if status >= 500 else "A fault answers this request"
    return render_refusal(Refusal(status, message)).body


def _too_many_requests(fault: Fault, now: float) -> Answer:
    """Returns a 429 with the seconds until the next window."""
    wait = str(ceil(fault.seconds_left(now))).encode()
    limit = str(fault.specification["rate"]["calls"]).encode()
    counters = ((b"x-ratelimit-limit", limit), (b"x-ratelimit-remaining", b"0"), (b"x-ratelimit-reset", wait))
    body = render_refusal(Refusal(429, _TOO_MANY)).body
    return Answer(429, body, "fault", headers=((b"retry-after", wait), *counters))


def _answer_magic_value(exchange: Exchange, operation: Operation) -> None:
    """Ends the walk with the error that a magic value asks for, if the operation documents it."""
    for text, pattern in (
        (exchange.raw_path, _IN_PATH),
        (exchange.query_string, _IN_TEXT),
        (exchange.raw_body, _IN_TEXT),
    ):
        if (found := pattern.search(text)) and (status := int(found[1])) in operation.responses:
            note = f"the magic value {found[0].decode()} asks for {status}"
            exchange.notes.append(note)
            raise EarlyAnswer(Answer(status, _documented_body(status, operation), "fault"), note)
