"""Requests per second and computing time of several servers, in turns, so that a slow moment hits all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from statistics import median

from benchmarks.load import Load, press
from benchmarks.plan import Plan
from benchmarks.processes import cpu_seconds
from benchmarks.requests import Kind, Request, send
from benchmarks.servers import CEILING, OURS, Running

SAME, DISTINCT = "same", "distinct"


# A number as large as those of the load, for the one answer that is looked at.
NUMBER = 1_000_000


@dataclass(frozen=True)
class Round:
    load: Load
    cpu: float

    @property
    def rate(self) -> float:
        return self.load.rate

    @property
    def cost(self) -> float:
        """Microseconds of computing for one answer."""
        return 1e6 * self.cpu / self.load.requests if self.load.requests else inf


@dataclass(frozen=True)
class Row:
    """One server with one kind of request in one form; `status` and `size` are those of a single answer."""

    server: Running
    kind: Kind
    form: str
    request: Request
    status: int
    size: int
    rounds: list[Round] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(each.rate for each in self.rounds)

    @property
    def cost(self) -> float:
        return median(each.cost for each in self.rounds)

    @property
    def mixed(self) -> bool:
        """Whether errors came among the good answers, or the other way round."""
        loads = [each.load for each in self.rounds]
        return any(load.errors not in ((0,) if self.status < 400 else (load.requests,)) for load in loads)


def hardest(kind: Kind) -> str:
    return DISTINCT if kind.distinct else SAME


def row(server: Running, kind: Kind, form: str) -> Row:
    request = kind.distinct if form == DISTINCT and kind.distinct else kind.request
    answer = send(server.port, request.numbered(NUMBER))
    return Row(server, kind, form, request, answer.status, len(answer.body.encode()))


def rows_of(kind: Kind, servers: list[Running]) -> list[Row]:
    """The same request for everyone, and distinct ones for us, with the ceiling of that load beside it."""
    rows = [row(server, kind, SAME) for server in servers]
    if kind.distinct:
        rows += [row(server, kind, DISTINCT) for server in servers if server.name in (CEILING, OURS)]
    return rows


def measure(rows: list[Row], plan: Plan) -> list[Row]:
    if plan.warm_up:
        for one in rows:
            press(one.server.port, one.request, plan.warm_up)
    for _ in range(plan.rounds):
        for one in rows:
            one.rounds.append(measured(one, plan.seconds))
    return rows


def measured(one: Row, seconds: int) -> Round:
    leader = one.server.process.pid
    before = cpu_seconds(leader)
    load = press(one.server.port, one.request, seconds)
    return Round(load, cpu_seconds(leader) - before)


def times_as_fast(one: Row, other: Row) -> float:
    """In requests per second: the median of the ratios of each round."""
    return median(ratios(one, other))


def times_the_cost(one: Row, other: Row) -> float:
    """In computing time for an answer: the median of the ratios of each round."""
    pairs = zip(one.rounds, other.rounds, strict=True)
    return median(mine.cost / theirs.cost if theirs.cost else inf for mine, theirs in pairs)


def ratios(one: Row, other: Row) -> list[float]:
    pairs = zip(one.rounds, other.rounds, strict=True)
    return [mine.rate / theirs.rate if theirs.rate else inf for mine, theirs in pairs]


def spread(values: list[float]) -> float:
    """The distance between the highest and the lowest, as a part of the median."""
    return (max(values) - min(values)) / middle if (middle := median(values)) else 0.0
