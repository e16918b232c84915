"""Resident memory of a server and its children, after few and after many distinct requests."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import press
from benchmarks.plan import Plan
from benchmarks.processes import resident_megabytes
from benchmarks.requests import DISTINCT_SHORT_LIST
from benchmarks.servers import Running, Server, WrongAnswer, running


@dataclass(frozen=True)
class Reading:
    requests: int
    megabytes: float


def measure(server: Server, plan: Plan, log: Path) -> tuple[Reading, Reading]:
    with running(server, log) as started:
        sent = serve(started, plan.first_requests, plan.memory_seconds)
        first = Reading(sent, resident_megabytes(started.process.pid))
        sent += serve(started, plan.last_requests - sent, plan.memory_seconds)
        return first, Reading(sent, resident_megabytes(started.process.pid))


def serve(server: Running, answers: int, seconds: int) -> int:
    """Sends a number of requests, or as many as fit into the time, and returns how many were answered."""
    done, deadline = 0, time.monotonic() + seconds
    while done < answers and time.monotonic() < deadline:
        load = press(server, DISTINCT_SHORT_LIST, 1, answers - done)
        if load.errors and server.is_ours:
            raise WrongAnswer(f"{server.name} refused {load.errors} of {load.requests} lists")
        done += load.requests
    return done
