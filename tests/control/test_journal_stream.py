"""The stream of journal entries as server-sent events, over a real connection."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mockserver import MockServer, Settings, create_app
from mockserver.testing.enspace_client import Enspace
from tests.conftest import FULL_KEY, HEADERS
from tests.live import PATIENCE, LiveServer

Event = tuple[str, int | None, dict[str, Any]]


@pytest.fixture
def enspace(running: MockServer) -> Iterator[Enspace]:
    with running.sandbox() as sandbox:
        yield sandbox


@contextmanager
def stream(url: str, headers: dict[str, str] | None = None, **query: Any) -> Iterator[Iterator[Event]]:
    """The events of an open stream."""
    with httpx.stream("GET", f"{url}/_mock/journal/stream", params=query, headers=headers, timeout=PATIENCE) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Name, id and data of each event. Comments are skipped."""
    members: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name:
            members[name] = value
        elif "event" in members:
            yield members["event"], int(members["id"]) if "id" in members else None, json.loads(members["data"])
        if not line:
            members = {}


def test_stream__sends_entries_as_the_journal_shows_them(enspace: Enspace) -> None:
    with stream(enspace.url, sandbox=enspace.name) as received:
        enspace.client.get("/ws/types")
        name, number, data = next(received)
    assert (name, data) == ("entry", enspace.journal.last(1)[0])
    assert number == data["number"]


@pytest.mark.parametrize(
    "query",
    [{"operation": "createRole"}, {"method": "POST"}, {"path": "/ws/r*"}, {"status": 200}, {"member": "name=Auditor"}],
    ids=lambda query: next(iter(query)),
)
def test_stream__takes_the_filters_of_the_journal(running: MockServer, enspace: Enspace, query: dict[str, Any]) -> None:
    with running.sandbox() as other, stream(enspace.url, {"x-api-key": enspace.api_key}, **query) as received:
        enspace.client.get("/ws/types/nowhere")
        other.client.post("/ws/roles", json={"name": "Auditor"})
        enspace.client.post("/ws/roles", json={"name": "Auditor"})
        _, _, data = next(received)
    assert (data["operation"], data["sandbox"]) == ("createRole", enspace.name)


@pytest.mark.parametrize("how", ["header", "query"])
def test_stream__continues_after_the_last_entry_id(enspace: Enspace, how: str) -> None:
    for path in ("/ws/types", "/ws/roles", "/ws/members"):
        enspace.client.get(path)
    seen = str(enspace.journal.last(3)[2]["number"])
    headers, query = ({"last-event-id": seen}, {"after": "1"}) if how == "header" else ({}, {"after": seen})
    with stream(enspace.url, headers, sandbox=enspace.name, **query) as received:
        assert [next(received)[2]["operation"] for _ in range(2)] == ["listRoles", "listMembers"]


def test_stream__sends_a_gap_for_dropped_entries() -> None:
    with MockServer(journal_size=2) as enspace:
        for _ in range(4):
            enspace.client.get("/ws/types")
        with stream(enspace.url, {"last-event-id": "1"}) as received:
            assert [next(received)[:2] for _ in range(3)] == [("gap", None), ("entry", 3), ("entry", 4)]


def test_stream__from_the_beginning_of_a_complete_journal_has_no_gap() -> None:
    with MockServer() as enspace:
        enspace.client.get("/ws/types")
        with stream(enspace.url, after=0) as received:
            assert next(received)[:2] == ("entry", 1)


def test_stream__whose_reader_is_slow_gets_a_gap() -> None:
    parts: list[str] = []

    async def follow() -> None:
        app, may_go_on = create_app(Settings(journal_size=3)), asyncio.Event()
        requests: list[dict[str, Any]] = [{"type": "http.request", "body": b""}]

        async def receive() -> dict[str, Any]:
            return requests.pop() if requests else await asyncio.Future()

        async def send(message: dict[str, Any]) -> None:
            parts.append(message.get("body", b"").decode())
            await may_go_on.wait()

        path = "/_mock/journal/stream"
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
        }
        scope |= {"query_string": b"", "headers": [], "client": None, "asgi": {"version": "3.0"}}
        reading = asyncio.create_task(app({**scope, "http_version": "1.1", "scheme": "http"}, receive, send))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            while not parts:
                await asyncio.sleep(0)
            for _ in range(9):
                await client.get("/ws/types", headers=HEADERS)
            may_go_on.set()
            while len(parts) < 6:
                await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    asyncio.run(asyncio.wait_for(follow(), PATIENCE))
    received = [(name, number) for name, number, _ in events(iter("".join(parts).split("\n")))]
    assert received == [("gap", None), ("entry", 7), ("entry", 8), ("entry", 9)]


def test_stream__beyond_the_limit_is_a_503(running: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.control.journal_stream.MAX_STREAMS", 1)
    address = f"{running.url}/_mock/journal/stream"
    with stream(running.url):
        refused = httpx.get(address, timeout=PATIENCE)
    assert (refused.status_code, refused.json()["status"]) == (503, 503)
    assert "1 streams of the journal are open" in refused.json()["detail"]
    answered = (httpx.head(address, timeout=PATIENCE).status_code for _ in range(100))
    assert 200 in answered  # as soon as the server knows that the first has gone


def test_stream__sends_heartbeats_while_nothing_matches(running: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.control.journal_stream.HEARTBEAT", 0)
    with httpx.stream("GET", f"{running.url}/_mock/journal/stream?operation=none", timeout=PATIENCE) as answer:
        assert ": heartbeat" in answer.iter_lines()
        assert answer.headers["cache-control"] == "no-store"


def test_stream__ends_when_the_server_stops() -> None:
    server = LiveServer()
    with httpx.stream("GET", f"{server.address}/_mock/journal/stream", timeout=PATIENCE) as answer:
        code, _, errors = server.stop()
        assert answer.read() == b": the journal follows\n\n"
    assert (code, errors) == (0, "")


def test_stream__holds_no_secret(enspace: Enspace) -> None:
    with stream(enspace.url, sandbox=enspace.name) as received:
        enspace.client.get(f"/ws/types?_q={FULL_KEY}&token=planted", headers={"cookie": "planted"})
        text = json.dumps(next(received)[2])
    assert [secret for secret in (FULL_KEY, enspace.api_key, "planted") if secret in text] == []


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("after=-1", {}, 400),
        ("since=2026-01-01T00:00:00Z", {}, 400),
        ("", {"last-event-id": "x"}, 400),
        ("sandbox=nowhere", {}, 404),
        ("", {"x-api-key": "nobody's"}, 404),
    ],
)
def test_stream__with_an_invalid_query_is_refused(
    running: MockServer, query: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.get(f"{running.url}/_mock/journal/stream?{query}", headers=headers, timeout=PATIENCE)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_stream__needs_the_control_token(server: Callable[..., httpx.Client]) -> None:
    assert server(control_token="right").get("/_mock/journal/stream").status_code == 401
