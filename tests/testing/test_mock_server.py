"""The fake as a Python object, and the pytest plugin that gives each test a sandbox of it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from mockserver import MockServer
from mockserver.testing.enspace_client import ControlError, Enspace
from mockserver.testing.pytest_plugin import LIFETIME

TESTS = """
def test_create(enspace):
    assert enspace.client.post("/ws/types", json={"name": "Ativos"}).status_code == 200
    enspace.journal.assert_called("createType", body={"name": "Ativos"}, times=1)

def test_state_of_another_test_is_not_there(enspace):
    assert "Ativos" not in enspace.client.get("/ws/types").text

def test_failing(enspace):
    enspace.client.get("/ws/types/nowhere")
    enspace.journal.assert_not_called("getType")
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    server = MockServer(seed=1).start()
    yield server
    server.stop()


@pytest.fixture
def enspace(server: MockServer) -> Iterator[Enspace]:
    with server.sandbox() as sandbox:
        yield sandbox


def test_mock_server__answers_on_a_free_port_until_it_ends() -> None:
    with MockServer() as enspace:
        assert httpx.get(f"{enspace.url}/ws/types/count", headers=enspace.headers).json() == 5
    with pytest.raises(httpx.ConnectError):
        httpx.get(enspace.url)


def test_sandbox__is_reset_and_restored(enspace: Enspace) -> None:
    enspace.client.delete("/ws/types/contratos")
    enspace.snapshot("without")
    enspace.reset()
    assert enspace.client.get("/ws/types/count").json() == 5
    enspace.restore("without")
    assert enspace.client.get("/ws/types/count").json() == 4
    assert len(enspace.state()["types"]) == 7


def test_sandbox__clock_and_keys(enspace: Enspace) -> None:
    enspace.freeze("2030-01-01T00:00:00Z")
    enspace.advance(90)
    made = enspace.client.post("/ws/roles", json={"name": "Auditor"}).json()
    assert made["created_at"] == "2030-01-01T00:01:30.000Z"
    key = enspace.key_for("diego.martins@yourcompany.com.br")
    refused = enspace.client.post("/ws/types", json={"name": "Ativos"}, headers={"x-api-key": key})
    assert refused.status_code == 403


def test_sandbox__that_is_closed_is_gone(server: MockServer) -> None:
    with server.sandbox(name="short") as sandbox:
        assert httpx.get(f"{server.url}/ws", headers=sandbox.headers).status_code == 200
    assert httpx.get(f"{server.url}/ws", headers=sandbox.headers).status_code == 401


def test_control__refusal_is_an_error_with_its_reason(enspace: Enspace) -> None:
    with pytest.raises(ControlError, match="POST /_mock/snapshots/nowhere/restore: 404 no snapshot 'nowhere'"):
        enspace.restore("nowhere")


def test_assertion__tells_the_nearest_call_and_where_it_differs(enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", json={"name": "Auditor"})
    with pytest.raises(AssertionError) as failure:
        enspace.journal.assert_called("createRole", body={"name": "Auditora"})
    assert "expected at least 1, received 0" in str(failure.value)
    assert "nearest is call" in str(failure.value)
    assert "body.name: expected 'Auditora', received 'Auditor'" in str(failure.value)


def test_journal__is_searched_and_cleared(enspace: Enspace) -> None:
    for name in ("Auditor", "Fiscal"):
        enspace.client.post("/ws/roles", json={"name": name})
    (found,) = enspace.journal.find("createRole", body={"name": {"$contains": "isc"}})
    assert found["request"]["body"] == {"name": "Fiscal"}
    assert enspace.journal.clear(operation="createRole") == 2
    assert enspace.journal.text() == "  none"


def test_assertion__of_an_order(enspace: Enspace) -> None:
    for path in ("/ws/types", "/ws/members", "/ws/roles"):
        enspace.client.get(path)
    enspace.journal.assert_in_order("listTypes", "listRoles")
    with pytest.raises(AssertionError, match="which met the expectation before this one"):
        enspace.journal.assert_in_order("listRoles", "listTypes")
    assert enspace.journal.count(path="/ws/*") == 3


def test_plugin__gives_each_test_its_own_sandbox_and_tells_the_calls_of_a_failed_one(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(TESTS, encoding="utf-8")
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "pytest",
        "-p",
        "mockserver.testing.pytest_plugin",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run([*command, "-p", "no:enspace", str(tmp_path)], cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 2 passed" in done.stdout
    assert "Enspace calls" in done.stdout
    assert "GET /ws/types/nowhere 404 Not Found" in done.stdout


def test_plugin__uses_a_server_that_runs_already(server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        TESTS.replace("times=1)", f'times=1)\n    assert enspace.url == "{server.url}"')
    )
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "pytest",
        "-p",
        "mockserver.testing.pytest_plugin",
        "-p",
        "no:enspace",
    ]
    environment = {"MOCKSERVER_URL": server.url}
    done = subprocess.run([*command, "-k", "create"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "1 passed" in done.stdout


def test_sandbox__that_has_ended_before_is_closed_without_complaint(server: MockServer) -> None:
    with server.sandbox(name="ended") as sandbox:
        httpx.delete(f"{server.url}/_mock/sandboxes/ended").raise_for_status()
    assert sandbox.client.is_closed


def test_plugin__reports_a_failed_test_whose_server_is_gone(tmp_path: Path) -> None:
    server = MockServer().start()
    (tmp_path / "test_own.py").write_text(
        "import httpx\n\ndef test_own(enspace):\n    enspace._control = enspace.journal._control = httpx.Client("
        "base_url='http://127.0.0.1:9')\n    assert False\n"
    )
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "pytest",
        "-p",
        "mockserver.testing.pytest_plugin",
        "-p",
        "no:enspace",
    ]
    environment = {"MOCKSERVER_URL": server.url}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    server.stop()
    assert "cannot be read: ConnectError" in done.stdout
    assert "INTERNALERROR" not in done.stdout


def test_plugin__leaves_no_sandbox_behind_for_longer_than_its_lifetime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MockServer().start()
    (tmp_path / "test_own.py").write_text("import os\n\ndef test_own(enspace):\n    os.kill(os.getpid(), 9)\n")
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "pytest",
        "-p",
        "mockserver.testing.pytest_plugin",
        "-p",
        "no:enspace",
    ]
    killed = subprocess.run(command, cwd=tmp_path, env={"MOCKSERVER_URL": server.url}, capture_output=True)
    assert killed.returncode == -9
    assert len(httpx.get(f"{server.url}/_mock/sandboxes").json()) == 2
    afterwards = time.time() + LIFETIME
    monkeypatch.setattr("mockserver.state.sandboxes.time", SimpleNamespace(time=lambda: afterwards))
    assert [box["name"] for box in httpx.get(f"{server.url}/_mock/sandboxes").json()] == ["default"]
    server.stop()
