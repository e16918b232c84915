"""Measurements of one run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.behaviour import Verdict
from benchmarks.cold_start import Start
from benchmarks.journal import Journal
from benchmarks.large import Growth
from benchmarks.memory import Reading
from benchmarks.plan import Plan
from benchmarks.requests import KINDS, SAME
from benchmarks.sandboxes import Costs
from benchmarks.servers import CEILING, KEPT, OURS, STATELESS
from benchmarks.shared_store import Rates
from benchmarks.throughput import Row


@dataclass
class Results:
    """`load_before` is the load average of the machine at the start. `left_out` says why, by server. `growth` pairs
    our rows of the normal contract with those of the large one; what may be None is so until measured.
    """

    plan: Plan
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    peers: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    cold_starts: dict[str, Start] = field(default_factory=dict)
    memory: dict[str, tuple[Reading, Reading]] = field(default_factory=dict)
    growth: list[tuple[Row, Row]] = field(default_factory=list)
    large: Growth | None = None
    sandboxes: Costs | None = None
    journal: Journal | None = None
    shared_store: Rates | None = None

    def find(self, server: str, kind: str, form: str) -> Row | None:
        wanted = (server, kind, form)
        return next((row for row in self.rows if (row.server.name, row.kind.name, row.form) == wanted), None)

    def lines(self) -> list[tuple[str, str]]:
        """Lists server and form of each line of the throughput tables, in the order of measuring."""
        return list(dict.fromkeys((row.server.name, row.form) for row in self.rows))

    def ceiling(self, row: Row) -> Row:
        """Finds the row of the ceiling under the same load."""
        top = self.find(CEILING, row.kind.name, row.form)
        assert top is not None
        return top

    def against(self, peer: str, form: str) -> Iterator[tuple[Row, Row] | None]:
        """Pairs our row in this form with that of the peer, for each kind; None where one is missing."""
        for kind in KINDS:
            mine, theirs = self.find(OURS, kind.name, form), self.find(peer, kind.name, SAME)
            yield (mine, theirs) if mine and theirs else None

    def peer_names(self) -> list[str]:
        names = dict.fromkeys(row.server.name for row in self.rows)
        return [name for name in names if name not in (CEILING, OURS, KEPT, STATELESS)]
