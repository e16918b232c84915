"""Quick tasks: tasks of their own, and who sees them. R95-R100."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

TASKS = "/c-quick-tasks"
ANA, BRUNO, CAMILA, GABRIELA, HENRIQUE, LARISSA = 64, 65, 66, 70, 71, 74
FELIPE_INACTIVE, MARCOS_BLOCKED, JOAO_OF_ANOTHER_WORKSPACE, NOBODY = 69, 75, 73, 9999
ANALISTA, GERENCIA = 5, 301
OPEN: dict[str, list[int]] = {"users": [], "roles": [], "mgroups": []}


def make(client: Enspace, **members: Any) -> dict[str, Any]:
    answer = client.post(TASKS, json={"title": "Conferir"} | members)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def change(client: Enspace, task: dict[str, Any], **members: Any) -> dict[str, Any]:
    answer = client.put(f"{TASKS}/{task['id']}", json=members)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def person(client: Enspace, name: str) -> Enspace:
    return client.as_user(f"{name}@yourcompany.com.br")


@pytest.mark.rule("R95")
def test_new_quick_task__starts_pending_manual_and_of_the_caller(enspace: Enspace) -> None:
    made = make(person(enspace, "camila.ferreira"))
    assert (made["status"], made["kind"], made["approval"], made["user"]["id"]) == ("pending", "manual", None, CAMILA)
    empty = ("description", "priority", "points", "due_date", "assigned_to", "item", "completed_at")
    assert [made[name] for name in empty] == [None] * len(empty)
    assert made["limit_access"] == OPEN
    assert enspace.get(f"{TASKS}/{made['id']}").json() == made
    assert enspace.get(TASKS).json()[-1] == made


@pytest.mark.rule("R95")
@pytest.mark.parametrize("body", [{"kind": "manual"}, {"title": ""}, {"title": None}, {"title": "t" * 121}])
def test_new_quick_task__needs_a_title(enspace: Enspace, body: dict[str, Any]) -> None:
    assert_refused(enspace, "POST", TASKS, 400, "Validation failed: title", body, field="title")


@pytest.mark.rule("R95", "R97")
def test_new_quick_task__is_never_approved_yet(enspace: Enspace) -> None:
    made = make(enspace, kind="approval", approval="approved")
    assert (made["kind"], made["approval"], made["status"]) == ("approval", None, "pending")


def test_new_quick_task__keeps_the_sent_members(enspace: Enspace) -> None:
    sent: dict[str, Any] = {"title": "Ligar", "description": "Hoje", "kind": "form", "priority": "low"}
    sent |= {"status": "in_progress", "points": 0, "due_date": "2026-03-20T18:00:00.000Z"}
    limit = {"users": [CAMILA, CAMILA], "roles": [ANALISTA], "mgroups": [GERENCIA]}
    made = make(enspace, **sent, assigned_to=BRUNO, item=4812, limit_access=limit)
    assert {name: made[name] for name in sent} == sent
    assert (made["assigned_to"]["id"], made["item"]["id"], made["item"]["item_type"]) == (BRUNO, 4812, "contratos")
    assert made["limit_access"] == limit | {"users": [CAMILA]}


@pytest.mark.parametrize("written", ["5.0", "5e0", "0.5e1", "50.00E-1"])
def test_whole_number__is_an_integer_however_it_is_written(enspace: Enspace, written: str) -> None:
    json = {"content-type": "application/json"}
    made = enspace.post("/c-quick-tasks", content=f'{{"title": "Ligar", "points": {written}}}', headers=json)
    assert made.status_code == 200
    assert '"points":5,' in made.text


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-20T18:00:00-03:00", "2026-03-20T21:00:00.000Z"),
        ("2026-03-20T18:00:00Z", "2026-03-20T18:00:00.000Z"),
        ("2026-03-20t18:00:00.123456z", "2026-03-20T18:00:00.123Z"),
        ("2026-12-31T23:59:60Z", "2026-12-31T23:59:60Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_due_date__is_shown_in_utc(enspace: Enspace, sent: str, shown: str) -> None:
    made = make(enspace, due_date=sent)
    assert made["due_date"] == shown
    assert change(enspace, made, due_date=None)["due_date"] is None
    assert change(enspace, made, due_date=sent)["due_date"] == shown


@pytest.mark.rule("R96")
@pytest.mark.parametrize("priority", ["low", "medium", "high", None])
def test_priority__is_one_of_three_or_null(enspace: Enspace, priority: str | None) -> None:
    made = make(enspace, priority=priority)
    assert made["priority"] == priority
    assert change(enspace, make(enspace, priority="high"), priority=priority)["priority"] == priority


@pytest.mark.rule("R96")
@pytest.mark.parametrize("priority", ["urgent", "High", "", 1])
def test_priority__of_another_name_is_refused(enspace: Enspace, priority: Any) -> None:
    body = {"title": "Ligar", "priority": priority}
    assert_refused(enspace, "POST", TASKS, 400, "Validation failed: priority", body, field="priority")
    assert_refused(enspace, "PUT", f"{TASKS}/530", 400, "Validation failed: priority", body, field="priority")


@pytest.mark.rule("R97", "R98")
@pytest.mark.parametrize("approval", ["approved", "rejected"])
def test_approval__completes_a_task_of_that_kind(enspace: Enspace, approval: str) -> None:
    task = make(enspace, kind="approval")
    decided = change(enspace, task, approval=approval, status="in_progress")
    assert (decided["approval"], decided["status"]) == (approval, "completed")
    assert decided["completed_at"] >= task["created_at"]


@pytest.mark.rule("R97")
@pytest.mark.parametrize("kind", ["manual", "form"])
def test_approval__of_another_kind_is_refused(enspace: Enspace, kind: str) -> None:
    task, message = make(enspace, kind=kind), "approval is allowed for the kind approval only"
    path, body = f"{TASKS}/{task['id']}", {"title": "Ligar", "approval": "approved"}
    assert_refused(enspace, "PUT", path, 400, message, body, field="approval")
    assert_refused(enspace, "POST", TASKS, 400, message, body | {"kind": kind}, field="approval")
    assert change(enspace, task, approval=None)["status"] == "pending"


@pytest.mark.rule("R97")
@pytest.mark.parametrize("approval", ["yes", "", True])
def test_approval__of_another_name_is_refused(enspace: Enspace, approval: Any) -> None:
    assert_refused(enspace, "PUT", f"{TASKS}/530", 400, "approval", {"approval": approval}, field="approval")


def test_kind__is_fixed(enspace: Enspace) -> None:
    task = make(enspace)
    assert_refused(enspace, "PUT", f"{TASKS}/{task['id']}", 400, "kind cannot change", {"kind": "form"}, field="kind")
    assert change(enspace, task, kind="manual", title="Ligar")["title"] == "Ligar"


@pytest.mark.rule("R98")
def test_completed_at__is_set_kept_and_cleared_with_the_status(enspace: Enspace) -> None:
    enspace.put("/_mock/clock", json={"now": "2026-03-12T12:00:00.000Z", "frozen": True})
    task = make(enspace)
    assert change(enspace, task, status="in_progress")["completed_at"] is None
    assert change(enspace, task, status="completed")["completed_at"] == "2026-03-12T12:00:00.000Z"
    enspace.put("/_mock/clock", json={"advance": 3600})
    assert change(enspace, task, title="Feito")["completed_at"] == "2026-03-12T12:00:00.000Z"
    assert change(enspace, task, status="pending")["completed_at"] is None
    assert change(enspace, task, status="completed")["completed_at"] == "2026-03-12T13:00:00.000Z"


@pytest.mark.rule("R98")
def test_completed_at__is_set_on_create_and_never_by_the_body(enspace: Enspace) -> None:
    sent = "2020-01-01T00:00:00.000Z"
    assert make(enspace, completed_at=sent)["completed_at"] is None
    done = make(enspace, status="completed", completed_at=sent)
    assert done["completed_at"] == done["created_at"]


@pytest.mark.rule("R99")
def test_limit_access__empty_shows_the_task_to_every_member(enspace: Enspace) -> None:
    task = make(enspace)
    for name in ("bruno.lima", "camila.ferreira", "diego.martins", "gabriela.nunes", "larissa.gomes"):
        client = person(enspace, name)
        assert client.get(f"{TASKS}/{task['id']}").status_code == 200
        assert task in client.get(TASKS).json()


@pytest.mark.rule("R99")
@pytest.mark.parametrize(
    ("limit", "see_it"),
    [
        ({"users": [GABRIELA]}, {"gabriela.nunes"}),
        ({"roles": [ANALISTA]}, {"camila.ferreira", "henrique.alves"}),
        ({"mgroups": [GERENCIA]}, {"eduarda.rocha"}),
        ({"users": [GABRIELA], "mgroups": [GERENCIA]}, {"gabriela.nunes", "eduarda.rocha"}),
    ],
)
def test_limit_access__shows_the_task_to_those_listed_creator_assignee_and_owner(
    enspace: Enspace, limit: dict[str, list[int]], see_it: set[str]
) -> None:
    creator = person(enspace, "bruno.lima")
    task = make(creator, limit_access=OPEN | limit, assigned_to=LARISSA)
    candidates = ("camila.ferreira", "diego.martins", "eduarda.rocha", "gabriela.nunes", "henrique.alves")
    people = {name: person(enspace, name) for name in candidates}
    assert {name for name, client in people.items() if task in client.get(TASKS).json()} == see_it
    for client in (creator, enspace, person(enspace, "larissa.gomes"), *(people[name] for name in see_it)):
        assert client.get(f"{TASKS}/{task['id']}").json() == task


@pytest.mark.rule("R99")
def test_limited_task__is_not_there_for_others_and_not_counted(enspace: Enspace) -> None:
    gabriela = person(enspace, "gabriela.nunes")
    before = gabriela.get(f"{TASKS}/count").json()
    task = make(enspace, limit_access=OPEN | {"roles": [ANALISTA]})
    assert gabriela.get(f"{TASKS}/count").json() == before == len(gabriela.get(TASKS).json())
    for method, body in (("GET", None), ("PUT", {"title": "Meu"}), ("DELETE", None)):
        assert_refused(gabriela, method, f"{TASKS}/{task['id']}", 404, "Not Found", body)
    assert enspace.get("/ws/stats").json()["quick_tasks"] == enspace.get(f"{TASKS}/count").json()


@pytest.mark.rule("R66", "R99")
def test_limited_task__follows_the_group_and_the_role_of_a_member(enspace: Enspace) -> None:
    task, camila = make(enspace, limit_access=OPEN | {"mgroups": [GERENCIA]}), person(enspace, "camila.ferreira")
    assert camila.get(f"{TASKS}/{task['id']}").status_code == 404
    enspace.post(f"/ws/mgroups/{GERENCIA}/users", json={"users": [CAMILA]})
    assert camila.get(f"{TASKS}/{task['id']}").status_code == 200
    enspace.delete(f"/ws/mgroups/{GERENCIA}/users?users={CAMILA}")
    assert camila.get(f"{TASKS}/{task['id']}").status_code == 404
    change(enspace, task, limit_access=OPEN | {"roles": [ANALISTA]})
    assert camila.get(f"{TASKS}/{task['id']}").status_code == 200


@pytest.mark.rule("R99")
@pytest.mark.parametrize(
    ("part", "id"), [("users", JOAO_OF_ANOTHER_WORKSPACE), ("roles", 7), ("mgroups", 304), ("users", NOBODY)]
)
def test_limit_access__names_only_records_of_the_workspace(enspace: Enspace, part: str, id: int) -> None:
    body, field = {"title": "Ligar", "limit_access": OPEN | {part: [id]}}, f"limit_access.{part}"
    assert_refused(enspace, "POST", TASKS, 400, f"{field} must be", body, field=field)
    assert_refused(enspace, "PUT", f"{TASKS}/530", 400, f"{field} must be", body, field=field)


@pytest.mark.rule("R100")
@pytest.mark.parametrize("user", [FELIPE_INACTIVE, MARCOS_BLOCKED, JOAO_OF_ANOTHER_WORKSPACE, NOBODY])
def test_assigned_to__is_an_active_member(enspace: Enspace, user: int) -> None:
    body, message = {"title": "Ligar", "assigned_to": user}, "assigned_to must be a user who is an active member"
    assert_refused(enspace, "POST", TASKS, 400, message, body, field="assigned_to")
    assert_refused(enspace, "PUT", f"{TASKS}/530", 400, message, body, field="assigned_to")


@pytest.mark.rule("R100")
def test_assigned_to__may_have_left_since(enspace: Enspace) -> None:
    task = make(enspace, assigned_to=HENRIQUE)
    member = next(row["id"] for row in enspace.get("/ws/members").json() if row["user"]["id"] == HENRIQUE)
    assert enspace.delete(f"/ws/members/{member}").status_code == 200
    assert change(enspace, task, priority="low")["assigned_to"]["id"] == HENRIQUE
    assert change(enspace, task, assigned_to=None)["assigned_to"] is None


@pytest.mark.parametrize("item", [4762, 99999])
def test_item__is_one_of_the_workspace(enspace: Enspace, item: int) -> None:
    body, message = {"title": "Ligar", "item": item}, "item must be an item of this workspace"
    assert_refused(enspace, "POST", TASKS, 400, message, body, field="item")
    assert_refused(enspace, "PUT", f"{TASKS}/530", 400, message, body, field="item")


def test_update_quick_task__changes_only_the_sent_members(enspace: Enspace) -> None:
    made = make(enspace, description="Hoje", priority="high", item=4812)
    changed = change(enspace, made, description=None)
    assert changed["updated_at"] > made["updated_at"]
    assert changed == made | {"description": None, "updated_at": changed["updated_at"]}


def test_delete_quick_task__takes_it_and_nothing_else(enspace: Enspace) -> None:
    before = enspace.state()
    assert enspace.delete(f"{TASKS}/528").json() == {"data": True, "message": "Quick task deleted successfully"}
    before["quick_tasks"] = [task for task in before["quick_tasks"] if task["id"] != 528]
    assert enspace.state() == before
    assert_refused(enspace, "DELETE", f"{TASKS}/528", 404, "Not Found")


def test_quick_task__of_another_workspace_is_not_there(enspace: Enspace) -> None:
    for method, body in (("GET", None), ("PUT", {"title": "Meu"}), ("DELETE", None)):
        assert_refused(enspace, method, f"{TASKS}/532", 404, "Not Found", body)
