"""Requests per second and CPU time of several servers, measured in turns, so that a slow moment affects all."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from statistics import median

from benchmarks.load import Load, ask, press
from benchmarks.plan import Plan
from benchmarks.processes import cpu_seconds
from benchmarks.requests import DISTINCT, SAME, Kind, Request
from benchmarks.servers import Running, WrongAnswer

# The share of the ceiling to reach in the ordinary form.
TARGETS = {"get one": 0.50, "list 20": 0.45, "create": 0.25, "bad body": 0.18}


@dataclass(frozen=True)
class Round:
    load: Load
    cpu: float

    @property
    def rate(self) -> float:
        return self.load.rate

    @property
    def cost(self) -> float:
        """Microseconds of CPU time for one answer."""
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
    def is_mixed(self) -> bool:
        """True if both errors and good answers came."""
        loads = [each.load for each in self.rounds]
        return any(load.errors not in ((0,) if self.status < 400 else (load.requests,)) for load in loads)

    def demand_documented(self) -> None:
        """Raises `WrongAnswer` if any answer had another status than the documented one."""
        if self.status != self.kind.status or self.is_mixed or not all(each.load.requests for each in self.rounds):
            difference = f"documented is {self.kind.status}, it answered {self.status} alone, and under load"
            counts = "; ".join(f"{each.load.errors} of {each.load.requests} with errors" for each in self.rounds)
            raise WrongAnswer(
                f"{self.server.name}, {self.kind.name}, {self.form}: {difference} {counts or 'nothing yet'}"
            )


def hardest(kind: Kind) -> str:
    return DISTINCT if kind.distinct else SAME


def row(server: Running, kind: Kind, form: str) -> Row:
    request = kind.forms[form]
    answer = ask(server, request)
    return Row(server, kind, form, request, answer.status, len(answer.body.encode()))


def measure(rows: list[Row], plan: Plan) -> list[Row]:
    """Measures all rounds. Our answers are checked after each round, since errors are answered faster."""
    if plan.warm_up:
        for one in rows:
            press(one.server, one.request, plan.warm_up)
    for _ in range(plan.rounds):
        for one in rows:
            one.rounds.append(measured(one, plan.seconds))
            if one.server.is_ours:
                one.demand_documented()
    return rows


def measured(one: Row, seconds: int) -> Round:
    leader = one.server.process.pid
    before = cpu_seconds(leader)
    load = press(one.server, one.request, seconds)
    return Round(load, cpu_seconds(leader) - before)


def times_as_fast(one: Row, other: Row) -> float:
    """Returns the median over the rounds of the ratio in requests per second."""
    return median(ratios(one, other))


def times_the_cost(one: Row, other: Row) -> float:
    """Returns the median over the rounds of the ratio in CPU time per answer."""
    pairs = zip(one.rounds, other.rounds, strict=True)
    return median(mine.cost / theirs.cost if theirs.cost else inf for mine, theirs in pairs)


def ratios(one: Row, other: Row) -> list[float]:
    pairs = zip(one.rounds, other.rounds, strict=True)
    return [mine.rate / theirs.rate if theirs.rate else inf for mine, theirs in pairs]


def spread(values: list[float]) -> float:
    """Returns the range of the values as a share of their median."""
    return (max(values) - min(values)) / middle if (middle := median(values)) else 0.0
