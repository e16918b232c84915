"""Long calculations in threads, so that other clients go on meanwhile, and the limit of their time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import thread_time
from typing import ParamSpec, TypeVar

# Python runs one thread at a time, so more of them would only make the event loop wait longer for its turn.
_WORKERS = ThreadPoolExecutor(2, thread_name_prefix="control")

P = ParamSpec("P")
T = TypeVar("T")


async def in_background(function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Calls a function that reads no state which requests change meanwhile."""
    return await asyncio.wrap_future(_WORKERS.submit(function, *args, **options))


class TooLong(ValueError):
    """A calculation has reached its `TimeLimit`."""


class TimeLimit:
    """A bound for the processor time of the thread that creates it, so that a busy machine changes nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._end = seconds, thread_time() + seconds

    def check(self) -> None:
        """Raises `TooLong` once the time is used up."""
        if thread_time() > self._end:
            raise TooLong(f"this takes more than {self._seconds:g} seconds of processor time")
