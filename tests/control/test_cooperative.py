"""Long requests to the control API pause for others, and lose no change that those make meanwhile."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.asgi_client import LOOP
from tests.conftest import Enspace


@pytest.fixture(autouse=True)
def _pauses_after_each_record() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.control.cooperative.SLICE", 0)
        yield


def together(enspace: Enspace, *calls: tuple[str, str, Any]) -> list[tuple[str, int]]:
    """Starts all calls without waiting. Returns their paths and statuses in the order in which they end."""
    ended = []

    async def call(client: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
        answer = await client.request(method, path, json=body)
        ended.append((path, answer.status_code))

    async def run() -> None:
        transport = httpx.ASGITransport(enspace.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=enspace.headers
        ) as client:
            await asyncio.gather(*(call(client, *each) for each in calls))

    LOOP.run_until_complete(run())
    return ended


@pytest.mark.parametrize("query", ["q=papelaria", "sort=reference", "where=status:active"])
def test_search__pauses_for_other_requests(enspace: Enspace, query: str) -> None:
    search = f"/_mock/state/items?{query}"
    ended = together(enspace, ("GET", search, None), ("GET", "/ws/types", None))
    assert ended == [("/ws/types", 200), (search, 200)]


def test_search__during_a_change_is_not_cached(enspace: Enspace) -> None:
    search = "/_mock/state/roles?q=auditor"
    together(enspace, ("GET", search, None), ("POST", "/ws/roles", {"name": "Auditor", "description": None}))
    assert enspace.get(search).json()["total"] == 1


def test_change__repeated_after_a_conflict_keeps_other_changes(enspace: Enspace) -> None:
    field = enspace.get("/_mock/state/fields?where=slug:valor").json()["records"][0]
    change = ("PUT", f"/_mock/state/fields/{field['id']}", {**field, "name": "Preço"})
    ended = together(enspace, change, ("POST", "/ws/roles", {"name": "Auditor", "description": None}))
    assert ended == [("/ws/roles", 200), (change[1], 200)]
    state = enspace.state()
    assert state["roles"][-1]["name"] == "Auditor"
    assert "Preço" in [one["name"] for one in state["fields"]]


def test_change__after_many_conflicts_runs_without_a_pause(enspace: Enspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.control.record_api._OPTIMISTIC_TRIES", 0)
    field = enspace.get("/_mock/state/fields?where=slug:valor").json()["records"][0]
    change = ("PUT", f"/_mock/state/fields/{field['id']}", field)
    assert together(enspace, change, ("GET", "/ws/types", None)) == [(change[1], 200), ("/ws/types", 200)]


def test_change__of_a_sandbox_that_is_deleted_meanwhile_is_a_404(enspace: Enspace) -> None:
    made = enspace.post("/_mock/sandboxes", json={}).json()
    place = f"/_mock/state/fields/301?sandbox={made['name']}"
    change = ("PUT", place, enspace.get(place).json())
    ended = together(enspace, change, ("DELETE", f"/_mock/sandboxes/{made['name']}", None))
    assert ended[-1] == (place, 404)
