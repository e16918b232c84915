"""Report of a run as Markdown, for RESULTS.md.

Ratios come first: the numbers of one machine mean little elsewhere.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from datetime import date
from importlib.metadata import version
from math import isfinite
from statistics import median

from benchmarks import large
from benchmarks.behaviour import CHECKS, Verdict
from benchmarks.journal import MOST_COST, MOST_GROWTH
from benchmarks.load import CONNECTIONS
from benchmarks.requests import CREATE, DISTINCT, KINDS, SAME
from benchmarks.results import Results
from benchmarks.sandboxes import MOST_MEGABYTES, MOST_MILLISECONDS
from benchmarks.servers import CEILING, KEPT, OURS, STATELESS
from benchmarks.shared_store import CLIENTS, LEAST_GAIN
from benchmarks.throughput import TARGETS, Row, ratios, spread, times_as_fast, times_the_cost

PYTHON_PACKAGES = ("connexion", "uvicorn", "uvloop", "httptools")
NONE = "-"


def markdown(results: Results) -> str:
    measured = (
        speed,
        shares,
        times,
        costs,
        rates,
        verdicts,
        cold_starts,
        memory,
        growth,
        more_items,
        sandboxes,
        journal,
        several_processes,
    )
    sections = (heading, *measured, left_out, noise)
    return "\n\n".join(section(results) for section in sections) + "\n"


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    head = list(head)
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *lines))


def heading(results: Results) -> str:
    plan, used = results.plan, {"Python": platform.python_version()}
    used |= {name: version(name) for name in PYTHON_PACKAGES} | results.peers
    return f"""# Benchmark results

Written by `make bench` on {date.today():%Y-%m-%d}; do not edit.

A machine with {os.cpu_count()} CPUs; every server on one core, wrk with {CONNECTIONS} connections on another.
{plan.rounds} rounds of {plan.seconds} s for each cell after {plan.warm_up} s of warming up, the servers in turns.
{", ".join(f"{name} {number}" for name, number in used.items())}."""


def speed(results: Results) -> str:
    def share(name: str, kind: str, form: str) -> float | None:
        row = results.find(name, kind, form)
        return None if row is None else times_as_fast(row, results.ceiling(row))

    lines = []
    for kind, target in TARGETS.items():
        ordinary, distinct = share(OURS, kind, SAME), share(OURS, kind, DISTINCT)
        met = ordinary is not None and ordinary >= target
        lines.append([kind, part(ordinary), f"{target:.2f}", yes_or_no(met), part(distinct)])
    for name, description in ((KEPT, "kept in SQLite"), (STATELESS, "generated, as the peers do it")):
        lines.append([f"{CREATE.name}, {description}", part(share(name, CREATE.name, SAME)), NONE, NONE, NONE])
    return f"""## Speed

Our share of the ceiling, which the next section explains: with repeated requests, and with distinct ones.

{table(["", "share", "at least", "met", "distinct"], lines)}"""


def shares(results: Results) -> str:
    return f"""## Share of the ceiling

Requests per second over those of the ceiling in the same round, median of the rounds. The ceiling is a bare uvicorn
app that answers the same bytes as our server, and does nothing else. In brackets: the status of a server that did not
answer the documented one; for our server this stops the run. Bodies differ in size (see the bytes below): a server
that answers a list of 20 with one record does less work.

*Create* sends another name and slug in every request, and our server stores a record for each; *{KEPT}* writes it
to a file before it answers, and *{STATELESS}* generates the answer from the contract without a record, like
the peers. *Get one* and *list 20* repeat one request, which our server answers from its cache until the state changes.
In the lines marked *distinct* no answer is cached: *get one* reads {results.plan.items:,} items in turn, more than the
cache holds, and the lists have another ignored query name each time.

{throughput(results, lambda row: f"{times_as_fast(row, results.ceiling(row)):.1%}{instead(row)}")}"""


def costs(results: Results) -> str:
    return f"""## CPU time of one answer

Microseconds of all processes of a server, and in brackets the ratio to the ceiling; medians of the rounds.
Other work on the machine distorts this less than the requests per second.

{throughput(results, lambda row: f"{row.cost:,.0f} ({times_the_cost(row, results.ceiling(row)):.1f})")}"""


def times(results: Results) -> str:
    def cell(pair: tuple[Row, Row] | None) -> str:
        if pair is None:
            return NONE
        ours, theirs = pair
        return f"{factor(times_as_fast(ours, theirs))} ({factor(times_the_cost(theirs, ours))})"

    lines = (
        [peer if form == SAME else f"{peer}, distinct", *map(cell, results.against(peer, form))]
        for form in (SAME, DISTINCT)
        for peer in results.peer_names()
    )
    return f"""## How many times as fast as each peer

Our requests per second over theirs in the same round, median of the rounds; in brackets the same by CPU time.
In the lines marked *distinct* our server gets distinct requests, as above, and the peer gets one repeated request: it
has no state, and generates each answer from the contract.

{table(["", *(kind.name for kind in KINDS)], lines)}"""


def rates(results: Results) -> str:
    return f"""## Requests per second

Medians of the rounds; in brackets the bytes of one body.

{throughput(results, lambda row: f"{row.rate:,.0f} ({row.size:,})")}"""


def throughput(results: Results, cell: Callable[[Row], str]) -> str:
    lines = []
    for server, form in results.lines():
        rows = (results.find(server, kind.name, form) for kind in KINDS)
        name = f"{server}, distinct" if form == DISTINCT else server
        lines.append([name, *(cell(row) if row else NONE for row in rows)])
    return table(["", *(kind.name for kind in KINDS)], lines)


def instead(row: Row) -> str:
    if row.is_mixed:
        return " (mixed statuses)"
    return "" if row.status == row.kind.status else f" ({row.status or 'no answer'})"


def verdicts(results: Results) -> str:
    lines = (
        [check.promise, *(verdict(given[number]) for given in results.verdicts.values())]
        for number, check in enumerate(CHECKS)
    )
    return f"""## Correctness of each server

Single requests on the same contract; in brackets the status of an answer that failed the check. Connexion is a
framework: its handlers here return fixed values, so only its validation counts. Our server is stateful: a created
record is listed, and its slug is taken.

{table(["", *results.verdicts], lines)}"""


def verdict(given: Verdict) -> str:
    return yes_or_no(given.kept) if given.kept else f"{yes_or_no(given.kept)} ({given.status or 'no answer'})"


def cold_starts(results: Results) -> str:
    our = results.cold_starts[OURS]
    lines = (
        [name, factor(start.seconds / our.seconds), seconds(start.seconds), seconds(start.cpu)]
        for name, start in results.cold_starts.items()
    )
    return f"""## Cold start

From the start of the process to its first 200, polled every 5 ms; median of {results.plan.starts} starts, in turns.

{table(["", "over ours", "seconds", "CPU seconds"], lines)}"""


def memory(results: Results) -> str:
    plan = results.plan
    lines = (
        [name, f"{first.megabytes:.0f} MB", f"{last.megabytes:.0f} MB", f"{last.requests:,}"]
        for name, (first, last) in results.memory.items()
    )
    return f"""## Memory

Resident memory of a server and its children while it answers lists of one item, each with another ignored query name:
after {plan.first_requests:,} requests, and at the end, after {plan.last_requests:,} requests or about
{plan.memory_seconds} s.

{table(["", "first", "at the end", "requests"], lines)}"""


def growth(results: Results) -> str:
    lines = (
        [normal.kind.name, factor(times_the_cost(large, normal)), factor(times_as_fast(normal, large))]
        for normal, large in results.growth
    )
    return f"""## A contract ten times as large

Ratio of the cost of one of our answers with ten copies of each path to that with the shipped contract; requests go to
the original paths, which come first. Distinct requests where there are any, in turns; 1.00 is no difference.

{table(["", "by CPU time", "by requests per second"], lines)}"""


def more_items(results: Results) -> str:
    grown = results.large
    if grown is None:
        return f"## Many items\n\n{NONE}"
    lines = []
    for few, many in grown.pairs:
        times, target = times_the_cost(many, few), large.TARGETS[few.kind.name]
        costs = (f"{row.cost:,.0f} ({row.size:,})" for row in (few, many))
        lines.append([few.kind.name, *costs, factor(times), f"{target:.1f}", yes_or_no(times <= target)])
    return f"""## Many items

Two of our servers with {grown.few:,} and with {grown.many:,} items of one type, in turns: microseconds of CPU
time for one answer, and in brackets the bytes of one body. Items are read by reference in random order; the list is the
default one of 100 items; the other list has the newest 20 of the `active` items, which are half of all. No answer is
cached: each query has another ignored name, for which both servers run with `--lenient`. Creating the {grown.many:,}
items over HTTP took {grown.seconds:.1f} s.

{table(["", f"{grown.few:,} items", f"{grown.many:,} items", "times as much", "at most", "met"], lines)}"""


def sandboxes(results: Results) -> str:
    costs = results.sandboxes
    if costs is None:
        return f"## Sandboxes\n\n{NONE}"
    most, kept = f"{MOST_MILLISECONDS} ms", f"{MOST_MEGABYTES} MB"
    called = {"make a sandbox": costs.create, "reset it": costs.reset, "restore a snapshot": costs.restore}
    lines = [[name, f"{ms:.1f} ms", most, yes_or_no(ms <= MOST_MILLISECONDS)] for name, ms in called.items()]
    lines.append(["the first change", f"{costs.change:.1f} ms", NONE, NONE])
    megabytes = [f"{costs.megabytes:.0f} MB", kept, yes_or_no(costs.megabytes < MOST_MEGABYTES)]
    lines.append([f"{costs.sandboxes:,} sandboxes", *megabytes])
    return f"""## Sandboxes

One server with the demo fixtures, one client on one connection: medians of {costs.calls} calls of `POST
/_mock/sandboxes`, of `/_mock/reset` and of restoring a snapshot, both after a change. A sandbox shares unchanged
records, so its first change, the creation of a field, copies them and is listed too. The last line is the growth of
resident memory with {costs.sandboxes:,} sandboxes, each with one change.

{table(["", "median", "at most", "met"], lines)}"""


def journal(results: Results) -> str:
    found = results.journal
    if found is None:
        return f"## Journal\n\n{NONE}"
    first, last = found.first, found.last
    lines = [
        [
            f"memory after {first.requests:,} and {last.requests:,} requests",
            f"{first.megabytes:.1f} and {last.megabytes:.1f} MB, {found.growth:+.1%}",
            f"{MOST_GROWTH:.0%} either way",
            yes_or_no(abs(found.growth) <= MOST_GROWTH),
        ],
        [
            "of the requests per second of get one",
            f"{found.cost:.1%}",
            f"{MOST_COST:.0%}",
            yes_or_no(found.cost <= MOST_COST),
        ],
        ["additional CPU time of get one", f"{found.computing:.1%}", NONE, NONE],
    ]
    return f"""## Journal

Resident memory of one server whose journal is full before the first reading, over lists of one item with another
ignored name in each query; and *get one* with the default journal and without one, in turns.

{table(["", "journal", "at most", "met"], lines)}"""


def several_processes(results: Results) -> str:
    found = results.shared_store
    if found is None:
        return f"## Several processes\n\n{NONE}"
    lines = [[name, f"{found.rate(name):,.0f}", f"{found.cost(name):,.0f}"] for name in found.rates]
    return f"""## Several processes

Creations of a field per second by {CLIENTS} clients, each in a sandbox of its own, in turns; and microseconds of CPU
time for each, without that of the database. Servers are not bound to a core here; they share the machine with
PostgreSQL and the load. Two processes were {found.gain:.2f} times as fast as one; at least {LEAST_GAIN}, which needs
two free cores: {yes_or_no(found.gain >= LEAST_GAIN)}.

{table(["", "creations per second", "CPU time"], lines)}"""


def left_out(results: Results) -> str:
    lines = [f"- {name}: {reason}" for name, reason in results.left_out.items()]
    return "## Left out\n\n" + ("\n".join(lines) or "Nothing.")


def noise(results: Results) -> str:
    tops = [row for row in results.rows if row.server.name == CEILING]
    others = [row for row in results.rows if row.server.name != CEILING]
    rates = median(spread([each.rate for each in row.rounds]) for row in tops)
    shares = median(spread(ratios(row, results.ceiling(row))) for row in others)
    return f"""## Noise

Load average of the machine before the start: {results.load_before:.1f}. From the slowest to the fastest round the
requests per second of the ceiling differed by {rates:.0%}, and the shares of the others by {shares:.0%} (medians of
all cells). Compare medians of shares and factors, not requests per second; on a machine with
other work even these are rough."""


def part(share: float | None) -> str:
    return NONE if share is None else f"{share:.2f}"


def yes_or_no(met: bool) -> str:
    return "yes" if met else "no"


def factor(value: float) -> str:
    return f"{value:.2f}" if isfinite(value) else NONE


def seconds(value: float) -> str:
    return f"{value:.2f}" if isfinite(value) else "no answer"
