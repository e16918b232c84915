"""Workspaces: made, listed, counted, left and deleted. R26-R35."""

from typing import Any

import pytest

from mockserver.pipeline.authenticate import FOREIGN_WORKSPACE
from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

ANA, BRUNO, CAMILA = (
    "ana.souza@yourcompany.com.br",
    "bruno.lima@yourcompany.com.br",
    "camila.ferreira@yourcompany.com.br",
)
DIEGO, EDUARDA = "diego.martins@yourcompany.com.br", "eduarda.rocha@yourcompany.com.br"
GABRIELA, LARISSA = "gabriela.nunes@yourcompany.com.br", "larissa.gomes@yourcompany.com.br"

FORBIDDEN = "Insufficient permissions"
COUNTERS = [
    *["types", "fields", "items", "flows", "stages", "tasks", "forms", "members", "roles", "mgroups"],
    *["quick_tasks", "schedule_tasks", "integrations"],
]


def fill(enspace: Enspace) -> None:
    """Makes and deletes a record of every kind, so that no counter is the one of the fixtures."""
    enspace.post("/ws/types", json={"name": "Ativos"})
    enspace.post("/ws/types/ativos/fields", json={"name": "Placa", "slug": "placa", "type": "text"})
    enspace.post("/ws/types/ativos/items", json={"data": {"placa": "A-1"}})
    enspace.post("/ws/types/contratos/items", json={"data": {"numero": "CT-1", "valor": 1}})
    enspace.post("/c-flow-tasks", json={"name": "Conferir", "action": "confirmation", "stage": 32})
    enspace.post("/ws/members", json={"email": "paula.dias@yourcompany.com.br", "type": "viewer"})
    enspace.post("/ws/roles", json={"name": "Fiscal"})
    enspace.post("/ws/mgroups", json={"name": "Compras"})
    enspace.post("/c-quick-tasks", json={"title": "Ligar"})
    enspace.post("/integrations", json={"integration": 2, "data": {"environment": "stage"}})
    for path in ["/ws/types/compras", "/ws/members/20", "/ws/roles/6", "/ws/mgroups/302", "/c-quick-tasks/529"]:
        assert enspace.delete(path).status_code == 200


@pytest.mark.rule("R26", "R38")
def test_new_workspace__has_its_maker_as_only_member_and_owner(enspace: Enspace) -> None:
    made = enspace.post("/ws", json={"name": "Filial", "slug": "filial"}).json()
    assert (made["slug"], made["member_type"]) == ("filial", "owner")
    members = enspace.get("/ws/members", headers={"en-workspace": "filial"}).json()
    assert [(member["email"], member["type"], member["status"]) for member in members] == [(ANA, "owner", "active")]


@pytest.mark.rule("R26")
def test_new_workspace__joins_the_scope_of_the_key_that_made_it(enspace: Enspace) -> None:
    other = enspace.as_user(ANA)
    made = enspace.as_user(BRUNO, workspaces=["company-abc"])
    assert made.post("/ws", json={"name": "Filial", "slug": "filial"}).status_code == 200
    scopes = [key["scope"]["workspaces"] for key in made.get("/user-api-keys").json()]
    assert ["company-abc", "filial"] in scopes
    assert ["company-abc"] in scopes
    assert made.get("/ws/types", headers={"en-workspace": "filial"}).json() == []
    assert_refused(other, "GET", "/ws/types", 403, FOREIGN_WORKSPACE, headers={"en-workspace": "filial"})


@pytest.mark.rule("R26", "R7")
def test_new_workspace__may_be_made_by_anybody_with_a_key(enspace: Enspace) -> None:
    for user in (DIEGO, CAMILA):
        client = enspace.as_user(user)
        made = client.post("/ws", json={"name": f"De {user[:5]}"}, headers={"en-workspace": ""}).json()
        assert client.get("/ws/context", headers={"en-workspace": made["slug"]}).json()["member"]["type"] == "owner"


@pytest.mark.rule("R27")
@pytest.mark.parametrize(
    "body",
    [
        {"name": "Copia", "slug": "company-abc"},
        {"name": "Copia", "slug": "rh-abc"},
        {"name": "RH ABC"},
        {"name": "Nova", "slug": "Nova"},
        {"name": "Nova", "slug": "nova filial"},
        {"name": "Nova", "slug": "-nova"},
        {"name": "Nova", "slug": "nova."},
        {"name": "Nova", "slug": "ação"},
        {"name": "Nova", "slug": "n" * 61},
        {"name": "Nova", "slug": ""},
        {"name": "???"},
    ],
)
def test_slug__taken_or_with_other_characters_is_400(enspace: Enspace, body: dict[str, Any]) -> None:
    assert_refused(enspace, "POST", "/ws", 400, "Validation failed", body, field="slug")


@pytest.mark.rule("R27")
@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"name": "Nova", "slug": "nova_filial-2"}, "nova_filial-2"),
        ({"name": "Filial São Paulo, nº 2"}, "filial-sao-paulo-no-2"),
        ({"name": "x" * 80}, "x" * 60),
    ],
)
def test_slug__is_the_given_one_or_made_from_the_name(enspace: Enspace, body: dict[str, Any], slug: str) -> None:
    assert enspace.post("/ws", json=body).json()["slug"] == slug
    assert slug in [workspace["slug"] for workspace in enspace.get("/ws").json()]
    assert_refused(enspace, "POST", "/ws", 400, "must be unique", body, field="slug")


@pytest.mark.rule("R27")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_slug__cannot_change_as_no_operation_changes_a_workspace(enspace: Enspace, method: str) -> None:
    assert_refused(enspace, method, "/ws", 405, "Method Not Allowed", {"slug": "other"})


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("user", "workspaces", "seen"),
    [
        (ANA, ["company-abc", "financeiro-abc"], {"company-abc": "owner", "financeiro-abc": "full"}),
        (ANA, ["financeiro-abc"], {"financeiro-abc": "full"}),
        (ANA, ["company-abc", "rh-abc"], {"company-abc": "owner"}),
        (LARISSA, ["company-abc", "rh-abc"], {"company-abc": "standard", "rh-abc": "standard"}),
        ("felipe.carvalho@yourcompany.com.br", ["company-abc"], {}),
        ("marcos.oliveira@yourcompany.com.br", ["company-abc", "financeiro-abc"], {"financeiro-abc": "viewer"}),
    ],
)
def test_list__holds_the_active_memberships_within_the_scope_of_the_key(
    enspace: Enspace, user: str, workspaces: list[str], seen: dict[str, str]
) -> None:
    listed = enspace.as_user(user, workspaces=workspaces).get("/ws").json()
    assert {workspace["slug"]: workspace["member_type"] for workspace in listed} == seen


@pytest.mark.rule("R28")
def test_list__shows_the_callers_own_flags_and_no_number_as_id(enspace: Enspace) -> None:
    workspace = enspace.as_user(CAMILA).get("/ws").json()[0]
    assert (workspace["id"], workspace["member_type"], workspace["favorite"]) == ("123", "standard", True)
    assert enspace.as_user(BRUNO).get("/ws").json()[0]["favorite"] is False


@pytest.mark.rule("R29")
def test_context__contains_member_role_permissions_and_groups_of_the_caller(enspace: Enspace) -> None:
    context = enspace.as_user(CAMILA, scopes=["read", "write"]).get("/ws/context").json()
    assert (context["workspace"]["slug"], context["workspace"]["member_type"]) == ("company-abc", "standard")
    assert context["member"] == enspace.get("/ws/members/19").json()
    assert context["role"] == enspace.get("/ws/roles/5").json()
    assert context["permissions"] == enspace.get("/ws/roles/5/permissions").json()
    assert (context["mgroups"], context["scope"]) == ([300], ["read", "write"])


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("user", "slug", "type", "groups"),
    [
        (ANA, "company-abc", "owner", [300, 301]),
        (ANA, "financeiro-abc", "full", []),
        (DIEGO, "company-abc", "viewer", []),
        (LARISSA, "company-abc", "standard", [303]),
        (EDUARDA, "rh-abc", "owner", [304]),
    ],
)
def test_context__is_the_one_of_the_workspace_in_the_header(
    enspace: Enspace, user: str, slug: str, type: str, groups: list[int]
) -> None:
    context = enspace.as_user(user, workspace=slug).get("/ws/context").json()
    assert (context["workspace"]["slug"], context["member"]["email"]) == (slug, user)
    assert (context["member"]["type"], context["mgroups"]) == (type, groups)
    assert (context["role"], context["permissions"]) == (None, [])


@pytest.mark.rule("R30")
@pytest.mark.parametrize("is_filled", [False, True], ids=["fixtures", "changed"])
def test_statistics__equal_the_lists_of_the_owner(enspace: Enspace, is_filled: bool) -> None:
    if is_filled:
        fill(enspace)
    types = [row["slug"] for row in enspace.get("/ws/types").json()]
    paths = {"types": "/ws/types", "flows": "/c-flows", "stages": "/c-flow-stages", "tasks": "/c-flow-tasks"}
    paths |= {"forms": "/c-forms", "members": "/ws/members", "roles": "/ws/roles", "mgroups": "/ws/mgroups"}
    paths |= {"quick_tasks": "/c-quick-tasks", "schedule_tasks": "/c-schedule-tasks", "integrations": "/integrations"}
    found = {name: len(enspace.get(f"{path}?_limit=1000").json()) for name, path in paths.items()}
    found["fields"] = sum(len(enspace.get(f"/ws/types/{slug}/fields").json()) for slug in types)
    found["items"] = sum(enspace.get(f"/ws/types/{slug}/items/count").json() for slug in types)
    stats = enspace.get("/ws/stats").json()
    assert {name: stats[name] for name in COUNTERS} == found


@pytest.mark.rule("R30")
@pytest.mark.parametrize("user", [BRUNO, EDUARDA, DIEGO, LARISSA])
def test_statistics__are_the_same_for_everybody_who_may_read_them(enspace: Enspace, user: str) -> None:
    assert enspace.as_user(user).get("/ws/stats").json() == enspace.get("/ws/stats").json()


@pytest.mark.rule("R31")
@pytest.mark.parametrize("is_filled", [False, True], ids=["fixtures", "changed"])
def test_statistics__add_up_by_type(enspace: Enspace, is_filled: bool) -> None:
    if is_filled:
        fill(enspace)
    stats = enspace.get("/ws/stats").json()
    counts = {row["slug"]: row["count"] for row in stats["items_by_type"]}
    assert counts == {slug: enspace.get(f"/ws/types/{slug}/items/count").json() for slug in counts}
    assert (sum(counts.values()), len(counts)) == (stats["items"], stats["types"])
    by_type = stats["members_by_type"]
    assert by_type == {type: enspace.get(f"/ws/members/count?type={type}").json() for type in by_type}
    assert sum(by_type.values()) == stats["members"]


@pytest.mark.rule("R32")
@pytest.mark.parametrize("is_filled", [False, True], ids=["fixtures", "changed"])
def test_preview__equals_the_statistics_and_changes_nothing(enspace: Enspace, is_filled: bool) -> None:
    if is_filled:
        fill(enspace)
    before, stats = enspace.state(), enspace.get("/ws/stats").json()
    preview = enspace.get("/ws/deletion-preview").json()
    assert preview["workspace"] == {"id": "123", "name": "Enterprise Contratos", "slug": "company-abc"}
    assert preview["counts"] == {name: stats[name] for name in COUNTERS}
    assert preview["total"] == sum(preview["counts"].values())
    assert enspace.state() == before


@pytest.mark.rule("R32")
@pytest.mark.parametrize(("user", "may"), [(ANA, True), (BRUNO, False), (GABRIELA, False), (DIEGO, False)])
def test_preview__states_whether_the_caller_may_delete(enspace: Enspace, user: str, may: bool) -> None:
    assert enspace.as_user(user).get("/ws/deletion-preview").json()["can_delete"] is may


@pytest.mark.rule("R32", "R33")
def test_delete__removes_exactly_what_the_preview_counted(enspace: Enspace) -> None:
    fill(enspace)
    before, counts = enspace.state(), enspace.get("/ws/deletion-preview").json()["counts"]
    assert enspace.delete("/ws").json() == {"data": True, "message": "Workspace deleted successfully"}
    after = enspace.state()
    assert {name: len(before[name]) - len(after[name]) for name in COUNTERS} == counts
    assert after["users"] == before["users"]
    for name, records in after.items():
        assert [row for row in records if row.get("workspace") == 123] == []
        if name != "api_keys":
            assert [row for row in before[name] if row in records] == records


@pytest.mark.rule("R33")
@pytest.mark.parametrize("user", [BRUNO, EDUARDA, GABRIELA, LARISSA, CAMILA])
def test_delete__by_anybody_but_the_owner_is_403(enspace: Enspace, user: str) -> None:
    assert_refused(enspace.as_user(user), "DELETE", "/ws", 403, "Only the owner can delete the workspace")


@pytest.mark.rule("R33")
def test_delete__by_a_viewer_or_with_a_foreign_owners_key_is_403(enspace: Enspace) -> None:
    assert_refused(enspace.as_user(DIEGO), "DELETE", "/ws", 403, FORBIDDEN)
    assert_refused(enspace.as_user(ANA, workspace="financeiro-abc"), "DELETE", "/ws", 403, "Only the owner can")


@pytest.mark.rule("R33")
def test_delete__leaves_a_slug_that_answers_403_to_every_key(enspace: Enspace) -> None:
    bruno = enspace.as_user(BRUNO)
    enspace.delete("/ws")
    for client in (enspace, bruno):
        assert_refused(client, "GET", "/ws/types", 403, FOREIGN_WORKSPACE)
        assert_refused(client, "DELETE", "/ws", 403, FOREIGN_WORKSPACE)
        assert "company-abc" not in [workspace["slug"] for workspace in client.get("/ws").json()]
    assert enspace.get("/ws/types", headers={"en-workspace": "financeiro-abc"}).status_code == 200


@pytest.mark.rule("R33")
def test_delete__frees_the_slug_but_not_for_the_old_keys(enspace: Enspace) -> None:
    bruno = enspace.as_user(BRUNO)
    enspace.delete("/ws")
    assert enspace.post("/ws", json={"name": "De novo", "slug": "company-abc"}).status_code == 200
    assert enspace.get("/ws/types").json() == []
    assert_refused(bruno, "GET", "/ws/types", 403, FOREIGN_WORKSPACE)


@pytest.mark.rule("R34")
@pytest.mark.parametrize("user", [BRUNO, CAMILA, DIEGO, EDUARDA, LARISSA])
def test_leave__ends_the_membership_at_once(enspace: Enspace, user: str) -> None:
    client = enspace.as_user(user)
    assert client.post("/ws/leave").json() == {"data": True, "message": "You have successfully exited the workspace"}
    assert_refused(client, "GET", "/ws/context", 403, FORBIDDEN)
    assert_refused(client, "POST", "/ws/leave", 403, FORBIDDEN)
    assert "company-abc" not in [workspace["slug"] for workspace in client.get("/ws").json()]
    assert enspace.get("/ws/members", params={"email": user}).json() == []


@pytest.mark.rule("R34")
def test_leave__keeps_the_data_that_the_caller_made(enspace: Enspace) -> None:
    before = enspace.state()
    enspace.as_user(CAMILA).post("/ws/leave")
    after = enspace.state()
    assert [name for name in before if before[name] != after[name]] == ["api_keys", "members", "mgroups"]
    assert [row for row in before["members"] if row["id"] != 19] == after["members"]
    assert enspace.get("/c-quick-tasks/528").json()["user"]["email"] == CAMILA
    assert 66 not in [user["id"] for user in enspace.get("/ws/mgroups/300").json()["users"]]


@pytest.mark.rule("R34")
def test_leave__touches_no_other_workspace(enspace: Enspace) -> None:
    enspace.as_user(LARISSA).post("/ws/leave")
    client = enspace.as_user(LARISSA, workspace="rh-abc")
    assert client.get("/ws/context").json()["mgroups"] == [304]


@pytest.mark.rule("R35", "R38")
def test_leave__is_not_for_the_owner(enspace: Enspace) -> None:
    assert_refused(enspace, "POST", "/ws/leave", 400, "The owner cannot leave the workspace")
    assert enspace.as_user(ANA, workspace="financeiro-abc").post("/ws/leave").status_code == 200
