"""Limits of a run: what it may send, how much, how fast and for how long, and its retries."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import requests


class Mode(StrEnum):
    """The kinds of requests that a run may send."""

    READ_ONLY = "read-only"  # GET and HEAD
    OWN_DATA = "own-data"  # writes too, but only to records that this run has created
    FULL = "full"  # everything


WRITING = (Mode.OWN_DATA, Mode.FULL)
READS = ("GET", "HEAD")

BUSY = (429, 503)
GATEWAY = (502, 504)
TROUBLE = (*BUSY, *GATEWAY)  # of the way to the target, or of its load: no single one breaks a promise
SHORTEST_PAUSE, DEFAULT_PAUSE = 0.05, 1.0  # seconds, for a busy target: each repeat of a request doubles the pause
PAUSE_AFTER_LOSS = 0.5  # seconds
MOST_REPEATS = 2  # of a read after a lost connection or a failure of a gateway


def is_success(response: requests.Response) -> bool:
    """True for 2xx only; `Response.ok` includes redirects."""
    return 200 <= response.status_code < 300


def is_page(body: bytes) -> bool:
    """True for HTML, whatever media type its sender declares."""
    return body.lstrip()[:1] == b"<"


def is_trouble(status: int, body: bytes) -> bool:
    """True for a status of trouble, and for a page of a gateway with a status of its own, such as 522."""
    return status in TROUBLE or (status > max(GATEWAY) and is_page(body))


@dataclass(frozen=True)
class Limits:
    """Bounds of one run. Times are in seconds, sizes in bytes; `rate` is requests per second, 0 for no limit."""

    mode: Mode = Mode.READ_ONLY
    max_body: int = 5_000_000
    request_time: float = 30.0
    busy_time: float = 30.0  # for retries, of a busy target and of a lost one each; at most half of `max_time`
    max_time: float = 600.0
    cleanup_time: float = 120.0  # after `max_time`; records that are left then are reported
    rate: float = 0.0
    allow_http: bool = False
    authority: Path | None = None  # of certificates, instead of the usual ones

    @property
    def reproduction_time(self) -> float:
        """The end of `max_time`, which is kept for executing reproductions of what the tests have found."""
        return min(60.0, self.max_time / 10)


class Retries:
    """Repeats of requests without a usable answer. `seconds` bounds the pauses of the whole run, and its lost time.

    A busy target (429, 503) has done nothing, so every request is repeated. After other trouble only a read is: a write
    may have taken place.
    """

    def __init__(self, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
        self._left, self._is_over = {"busy": seconds, "lost": seconds}, is_over
        self.waited = 0.0

    def send(self, method: str, send: Callable[[], requests.Response]) -> requests.Response:
        """Sends until there is a usable answer or a limit is reached; returns the last response."""
        repeats, busy = MOST_REPEATS if method in ("GET", "HEAD") else 0, 0
        while True:
            started = time.monotonic()
            try:
                response = send()
            except requests.RequestException as error:
                # A certificate does not change.
                if not (repeats and self._has("lost")) or isinstance(error, requests.exceptions.SSLError):
                    raise
            else:
                if response.status_code in BUSY and self._has("busy"):
                    self._pause("busy", _wanted_pause(response.headers.get("retry-after", ""), busy))
                    busy += 1
                    continue
                is_lost = is_trouble(response.status_code, response.content)
                if not is_lost or response.status_code in BUSY or not (repeats and self._has("lost")):
                    return response
            repeats -= 1
            self._left["lost"] -= time.monotonic() - started  # a timeout is as long as many pauses
            self._pause("lost", PAUSE_AFTER_LOSS)

    def _has(self, purpose: str) -> bool:
        return self._left[purpose] > 0 and not self._is_over()

    def _pause(self, purpose: str, wanted: float) -> None:
        # The time is that of the whole run: a target that is always busy must not be asked for hours.
        pause = max(0.0, min(wanted, self._left[purpose]))
        self._left[purpose] -= pause
        self.waited += pause
        time.sleep(pause)


def _wanted_pause(retry_after: str, repeats: int) -> float:
    """Parses `Retry-After`, which may also be a date; without a number, the pause grows up to the default one."""
    growing: float = SHORTEST_PAUSE * 2**repeats
    is_number = retry_after.isascii() and retry_after.isdigit()
    return max(growing, float(retry_after)) if is_number else min(growing, DEFAULT_PAUSE)
