"""Memory that the journal takes."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from tests.asgi_client import AsgiClient

BOUND = 262_144


@pytest.mark.parametrize(
    ("members", "requests"),
    [({"description": [{"a": {}}] * 1500}, 25), ({"name": "n" * 17_000}, 125)],
    ids=["many objects", "short entries"],
)
def test_journal__takes_no_more_memory_than_its_bound(
    server: Callable[..., AsgiClient], members: dict[str, Any], requests: int
) -> None:
    client, body = server(journal_bytes=BOUND), {"name": "x"} | members
    client.post("/ws/roles", json=body)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(requests):
        assert client.post("/ws/roles", json=body).status_code == 400
    gc.collect()  # requests of the test's own client
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 1.5 * BOUND
