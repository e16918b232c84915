"""The bounded cache of the pipeline. There is no other cache in the request path."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Values by key. At most `max_entries`, the oldest is evicted first; values larger than `max_size` are not kept."""

    def __init__(self, max_entries: int, max_size: int) -> None:
        self._values: dict[Hashable, Value] = {}
        self._max_entries, self._max_size = max_entries, max_size

    def get(self, key: Hashable) -> Value | None:
        """Returns the value, or None."""
        return self._values.get(key)

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keeps the value. `size` is the number of bytes that key and value take, about."""
        if size > self._max_size:
            return
        if len(self._values) >= self._max_entries:
            del self._values[next(iter(self._values))]
        self._values[key] = value
