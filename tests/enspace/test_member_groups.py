"""Member groups: people of a workspace under one name. R62-R66."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

ANA, BRUNO, CAMILA, DIEGO, HENRIQUE = 64, 65, 66, 67, 71
JOAO_OF_ANOTHER_WORKSPACE, NOBODY = 73, 9999
FINANCEIRO, GERENCIA, GROUP_OF_ANOTHER_WORKSPACE = 300, 301, 304


def users_of(client: Enspace, group: int) -> list[int]:
    return [user["id"] for user in client.get(f"/ws/mgroups/{group}").json()["users"]]


@pytest.mark.rule("R62")
def test_new_group__contains_its_users_as_people(enspace: Enspace) -> None:
    made = enspace.post("/ws/mgroups", json={"name": "Compras", "users": [CAMILA, ANA]}).json()
    assert [user["email"].split(".")[0] for user in made["users"]] == ["camila", "ana"]
    assert set(made) == {"id", "name", "users", "created_at", "updated_at"}
    assert enspace.get(f"/ws/mgroups/{made['id']}").json() == made
    assert made in enspace.get("/ws/mgroups").json()


def test_new_group__without_users_is_empty(enspace: Enspace) -> None:
    assert enspace.post("/ws/mgroups", json={"name": "Compras"}).json()["users"] == []


def test_new_group__named_twice_user_is_in_it_once(enspace: Enspace) -> None:
    made = enspace.post("/ws/mgroups", json={"name": "Compras", "users": [ANA, CAMILA, ANA]}).json()
    assert users_of(enspace, made["id"]) == [ANA, CAMILA]


@pytest.mark.rule("R62")
@pytest.mark.parametrize("body", [{"users": [ANA]}, {"name": ""}, {"name": None}, {"name": "n" * 61}])
def test_group_name__is_needed(enspace: Enspace, body: dict[str, Any]) -> None:
    assert_refused(enspace, "POST", "/ws/mgroups", 400, "Validation failed", body, field="name")


@pytest.mark.rule("R62")
def test_group_name__is_unique_in_its_workspace(enspace: Enspace) -> None:
    taken = {"name": "Financeiro"}
    assert_refused(enspace, "POST", "/ws/mgroups", 400, "must be unique", taken, field="name")
    assert_refused(enspace, "PUT", f"/ws/mgroups/{GERENCIA}", 400, "must be unique", taken, field="name")
    assert enspace.put(f"/ws/mgroups/{FINANCEIRO}", json=taken).status_code == 200


@pytest.mark.rule("R62")
def test_group_name__of_another_workspace_is_free(enspace: Enspace) -> None:
    elsewhere = enspace.as_user("eduarda.rocha@yourcompany.com.br", workspace="rh-abc")
    name = elsewhere.get(f"/ws/mgroups/{GROUP_OF_ANOTHER_WORKSPACE}").json()["name"]
    assert enspace.post("/ws/mgroups", json={"name": name}).status_code == 200


@pytest.mark.rule("R63")
def test_add_users__puts_a_user_into_a_further_group_and_leaves_the_member_alone(enspace: Enspace) -> None:
    members = enspace.get("/ws/members").json()
    answer = enspace.post(f"/ws/mgroups/{GERENCIA}/users", json={"users": [CAMILA]}).json()
    assert answer == {"data": True, "message": "Users added successfully"}
    assert CAMILA in users_of(enspace, FINANCEIRO)
    assert CAMILA in users_of(enspace, GERENCIA)
    assert enspace.get("/ws/members").json() == members
    camila = enspace.as_user("camila.ferreira@yourcompany.com.br")
    assert camila.get("/ws/context").json()["mgroups"] == [FINANCEIRO, GERENCIA]


@pytest.mark.rule("R64")
def test_add_users__who_are_in_the_group_stay_once(enspace: Enspace) -> None:
    enspace.post(f"/ws/mgroups/{FINANCEIRO}/users", json={"users": [CAMILA, DIEGO]})
    assert users_of(enspace, FINANCEIRO) == [ANA, CAMILA, HENRIQUE, DIEGO]


@pytest.mark.rule("R64")
@pytest.mark.parametrize("stranger", [JOAO_OF_ANOTHER_WORKSPACE, NOBODY])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/ws/mgroups"), ("PUT", f"/ws/mgroups/{FINANCEIRO}"), ("POST", f"/ws/mgroups/{FINANCEIRO}/users")],
)
def test_group_users__are_members_of_the_workspace(enspace: Enspace, method: str, path: str, stranger: int) -> None:
    body: dict[str, Any] = {"users": [BRUNO, stranger]} | ({} if path.endswith("users") else {"name": "Compras"})
    assert_refused(enspace, method, path, 400, f"members of the workspace (received [{stranger}])", body, field="users")


@pytest.mark.rule("R64")
@pytest.mark.parametrize("body", [{}, {"users": []}, {"users": [ANA, ANA]}, {"users": ["64"]}, {"users": 64}])
def test_add_users__needs_different_ids(enspace: Enspace, body: dict[str, Any]) -> None:
    assert_refused(enspace, "POST", f"/ws/mgroups/{FINANCEIRO}/users", 400, "Validation failed: users", body)


def test_update_group__replaces_the_users_and_keeps_the_name(enspace: Enspace) -> None:
    changed = enspace.put(f"/ws/mgroups/{FINANCEIRO}", json={"users": [BRUNO]}).json()
    assert (changed["name"], users_of(enspace, FINANCEIRO)) == ("Financeiro", [BRUNO])


def test_update_group__renames_it_and_keeps_the_users(enspace: Enspace) -> None:
    users = users_of(enspace, FINANCEIRO)
    changed = enspace.put(f"/ws/mgroups/{FINANCEIRO}", json={"name": "Contas"}).json()
    assert (changed["name"], users_of(enspace, FINANCEIRO)) == ("Contas", users)


@pytest.mark.rule("R65")
def test_remove_users__takes_out_those_listed_and_ignores_others(enspace: Enspace) -> None:
    members = enspace.get("/ws/members").json()
    gone = f"{CAMILA},{DIEGO},{NOBODY}"
    answer = enspace.delete(f"/ws/mgroups/{FINANCEIRO}/users?users={gone}").json()
    assert answer == {"data": True, "message": "Users removed successfully"}
    assert users_of(enspace, FINANCEIRO) == [ANA, HENRIQUE]
    assert enspace.delete(f"/ws/mgroups/{FINANCEIRO}/users?users={gone}").status_code == 200
    assert enspace.get("/ws/members").json() == members


@pytest.mark.rule("R65")
@pytest.mark.parametrize("query", ["", "?users=", "?users=ana", "?users=64,64"])
def test_remove_users__needs_different_ids(enspace: Enspace, query: str) -> None:
    path = f"/ws/mgroups/{FINANCEIRO}/users{query}"
    assert_refused(enspace, "DELETE", path, 400, "Invalid query parameter: users")


@pytest.mark.rule("R66")
def test_delete_group__takes_its_id_out_of_every_audience_and_touches_nothing_else(enspace: Enspace) -> None:
    limit = {"users": [CAMILA], "roles": [], "mgroups": [FINANCEIRO, GERENCIA]}
    enspace.post("/c-quick-tasks", json={"title": "Conferir", "limit_access": limit})
    before = enspace.state()
    assert any(GERENCIA in task["assignees"]["mgroups"] for task in before["tasks"])
    assert enspace.delete(f"/ws/mgroups/{GERENCIA}").json()["message"] == "Group deleted successfully"
    for table, member in (("tasks", "assignees"), ("quick_tasks", "limit_access")):
        for row in before[table]:
            row[member]["mgroups"] = [id for id in row[member]["mgroups"] if id != GERENCIA]
    before["mgroups"] = [group for group in before["mgroups"] if group["id"] != GERENCIA]
    assert enspace.state() == before


@pytest.mark.rule("R66")
def test_delete_group__removes_it_from_tasks_and_schedule_tasks(enspace: Enspace) -> None:
    task = next(row for row in enspace.get("/c-flow-tasks").json() if GERENCIA in row["assignees"]["mgroups"])
    enspace.delete(f"/ws/mgroups/{GERENCIA}")
    assert enspace.get(f"/c-flow-tasks/{task['id']}").json()["assignees"]["mgroups"] == []
    made = enspace.get(f"/c-schedule-tasks?task={task['id']}").json()
    assert made
    assert all(row["assignees"]["mgroups"] == [] for row in made)


@pytest.mark.parametrize("group", [GROUP_OF_ANOTHER_WORKSPACE, NOBODY])
@pytest.mark.parametrize(
    ("method", "end", "body"),
    [
        ("GET", "", None),
        ("PUT", "", {"name": "Compras"}),
        ("DELETE", "", None),
        ("POST", "/users", {"users": [ANA]}),
        ("DELETE", "/users?users=64", None),
    ],
)
def test_group__of_another_workspace_is_not_there(
    enspace: Enspace, method: str, end: str, body: dict[str, Any] | None, group: int
) -> None:
    assert_refused(enspace, method, f"/ws/mgroups/{group}{end}", 404, "Not Found", body)


def test_delete_group__twice_is_not_found(enspace: Enspace) -> None:
    assert enspace.delete(f"/ws/mgroups/{GERENCIA}").status_code == 200
    assert_refused(enspace, "DELETE", f"/ws/mgroups/{GERENCIA}", 404, "Not Found")
