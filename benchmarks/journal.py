"""Cost of the journal: memory over many requests, and speed compared with a server without a journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks import throughput
from benchmarks.memory import Reading, serve
from benchmarks.plan import Plan
from benchmarks.processes import resident_megabytes
from benchmarks.requests import KINDS, SAME
from benchmarks.servers import OURS, ours, running
from benchmarks.throughput import Row, times_as_fast, times_the_cost

MOST_GROWTH, MOST_COST = 0.05, 0.10


@dataclass(frozen=True)
class Journal:
    """Two readings of one server whose journal is full, and the rows of *get one* without a journal and with it."""

    first: Reading
    last: Reading
    without: Row
    kept: Row

    @property
    def growth(self) -> float:
        return self.last.megabytes / self.first.megabytes - 1

    @property
    def cost(self) -> float:
        """Share of the requests per second that the journal costs."""
        return 1 - times_as_fast(self.kept, self.without)

    @property
    def computing(self) -> float:
        """Additional CPU time of an answer, as a share."""
        return times_the_cost(self.kept, self.without) - 1


def measure(plan: Plan, folder: Path) -> Journal:
    first, last = measure_memory(plan, folder / "journal.log")
    return Journal(first, last, *measure_speed(plan, folder))


def measure_memory(plan: Plan, log: Path) -> tuple[Reading, Reading]:
    with running(ours(), log) as server:
        sent = serve(server, plan.journal_first, plan.journal_seconds)
        first = Reading(sent, resident_megabytes(server.process.pid))
        sent += serve(server, plan.journal_last - sent, plan.journal_seconds)
        return first, Reading(sent, resident_megabytes(server.process.pid))


def measure_speed(plan: Plan, folder: Path) -> list[Row]:
    none, kept = ours("--journal-size", "0", name=f"{OURS}, no journal"), ours()
    with running(none, folder / "none.log") as one, running(kept, folder / "kept.log") as other:
        rows = [throughput.row(server, KINDS[0], SAME) for server in (one, other)]
        return throughput.measure(rows, plan)
