"""Long work on the loop that all clients share: done in slices, and between two of them the others have their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import TypeVar

SLICE = 0.002  # seconds
PAUSE = 0.001  # the least that the loop knows; in no time a client in a thread of this process would not get to ask

T = TypeVar("T")


async def in_slices(work: Iterable[T], slice: float | None = None) -> AsyncIterator[T]:
    """The same, with a pause whenever the time of a slice is over."""
    slice = SLICE if slice is None else slice
    end = perf_counter() + slice
    for each in work:
        yield each
        if perf_counter() >= end:
            await asyncio.sleep(PAUSE)
            end = perf_counter() + slice
