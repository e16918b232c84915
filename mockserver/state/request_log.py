"""The calls that a sandbox has answered, the last of them at least. Not part of the world: a call that only reads
adds to the history and changes nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

MOST_CALLS = 10_000


class Call(NamedTuple):
    """One finished call, as it came: secrets are masked where it is told.

    `at` is in seconds since 1970; `key` is the reference of the key, None for a session.
    """

    at: float
    key: str | None
    method: str
    path: bytes
    query: bytes
    status: int
    milliseconds: float
    workspace: str | None
    user: int
    client: str


class RequestLog:
    """The last `MOST_CALLS` calls; `count` tells of the forgotten ones too.

    They are kept as rows of their values: most are never asked for.
    """

    def __init__(self, first_id: int = 90_001) -> None:
        self._rows: deque[tuple[Any, ...]] = deque(maxlen=MOST_CALLS)
        self._first_id, self.count = first_id, 0
        self._last_uses: dict[str, float] = {}

    def __iter__(self) -> Iterator[tuple[int, Call]]:
        """The calls with their ids, oldest first."""
        return enumerate(map(Call._make, self._rows), self._first_id + self.count - len(self._rows))

    def add(self, call: tuple[Any, ...]) -> None:
        """Takes the values of a `Call`, in their order."""
        self.count += 1
        self._rows.append(call)
        at, key = call[:2]
        if key is not None:
            self._last_uses[key] = at

    def last_use(self, key: str) -> float | None:
        """When the key was used last, in seconds since 1970, or None."""
        return self._last_uses.get(key)
