"""Clocks: real, ahead of the real one, or standing still. No other file asks the machine for the date."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

# What a clock may tell: there is room around it for a next millisecond and for every time zone.
EARLIEST = datetime(2, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(slots=True)
class Clock:
    """Calling it gives the seconds since 1970. `frozen_at` is the instant at which it stands still, None if it goes;
    `ahead` is how many seconds a going one is before the real one.
    """

    frozen_at: float | None = None
    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead if self.frozen_at is None else self.frozen_at

    def copy(self) -> Clock:
        return Clock(self.frozen_at, self.ahead)

    def freeze(self, at: float | None = None) -> None:
        """Stands still at the given instant, or at the present one."""
        self.frozen_at = self() if at is None else at

    def go(self, at: float | None = None) -> None:
        """Goes on from the given instant, or is the real one again."""
        self.frozen_at, self.ahead = None, 0.0 if at is None else at - time.time()

    def advance(self, seconds: float) -> None:
        if self.frozen_at is None:
            self.ahead += seconds
        else:
            self.frozen_at += seconds


def stamp(seconds: float) -> str:
    """Seconds since 1970 as Enspace writes an instant: `2026-03-12T20:55:53.111Z`."""
    return _stamp(round(seconds * 1_000_000) // 1000)


# Calls that come fast share a stamp, and most of it if not.
@lru_cache(maxsize=16)
def _stamp(milliseconds: int) -> str:
    whole, rest = divmod(milliseconds, 1000)
    return f"{_second(whole)}.{rest:03d}Z"


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant; `ValueError` if it is none or names no offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("the instant needs an offset, such as a final Z")
    return instant


def clock_from(text: str) -> Clock:
    """`real`, or an ISO instant such as `2026-03-12T20:55:53Z`; `ValueError` for anything else."""
    return Clock() if text == "real" else checked(Clock(parse_instant(text).timestamp()))


def checked(clock: Clock) -> Clock:
    """The clock, if it tells a time that it may tell; `ValueError`."""
    if not EARLIEST <= clock() <= LATEST:
        raise ValueError("the instant is not within the years 2 to 9998")
    return clock
