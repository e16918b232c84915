"""Handlers of the control API for the clock of a sandbox, and the instants in requests."""

from __future__ import annotations

from typing import Any

from connexion.exceptions import ProblemException

from mockserver.clock import Clock, checked, clock_from, parse_instant, stamp
from mockserver.control.problems import bad_request
from mockserver.control.sandbox_selection import select_sandbox
from mockserver.enspace.context import as_text
from mockserver.state.sandboxes import Sandboxes

Json = dict[str, Any]


class ClockHandlers:
    """Operations on the clock of one sandbox."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes

    async def get_clock(self, sandbox: str | None = None) -> Json:
        return clock_to_json(select_sandbox(self._sandboxes, sandbox).clock)

    async def set_clock(self, body: Json, sandbox: str | None = None) -> Json:
        box = select_sandbox(self._sandboxes, sandbox)
        self._sandboxes.set_clock(box, _changed(box.clock, body))
        return clock_to_json(box.clock)


def clock_to_json(clock: Clock) -> Json:
    return {"now": stamp(clock()), "frozen": clock.frozen_at is not None}


def parse_clock(text: str) -> Clock:
    """A clock that is `real` or frozen at an instant. Raises a 400."""
    try:
        return clock_from(text)
    except ValueError as error:
        raise _bad_instant(text) from error


def normalize_instant(text: str | None) -> str | None:
    """An instant in Enspace's notation. Raises a 400."""
    try:
        return None if text is None else as_text(parse_instant(text))
    except (ValueError, OverflowError) as error:
        raise _bad_instant(text or "") from error


def _changed(clock: Clock, body: Json) -> Clock:
    """A copy of the clock with the changes in a request: first `now`, then `advance`, then `frozen`."""
    # In a copy, so that a request refused below leaves the clock as it was.
    clock = clock.copy()
    now, frozen = body.get("now"), body.get("frozen", clock.frozen_at is not None)
    if now == "real":
        clock.go()
    elif now is not None:
        clock.freeze(_parse_seconds(now))  # while the other changes are made, so that no time is lost
    if "advance" in body:
        clock.advance(body["advance"])
    if frozen and clock.frozen_at is None:
        clock.freeze()
    elif not frozen and clock.frozen_at is not None:
        clock.go(clock.frozen_at)
    try:
        # An advance may lead beyond the years that ISO instants can express.
        return checked(clock)
    except ValueError as error:
        raise bad_request(f"cannot set the clock: {error}") from error


def _parse_seconds(text: str) -> float:
    """An instant in seconds since 1970. Raises a 400."""
    try:
        return parse_instant(text).timestamp()
    except ValueError as error:
        raise _bad_instant(text) from error


def _bad_instant(text: str) -> ProblemException:
    documented = "`real` or an ISO instant such as 2026-03-12T20:55:53Z"
    return bad_request(f"received {text[:60]!r}, documented: {documented}")
