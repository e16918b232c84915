"""Schedule tasks: the tasks that the flow of a type creates for an item. R101, R102."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

START_OF_CONTRATOS = 32
NOON = "2026-03-12T12:00:00.000Z"


def new_task(client: Enspace, now: str = NOON, **members: Any) -> dict[str, Any]:
    """A schedule task of a new item, made at that instant from a new task definition with these members."""
    definition = {"name": "Conferir", "action": "confirmation", "stage": START_OF_CONTRATOS, **members}
    task = client.post("/c-flow-tasks", json=definition).json()
    client.put("/_mock/clock", json={"now": now, "frozen": True})
    assert client.post("/ws/types/contratos/items", json={"data": {"numero": "1", "valor": 1}}).status_code == 200
    (made,) = client.get(f"/c-schedule-tasks?task={task['id']}").json()
    assert isinstance(made, dict)
    return made


@pytest.mark.rule("R101")
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/c-schedule-tasks"), *((method, "/c-schedule-tasks/2001") for method in ("PUT", "PATCH", "DELETE"))],
)
def test_schedule_tasks__can_only_be_read(enspace: Enspace, method: str, path: str) -> None:
    before = enspace.state()
    answer = enspace.request(method, path, json={"status": "completed"})
    assert (answer.status_code, answer.json()["error"]) == (405, "Method Not Allowed")
    assert enspace.state() == before


@pytest.mark.rule("R101")
def test_schedule_task__names_its_definition_stage_flow_type_and_item(enspace: Enspace) -> None:
    rows = enspace.get("/c-schedule-tasks?_limit=1000").json()
    tasks = {task["id"]: task for task in enspace.get("/c-flow-tasks").json()}
    for row in rows:
        task = tasks[row["task"]["id"]]
        assert row["task"] == {name: task[name] for name in ("id", "name", "action")}
        same = ("name", "stage", "flow", "item_type", "assignees")
        assert {name: row[name] for name in same} == {name: task[name] for name in same}
        assert row["item"]["item_type"] == row["item_type"]["slug"]
    assert {row["task"]["id"] for row in rows} > {71, 72, 75, 80}


@pytest.mark.rule("R101")
def test_schedule_task__leads_to_an_item_that_is_there(enspace: Enspace) -> None:
    for row in enspace.get("/c-schedule-tasks?_limit=5").json():
        item = enspace.get(f"/ws/types/{row['item']['item_type']}/items/{row['item']['reference']}").json()
        assert item["id"] == row["item"]["id"]
        assert enspace.get(f"/c-schedule-tasks/{row['id']}").json() == row


@pytest.mark.rule("R101")
def test_schedule_task__of_another_workspace_is_not_there(enspace: Enspace) -> None:
    elsewhere = enspace.as_user("eduarda.rocha@yourcompany.com.br", workspace="rh-abc")
    assert enspace.get("/c-schedule-tasks/2001").status_code == 200
    assert elsewhere.get("/c-schedule-tasks").json() == []
    assert_refused(elsewhere, "GET", "/c-schedule-tasks/2001", 404, "Not Found")
    assert_refused(enspace, "GET", "/c-schedule-tasks/999999", 404, "Not Found")


def test_new_schedule_task__is_pending_and_of_the_caller(enspace: Enspace) -> None:
    made = new_task(enspace, assignees={"users": [66], "roles": [4], "mgroups": [301]})
    assert (made["name"], made["status"], made["completed_at"]) == ("Conferir", "pending", None)
    assert made["assignees"] == {"users": [66], "roles": [4], "mgroups": [301]}
    assert made["user"]["email"] == "ana.souza@yourcompany.com.br"
    assert made["created_at"] == made["updated_at"] == NOON


@pytest.mark.rule("R102")
@pytest.mark.parametrize(
    ("value", "unit", "due"),
    [
        (30, "minute", "2026-03-12T12:30:00.000Z"),
        (13, "hour", "2026-03-13T01:00:00.000Z"),
        (20, "day", "2026-04-01T12:00:00.000Z"),
        (2, "week", "2026-03-26T12:00:00.000Z"),
    ],
)
def test_due_date__is_the_creation_plus_the_response_time(enspace: Enspace, value: int, unit: str, due: str) -> None:
    made = new_task(enspace, response_time={"value": value, "unit": unit})
    assert (made["created_at"], made["due_date"]) == (NOON, due)


@pytest.mark.rule("R102")
def test_due_date__is_null_without_a_response_time(enspace: Enspace) -> None:
    assert new_task(enspace)["due_date"] is None
    assert new_task(enspace, response_time=None)["due_date"] is None


@pytest.mark.rule("R102")
def test_due_date__of_the_demo_data_follows_from_the_response_time(enspace: Enspace) -> None:
    times = {task["id"]: task["response_time"] for task in enspace.get("/c-flow-tasks").json()}
    for row in enspace.get("/c-schedule-tasks?_limit=1000").json():
        if (time := times[row["task"]["id"]]) is None:
            assert row["due_date"] is None
        else:
            allowed = timedelta(**{f"{time['unit']}s": time["value"]})
            due, made = (datetime.fromisoformat(row[name]) for name in ("due_date", "created_at"))
            assert due == made + allowed


@pytest.mark.parametrize("value", [10**9, 10**30])
def test_due_date__of_an_endless_response_time_is_cut(enspace: Enspace, value: int) -> None:
    made = new_task(enspace, response_time={"value": value, "unit": "week"})
    assert made["due_date"].startswith("2126-")


def test_due_date__at_the_end_of_the_calendar_is_cut_there(enspace: Enspace) -> None:
    made = new_task(enspace, "9998-12-30T12:00:00.000Z", response_time={"value": 54, "unit": "week"})
    assert made["due_date"] == "9999-12-31T23:59:59.999Z"
