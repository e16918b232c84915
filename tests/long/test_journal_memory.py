"""Memory that the journal takes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

from tests.asgi_client import AsgiClient


def test_journal__takes_no_more_memory_than_its_bound(server: Callable[..., AsgiClient]) -> None:
    client, bound = server(journal_bytes=1_048_576), 1_048_576
    body = {"name": "x", "description": [{"a": {}}] * 1500}  # decoded, it takes 16 times as much memory as written
    client.post("/ws/roles", json=body)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        assert client.post("/ws/roles", json=body).status_code == 400
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 1.5 * bound
