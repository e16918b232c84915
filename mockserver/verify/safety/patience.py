"""Waiting for a target that has no time (429, 503): asked again a little later, until the time for it is used up."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

BUSY = (429, 503)
SHORTEST, USUAL = 0.5, 1.0


class Patience:
    """The seconds that a run may wait in all."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self.waited = 0.0

    def ask(self, send: Callable[[], requests.Response]) -> requests.Response:
        """The first answer of a target that has time, else the last one of a target that has none."""
        answer = send()
        while self._left > 0 and answer.status_code in BUSY:
            self._wait(answer.headers.get("retry-after", ""))
            answer = send()
        return answer

    def _wait(self, told: str) -> None:
        wanted = max(SHORTEST, float(told)) if told.isascii() and told.isdigit() else USUAL
        pause = min(wanted, self._left)
        self._left -= pause
        self.waited += pause
        time.sleep(pause)
