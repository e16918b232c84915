"""Three processes on one PostgreSQL under load: every acknowledged write is seen by all, and survives kills.

SHARED_SECONDS, SHARED_KILLS and SHARED_DATABASE_KILLS extend the runs.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException
from json import dumps, loads
from threading import Event
from typing import Any

import pytest

from tests.conftest import HEADERS
from tests.live import PATIENCE, LiveServer
from tests.state.database import PostgresServer, postgres_server
from tests.state.histories import Operation, violations

SECONDS = float(os.environ.get("SHARED_SECONDS", "3"))
KILLS = int(os.environ.get("SHARED_KILLS", "2"))
DATABASE_KILLS = int(os.environ.get("SHARED_DATABASE_KILLS", "1"))
CLIENTS = 6
ITEMS = "/ws/types/contratos/items"


class Caller:
    """A client with a connection to each process; each call goes to a random one, or to the given one."""

    def __init__(self, servers: list[LiveServer], name: object, headers: dict[str, str] = HEADERS) -> None:
        self._connections = [HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) for server in servers]
        self._headers, self.random = headers | {"content-type": "application/json"}, random.Random(str(name))

    def call(self, method: str, path: str, body: Any = None, process: int | None = None) -> Any:
        connection = self._connections[self.random.randrange(3) if process is None else process]
        connection.request(method, path, None if body is None else dumps(body), self._headers)
        answer = connection.getresponse()
        received = answer.read()
        assert answer.status < 300, (method, path, answer.status, received)
        return loads(received or b"null")

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the tests of this module, one of which kills it and starts it again."""
    server = postgres_server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def store(database: PostgresServer) -> str:
    return database.new_database()


@pytest.fixture(scope="module")
def three_servers(store: str) -> Iterator[list[LiveServer]]:
    """Started at once: each may be the one that creates the tables. A test that kills one replaces it in the list."""
    with ThreadPoolExecutor(3) as pool:
        servers = list(pool.map(partial(LiveServer, "--store"), [store] * 3))
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def servers(three_servers: list[LiveServer]) -> list[LiveServer]:
    with closing(Caller(three_servers, "reset")) as caller:
        caller.call("POST", "/_mock/reset")
    return three_servers


def in_parallel(servers: list[LiveServer], work: Callable[[Caller], Any]) -> list[Any]:
    def run(number: int) -> Any:
        with closing(Caller(servers, number)) as caller:
            return work(caller)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(run, range(CLIENTS)))


def test_histories__are_linearizable(servers: list[LiveServer]) -> None:
    end = time.monotonic() + SECONDS

    def use_register(caller: Caller) -> list[Operation]:
        done = []
        while time.monotonic() < end:
            value, start = f"{caller.random.random()}", time.monotonic()
            is_write = caller.random.random() < 0.4
            body = {"description": value} if is_write else None
            answer = caller.call("PUT" if is_write else "GET", "/ws/types/contratos", body)
            done.append(Operation(answer["description"], is_write, start, time.monotonic()))
            assert not is_write or answer["description"] == value
        return done

    first = Operation("Contratos com clientes e fornecedores", True, 0, 0)
    histories = in_parallel(servers, use_register)
    assert violations([first, *(operation for history in histories for operation in history)]) == []


def test_snapshot_restore_and_reset__are_seen_by_all_at_once(servers: list[LiveServer]) -> None:
    end, number = time.monotonic() + SECONDS / 3, 0  # shorter, as its calls do not race each other
    with closing(Caller(servers, "snapshots")) as caller:
        origin = caller.call("GET", "/ws/roles/count")
        while time.monotonic() < end:
            number += 1
            caller.call("POST", "/ws/roles", {"name": f"Role {number}"})
            caller.call("POST", "/_mock/snapshots", {"name": "one"})
            caller.call("POST", "/ws/roles", {"name": f"Other {number}"})
            caller.call("POST", "/_mock/snapshots/one/restore")
            assert [caller.call("GET", "/ws/roles/count", process=process) for process in range(3)] == [origin + 1] * 3
            caller.call("POST", "/_mock/reset")
            assert [caller.call("GET", "/ws/roles/count", process=process) for process in range(3)] == [origin] * 3


def test_fault__strikes_exactly_as_often_as_it_says(servers: list[LiveServer]) -> None:
    with closing(Caller(servers, "faults")) as caller:
        caller.call("POST", "/_mock/faults", {"operations": ["getRole"], "status": 418, "times": 50})

    def count_hits(caller: Caller) -> int:
        hits = 0
        for _ in range(40):
            try:
                caller.call("GET", "/ws/roles/5")
            except AssertionError:
                hits += 1
        return hits

    assert sum(in_parallel(servers, count_hits)) == 50


def test_journal__is_complete_after_the_last_answer_and_ordered_per_client(servers: list[LiveServer]) -> None:
    def send_numbered(caller: Caller) -> list[str]:
        name = caller.random.random()
        paths = [f"/ws/roles?_q={name}-{number}" for number in range(30)]
        for path in paths:
            caller.call("GET", path)
        entries = caller.call("GET", "/_mock/journal?limit=10000&form=brief")["entries"]
        mine = [entry["query"] for entry in reversed(entries) if str(name) in entry["query"]]
        assert mine == [path.partition("?")[2] for path in paths]
        return mine

    assert len(in_parallel(servers, send_numbered)) == CLIENTS


def test_kills_of_processes__lose_nothing_and_disturb_no_other_client(servers: list[LiveServer], store: str) -> None:
    draw = random.Random(1)
    for _ in range(KILLS):
        killed, stop = draw.randrange(3), Event()
        with ThreadPoolExecutor(3) as pool:
            writers = [pool.submit(write_items, servers, process, stop, process == killed) for process in range(3)]
            stop.wait(draw.random())
            servers[killed].stop(signal.SIGKILL)
            stop.set()
            acknowledged = [item for writer in writers for item in writer.result()]
        servers[killed] = LiveServer("--store", store)
        assert_kept(servers, acknowledged)


def test_kills_of_the_database__lose_nothing(servers: list[LiveServer], database: PostgresServer) -> None:
    for _ in range(DATABASE_KILLS):
        stop = Event()
        with ThreadPoolExecutor(3) as pool:
            writers = [pool.submit(write_items, servers, process, stop, True) for process in range(3)]
            stop.wait(1)
            database.kill()
        database.start()
        acknowledged = [item for writer in writers for item in writer.result()]
        assert_kept(servers, acknowledged)


def write_items(servers: list[LiveServer], process: int, stop: Event, may_fail: bool) -> list[tuple[str, Any]]:
    """Creates items in one process until the stop, or until it fails if it may; returns what was acknowledged."""
    acknowledged = []
    with closing(Caller(servers, f"{process} {time.monotonic()}")) as caller:
        try:
            while not stop.is_set() or may_fail:
                body = {"data": {"numero": f"{caller.random.random()}", "valor": 1}}
                made = caller.call("POST", ITEMS, body, process)
                acknowledged.append((made["reference"], made["data"]))
        except (OSError, HTTPException, AssertionError):
            assert may_fail
    return acknowledged


def assert_kept(servers: list[LiveServer], acknowledged: list[tuple[str, Any]]) -> None:
    with closing(Caller(servers, "check")) as caller:
        for process in range(3):
            for _ in range(3):  # the first calls may meet connections that the kill has closed
                try:
                    state = caller.call("GET", "/_mock/state", process=process)["items"]
                    break
                except AssertionError:
                    continue
            there = {item["reference"]: item["data"] for item in state}
            assert [reference for reference, data in acknowledged if there.get(reference) != data] == []
