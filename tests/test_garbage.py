"""Objects that refer to each other in a circle: calls leave none, and the server looks for others by the clock."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import pytest
from starlette.testclient import TestClient

from mockserver.garbage import Collector
from tests.conftest import HEADERS

Server = Callable[..., TestClient]

CALLS = 100


class Circle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def _gc_as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("_gc_as_before")
def test_circle__is_gone_with_the_next_look() -> None:
    look = Collector()
    circles = [ref(Circle()) for _ in range(20_000)]
    assert circles[0]() is not None
    asyncio.run(look())
    assert {circle() for circle in circles} == {None}


@pytest.mark.usefixtures("_gc_as_before")
def test_look__is_put_off_after_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, times = [], iter([100.0, 101.0, 199.0, 201.0, 201.0])
    monkeypatch.setattr("mockserver.garbage.perf_counter", lambda: next(times))
    monkeypatch.setattr("mockserver.garbage.gc.collect", lambda: looked.append("a second"))
    monkeypatch.setattr("mockserver.garbage.gc.get_count", lambda: (1_000_000, 0, 0))
    look = Collector()
    for expected in (1, 1, 2):
        asyncio.run(look())
        assert len(looked) == expected


@pytest.mark.usefixtures("_gc_as_before")
def test_look__is_left_out_where_little_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("mockserver.garbage.gc.collect", lambda: looked.append("in vain"))
    look = Collector()
    monkeypatch.setattr("mockserver.garbage.gc.get_count", lambda: (9_000, 0, 0))
    asyncio.run(look())
    assert looked == []


@pytest.mark.usefixtures("_gc_as_before")
@pytest.mark.parametrize(
    ("headers", "method", "path", "body", "status"),
    [
        ({}, "GET", b"/user-request-logs", b"", 401),
        (HEADERS, "GET", b"/ws/members/17", b"", 200),
        (HEADERS, "GET", b"/ws/members/999", b"", 404),
        (HEADERS, "GET", b"/nowhere", b"", 404),
        (HEADERS, "POST", b"/ws/types", b'{"name": ""}', 400),
        (HEADERS, "POST", b"/ws/types", b'{"name": "New"', 400),
        (HEADERS, "POST", b"/c-quick-tasks", b'{"title": "New"}', 200),
    ],
)
def test_call__leaves_no_circle(
    server: Server, headers: dict[str, str], method: str, path: bytes, body: bytes, status: int
) -> None:
    async def call() -> None:
        statuses = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            statuses.append(message.get("status"))

        await server(seed=71).app(scope(headers, method, path), receive, send)
        assert statuses[0] == status

    async def count() -> int:
        await call()
        gc.disable()
        gc.freeze()
        for _ in range(CALLS):
            await call()
        return gc.collect()

    assert asyncio.run(count()) < CALLS


def scope(headers: dict[str, str], method: str, path: bytes) -> dict[str, Any]:
    sent = [(name.encode(), text.encode()) for name, text in {**headers, "content-type": "application/json"}.items()]
    where = {"path": path.decode(), "raw_path": path, "query_string": b"", "root_path": ""}
    return {"type": "http", "method": method, **where, "headers": sent}
