"""Long calculations in threads, so that other clients go on meanwhile, and the limit of their time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep, thread_time
from typing import ParamSpec, TypeVar

# Python runs one thread at a time, so more of them would only make the event loop wait longer for its turn.
_WORKERS = ThreadPoolExecutor(2, thread_name_prefix="control")
_PAUSE, _BETWEEN_PAUSES = 0.0005, 0.003  # seconds

P = ParamSpec("P")
T = TypeVar("T")


async def in_background(function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Calls a function that reads no state which requests change meanwhile."""
    return await asyncio.wrap_future(_WORKERS.submit(function, *args, **options))


class TooLong(ValueError):
    """A calculation has reached its `TimeLimit`."""


class TimeLimit:
    """A bound for the processor time of the thread that creates it, so that a busy machine changes nothing.

    The thread also pauses now and then: a library that releases the interpreter for a moment, as RE2 does in each
    search, takes it back before the event loop wakes up, however long that goes on.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._start = seconds, thread_time()
        self._next_pause = self._start

    def check(self) -> None:
        """Raises `TooLong` once the time is used up."""
        now = thread_time()
        if now > self._start + self._seconds:
            raise TooLong(f"this takes more than {self._seconds:g} seconds of processor time")
        if now > self._next_pause:
            sleep(_PAUSE)
            self._next_pause = now + _BETWEEN_PAUSES
