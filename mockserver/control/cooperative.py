"""Cooperative loops: long work on the event loop that pauses for other requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import TypeVar

SLICE = 0.002  # seconds between two pauses
# The shortest pause of the event loop's clock. With 0, clients in a thread of this process would not get the lock.
PAUSE = 0.001

T = TypeVar("T")


async def cooperatively(items: Iterable[T], slice: float | None = None) -> AsyncIterator[T]:
    """Iterates over the items, pausing after each `slice` seconds of work (default: `SLICE`)."""
    slice = SLICE if slice is None else slice
    end = perf_counter() + slice
    for item in items:
        yield item
        if perf_counter() >= end:
            await asyncio.sleep(PAUSE)
            end = perf_counter() + slice
