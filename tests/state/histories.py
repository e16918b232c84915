"""Recorded histories of one register, and the check whether they are linearizable.

Source: Gibbons and Korach, Testing Shared Memories, 1997: with a different value in each write, a history is
linearizable if no zone of one value overlaps that of another in one of two ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Operation:
    """A write or a read of a value, with the times between which it happened."""

    value: str
    is_write: bool
    start: float
    end: float


def violations(history: Iterable[Operation]) -> list[str]:
    """Describes what no order of the operations can explain. Each value must be written once."""
    by_value: dict[str, list[Operation]] = {}
    for operation in history:
        by_value.setdefault(operation.value, []).append(operation)
    found: list[str] = []
    forward: list[tuple[float, float, str]] = []
    backward: list[tuple[float, float, str]] = []
    for value, operations in by_value.items():
        (write,) = (operation for operation in operations if operation.is_write)
        if any(operation.end < write.start for operation in operations):
            found.append(f"{value} was read before it was written")
        first_end, last_start = min(o.end for o in operations), max(o.start for o in operations)
        if first_end < last_start:
            forward.append((first_end, last_start, value))
        else:
            backward.append((last_start, first_end, value))
    forward.sort()
    found += [f"{one[2]} and {other[2]} were both valid" for one, other in pairwise(forward) if one[1] > other[0]]
    found += [
        f"{inner[2]} was written while {outer[2]} stayed"
        for inner in backward
        for outer in forward
        if outer[0] < inner[0] and inner[1] < outer[1]
    ]
    return found
