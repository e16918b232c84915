"""Dates of the fixtures: moved to the day on which a sandbox starts, unless its clock is frozen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.fixture_dates import DatedFixtures
from mockserver.fixture_files.fixture_reader import world_of
from mockserver.state.world import World
from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]
Rows = dict[str, list[dict[str, Any]]]

NEWEST = date(2026, 3, 12)  # the day of the last change in the shipped files


def state(client: AsgiClient, **sandbox: Any) -> Rows:
    made = client.post("/_mock/sandboxes", json=sandbox).json()
    rows: Rows = client.get(f"/_mock/state?sandbox={made['name']}").json()
    client.delete(f"/_mock/sandboxes/{made['name']}")
    return rows


def newest(rows: Rows) -> date:
    return date.fromisoformat(max(row.get("updated_at") or "" for each in rows.values() for row in each)[:10])


def test_fixtures__of_a_new_sandbox_changed_last_on_the_day_before(server: Server) -> None:
    before = datetime.now(UTC).date()
    day = newest(state(server()))
    assert before <= day + timedelta(days=1) <= datetime.now(UTC).date()


def test_fixtures__keep_their_dates_if_asked(server: Server) -> None:
    assert newest(state(server(keep_dates=True))) == NEWEST


def test_fixtures__keep_their_dates_with_a_frozen_clock(server: Server) -> None:
    written, instant = state(server(keep_dates=True))["items"], "2031-05-20T00:00:00Z"
    assert state(server(), clock=instant)["items"] == state(server(clock=instant))["items"] == written


def test_fixtures__move_all_dates_by_the_same_whole_days(server: Server) -> None:
    moved, written = state(server()), state(server(keep_dates=True))
    days = newest(moved) - NEWEST
    for table, member in (("items", "created_at"), ("schedule_tasks", "due_date"), ("users", "created_at")):
        for row, before in zip(moved[table], written[table], strict=True):
            if before[member] is None:
                continue
            assert datetime.fromisoformat(row[member]) == datetime.fromisoformat(before[member]) + days
    data = [(row["data"], before["data"]) for row, before in zip(moved["items"], written["items"], strict=True)]
    signed = [(row["assinatura"], before["assinatura"]) for row, before in data if "assinatura" in row]
    assert signed
    assert all(new == str(date.fromisoformat(old) + days) for new, old in signed)


def fixtures(name: str) -> World:
    stamps = {"created_at": "2020-01-01T00:00:00.000Z", "updated_at": "2020-01-01T00:00:00.000Z"}
    workspace = {"id": 1, "slug": "one", "name": name, **stamps}
    return world_of(TABLES, lambda table: [workspace] if table == "workspaces" else [])


@pytest.mark.parametrize("text", ["2020-02-30", "9999-12-31", "on 2020-01-01", "2020-1-1"])
def test_fixtures__that_name_no_movable_day_stay(text: str) -> None:
    (workspace,) = DatedFixtures(fixtures(text), keeps_dates=False).starting(Clock())["workspaces"]
    assert workspace["name"] == text
    assert workspace["created_at"] > "2026"
