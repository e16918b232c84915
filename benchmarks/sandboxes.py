"""Cost of sandboxes: creating one, restoring an earlier state, and keeping many."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.plan import Plan
from benchmarks.processes import resident_megabytes
from benchmarks.requests import JSON, NEW_FIELD, WORKSPACE, Request
from benchmarks.servers import WrongAnswer, ours, running

KEEP = Request("POST", "/_mock/snapshots", json.dumps({"name": "before"}))
RESTORE = Request("POST", "/_mock/snapshots/before/restore")
RESET = Request("POST", "/_mock/reset")
NEW_SANDBOX = Request("POST", "/_mock/sandboxes", "{}")

MOST_MILLISECONDS, MOST_MEGABYTES = 20, 300


@dataclass(frozen=True)
class Costs:
    """Medians of `calls` in milliseconds, and the growth of the server in megabytes with `sandboxes`.

    `change` is the first change of a sandbox, which copies what it shared until then.
    """

    calls: int
    create: float
    reset: float
    restore: float
    change: float
    sandboxes: int
    megabytes: float


def measure(plan: Plan, log: Path) -> Costs:
    with running(ours(), log) as server:
        client = Client(server.port)
        create, reset, restore, change = Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch()
        for _ in range(plan.calls):
            with create:
                headers = client.make_sandbox()
            with change:
                client.change(headers)
            with reset:
                client.call(RESET, headers, 200)
            client.call(KEEP, headers, 201)
            client.change(headers)
            with restore:
                client.call(RESTORE, headers, 200)
        before = resident_megabytes(server.process.pid)
        for _ in range(plan.sandboxes):
            client.change(client.make_sandbox())
        grown = resident_megabytes(server.process.pid) - before
    return Costs(
        plan.calls,
        create.milliseconds,
        reset.milliseconds,
        restore.milliseconds,
        change.milliseconds,
        plan.sandboxes,
        grown,
    )


class Client:
    """A client with one persistent connection, like a test suite."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._numbers = count(1)

    def make_sandbox(self) -> dict[str, str]:
        """Creates a sandbox, and returns the headers that select it."""
        made = self.call(NEW_SANDBOX, JSON, 201)
        return {"x-api-key": made["api_key"], **WORKSPACE, **JSON}

    def change(self, headers: dict[str, str]) -> None:
        self.call(NEW_FIELD.numbered(next(self._numbers), ()), headers, 200)

    def call(self, request: Request, headers: dict[str, str], status: int) -> Any:
        self._connection.request(request.method, request.path, request.body.encode() or None, headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != status:
            raise WrongAnswer(f"{request.path} was answered with {response.status}: {body.decode()}")
        return json.loads(body)


class Stopwatch:
    """Durations of calls: `with watch: ...`."""

    def __init__(self) -> None:
        self._taken: list[float] = []

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._taken.append(time.perf_counter() - self._started)

    @property
    def milliseconds(self) -> float:
        return 1000 * median(self._taken)
