"""Enspace's request log: the last requests that a sandbox answered. Not part of the world, as reading changes it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

MAX_REQUESTS = 10_000
FIRST_ID = 90_001


@dataclass(slots=True)
class LoggedRequest:
    """One answered request, as it came: secrets are masked where it is shown.

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
    """The last `MAX_REQUESTS` requests. `count` includes those that were dropped."""

    def __init__(self) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=MAX_REQUESTS)
        self.count = 0
        self._last_uses: dict[str, float] = {}

    def __iter__(self) -> Iterator[tuple[int, LoggedRequest]]:
        """Yields ids and requests, oldest first."""
        return enumerate(self._requests, FIRST_ID + self.count - len(self._requests))

    def clear(self) -> None:
        """Returns to the beginning: no requests, and the first id again."""
        self._requests.clear()
        self._last_uses.clear()
        self.count = 0

    def add(self, request: LoggedRequest) -> None:
        self.count += 1
        self._requests.append(request)
        if request.key is not None:
            self._last_uses[request.key] = request.at

    def last_use(self, key: str) -> float | None:
        """Returns when the key was used last, in seconds since 1970, or None."""
        return self._last_uses.get(key)
