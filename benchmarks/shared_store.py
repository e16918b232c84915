"""Several processes on one PostgreSQL: creations per second, compared with one process and with the other stores."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.load import SCRIPTS, Load, read
from benchmarks.plan import Plan
from benchmarks.processes import cpu_seconds
from benchmarks.requests import NEW_FIELD, WORKSPACE
from benchmarks.sandboxes import Client
from benchmarks.servers import OURS, Running, Server, StartError, WrongAnswer, ours, running
from tests.state.database import PostgresServer, is_installed

CLIENTS = 4
LEAST_GAIN = 1.6
ONE, TWO = "postgresql, 1 process", "postgresql, 2 processes"


@dataclass(frozen=True)
class Rates:
    """Creations per second, and microseconds of CPU time for each, by store; one of each round."""

    rates: dict[str, list[float]]
    costs: dict[str, list[float]]

    def rate(self, store: str) -> float:
        return median(self.rates[store])

    def cost(self, store: str) -> float:
        return median(self.costs[store])

    @property
    def gain(self) -> float:
        """Returns how many times as fast two processes are as one."""
        return median(two / one for one, two in zip(self.rates[ONE], self.rates[TWO], strict=True))


def measure(plan: Plan, folder: Path) -> Rates:
    """Measures all stores in turns. `StartError` without PostgreSQL.

    The servers are not bound to a core, as two processes need two.
    """
    if not is_installed():
        raise StartError("the programs of PostgreSQL are missing")
    database = PostgresServer()
    try:
        with ExitStack() as stack:
            log = folder / "shared-store.log"
            started = [stack.enter_context(running(each, log, is_bound=False)) for each in servers(database, folder)]
            return measure_rounds(started, plan)
    finally:
        database.stop()


def servers(database: PostgresServer, folder: Path) -> list[Server]:
    return [
        ours(name="memory"),
        ours("--store", f"sqlite:///{folder / 'shared.db'}", name="sqlite"),
        ours("--store", database.new_database(), name=ONE),
        ours("--store", database.new_database(), "--workers", "2", name=TWO),
    ]


def measure_rounds(started: list[Running], plan: Plan) -> Rates:
    found = Rates({each.name: [] for each in started}, {each.name: [] for each in started})
    for _ in range(plan.rounds):
        for server in started:
            before = cpu_seconds(server.process.pid)
            load = create(server, plan.seconds)
            found.rates[server.name].append(load.rate)
            found.costs[server.name].append(1e6 * (cpu_seconds(server.process.pid) - before) / load.requests)
    return found


def create(server: Running, seconds: int) -> Load:
    """Creates fields as fast as possible, with each client in a new sandbox of its own."""
    control = Client(server.port)
    made = [control.make_sandbox() for _ in range(CLIENTS)]
    headers = [part for name, value in (made[0] | WORKSPACE).items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t", str(CLIENTS), "-c", str(CLIENTS), "-d", str(seconds), *headers]
    command += ["-s", str(SCRIPTS / "clients.lua"), f"http://127.0.0.1:{server.port}", "--"]
    command += [NEW_FIELD.path, NEW_FIELD.body, *(each["x-api-key"] for each in made)]
    load = read(subprocess.run(command, check=False, capture_output=True, text=True).stdout)
    if load.errors or not load.requests:
        raise WrongAnswer(f"{OURS}, {server.name}: {load.errors} of {load.requests} creations were refused")
    return load
