"""Clock of a sandbox: real, shifted or frozen. No other file reads the time of the machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

# The range of a clock leaves room for the next millisecond and for every time zone.
EARLIEST = datetime(2, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(slots=True)
class Clock:
    """A function that returns the seconds since 1970.

    frozen_at: the time at which it stands still, None if it runs
    ahead: seconds between real time and a running clock
    """

    frozen_at: float | None = None
    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead if self.frozen_at is None else self.frozen_at

    def copy(self) -> Clock:
        return Clock(self.frozen_at, self.ahead)

    def freeze(self, at: float | None = None) -> None:
        """Stops the clock at the given time, or at its present one."""
        self.frozen_at = self() if at is None else at

    def go(self, at: float | None = None) -> None:
        """Lets the clock run from the given time on, or sets it to real time."""
        self.frozen_at, self.ahead = None, 0.0 if at is None else at - time.time()

    def advance(self, seconds: float) -> None:
        if self.frozen_at is None:
            self.ahead += seconds
        else:
            self.frozen_at += seconds


def stamp(seconds: float) -> str:
    """Formats seconds since 1970 as Enspace does: `2026-03-12T20:55:53.111Z`."""
    # Microseconds first, because 1.001 * 1000 is 1000.9999999999999.
    whole, milliseconds = divmod(round(seconds * 1_000_000) // 1000, 1000)
    return f"{datetime.fromtimestamp(whole, UTC).isoformat()[:19]}.{milliseconds:03d}Z"


def parse_instant(text: str) -> datetime:
    """Parses an ISO 8601 instant. Raises `ValueError` if it is none, or has no offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("the instant needs an offset, such as a final Z")
    return instant


def clock_from(text: str) -> Clock:
    """Parses `real`, or an ISO instant such as `2026-03-12T20:55:53Z`. Raises `ValueError`."""
    return Clock() if text == "real" else checked(Clock(parse_instant(text).timestamp()))


def checked(clock: Clock) -> Clock:
    """Returns the clock if its time is in the allowed range. Raises `ValueError`."""
    if not EARLIEST <= clock() <= LATEST:
        raise ValueError("the instant is not within the years 2 to 9998")
    return clock
