"""Cold start: time from the start of a process to its first 200, polled every 5 ms."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median

from benchmarks.plan import Plan
from benchmarks.processes import cpu_seconds
from benchmarks.servers import Server, StartError, running


@dataclass(frozen=True)
class Start:
    """One start, in seconds; `cpu` is the CPU time of it."""

    seconds: float
    cpu: float


def measure(servers: list[Server], plan: Plan, log: Path) -> dict[str, Start]:
    """Returns the medians of several starts of each server, taken in turns."""
    starts: dict[str, list[Start]] = {server.name: [] for server in servers}
    for _ in range(plan.starts):
        for server in servers:
            starts[server.name].append(start(server, log))
    return {
        name: Start(median(each.seconds for each in found), median(each.cpu for each in found))
        for name, found in starts.items()
    }


def start(server: Server, log: Path) -> Start:
    try:
        with running(server, log) as started:
            return Start(started.seconds_to_answer, cpu_seconds(started.process.pid))
    except StartError:
        return Start(inf, inf)
