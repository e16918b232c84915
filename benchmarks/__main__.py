"""One benchmark run: our server, the ceiling and the peers on the same contract and under the same load.

`--quick` and `--only` print the report without writing RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import (
    behaviour,
    cold_start,
    journal,
    large,
    memory,
    peers,
    sandboxes,
    servers,
    shared_store,
    ten_times,
    throughput,
)
from benchmarks.load import ask
from benchmarks.many_items import fill
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.report import instead, markdown
from benchmarks.requests import CREATE, KINDS, SAME, Kind
from benchmarks.results import Results
from benchmarks.servers import OURS, Running, Server, StartError, WrongAnswer, running

RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    options = read_options()
    if shutil.which("wrk") is None or not Path("/proc/self/status").exists():
        sys.exit("The benchmarks need Linux and wrk: install wrk with the package manager of your system.")
    # SystemExit unwinds the context managers, which stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    try:
        with TemporaryDirectory() as folder:
            report = markdown(run(QUICK if options.quick else FULL, options.only, Path(folder)))
    except StartError as error:
        sys.exit(f"Without our server and the ceiling there is nothing to compare: {error}")
    except WrongAnswer as error:
        sys.exit(f"A speed of wrong answers says nothing: {error}")
    print("\n" + report)
    if not options.quick and not options.only:
        RESULTS.write_text(report)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="very short: shows that it works, measures nothing")
    parser.add_argument("--only", type=names, default=[], metavar="NAME,...", help="compare with these peers alone")
    return parser.parse_args()


def names(value: str) -> list[str]:
    """Parses the value of `--only`."""
    known = [server.name for server in (servers.stock_connexion(Path()), *servers.npm_peers())]
    if unknown := set(value.split(",")) - set(known):
        raise argparse.ArgumentTypeError(f"no peer is called {', '.join(unknown)}: choose from {', '.join(known)}")
    return value.split(",")


def run(plan: Plan, only: list[str], folder: Path) -> Results:
    results = Results(plan)
    capture_answers(folder)
    contestants = find_contestants(only, folder, results)
    with ExitStack() as stack:
        alive = start(contestants, stack, folder, results)
        look_at_answers(alive, results)
        alive = [with_items(server, folder, results.plan) if server.is_ours else server for server in alive]
        for kind in KINDS:
            compare(kind, alive, folder, results)
    contestants = [server for server in contestants if server.name not in results.left_out]
    measure_cold_starts([ceiling(KINDS[0], SAME, folder), *contestants], folder, results)
    measure_memory(contestants, folder, results)
    measure_growth(folder, results)
    measure_more_items(folder, results)
    measure_sandboxes(folder, results)
    measure_journal(folder, results)
    measure_shared_store(folder, results)
    return results


def capture_answers(folder: Path) -> None:
    """Stores our answer to each kind of request: the ceiling and stock Connexion return the same bytes."""
    with running(servers.ours(), log(folder, OURS)) as started:
        us, _ = fill(started, 1, folder / "one-item.txt")
        for kind in KINDS:
            for form, request in kind.forms.items():
                answer = ask(us, request)
                if answer.status != kind.status:
                    raise WrongAnswer(f"{kind.name}, {form}: {answer.status} instead of {kind.status}: {answer.body}")
                captured(folder, kind, form).write_text(json.dumps(asdict(answer)))


def find_contestants(only: list[str], folder: Path, results: Results) -> list[Server]:
    """Lists the peers, with our server last."""
    found = [servers.stock_connexion(folder)]
    try:
        say("Installing the peers, unless they are there.")
        peers.install()
        results.peers = peers.versions()
    except peers.InstallError as error:
        leave_out(", ".join(server.name for server in servers.npm_peers()), error, results)
    else:
        found += servers.npm_peers()
    return [server for server in found if not only or server.name in only] + [servers.ours()]


def start(contestants: list[Server], stack: ExitStack, folder: Path, results: Results) -> list[Running]:
    """Starts all servers together; a server without requests uses no CPU."""
    alive = []
    for server in contestants:
        try:
            alive.append(stack.enter_context(running(server, log(folder, server.name))))
        except StartError as error:
            leave_out(server.name, error, results)
    return alive


def leave_out(name: str, reason: Exception, results: Results) -> None:
    results.left_out[name] = str(reason)
    say(f"left out: {name}: {reason}")


def look_at_answers(alive: list[Running], results: Results) -> None:
    for server in alive:
        results.verdicts[server.name] = verdicts = behaviour.check(server.port)
        broken = ", ".join(f"{verdict.promise} ({verdict.status})" for verdict in verdicts if not verdict.kept)
        say(f"{server.name} did not do: {broken or 'nothing, it did everything'}")


def with_items(server: Running, folder: Path, plan: Plan) -> Running:
    filled, _ = fill(server, plan.items, folder / f"{server.name} items.txt")
    return filled


def compare(kind: Kind, alive: list[Running], folder: Path, results: Results) -> None:
    """Measures one kind: the same request for all servers, and for ours also distinct requests and other stores."""
    us = next(server for server in alive if server.is_ours)
    rows = []
    with ExitStack() as stack:
        for form in kind.forms:
            top = stack.enter_context(running(ceiling(kind, form, folder), log(folder, "ceiling"), kind.status))
            # The ceiling gets the same requests as our server.
            asked = [replace(top, references=us.references), *(alive if form == SAME else [us])]
            if kind is CREATE:
                for server in (servers.ours_kept(folder), servers.ours_stateless()):
                    asked.append(stack.enter_context(running(server, log(folder, server.name))))
            rows += [throughput.row(server, kind, form) for server in asked]
        throughput.measure(rows, results.plan)
    results.rows += rows
    for row in rows:
        share, cost = throughput.times_as_fast(row, results.ceiling(row)), f"{row.cost:,.0f} us each"
        name = f"{kind.name:10} {row.form:9} {row.server.name:18}"
        say(f"{name} {share:6.1%} of the ceiling, {row.rate:,.0f}/s, {cost}{instead(row)}")


def measure_cold_starts(contestants: list[Server], folder: Path, results: Results) -> None:
    results.cold_starts = cold_start.measure(contestants, results.plan, log(folder, "cold-start"))
    for name, start in results.cold_starts.items():
        times = start.seconds / results.cold_starts[OURS].seconds
        say(f"cold start {name:14} {times:.2f} times ours: {start.seconds:.2f} s, {start.cpu:.2f} s of computing")


def measure_memory(contestants: list[Server], folder: Path, results: Results) -> None:
    for server in contestants:
        try:
            first, last = memory.measure(server, results.plan, log(folder, server.name))
        except StartError as error:
            leave_out(f"{server.name} (memory)", error, results)
            continue
        results.memory[server.name] = first, last
        say(f"memory     {server.name:14} {first.megabytes:.0f} MB, {last.megabytes:.0f} MB after {last.requests:,}")


def measure_growth(folder: Path, results: Results) -> None:
    """Measures our server with the shipped contract and with one ten times as large."""
    contract = folder / "ten-times.yaml"
    ten_times.write(servers.CONTRACT, contract)
    normal_server, large_server = servers.ours(), servers.ours(contract=contract, name=f"{OURS}, ten times")
    with running(normal_server, log(folder, "normal")) as one, running(large_server, log(folder, "large")) as ten:
        pair = [with_items(server, folder, results.plan) for server in (one, ten)]
        for kind in KINDS:
            rows = [throughput.row(server, kind, throughput.hardest(kind)) for server in pair]
            normal, grown = throughput.measure(rows, results.plan)
            results.growth.append((normal, grown))
            say(f"ten times  {kind.name:10} costs {throughput.times_the_cost(grown, normal):.2f} times as much")


def measure_more_items(folder: Path, results: Results) -> None:
    results.large = grown = large.measure(results.plan, folder)
    say(f"large      {grown.many:,} items were made in {grown.seconds:.1f} s")
    for few, many in grown.pairs:
        say(f"large      {few.kind.name} costs {throughput.times_the_cost(many, few):.2f} times as much")


def measure_sandboxes(folder: Path, results: Results) -> None:
    results.sandboxes = costs = sandboxes.measure(results.plan, log(folder, "sandboxes"))
    calls = f"create {costs.create:.1f} ms, reset {costs.reset:.1f} ms, restore {costs.restore:.1f} ms"
    say(f"sandboxes  {calls}; {costs.sandboxes} of them take {costs.megabytes:.0f} MB")


def measure_journal(folder: Path, results: Results) -> None:
    results.journal = found = journal.measure(results.plan, folder)
    grown = f"{found.growth:+.1%} memory after {found.last.requests:,} requests"
    say(f"journal    {grown}, costs {found.cost:.1%} of get one, {found.computing:.1%} more computing")


def measure_shared_store(folder: Path, results: Results) -> None:
    try:
        results.shared_store = found = shared_store.measure(results.plan, folder)
    except StartError as error:
        leave_out("several processes", error, results)
        return
    for name in found.rates:
        say(f"processes  {name:23} creates {found.rate(name):,.0f}/s, {found.cost(name):,.0f} us each")
    say(f"processes  two are {found.gain:.2f} times as fast as one")


def ceiling(kind: Kind, form: str, folder: Path) -> Server:
    return servers.ceiling(captured(folder, kind, form))


def captured(folder: Path, kind: Kind, form: str) -> Path:
    return folder / f"{kind.name}, {form}.json"


def log(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
