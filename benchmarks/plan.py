"""Durations and sizes of a run: one plan for results, one for a quick trial."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Durations and sizes. `items` are read in turn by the distinct form of *get one*: more than the cache holds.

    `few_items` and `many_items` are for `large.py`, `calls` and `sandboxes` for `sandboxes.py`,
    the last three for `journal.py`.
    """

    rounds: int
    seconds: int
    warm_up: int
    starts: int
    first_requests: int
    last_requests: int
    memory_seconds: int
    items: int
    few_items: int
    many_items: int
    calls: int
    sandboxes: int
    journal_first: int
    journal_last: int
    journal_seconds: int


FULL = Plan(
    rounds=5,
    seconds=1,
    warm_up=1,
    starts=5,
    first_requests=1_000,
    last_requests=100_000,
    memory_seconds=20,
    items=5_000,
    few_items=100,
    many_items=100_000,
    calls=50,
    sandboxes=500,
    journal_first=100_000,
    journal_last=1_000_000,
    journal_seconds=900,
)
QUICK = Plan(
    rounds=1,
    seconds=1,
    warm_up=0,
    starts=1,
    first_requests=100,
    last_requests=1_000,
    memory_seconds=2,
    items=1_000,
    few_items=100,
    many_items=2_000,
    calls=3,
    sandboxes=10,
    journal_first=2_000,
    journal_last=5_000,
    journal_seconds=5,
)
