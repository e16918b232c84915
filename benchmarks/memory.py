"""Resident memory of a server and its children, after few and after many requests, each for another record."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import press
from benchmarks.plan import Plan
from benchmarks.processes import resident_megabytes
from benchmarks.requests import DISTINCT_MEMBER
from benchmarks.servers import Server, running


@dataclass(frozen=True)
class Reading:
    requests: int
    megabytes: float


def measure(server: Server, plan: Plan, log: Path) -> tuple[Reading, Reading]:
    with running(server, log) as started:
        sent = serve(started.port, plan.first_requests, plan.memory_seconds)
        first = Reading(sent, resident_megabytes(started.process.pid))
        sent += serve(started.port, plan.last_requests - sent, plan.memory_seconds)
        return first, Reading(sent, resident_megabytes(started.process.pid))


def serve(port: int, answers: int, seconds: int) -> int:
    """Lets the server answer so many requests, or as many as it can in that time; returns how many."""
    done, deadline = 0, time.monotonic() + seconds
    while done < answers and time.monotonic() < deadline:
        done += press(port, DISTINCT_MEMBER, 1, answers - done).requests
    return done
