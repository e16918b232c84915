"""The clock of a sandbox, which dates all its records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import Enspace
from tests.state.conftest import IN_MEMORY

NOON = "2026-03-12T12:00:00.000Z"
BUSY = 30  # seconds that a busy machine may take between two calls
ANA = "ana.souza@yourcompany.com.br"


def set_clock(enspace: Enspace, **body: Any) -> dict[str, Any]:
    answer = enspace.put("/_mock/clock", json=body)
    assert answer.status_code == 200, answer.text
    clock: dict[str, Any] = answer.json()
    assert enspace.get("/_mock/clock").json()["frozen"] == clock["frozen"]
    return clock


def seconds_from_now(clock: dict[str, Any]) -> float:
    return (datetime.fromisoformat(clock["now"]) - datetime.now(UTC)).total_seconds()


def test_clock__is_the_real_one_by_default(enspace: Enspace) -> None:
    clock = enspace.get("/_mock/clock").json()
    assert clock["frozen"] is False
    assert abs(seconds_from_now(clock)) < BUSY


def test_clock__frozen_does_not_move(enspace: Enspace) -> None:
    assert set_clock(enspace, now=NOON, frozen=True) == {"now": NOON, "frozen": True}
    first = enspace.post("/ws/types", json={"name": "Ativos"}).json()
    second = enspace.post("/ws/types", json={"name": "Bens"}).json()
    assert first["created_at"] == second["created_at"] == NOON


def test_clock__frozen_without_an_instant_stops_at_the_present(enspace: Enspace) -> None:
    clock = set_clock(enspace, frozen=True)
    assert abs(seconds_from_now(clock)) < BUSY
    assert enspace.get("/_mock/clock").json() == clock


def test_clock__set_to_an_instant_continues_from_it(enspace: Enspace) -> None:
    clock = set_clock(enspace, now="2030-01-01T09:00:00-03:00")
    assert clock["now"].startswith("2030-01-01T12:00")
    later = enspace.get("/_mock/clock").json()
    assert later["now"] >= clock["now"]
    assert (clock["frozen"], later["frozen"]) == (False, False)


def test_clock__advances(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    assert set_clock(enspace, advance=90) == {"now": "2026-03-12T12:01:30.000Z", "frozen": True}
    assert set_clock(enspace, advance=-90.5)["now"] == "2026-03-12T11:59:59.500Z"
    clock = set_clock(enspace, now="real", frozen=False, advance=3600)
    assert abs(seconds_from_now(clock) - 3600) < BUSY


def test_clock__continues_after_being_frozen(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    clock = set_clock(enspace, frozen=False)
    assert clock["now"].startswith("2026-03-12T12:00")
    assert clock["frozen"] is False


def test_clock__is_the_real_one_again(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    clock = set_clock(enspace, now="real", frozen=False)
    assert abs(seconds_from_now(clock)) < BUSY


def test_clock__now_then_advance_then_frozen(enspace: Enspace) -> None:
    assert set_clock(enspace, frozen=True, advance=60, now=NOON) == {"now": "2026-03-12T12:01:00.000Z", "frozen": True}


@IN_MEMORY
@pytest.mark.parametrize(
    "body",
    [
        {"now": "noon"},
        {"now": "2026-03-12T23:59:60Z"},
        {"now": "2026-03-12T12:00:00"},
        {"now": "0001-01-01T00:00:00+14:00"},
        {"now": "9999-12-31T23:59:59Z"},
        {"now": "9998-12-30T23:59:59Z", "advance": 3_155_760_000},
        {"now": "0002-01-01T00:00:00Z", "advance": -3_155_760_000},
        {"advance": 3_155_760_001},
        {"advance": "1"},
        {"frozen": "yes"},
        {"tempo": 1},
        {},
    ],
    ids=str,
)
def test_clock__impossible(enspace: Enspace, body: Any) -> None:
    before = set_clock(enspace, now=NOON, frozen=True)
    answer = enspace.put("/_mock/clock", json=body)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert enspace.get("/_mock/clock").json() == before
    assert enspace.get("/ws/types").status_code == 200


@pytest.mark.parametrize("at", ["0002-01-01T00:00:00Z", "1969-07-20T20:17:40Z", "9998-12-31T00:00:00Z"])
def test_clock__far_away_breaks_nothing(enspace: Enspace, at: str) -> None:
    set_clock(enspace, now=at, frozen=True)
    made = enspace.post("/ws/types/contratos/items", json={"data": {"numero": "1", "valor": 1}})
    assert made.status_code == 200
    assert made.json()["created_at"][:10] == at[:10]
    updated = enspace.put(f"/ws/types/contratos/items/{made.json()['reference']}", json={"status": "inactive"}).json()
    assert updated["updated_at"] > updated["created_at"]
    assert enspace.get("/user-request-logs").status_code == 200


def test_clock__key_expires_with_it(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    client = enspace.as_user(ANA, expires_at="2026-03-12T12:00:01Z")
    assert client.get("/ws/types").status_code == 200
    set_clock(enspace, advance=1)
    assert client.get("/ws/types").status_code == 401
    set_clock(enspace, advance=-1)
    assert client.get("/ws/types").status_code == 200


def test_clock__due_dates_follow_it(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    made = enspace.post("/ws/types/contratos/items", json={"data": {"numero": "1", "valor": 1}}).json()
    (task,) = enspace.get("/c-schedule-tasks", params={"item": made["id"]}).json()
    assert (task["created_at"], task["due_date"]) == (NOON, "2026-03-13T12:00:00.000Z")


def test_clock__completion_follows_it(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    made = enspace.post("/c-quick-tasks", json={"title": "Ligar"}).json()
    set_clock(enspace, advance=60)
    done = enspace.put(f"/c-quick-tasks/{made['id']}", json={"status": "completed"}).json()
    assert (done["created_at"], done["completed_at"]) == (NOON, "2026-03-12T12:01:00.000Z")


def test_clock__calls_are_logged_by_it(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    enspace.get("/ws/types")
    (row,) = enspace.get("/user-request-logs").json()
    assert row["created_at"] == NOON


def test_clock__frozen_still_gives_increasing_update_times(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    enspace.post("/ws/types", json={"name": "Ativos"})
    first = enspace.put("/ws/types/ativos", json={"icon": "a"}).json()
    second = enspace.put("/ws/types/ativos", json={"icon": "b"}).json()
    assert (first["updated_at"], second["updated_at"]) == (NOON.replace("000Z", "001Z"), NOON.replace("000Z", "002Z"))


def test_clock__of_one_sandbox_is_not_that_of_another(enspace: Enspace) -> None:
    set_clock(enspace, now=NOON, frozen=True)
    default = enspace.get("/_mock/clock", params={"sandbox": "default"}).json()
    assert abs(seconds_from_now(default)) < 5
    made = enspace.post("/_mock/sandboxes", json={}).json()
    enspace.delete(f"/_mock/sandboxes/{made['name']}")
    assert made["clock"]["frozen"] is False


def test_clock__outlives_reset_and_restore(enspace: Enspace) -> None:
    enspace.post("/_mock/snapshots", json={"name": "a"})
    clock = set_clock(enspace, now=NOON, frozen=True)
    enspace.post("/_mock/reset")
    enspace.post("/_mock/snapshots/a/restore")
    assert enspace.get("/_mock/clock").json() == clock


@pytest.mark.parametrize("frozen", [True, False])
def test_clock__says_whether_it_is_frozen(enspace: Enspace, frozen: bool) -> None:
    assert set_clock(enspace, frozen=frozen)["frozen"] is frozen
    assert enspace.get("/_mock/clock").json()["frozen"] is frozen
