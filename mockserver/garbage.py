"""Objects that refer to each other in a circle are looked for by the clock, when the server is a process of its own.

Calls leave none: what they make is gone when its last name is. Python looks for circles whenever so many objects more
are there, through all that are new, which with records that stay takes a tenth of the time of a creation.
"""

from __future__ import annotations

import gc
from time import perf_counter

# Seconds from one look to the next, at least.
INTERVAL = 10
_MOST_SHARE = 0.01
# With fewer objects more than after the last look there is little to be found: calls that only read keep none.
_FEW = 10_000


class Collector:
    """Each call may look once; looking takes at most a hundredth of the time."""

    def __init__(self) -> None:
        # What was made for the start stays until the end: without this, each look would go through all of it again.
        gc.freeze()
        gc.disable()
        self._next = 0.0

    async def __call__(self) -> None:
        began = perf_counter()
        if began < self._next or gc.get_count()[0] < _FEW:
            return
        gc.collect()
        self._next = began + (perf_counter() - began) / _MOST_SHARE
