"""The calls that a sandbox has answered, the last of them at least. Not part of the world: a call that only reads
adds to the history and changes nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

MOST_CALLS = 10_000


class Call(NamedTuple):
    """One finished call, as it came: secrets are masked where it is told.

    `at` is in seconds since 1970; `key` is the reference of the key, None for a session.
    """

    at: float
    method: str
    path: bytes
    query: bytes
    status: int
    milliseconds: float
    workspace: str | None
    key: str | None
    user: int
    client: str


class History:
    """The last `MOST_CALLS` calls; `count` tells of the forgotten ones too."""

    def __init__(self, first_id: int = 90_001) -> None:
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self._first_id, self.count = first_id, 0

    def __iter__(self) -> Iterator[tuple[int, Call]]:
        """The calls with their ids, oldest first."""
        return enumerate(self._calls, self._first_id + self.count - len(self._calls))

    def add(self, call: Call) -> None:
        self.count += 1
        self._calls.append(call)

    def last_use(self, key: str) -> float | None:
        """When the key was used last, in seconds since 1970, or None."""
        return next((call.at for call in reversed(self._calls) if call.key == key), None)
