"""How long everything takes: one plan for results, one for trying out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: int
    warm_up: int
    starts: int
    first_requests: int
    last_requests: int
    memory_seconds: int


FULL = Plan(rounds=5, seconds=1, warm_up=1, starts=5, first_requests=1_000, last_requests=100_000, memory_seconds=25)
QUICK = Plan(rounds=1, seconds=1, warm_up=0, starts=1, first_requests=100, last_requests=1_000, memory_seconds=2)
