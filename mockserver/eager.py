"""Coroutines that begin at once: what never waits needs no task, which would cost a small request 7 % more.

Python 3.12 brings the same as `asyncio.eager_task_factory`; this is for 3.11.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any


def begin(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
    """Runs the work up to its first wait, and gives the task that does the rest; None if it is done.

    Until it first waits, the work is in no task: `asyncio.timeout` and the like are not to be had.
    """
    try:
        awaited = work.send(None)
    except StopIteration:
        return None
    return loop.create_task(_rest(work, awaited))


async def _rest(work: Coroutine[Any, Any, None], awaited: Any) -> None:
    await _go_on(work, awaited)


@coroutine
def _go_on(work: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """Waits for what the work waits for, and hands it what comes of it, to the end."""
    while True:
        try:
            received = yield awaited
        except BaseException as error:  # a cancellation too: it is for the work to see
            step: Callable[[], Any] = partial(work.throw, error)
        else:
            step = partial(work.send, received)
        try:
            awaited = step()
        except StopIteration:
            return
