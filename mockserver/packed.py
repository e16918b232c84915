"""Rows of plain values, packed into one piece each: for what is kept of every call, and mostly never asked for.

Thousands of rows made of parts are freed part by part, long after each part was used last. That takes a tenth of the
time of a creation; to pack a row takes a hundredth.
"""

from __future__ import annotations

import marshal
from typing import Any

# Later formats look for equal parts, which takes longer than to write them twice.
_FORMAT = 2


def pack(row: tuple[Any, ...]) -> bytes:
    """Of numbers, texts, bytes, None, and tuples, dictionaries and sets of these."""
    return marshal.dumps(row, _FORMAT)


def unpack(packed: bytes) -> tuple[Any, ...]:
    """The row that was packed."""
    row: tuple[Any, ...] = marshal.loads(packed)
    return row
