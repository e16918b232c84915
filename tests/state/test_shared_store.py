"""Several processes on one PostgreSQL: what one has acknowledged, all others know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import HEADERS
from tests.state.client import Client, served
from tests.state.database import PostgresServer


@pytest.fixture
def processes(postgres: PostgresServer) -> Any:
    store = postgres.new_database()
    with served(store=store) as first, served(store=store) as second, served(store=store) as third:
        yield first, second, third


def test_fault__with_a_number_of_times_strikes_as_often_in_all_processes(processes: tuple[Client, ...]) -> None:
    first, *_ = processes
    first.post("/_mock/faults", json={"operations": ["listRoles"], "status": 503, "times": 5})
    answers = [processes[number % 3].get("/ws/roles", headers=HEADERS).status_code for number in range(12)]
    assert answers == [503] * 5 + [200] * 7
    assert [client.get("/_mock/faults").json()[0]["hits"] for client in processes] == [5, 5, 5]


def test_journal__has_the_calls_of_all_processes_in_their_order(processes: tuple[Client, ...]) -> None:
    for number in range(9):
        processes[number % 3].get(f"/ws/roles/{number}", headers=HEADERS)
    for client in processes:
        entries = client.get("/_mock/journal").json()["entries"]
        assert [entry["request"]["path"] for entry in entries] == [
            f"/ws/roles/{number}" for number in reversed(range(9))
        ]
        assert [entry["number"] for entry in entries] == sorted((entry["number"] for entry in entries), reverse=True)


def test_journal__that_is_cleared_is_empty_everywhere(processes: tuple[Client, ...]) -> None:
    _, second, third = processes
    for client in processes:
        client.get("/ws/roles", headers=HEADERS)
    assert second.delete("/_mock/journal").json() == {"count": 3}
    third.get("/ws/types", headers=HEADERS)
    for client in processes:
        (entry,) = client.get("/_mock/journal").json()["entries"]
        assert (entry["operation"], ":" in entry["process"]) == ("listTypes", True)


def test_journal__verifies_calls_of_all_processes(processes: tuple[Client, ...]) -> None:
    for client in processes:
        client.post("/ws/roles", json={"name": f"Role {id(client)}"}, headers=HEADERS)
    expected = {"operation": "createRole", "status": 200, "times": {"exactly": 3}}
    for client in processes:
        assert client.post("/_mock/journal/verify", json={"expectations": [expected]}).json()["passed"] is True


def test_entry__of_another_process_is_found_by_its_number(processes: tuple[Client, ...]) -> None:
    first, second, _ = processes
    link = first.get("/ws/roles/5", headers=HEADERS | {"prefer": "explain"}).headers["link"]
    path = link[1 : link.index(">")]
    assert second.get(path).json()["request"]["path"] == "/ws/roles/5"


def test_clock_and_key__are_those_of_the_other_process(processes: tuple[Client, ...]) -> None:
    first, second, _ = processes
    first.put("/_mock/clock", json={"now": "2040-01-01T00:00:00Z", "frozen": True})
    key = second.post("/_mock/keys", json={"user": "bruno.lima@yourcompany.com.br"}).json()["key"]
    made = first.post("/ws/types", json={"name": "Ativos"}, headers=HEADERS | {"x-api-key": key}).json()
    assert made["created_at"] == "2040-01-01T00:00:00.000Z"


def test_sandbox__deleted_by_another_process_is_gone(processes: tuple[Client, ...]) -> None:
    first, second, third = processes
    made = first.post("/_mock/sandboxes", json={"name": "mine"}).json()
    headers = {"x-api-key": made["api_key"], "en-workspace": "company-abc"}
    assert second.get("/ws/roles", headers=headers).status_code == 200
    third.delete("/_mock/sandboxes/mine")
    assert [client.get("/ws/roles", headers=headers).status_code for client in processes] == [401, 401, 401]


def test_database__that_is_gone_is_a_503_and_comes_back(postgres: PostgresServer) -> None:
    with served(store=postgres.new_database()) as client:
        postgres.kill()
        gone = client.get("/ws/roles", headers=HEADERS)
        ready = client.get("/_mock/ready").status_code
        postgres.start()
        assert (gone.status_code, ready) == (503, 503)
        assert gone.json()["message"].startswith("Service Unavailable: the store does not answer: ")
        answers: Callable[[], int] = lambda: client.get("/ws/roles", headers=HEADERS).status_code  # noqa: E731
        assert 200 in [answers() for _ in range(3)]
        assert client.get("/_mock/ready").status_code == 200
