"""Isolation: many concurrent clients, each in its own sandbox, see no change of another.

ISOLATION_CLIENTS and ISOLATION_SECONDS extend the run against a live server.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from itertools import count
from json import dumps, loads
from threading import Barrier
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver import Settings
from mockserver.app import assemble
from tests.live import LiveServer
from tests.state.references import dangling

CLIENTS = int(os.environ.get("ISOLATION_CLIENTS", "8"))
SECONDS = float(os.environ.get("ISOLATION_SECONDS", "2"))
OPERATIONS = 40
ITEMS = "/ws/types/contratos/items"

Call = Callable[..., Any]


class RecordedClient:
    """A client that remembers its changes and checks that its sandbox holds exactly these."""

    def __init__(self, name: str, call: Call) -> None:
        self._name, self._call = name, call
        self._random = random.Random(name)
        self._items: dict[str, Any] = {}
        self._tasks: dict[int, Any] = {}
        self._others = {item["reference"] for item in call("GET", f"{ITEMS}?_limit=1000")}

    def do(self, number: int) -> None:
        """Makes one random call, and compares the whole sandbox after every tenth."""
        text = f"{self._name} {number}"
        match self._random.randrange(6 if self._items and self._tasks else 2):
            case 0:
                item = self._call("POST", ITEMS, {"data": {"numero": text, "valor": number}})
                self._items[item["reference"]] = item
            case 1:
                task = self._call("POST", "/c-quick-tasks", {"title": text})
                self._tasks[task["id"]] = task
            case 2:
                reference = self._random.choice(list(self._items))
                self._items[reference] = self._call("PUT", f"{ITEMS}/{reference}", {"data": {"cliente": text}})
            case 3:
                reference = self._random.choice(list(self._items))
                self._call("DELETE", f"{ITEMS}/{reference}")
                del self._items[reference]
            case 4:
                id = self._random.choice(list(self._tasks))
                assert self._call("GET", f"/c-quick-tasks/{id}") == self._tasks[id]
            case 5:
                reference = self._random.choice(list(self._items))
                assert self._call("GET", f"{ITEMS}/{reference}") == self._items[reference]
        if number % 10 == 9:
            self.compare()

    def compare(self) -> None:
        found = {item["reference"]: item for item in self._call("GET", f"{ITEMS}?_limit=1000&_sort=id:DESC")}
        mine = {reference: item for reference, item in found.items() if reference not in self._others}
        newest = sorted(self._items.values(), key=lambda item: -int(item["id"]))[: 1000 - len(self._others)]
        assert {item["reference"]: item for item in newest}.items() <= mine.items()
        assert mine.keys() <= self._items.keys()
        count = self._call("GET", f"{ITEMS}/count")
        assert count == len(self._items) + len(self._others)


def call_in_process(client: TestClient, key: str) -> Call:
    """Returns a function that calls the server in this process; calls of all threads run in its one event loop."""
    headers = {"x-api-key": key, "en-workspace": "company-abc"}

    def call(method: str, path: str, body: Any = None) -> Any:
        answer = client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    return call


def call_live(connection: HTTPConnection, key: str | None = None) -> Call:
    headers = {"content-type": "application/json", "en-workspace": "company-abc"}
    headers |= {"x-api-key": key} if key else {}

    def call(method: str, path: str, body: Any = None) -> Any:
        connection.request(method, path, None if body is None else dumps(body), headers)
        answer = connection.getresponse()
        received = answer.read()
        assert answer.status < 300, received
        return loads(received) if received else None

    return call


def together(functions: Iterable[Callable[[], Any]]) -> list[Any]:
    """Runs each function in its own thread. Returns their results, or raises the first error."""
    functions = list(functions)
    with ThreadPoolExecutor(len(functions)) as threads:
        return [running.result() for running in [threads.submit(function) for function in functions]]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def fake(request: pytest.FixtureRequest, stores: Callable[[str], str], tmp_path: Any) -> Iterator[TestClient]:
    store = f"sqlite:///{tmp_path / 'state.db'}" if request.param == "sqlite" else stores(request.param)
    assembled = assemble(Settings(store=store))
    with TestClient(assembled.app, base_url="http://localhost") as client:
        yield client
    assembled.sandboxes.close()


def test_sandboxes__of_concurrent_clients_hold_their_own_changes(fake: TestClient) -> None:
    made = [fake.post("/_mock/sandboxes", json={}).json() for _ in range(CLIENTS)]
    default = fake.get("/_mock/state").content

    def use(sandbox: dict[str, Any]) -> None:
        recorded = RecordedClient(sandbox["name"], call_in_process(fake, sandbox["api_key"]))
        for number in range(OPERATIONS):
            recorded.do(number)
        recorded.compare()

    together(partial(use, sandbox) for sandbox in made)
    assert fake.get("/_mock/state").content == default
    for sandbox in made:
        assert dangling(fake.get("/_mock/state", params={"sandbox": sandbox["name"]}).json()) == []


def test_sandboxes__same_calls_get_the_same_answers_beside_other_clients(fake: TestClient) -> None:
    body = {"clock": "2026-03-12T12:00:00Z", "seed": 7}
    made = [fake.post("/_mock/sandboxes", json=body).json() for _ in range(8)]

    def use(sandbox: dict[str, Any]) -> list[Any]:
        call = call_in_process(fake, sandbox["api_key"])
        created = [call("POST", ITEMS, {"data": {"numero": str(number), "valor": number}}) for number in range(10)]
        return [*created, call("GET", "/c-schedule-tasks?_sort=due_date:DESC"), call("GET", "/ws/stats")]

    first, *others = together(partial(use, sandbox) for sandbox in made)
    assert [answers for answers in others if answers != first] == []


def test_race__for_one_slug_has_one_winner(fake: TestClient) -> None:
    key, start = fake.post("/_mock/sandboxes", json={}).json()["api_key"], Barrier(2)
    headers = {"x-api-key": key, "en-workspace": "company-abc"}

    def take(number: int) -> int:
        start.wait()
        body = {"name": "Ativos", "slug": f"ativos-{number}"}
        return int(fake.post("/ws/types", json=body, headers=headers).status_code)

    for number in range(20):
        assert sorted(together([partial(take, number)] * 2)) == [200, 400]
    assert fake.get("/ws/types/count", headers=headers).json() == 5 + 20


@pytest.mark.parametrize(("kind", "workers"), [("memory", 1), ("postgresql", 2)])
def test_server__isolates_many_concurrent_clients(kind: str, workers: int, stores: Callable[[str], str]) -> None:
    server, operations = LiveServer("--store", stores(kind), "--workers", str(workers)), count()

    def use(at: int) -> None:
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
            made = call_live(connection)("POST", "/_mock/sandboxes", {})
            recorded, until = (
                RecordedClient(f"client {at}", call_live(connection, made["api_key"])),
                time.monotonic() + SECONDS,
            )
            for number in count():
                recorded.do(number)
                next(operations)
                if time.monotonic() > until:
                    break
            recorded.compare()
            state = call_live(connection, made["api_key"])("GET", "/_mock/state")
        assert dangling(state) == []

    together(partial(use, at) for at in range(CLIENTS))
    print(f"{CLIENTS} clients, {next(operations)} operations, {server.memory('VmRSS')} MB")
    server.stop()


def test_server__500_sandboxes_fit_into_300_megabytes() -> None:
    server = LiveServer()
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        control = call_live(connection)
        control("POST", "/_mock/sandboxes", {})
        before = server.memory("VmRSS")
        for _ in range(500):
            call = call_live(connection, control("POST", "/_mock/sandboxes", {})["api_key"])
            call("POST", ITEMS, {"data": {"numero": "CT-1", "valor": 1}})
            call("GET", ITEMS)
        grown = server.memory("VmRSS") - before
    server.stop()
    print(f"500 sandboxes: {grown} MB")
    assert grown < 300
