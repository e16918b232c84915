"""The clock of the server: real, or standing still at one instant. No other file asks the machine for the date."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]  # seconds since 1970


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant; `ValueError` if it is none or names no offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("the instant needs an offset, such as a final Z")
    return instant


def clock_from(text: str) -> Clock:
    """`real`, or an ISO instant such as `2026-03-12T20:55:53Z`; `ValueError` for anything else."""
    if text == "real":
        return time.time
    instant = parse_instant(text).timestamp()
    return lambda: instant
