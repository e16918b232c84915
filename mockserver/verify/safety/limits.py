"""Limits of a run: what it may send, how much, how fast and for how long, and its retries of a busy target."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import requests


class Mode(StrEnum):
    """The kinds of requests that a run may send."""

    READ_ONLY = "read-only"  # GET and HEAD
    OWN_DATA = "own-data"  # writes too, but only to records that this run has created
    FULL = "full"  # everything


WRITING = (Mode.OWN_DATA, Mode.FULL)

BUSY = (429, 503)
TROUBLE = (*BUSY, 502, 504)  # of the way to the target, or of its load: no single one breaks a promise
SHORTEST_PAUSE, DEFAULT_PAUSE = 0.5, 1.0  # seconds


@dataclass(frozen=True)
class Limits:
    """Bounds of one run. Times are in seconds, sizes in bytes; `rate` is requests per second, 0 for no limit."""

    mode: Mode = Mode.READ_ONLY
    max_body: int = 5_000_000
    request_time: float = 30.0
    busy_time: float = 30.0  # for retries of a busy target; never more than half of `max_time`
    max_time: float = 600.0
    cleanup_time: float = 120.0  # after `max_time`; records that are left then are reported
    rate: float = 0.0
    allow_http: bool = False


class BusyRetries:
    """Repeats of requests that were answered 429 or 503. `seconds` bounds the pauses of the whole run together."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self.waited = 0.0

    def send(self, send: Callable[[], requests.Response]) -> requests.Response:
        """Sends until the target is not busy or the time is used up; returns the last response."""
        response = send()
        while self._left > 0 and response.status_code in BUSY:
            self._pause(response.headers.get("retry-after", ""))
            response = send()
        return response

    def _pause(self, retry_after: str) -> None:
        # `Retry-After` may also be a date; such a target is asked again after the default pause.
        is_number = retry_after.isascii() and retry_after.isdigit()
        wanted = max(SHORTEST_PAUSE, float(retry_after)) if is_number else DEFAULT_PAUSE
        # The time is that of the whole run: a target that is always busy must not be asked for hours.
        pause = min(wanted, self._left)
        self._left -= pause
        self.waited += pause
        time.sleep(pause)
