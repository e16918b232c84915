"""How far a run may go: the modes, and the bounds that hold in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What may cross the wire."""

    READ_ONLY = "read-only"  # GET and HEAD
    OWN_DATA = "own-data"  # writes too, but only on records that this run has made
    FULL = "full"  # anything


WRITING = (Mode.OWN_DATA, Mode.FULL)


@dataclass(frozen=True)
class Limits:
    """`rate` is requests in a second, 0 for as fast as they come; times are in seconds."""

    mode: Mode = Mode.READ_ONLY
    max_body: int = 5_000_000
    request_time: float = 15.0
    patience: float = 30.0  # for a target that has no time; never more than half of `max_time`
    max_time: float = 600.0
    rate: float = 0.0
    allow_http: bool = False
