"""Fault: what goes wrong with this call on purpose?

Three ways to ask for it: a fault of the sandbox (control API), a scenario that the call itself wishes for
(`Prefer: scenario=NAME`), and a magic value in what the call sends. How a damaged answer leaves is in `sending`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, TypeAlias

from mockserver.contract.operations import Operation
from mockserver.pipeline.envelope import INTERNAL_ERROR, refused
from mockserver.pipeline.exchange import Answer, Damage, Ended, Exchange
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.preferences import read_preferences
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt
from mockserver.state.faults import Fault
from mockserver.state.sandboxes import Sandbox

Scenarios: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]

# A word `mock-404`; in a path, whose keys may have to be numbers, also 990404.
_TEXT = re.compile(rb"mock-([45][0-9]{2})(?![A-Za-z0-9])")
_IN_PATH = re.compile(rb"(?:mock-|/990)([45][0-9]{2})(?![A-Za-z0-9])")
# Nothing is done for a call that gets no answer; one whose answer is damaged has its effect.
_SILENT = ("reset", "timeout")
_SECONDS = 5.0
_TOO_MANY = "Too many requests"


class FaultStage:
    """Ends the walk with the answer of a fault, or tells `sending` what to do to the answer that comes."""

    name = "fault"

    def __init__(self, scenarios: Scenarios, default: Sandbox) -> None:
        self._scenarios, self._default = scenarios, default

    def __call__(self, exchange: Exchange) -> None:
        sandbox, operation = exchange.sandbox or self._default, exchange.operation
        assert operation is not None
        if _may_hold_magic(exchange):
            _refuse_by_magic(exchange, operation)
        faults = sandbox.faults
        preferences = exchange.headers.get(b"prefer")
        if (
            preferences
            and b"scenario" in preferences.lower()
            and (name := read_preferences(preferences).scenario) is not None
        ):
            faults = sandbox.faults.wished(name, self._scenario(name))
        if not faults:
            return
        now = sandbox.clock()
        fault = faults.strike(operation.id, operation.tag, operation.method, sandbox.seed, now)
        if fault is not None:
            _apply(fault, exchange, operation, sandbox.seed, now)

    def _scenario(self, name: str) -> Sequence[Mapping[str, Any]]:
        if name not in self._scenarios:
            known = ", ".join(self._scenarios) or "none"
            raise Refusal(
                400, f"Invalid header: prefer (scenario: received {excerpt(name, 40)!r}, documented: {known})"
            )
        return self._scenarios[name]


def _apply(fault: Fault, exchange: Exchange, operation: Operation, seed: int, now: float) -> None:
    wanted = fault.wanted
    connection = wanted.get("connection")
    exchange.damage = Damage(connection, fault.delay(seed), wanted.get("seconds", _SECONDS))
    exchange.notes += (f"{fault.id}: {_told(fault)}",)
    if connection in _SILENT:
        raise Ended(Answer(0, b"", "fault", checked=True))
    if "rate" in wanted:
        raise Ended(_too_many(fault, now))
    if "status" in wanted:
        raise Ended(_answer(wanted, operation))


def _told(fault: Fault) -> str:
    effects = {name: fault.wanted[name] for name in ("status", "connection", "rate", "delay") if name in fault.wanted}
    return ", ".join(f"{name} {value}" for name, value in effects.items())


def _answer(wanted: Mapping[str, Any], operation: Operation) -> Answer:
    """The body that the fault names, else the documented one, else the usual error envelope."""
    status = wanted["status"]
    headers = tuple((name.lower().encode(), text.encode()) for name, text in wanted.get("headers", {}).items())
    if "body" in wanted:
        return Answer(status, write_json(wanted["body"]), "fault", headers=headers, checked=True)
    return Answer(status, _documented(status, operation), "fault", headers=headers, checked=True)


def _documented(status: int, operation: Operation) -> bytes:
    response = operation.responses.get(status)
    if response is not None and response.has_example:
        return write_json(response.example)
    if response is not None and response.examples:
        return write_json(next(iter(response.examples.values())))
    return refused(Refusal(status, INTERNAL_ERROR if status >= 500 else "The fake was told to answer this")).body


def _too_many(fault: Fault, now: float) -> Answer:
    """429, with the seconds until the next window; so is the counter of what is left."""
    wait = str(max(ceil(fault.seconds_left(now)), 1)).encode()
    calls = str(fault.wanted["rate"]["calls"]).encode()
    counters = ((b"x-ratelimit-limit", calls), (b"x-ratelimit-remaining", b"0"), (b"x-ratelimit-reset", wait))
    body = refused(Refusal(429, _TOO_MANY)).body
    return Answer(429, body, "fault", headers=((b"retry-after", wait), *counters), checked=True)


def _may_hold_magic(exchange: Exchange) -> bool:
    """A first look, which takes a tenth of the time."""
    path = exchange.raw_path
    return b"mock-" in exchange.raw_body or b"mock-" in path or b"/990" in path or b"mock-" in exchange.query_string


def _refuse_by_magic(exchange: Exchange, operation: Operation) -> None:
    """An error that a value of the path, the query or the body asks for, if it is documented for the operation."""
    for sent, magic in ((exchange.raw_path, _IN_PATH), (exchange.query_string, _TEXT), (exchange.raw_body, _TEXT)):
        if (found := magic.search(sent)) and (status := int(found[1])) in operation.responses:
            exchange.notes += (f"the magic value {found[0].decode()} asks for {status}",)
            raise Ended(Answer(status, _documented(status, operation), "fault", checked=True))
