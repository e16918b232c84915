"""Smoke test of the main features, with the locked and with the lowest versions that `pyproject.toml` allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import MockServer, Settings, create_app
from tests.conftest import HEADERS
from tests.live import LiveServer, mockserver
from tests.traffic.recording import recording


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    server = LiveServer()
    yield server
    code, _, errors = server.stop()
    assert (code, errors) == (0, "")


@pytest.fixture(scope="module")
def client(server: LiveServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, headers=HEADERS, timeout=60) as client:
        yield client


def test_state__is_created_read_and_deleted(client: httpx.Client) -> None:
    made = client.post("/ws/types", json={"name": "Smoke", "slug": "smoke"})
    assert (made.status_code, made.json()["slug"]) == (200, "smoke")
    assert "smoke" in [row["slug"] for row in client.get("/ws/types", params={"_limit": 100}).json()]
    assert client.delete("/ws/types/smoke").status_code == 200
    assert client.get("/ws/types/smoke").status_code == 404


def test_refusals__have_the_envelope(client: httpx.Client) -> None:
    assert client.post("/ws/roles", json={"name": 7}).json()["statusCode"] == 400
    assert client.get("/ws/types?_limit=x").json()["statusCode"] == 400
    assert client.request("BREW", "/ws/types").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.post("/ws/roles", content=b"{", headers={"content-type": "application/json"}).status_code == 400


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/_mock/", "/_mock/docs/", "/_mock/coverage?form=html"])
def test_page__is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 200


def test_pipelined_requests__are_answered_in_order(server: LiveServer) -> None:
    head = "\r\n".join(["host: localhost", *(f"{name}: {value}" for name, value in HEADERS.items()), "", ""])
    lines = ["GET /ws/types/count", "HEAD /ws/types/count", "POST /ws/types/count", "BREW /nowhere"]
    requests = "".join(f"{line} HTTP/1.1\r\n{head}" for line in lines[:3])
    last = f"GET /nowhere HTTP/1.1\r\nconnection: close\r\n{head}"
    with server.connect() as connection:
        connection.sendall((requests + last).encode())
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"200", b"200", b"405", b"404"]


def test_mock_server__has_a_journal_and_faults() -> None:
    with MockServer(seed=1) as enspace:
        enspace.fault("listTypes", status=500, times=1)
        assert [enspace.client.get("/ws/types").status_code for _ in range(2)] == [500, 200]
        enspace.journal.assert_called("listTypes", times=2)


def test_store__is_durable(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'state.db'}"
    for status in (200, 400):
        server = LiveServer("--store", store)
        made = httpx.post(f"{server.address}/ws/types", json={"name": "Kept"}, headers=HEADERS, timeout=60)
        server.stop()
        assert made.status_code == status


def test_commands__exit_with_0(server: LiveServer, tmp_path: Path) -> None:
    verify = ("verify", server.address, "--mode", "read-only", "--depth", "quick", "--tags", "Roles,Items")
    seed = ("seed", "--out", str(tmp_path / "big"), "--items", "60")
    for command in (("lint",), seed, ("run", "--", "true"), verify):
        done = mockserver(*command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_app__is_served_with_reload() -> None:
    server = LiveServer("--reload")
    assert httpx.get(f"{server.address}/_mock/health", timeout=60).status_code == 200
    assert server.stop()[0] == 0
    assert create_app(Settings(stateless=True)) is not None


def test_drift__reads_the_journal_of_the_fake(client: httpx.Client, tmp_path: Path) -> None:
    client.get("/ws/roles")
    (tmp_path / "calls.har").write_bytes(client.get("/_mock/journal?form=har").content)
    drift = mockserver("drift", str(tmp_path / "calls.har"))
    assert (drift.returncode, drift.stdout.splitlines()[-1]) == (0, "no drift")


def test_record__forwards(server: LiveServer, tmp_path: Path) -> None:
    with recording(server.address, tmp_path / "calls.har") as proxy:
        assert proxy.ask("GET", "/ws/types/count", headers=HEADERS)[0] == 200
        assert proxy.end().endswith("1 call added")
