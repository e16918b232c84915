"""What calls have shown of a contract: a set of shapes, which is asked for later and stays small.

A shape says all that coverage wants to know of one call; most calls have the shape of an earlier one.
"""

from __future__ import annotations

from typing import TypeAlias

# An operation, the status of its answer, and the places of the request that were filled: those of its path and query,
# and those of its headers and body. They are names of the contract, never what a client made up.
Shape: TypeAlias = tuple[str, int, frozenset[str], frozenset[str]]

MOST_SHAPES = 1000

_NONE: frozenset[str] = frozenset()


class CoverageLog:
    """The shapes of all calls. Too many of them are joined: one remains for each operation and status."""

    __slots__ = ("_most", "shapes")

    def __init__(self) -> None:
        self.shapes: set[Shape] = set()
        self._most = MOST_SHAPES

    def add(self, shape: Shape) -> None:
        """Remembers the shape, and joins all if there are too many."""
        self.shapes.add(shape)
        if len(self.shapes) > self._most:
            self.shapes = {(*answer, places, _NONE) for answer, places in self.joined().items()}
            self._most = max(MOST_SHAPES, 2 * len(self.shapes))

    def joined(self) -> dict[tuple[str, int], frozenset[str]]:
        """All places that were filled, by operation and status."""
        found: dict[tuple[str, int], frozenset[str]] = {}
        for operation, status, head, rest in list(self.shapes):  # another thread may add to it
            found[operation, status] = found.get((operation, status), _NONE) | head | rest
        return found
