"""Several processes on one PostgreSQL: what one has acknowledged, all others know."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from mockserver.clock import parse_instant
from tests.conftest import FULL_KEY, HEADERS
from tests.live import PATIENCE, LiveServer, mockserver
from tests.state.client import Client, served
from tests.state.database import PostgresServer

FULL_DISK = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION full_disk();
"""
# As if another process had inserted the row since this one has looked for it.
FASTER_PROCESS = """
CREATE FUNCTION faster() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$;
CREATE TRIGGER faster BEFORE INSERT ON sandboxes EXECUTE FUNCTION faster();
"""
WITH_A_CLOCK_AHEAD = """
import time
real = time.time
time.time = lambda: real() + 300
from mockserver.__main__ import main
main()
"""

# A heartbeat would send the entries of other processes too.
WITHOUT_HEARTBEATS = """
from mockserver.control import journal_stream
journal_stream.HEARTBEAT = 3600.0
from mockserver.__main__ import main
main()
"""


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


def test_journal__is_followed_across_processes(postgres: PostgresServer) -> None:
    store = postgres.new_database()
    followed = LiveServer("--store", store, program=(sys.executable, "-c", WITHOUT_HEARTBEATS))
    with (
        served(store=store) as client,
        httpx.stream("GET", f"{followed.address}/_mock/journal/stream", timeout=PATIENCE) as answer,
    ):
        lines = answer.iter_lines()
        assert [next(lines), next(lines)] == [": the journal follows", ""]
        client.get("/ws/roles", headers=HEADERS)
        assert next(lines) == "id: 1"
    followed.stop()


def test_journal__that_is_cleared_is_empty_everywhere(processes: tuple[Client, ...]) -> None:
    _, second, third = processes
    for client in processes:
        client.get("/ws/roles", headers=HEADERS)
    assert second.delete("/_mock/journal").json() == {"count": 3}
    third.get("/ws/types", headers=HEADERS)
    for client in processes:
        (entry,) = client.get("/_mock/journal").json()["entries"]
        assert (entry["operation"], ":" in entry["process"]) == ("listTypes", True)


def test_secrets__are_in_neither_of_the_stored_logs(postgres: PostgresServer) -> None:
    store, body = postgres.new_database(), {"environment": "stage", "api_key": "SG.very-secret", "from_name": "A"}
    headers = HEADERS | {"authorization": "Bearer eyJhbGciOi.secret-token.x", "x-custom": "custom-secret"}
    with served(store=store) as client, postgres.connection(store) as other:
        client.post("/integrations?token=query-secret", json={"integration": 4, "data": body}, headers=headers)
        client.post("/ws/roles", content=b"senha=no-json-secret", headers=headers)
        client.get(f"/ws/roles/%E6%BC%A2%20{FULL_KEY.replace('.', '%2E')}?_q=%E6%BC%A2", headers=headers)
        assert client.get("/user-request-logs", headers=HEADERS).status_code == 200
        (entry, *_) = client.get("/_mock/journal").json()["entries"][::-1]
        stored = str([other.execute(f"SELECT * FROM {table}").fetchall() for table in ("journal", "requests")])
    assert entry["request"]["body"]["data"]["api_key"] == "***"
    assert "/integrations" in stored
    secrets = (FULL_KEY, "SG.very", "secret-token", "custom-secret", "query-secret", "no-json-secret")
    assert [secret for secret in secrets if secret in stored] == []


def test_sandbox__that_another_process_has_just_made_is_refused(postgres: PostgresServer) -> None:
    store = postgres.new_database()
    with served(store=store) as client, postgres.connection(store) as other:
        other.execute(FASTER_PROCESS)
        answer = client.post("/_mock/sandboxes", json={"name": "a"})
        assert (answer.status_code, answer.json()["detail"]) == (409, "there is a sandbox 'a' already")
        assert [sandbox["name"] for sandbox in client.get("/_mock/sandboxes").json()] == ["default"]


def test_sandbox__whose_lifetime_is_over_disturbs_no_other_process(processes: tuple[Client, ...]) -> None:
    made = [processes[0].post("/_mock/sandboxes", json={"lifetime": 50}).json()["name"] for _ in range(2)]
    assert {each["name"] for each in processes[1].get("/_mock/sandboxes").json()} == {"default", *made}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.state.sandboxes.time.time", lambda: time.time_ns() / 1e9 + 60)
        statuses = [client.get("/_mock/clock?sandbox=default").status_code for client in processes]
    assert statuses == [200] * 3


def test_journal__verifies_calls_of_all_processes(processes: tuple[Client, ...]) -> None:
    for client in processes:
        client.post("/ws/roles", json={"name": f"Role {id(client)}"}, headers=HEADERS)
    expected = {"operation": "createRole", "status": 200, "times": {"exactly": 3}}
    for client in processes:
        assert client.post("/_mock/journal/verify", json={"expectations": [expected]}).json()["passed"] is True


def test_fault__of_a_contract_without_keys_strikes_in_all_processes(
    postgres: PostgresServer, contract: Callable[[str], Path]
) -> None:
    store = postgres.new_database()
    spec = contract("paths: {/things: {get: {responses: {'204': {description: ok}}}}}")
    with served(store=store, spec=spec) as first, served(store=store, spec=spec) as second:
        first.post("/_mock/faults", json={"status": 503, "times": 1})
        assert [second.get("/things").status_code for _ in range(2)] == [503, 204]


def test_coverage__is_that_of_all_processes_until_it_is_reset(processes: tuple[Client, ...]) -> None:
    first, second, third = processes
    first.get("/ws/roles", headers=HEADERS)
    second.get("/ws/types", headers=HEADERS)
    for path in ("/_mock/coverage", "/_mock/coverage?sandbox=default"):
        assert covered(third.get(path).json()) == {"listRoles", "listTypes"}
    third.delete("/_mock/coverage")
    first.get("/ws/roles", headers=HEADERS)
    assert [covered(client.get("/_mock/coverage").json()) for client in processes] == [{"listRoles"}] * 3


def covered(report: dict[str, Any]) -> set[str]:
    return {one["operation"] for one in report["operations"] if any(one["statuses"].values())}


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


def test_sandbox__deleted_by_another_process_has_no_name(processes: tuple[Client, ...]) -> None:
    first, second, third = processes
    first.post("/_mock/sandboxes", json={"name": "mine"})
    assert second.get("/_mock/clock?sandbox=mine").status_code == 200
    third.delete("/_mock/sandboxes/mine")
    assert [client.get("/_mock/clock?sandbox=mine").status_code for client in processes] == [404, 404, 404]


def test_database__that_is_gone_is_a_503_and_comes_back(mortal_postgres: PostgresServer) -> None:
    with served(store=mortal_postgres.new_database()) as client:
        mortal_postgres.kill()
        gone = client.get("/ws/roles", headers=HEADERS)
        ready = client.get("/_mock/ready").status_code
        mortal_postgres.start()
        assert (gone.status_code, ready) == (503, 503)
        assert gone.json()["message"].startswith("Service Unavailable: the store does not answer: ")
        answers: Callable[[], int] = lambda: client.get("/ws/roles", headers=HEADERS).status_code  # noqa: E731
        assert 200 in [answers() for _ in range(3)]
        assert client.get("/_mock/ready").status_code == 200


def test_database__that_is_slow_is_a_503_in_time(postgres: PostgresServer) -> None:
    store = postgres.new_database()
    with served(store=store, store_timeout=1) as client, postgres.connection(store) as other:
        other.execute("BEGIN; LOCK TABLE sandboxes")
        answer = client.get("/ws/roles", headers=HEADERS)
        assert (answer.status_code, "timeout" in answer.json()["message"]) == (503, True)
        other.execute("ROLLBACK")
        assert client.get("/ws/roles", headers=HEADERS).status_code == 200


def test_write__that_the_database_refuses_is_a_503_and_changes_nothing(postgres: PostgresServer) -> None:
    store = postgres.new_database()
    with served(store=store) as client, postgres.connection(store) as other:
        before = client.get("/ws/roles/count", headers=HEADERS).json()
        other.execute("ALTER TABLE changes RENAME TO gone")
        answer = client.post("/ws/roles", json={"name": "Portaria"}, headers=HEADERS)
        assert (answer.status_code, answer.json()["error"]) == (503, "Service Unavailable")
        other.execute("ALTER TABLE gone RENAME TO changes")
        assert client.get("/ws/roles/count", headers=HEADERS).json() == before


def test_database__without_free_connections_is_a_503_until_it_has_some(mortal_postgres: PostgresServer) -> None:
    store = mortal_postgres.new_database()
    with served(store=store) as client, ExitStack() as others, mortal_postgres.connection(store) as other:
        before = client.get("/ws/roles/count", headers=HEADERS).json()
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        with suppress(psycopg.OperationalError):
            while True:
                others.enter_context(mortal_postgres.connection(store))
        answers = [client.post("/ws/roles", json={"name": "Portaria"}, headers=HEADERS) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [503] * 3
        assert answers[-1].json()["message"].endswith("FATAL:  sorry, too many clients already")
        others.close()
        assert client.get("/ws/roles/count", headers=HEADERS).json() == before


@pytest.mark.parametrize("table", ["changes", "sequences", "sandboxes"])
def test_database__whose_disk_is_full_refuses_a_write_as_a_whole(table: str, postgres: PostgresServer) -> None:
    store = postgres.new_database()
    with served(store=store) as client, served(store=store) as second, postgres.connection(store) as other:
        before = client.get("/_mock/state").json()
        other.execute(FULL_DISK.format(table=table))
        answer = client.post("/ws/roles", json={"name": "Portaria"}, headers=HEADERS)
        message = "Service Unavailable: the store does not answer: could not extend file: No space left on device"
        assert (answer.status_code, answer.json()["message"]) == (503, message)
        other.execute(f"DROP TRIGGER full_disk ON {table}")
        assert [each.get("/_mock/state").json() for each in (client, second)] == [before] * 2
        assert client.post("/ws/roles", json={"name": "Portaria"}, headers=HEADERS).status_code == 200


def test_database__whose_disk_is_full_still_lets_a_request_be_answered(
    postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    store = postgres.new_database()
    with served(store=store) as client, postgres.connection(store) as other:
        other.execute(FULL_DISK.format(table="journal"))
        assert client.get("/ws/roles", headers=HEADERS | {"prefer": "explain"}).headers.get("link") is None
        other.execute("DROP TRIGGER full_disk ON journal")
        assert "a request is not recorded: the store does not answer: could not extend file" in caplog.text
        assert client.get("/_mock/journal").json()["entries"] == []
        assert client.get("/user-request-logs", headers=HEADERS).json() == []


def test_clocks__that_differ_by_minutes_end_no_sandbox_early(postgres: PostgresServer) -> None:
    store = postgres.new_database()
    with served(store=store) as client:
        early = LiveServer("--store", store, program=(sys.executable, "-c", WITH_A_CLOCK_AHEAD))
        made = client.post("/_mock/sandboxes", json={"lifetime": 60}).json()
        there = httpx.post(f"{early.address}/_mock/sandboxes", json={"lifetime": 60}, timeout=30).json()
        headers = HEADERS | {"x-api-key": made["api_key"]}
        role = httpx.post(f"{early.address}/ws/roles", json={"name": "Portaria"}, headers=headers, timeout=30).json()
        assert client.get(f"/ws/roles/{role['id']}", headers=headers).json() == role
        entries = client.get("/_mock/journal").json()["entries"]
        assert ([entry["number"] for entry in entries], entries[0]["at"] < entries[1]["at"]) == ([2, 1], True)
        assert abs(parse_instant(there["ends_at"]).timestamp() - time.time() - 60) < 30
        early.stop()


def test_start__of_a_version_with_another_format_is_refused_and_disturbs_nobody(postgres: PostgresServer) -> None:
    store = postgres.new_database()
    with served(store=store) as client, postgres.connection(store) as other:
        other.execute("UPDATE about SET value = '99' WHERE name = 'format'")
        done = mockserver("serve", "--port", "0", "--store", store)
        assert (done.returncode, "was written for format 99, contract" in done.stderr) == (2, True)
        assert "Fix: start that version with that contract, or name another store with --store." in done.stderr
        assert client.post("/ws/roles", json={"name": "Portaria"}, headers=HEADERS).status_code == 200


def test_start__with_another_contract_is_refused(postgres: PostgresServer) -> None:
    store = postgres.new_database()
    with served(store=store), postgres.connection(store) as other:
        other.execute("UPDATE about SET value = 'Enspace 2019' WHERE name = 'contract'")
        done = mockserver("serve", "--port", "0", "--store", store)
        assert (done.returncode, "was written for format 3, contract Enspace 2019" in done.stderr) == (2, True)


def test_start__without_a_database_is_refused_and_hides_the_password() -> None:
    done = mockserver("serve", "--port", "0", "--store", "postgresql+psycopg://me:p%40ss%2Fword@127.0.0.1:9/none")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be used: connection" in done.stderr
    assert "p%40ss" not in done.stderr
    assert "p@ss" not in done.stderr


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--store", "memory"), "cannot share --store memory. Fix: use PostgreSQL, or one process."),
        (("--store", "sqlite:///a.db"), "cannot share --store sqlite. Fix: use PostgreSQL, or one process."),
        (("--store", "postgresql+psycopg://h/d", "--reload"), "cannot be combined with --reload"),
    ],
)
def test_workers__without_a_shared_store_are_refused(options: tuple[str, ...], problem: str) -> None:
    done = mockserver("serve", "--port", "0", "--workers", "2", *options)
    assert (done.returncode, problem in done.stderr) == (2, True), done.stderr


def test_workers__end_when_their_parent_is_killed(postgres: PostgresServer) -> None:
    server = LiveServer("--store", postgres.new_database(), "--workers", "2")
    code, _, errors = server.stop(signal.SIGKILL)  # returns when all processes have closed its output
    assert (code, errors) == (-signal.SIGKILL, "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.address, timeout=30)


STOPPED_AT_ITS_START = """
import os, signal, sys, time
from mockserver.serving import workers

def fork(real=os.fork):
    pid = real()
    if pid:
        os.kill(os.getpid(), signal.SIGTERM)
    return pid

os.fork = fork
sys.exit(workers.run_workers(2, lambda: time.sleep(60)))
"""


def test_workers__end_when_they_are_stopped_while_one_starts() -> None:
    assert subprocess.run([sys.executable, "-c", STOPPED_AT_ITS_START], timeout=30).returncode == 0


def test_workers__answer_on_one_port_and_one_that_is_killed_starts_again(postgres: PostgresServer) -> None:
    server = LiveServer("--store", postgres.new_database(), "--workers", "2")
    started, numbers = time.monotonic(), set[int]()
    for calls in range(40, 401, 40):
        for _ in range(40):
            httpx.get(f"{server.address}/ws/roles", headers=HEADERS, timeout=30)
        entries = httpx.get(f"{server.address}/_mock/journal?limit=400", timeout=30).json()["entries"]
        assert len(entries) == calls
        numbers |= {int(entry["process"].partition(":")[2]) for entry in entries}
        # One may start late, and one that ends in its first second is not started again.
        if len(numbers) == 2 and time.monotonic() > started + 1:
            break
    assert len(numbers) == 2
    os.kill(numbers.pop(), signal.SIGKILL)
    with httpx.Client(headers=HEADERS, timeout=30, transport=httpx.HTTPTransport(retries=3)) as client:
        assert [client.get(f"{server.address}/ws/roles/5").status_code for _ in range(10)] == [200] * 10
    assert server.stop()[0] == 0
