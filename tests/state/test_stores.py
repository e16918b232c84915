"""Stores: kept data, refused files and failing writes."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from mockserver import Settings
from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY, HEADERS, Enspace
from tests.invocation import invoke
from tests.live import LiveServer, mockserver
from tests.state.client import Client, served
from tests.state.references import dangling

FakeOn = Callable[..., AbstractContextManager[Client]]
ITEM = {"data": {"numero": "CT-1", "valor": 1}}
BRUNO = "bruno.lima@yourcompany.com.br"


def fake_on(path: Path) -> AbstractContextManager[Client]:
    """Starts a server with its store in this file."""
    return served(store=f"sqlite:///{path}")


def dump_of(client: Client, key: str) -> dict[str, Any]:
    """Reads state, snapshots and clock of the sandbox with this key."""
    headers = {"x-api-key": key}
    return {path: client.get(f"/_mock/{path}", headers=headers).json() for path in ("state", "snapshots", "clock")}


# -------- What is kept ---------------------------------------------------------------------------


def test_store__default_sandbox_is_there_after_a_new_start(fake_on_store: FakeOn, tmp_path: Path) -> None:
    fixtures = tmp_path / "fixtures"
    shutil.copytree(Settings().fixtures, fixtures)
    (fixtures / "quick_tasks.yaml").unlink()
    with fake_on_store(fixtures=fixtures) as client:
        first = client.post("/ws/types/contratos/items", json=ITEM, headers=HEADERS).json()
        client.delete(f"/ws/types/contratos/items/{first['reference']}", headers=HEADERS)
        before = dump_of(client, FULL_KEY)["state"]
    with fake_on_store(fixtures=fixtures) as client:
        assert dump_of(client, FULL_KEY)["state"] == before
        assert (dangling(before), before["quick_tasks"]) == ([], [])
        second = client.post("/ws/types/contratos/items", json=ITEM, headers=HEADERS).json()
        ids = [client.post("/c-quick-tasks", json={"title": "A"}, headers=HEADERS).json()["id"] for _ in range(2)]
    assert second["id"] == first["id"] + 1
    assert second["reference"] != first["reference"]
    with fake_on_store(fixtures=fixtures) as client:
        assert [task["id"] for task in client.get("/c-quick-tasks", headers=HEADERS).json()] == ids == [1, 2]


def test_store__sandboxes_keys_and_clocks_are_there_after_a_new_start(fake_on_store: FakeOn) -> None:
    frozen = {"now": "2026-03-12T12:00:00.000Z", "frozen": True}
    with fake_on_store() as client:
        made = client.post("/_mock/sandboxes", json={"name": "a", "seed": 2**63 - 1, "lifetime": 3600}).json()
        client.post("/_mock/sandboxes", json={"name": "b"})
        client.delete("/_mock/sandboxes/b")
        headers = {"x-api-key": made["api_key"], "en-workspace": "company-abc"}
        client.post("/ws/types", json={"name": "Ativos"}, headers=headers)
        before, listed = dump_of(client, made["api_key"])["state"], client.get("/_mock/sandboxes").json()
        key = client.post("/_mock/keys", json={"user": BRUNO}).json()["key"]
        client.put("/_mock/clock", json=frozen)
        client.put("/_mock/clock", json={"now": "2040-01-01T00:00:00Z", "frozen": False}, headers=headers)
    with fake_on_store() as client:
        assert sorted(map(identity, client.get("/_mock/sandboxes").json())) == sorted(map(identity, listed))
        assert dump_of(client, made["api_key"])["state"] == before
        assert client.get("/ws/types/ativos", headers=headers).status_code == 200
        context = client.get("/ws/context", headers={"x-api-key": key, "en-workspace": "company-abc"}).json()
        assert context["member"]["email"] == BRUNO
        assert client.get("/_mock/clock").json() == frozen
        clock = client.get("/_mock/clock", headers=headers).json()
        assert (clock["now"][:10], clock["frozen"]) == ("2040-01-01", False)


def identity(sandbox: dict[str, Any]) -> tuple[str, int, str]:
    return sandbox["name"], sandbox["seed"], str(sandbox["ends_at"])


def test_store__snapshots_restore_and_reset_are_there_after_a_new_start(fake_on_store: FakeOn) -> None:
    with fake_on_store() as client:
        origin = dump_of(client, FULL_KEY)["state"]
        client.post("/ws/types", json={"name": "Ativos"}, headers=HEADERS)
        client.post("/_mock/snapshots", json={"name": "a"})
        client.post("/_mock/snapshots", json={"name": "b"})
        client.delete("/_mock/snapshots/b")
        kept = dump_of(client, FULL_KEY)["state"]
        later = client.post("/ws/types", json={"name": "Bens"}, headers=HEADERS).json()
        client.delete("/ws/types/contratos", headers=HEADERS)
    with fake_on_store() as client:
        assert client.get("/_mock/snapshots").json() == [{"name": "a"}]
        assert client.post("/_mock/snapshots/a/restore").status_code == 200
        assert dump_of(client, FULL_KEY)["state"] == kept
    with fake_on_store() as client:
        assert dump_of(client, FULL_KEY)["state"] == kept
        assert client.post("/ws/types", json={"name": "Cotas"}, headers=HEADERS).json()["id"] == later["id"]
        client.post("/_mock/reset")
        assert dump_of(client, FULL_KEY)["state"] == origin
    with fake_on_store() as client:
        assert dump_of(client, FULL_KEY)["state"] == origin


@pytest.mark.parametrize("method", ["POST", "DELETE"], ids=["replaced", "dropped"])
def test_store__state_outlives_the_snapshot_that_it_came_from(fake_on_store: FakeOn, method: str) -> None:
    with fake_on_store() as client:
        client.post("/ws/types", json={"name": "Ativos"}, headers=HEADERS)
        client.post("/_mock/snapshots", json={"name": "a"})
        client.post("/_mock/snapshots/a/restore")
        client.delete("/ws/types/contratos", headers=HEADERS)
        before = dump_of(client, FULL_KEY)["state"]
        client.delete("/ws/types/ativos", headers=HEADERS)
        client.post("/ws/types", json={"name": "Ativos", "slug": "ativos"}, headers=HEADERS)
        if method == "POST":
            client.post("/_mock/snapshots", json={"name": "a"})
        else:
            client.delete("/_mock/snapshots/a")
        after = dump_of(client, FULL_KEY)["state"]
    with fake_on_store() as client:
        assert before != after == dump_of(client, FULL_KEY)["state"]


# -------- Files that are refused -----------------------------------------------------------------


def of_something_else(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE birds (name TEXT)")
    connection.close()


def changed_by(statement: str) -> Callable[[Path], Any]:
    def make(path: Path) -> None:
        with fake_on(path):
            pass
        with sqlite3.connect(path) as connection:
            connection.execute(statement)
        connection.close()

    return make


def cut_in_half(path: Path) -> None:
    with fake_on(path):
        pass
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a text": (lambda path: path.write_text("numero;valor\n" * 100, encoding="utf-8"), "file is not a database"),
    "a few bytes": (lambda path: path.write_bytes(b"SQLite"), "file is not a database"),
    "of something else": (of_something_else, "holds something else"),
    "of another contract": (
        changed_by("UPDATE about SET value = 'Enspace 2019' WHERE name = 'contract'"),
        "was written for format 3, contract Enspace 2019; this is format 3",
    ),
    "of another format": (
        changed_by("UPDATE about SET value = '0' WHERE name = 'format'"),
        "was written for format 0",
    ),
    "with a broken record": (
        changed_by("UPDATE worlds SET records = '{' WHERE collection = 'types'"),
        "is damaged",
    ),
    "with an unknown collection": (
        changed_by("UPDATE worlds SET collection = 'birds' WHERE collection = 'types'"),
        "is damaged: KeyError('birds')",
    ),
    "cut in half": (cut_in_half, "database disk image is malformed"),
}


def assert_stopped(store: str, *parts: str) -> None:
    result = invoke("serve", "--port", "0", "--store", store)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert re.fullmatch(r"mockserver: .+\. Fix: .+\.\n", result.stderr), result.stderr
    assert [part for part in parts if part not in result.stderr] == []


@pytest.mark.parametrize(("make", "message"), FILES.values(), ids=FILES)
def test_store__file_is_refused_and_left_as_it_is(tmp_path: Path, make: Callable[[Path], Any], message: str) -> None:
    path = tmp_path / "state.db"
    make(path)
    before = path.read_bytes()
    assert_stopped(f"sqlite:///{path}", str(path), message)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["state.db"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("{folder}", "unable to open"),
        ("{folder}/none/state.db", "unable to open"),
        ("/proc/state.db", "unable to open"),
    ],
    ids=["a folder", "in no folder", "unwritable"],
)
def test_store__place_is_refused(tmp_path: Path, path: str, message: str) -> None:
    assert_stopped("sqlite:///" + path.format(folder=tmp_path), message, "--store")


@pytest.mark.parametrize(
    "url", ["sqlite", "state.db", "sqlit:///state.db", "://", "postgresql+none://b/c", "memory:", "a b"]
)
def test_store__wrong_url(url: str) -> None:
    fix = "write it as `memory`, `sqlite:///FILE` or `postgresql+psycopg://"
    assert_stopped(url, f"--store: received {url!r}", fix)


@pytest.mark.parametrize("url", ["postgresql+none://me:s3cret@host/db", "postgresql+psycopg://me:s3cret@host:port/db"])
def test_store__wrong_url_does_not_show_its_password(url: str) -> None:
    done = mockserver("serve", "--port", "0", "--store", url)
    assert (done.returncode, "s3cret" in done.stderr) == (2, False)
    assert "--store: received postgresql" in done.stderr


def test_store__in_use_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    live = LiveServer("--store", f"sqlite:///{path}")
    done = mockserver("serve", "--port", "0", "--store", f"sqlite:///{path}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"{path} cannot be used: another process has it open. Fix: " in done.stderr
    assert live.ask(b"GET /_mock/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").status == 200
    live.stop()
    with fake_on(path) as client:
        assert client.get("/ws/types", headers=HEADERS).status_code == 200


# -------- A store that fails ---------------------------------------------------------------------

CALLS: list[tuple[str, str, Any]] = [
    ("POST", "/ws/types", {"name": "Ativos"}),
    ("POST", "/ws/types/contratos/items", ITEM),
    ("PUT", "/ws/types/contratos", {"icon": "x"}),
    ("DELETE", "/ws/types/contratos", None),
    ("DELETE", "/ws/types/contratos/fields/304", None),
    ("POST", "/ws/members", {"email": "nova@yourcompany.com.br", "type": "full"}),
    ("POST", "/ws", {"name": "Novo"}),
    ("DELETE", "/ws", None),
]


class Broken(OSError):
    """An injected failure of the store, such as a full disk."""


def fail(*_: Any, **__: Any) -> None:
    raise Broken("disk full: /home/secret")


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=lambda value: str(value)[:40])
def test_store__failing_write_changes_nothing(
    enspace: Enspace, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    before = enspace.state()
    with monkeypatch.context() as broken:
        broken.setattr("mockserver.state.stores.Store.write", fail)
        broken.setattr("mockserver.state.sql_store._delete_records", fail)
        broken.setattr("mockserver.state.shared_store.SharedStore._seen", fail)
        answer = enspace.request(method, path, json=body)
    envelope = {"statusCode": 500, "error": "Internal Server Error", "message": "An internal server error occurred"}
    assert (answer.status_code, answer.json()) == (500, envelope)
    assert enspace.state() == before
    assert enspace.request(method, path, json=body).status_code == 200
    assert enspace.state() != before


def test_store__failing_at_the_last_statement_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_on(tmp_path / "state.db") as client:
        before = dump_of(client, FULL_KEY)["state"]
        with monkeypatch.context() as broken:
            broken.setattr("mockserver.state.sql_store._save_sequence", fail)
            assert client.post("/ws/types/contratos/items", json=ITEM, headers=HEADERS).status_code == 500
        assert dump_of(client, FULL_KEY)["state"] == before
        first = client.post("/ws/types/contratos/items", json=ITEM, headers=HEADERS).json()
        after = dump_of(client, FULL_KEY)["state"]
    with fake_on(tmp_path / "state.db") as client:
        assert dump_of(client, FULL_KEY)["state"] == after
    assert first["id"] == max(row["id"] for row in before["items"]) + 1


CONTROL: dict[str, tuple[str, str, Any, str]] = {
    "reset": ("POST", "/_mock/reset", None, "begin_from"),
    "snapshot": ("POST", "/_mock/snapshots", {"name": "a"}, "save_world"),
    "replaced snapshot": ("POST", "/_mock/snapshots", {"name": "old"}, "save_world"),
    "restore": ("POST", "/_mock/snapshots/old/restore", None, "begin_from"),
    "dropped snapshot": ("DELETE", "/_mock/snapshots/old", None, "drop_world"),
    "clock": ("PUT", "/_mock/clock", {"now": "2040-01-01T00:00:00Z", "frozen": True}, "save_clock"),
    "key": ("POST", "/_mock/keys", {"user": BRUNO}, "write"),
    "sandbox": ("POST", "/_mock/sandboxes", {"name": "new"}, "save"),
    "dropped sandbox": ("DELETE", "/_mock/sandboxes/{own}", None, "drop"),
}


@pytest.mark.parametrize(("method", "path", "body", "part"), CONTROL.values(), ids=CONTROL)
def test_store__failing_under_the_control_api_changes_nothing(
    enspace: Enspace, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any, part: str
) -> None:
    client = Enspace(enspace.app, headers=enspace.headers, raises=False)
    client.post("/_mock/snapshots", json={"name": "old"})
    client.post("/ws/types", json={"name": "Ativos"})
    key = {"x-api-key": client.headers["x-api-key"]}
    own = [box["name"] for box in client.get("/_mock/sandboxes").json()][-1]
    client.put("/_mock/clock", json={"now": "2030-01-01T00:00:00Z", "frozen": True})
    before = dump_of_client(client), client.get("/_mock/sandboxes").json()[-1]["name"]
    with monkeypatch.context() as broken:
        for store in ("stores.Store", "sql_store.SqlStore", "shared_store.SharedStore"):
            broken.setattr(f"mockserver.state.{store}.{part}", fail)
        answer = client.request(method, path.format(own=own), json=body, headers=key)
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "secret" not in answer.text
    assert (dump_of_client(client), client.get("/_mock/sandboxes").json()[-1]["name"]) == before


def dump_of_client(client: AsgiClient) -> dict[str, Any]:
    return {path: client.get(f"/_mock/{path}").json() for path in ("state", "snapshots", "clock")}
