"""One turn of the event loop: first all requests are read, then they are answered, then all answers are written.

Each reading and writing is a call of the system, after which the program itself is slower for a while; and a writing
wakes the client that waits for it, which may share the machine. In the midst of the work for others these cost a
creation a sixth. No request waits longer than for those that came in the same turn.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from weakref import WeakKeyDictionary


class Turn:
    """What is to be begun, and what is to be written to each transport, in the order in which it was given."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._ends = loop, False
        self._read: deque[Callable[[], None]] = deque()
        self._answers: list[tuple[asyncio.Transport, bytes]] = []

    def begin(self, request: Callable[[], None]) -> None:
        """Calls it when all is read."""
        self._read.append(request)
        self._see_to_end()

    def write(self, transport: asyncio.Transport, answer: bytes) -> None:
        """Writes it when all that was read is begun."""
        self._answers.append((transport, answer))
        self._see_to_end()

    def end(self) -> None:
        """Does now all that is left to do."""
        try:
            while self._read:
                self._read.popleft()()
        except BaseException:
            self._ends = False
            self._see_to_end()  # for the others, which have nothing to do with it
            raise
        self._ends = False
        answers, self._answers = self._answers, []
        for transport, answer in answers:
            if not transport.is_closing():
                transport.write(answer)

    def _see_to_end(self) -> None:
        if not self._ends:
            self._ends = True
            self._loop.call_soon(self.end)


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turn] = WeakKeyDictionary()


def turn_of(loop: asyncio.AbstractEventLoop) -> Turn:
    """The one turn of an event loop, again and again."""
    if loop not in _turns:
        _turns[loop] = Turn(loop)
    return _turns[loop]
