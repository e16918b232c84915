"""Deduplicated coverage log: which statuses and members the requests of a sandbox exercised.

A shape holds everything that coverage needs of one request; most requests have the shape of an earlier one.
"""

from __future__ import annotations

from typing import TypeAlias

# The operationId, the status of the answer, and the places that the request filled: in path and query, and in headers
# and body. All are names of the contract, never texts of a client, so that their number is bounded.
Shape: TypeAlias = tuple[str, int, frozenset[str], frozenset[str]]

MAX_SHAPES = 1000

_NONE: frozenset[str] = frozenset()


class CoverageLog:
    """The shapes of all requests. If there are too many, they are merged to one for each operation and status."""

    __slots__ = ("_limit", "shapes")

    def __init__(self) -> None:
        self.shapes: set[Shape] = set()
        self._limit = MAX_SHAPES

    def add(self, shape: Shape) -> None:
        """Adds a shape, and merges all if there are too many."""
        self.shapes.add(shape)
        if len(self.shapes) > self._limit:
            self.shapes = {(*answer, places, _NONE) for answer, places in self.merged().items()}
            self._limit = max(MAX_SHAPES, 2 * len(self.shapes))

    def clear(self) -> None:
        """Removes all shapes."""
        self.shapes.clear()
        self._limit = MAX_SHAPES

    def merged(self) -> dict[tuple[str, int], frozenset[str]]:
        """Returns all filled places by operation and status."""
        found: dict[tuple[str, int], frozenset[str]] = {}
        for operation, status, head, rest in list(self.shapes):  # a copy, since another thread may add to it
            found[operation, status] = found.get((operation, status), _NONE) | head | rest
        return found
