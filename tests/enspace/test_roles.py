"""Roles and their permissions. R55-R61."""

from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

BRUNO, CAMILA, DIEGO = (
    "bruno.lima@yourcompany.com.br",
    "camila.ferreira@yourcompany.com.br",
    "diego.martins@yourcompany.com.br",
)
EDUARDA, GABRIELA = "eduarda.rocha@yourcompany.com.br", "gabriela.nunes@yourcompany.com.br"
HENRIQUE, ISABELA = "henrique.alves@yourcompany.com.br", "isabela.moreira@yourcompany.com.br"
LARISSA = "larissa.gomes@yourcompany.com.br"

FORBIDDEN = "Insufficient permissions"


@pytest.mark.rule("R55")
@pytest.mark.parametrize(("method", "path"), [("POST", "/ws/roles"), ("PUT", "/ws/roles/6")])
def test_name__taken_in_the_workspace_is_400(enspace: Enspace, method: str, path: str) -> None:
    assert_refused(enspace, method, path, 400, "Validation failed", {"name": "Gestor"}, field="name")


@pytest.mark.rule("R55")
def test_name__may_be_kept_or_be_one_of_another_workspace(enspace: Enspace) -> None:
    assert enspace.put("/ws/roles/4", json={"name": "Gestor"}).status_code == 200
    assert enspace.post("/ws/roles", json={"name": "Recrutador"}).json()["name"] == "Recrutador"
    enspace.delete("/ws/roles/6")
    assert enspace.post("/ws/roles", json={"name": "Leitor"}).json()["id"] > 7


@pytest.mark.rule("R56", "R7")
def test_role__never_lets_a_viewer_write(enspace: Enspace) -> None:
    enspace.put("/ws/members/20", json={"role": 3})
    client = enspace.as_user(DIEGO)
    assert client.get("/ws/context").json()["role"]["name"] == "Administrador"
    assert_refused(client, "POST", "/c-quick-tasks", 403, FORBIDDEN, {"title": "Ligar"})
    assert_refused(client, "DELETE", "/ws/mgroups/300", 403, FORBIDDEN)


@pytest.mark.rule("R56", "R10")
def test_role__narrows_a_full_member(enspace: Enspace) -> None:
    client = enspace.as_user(BRUNO)
    assert client.get("/ws/types/compras").status_code == 200
    enspace.put("/ws/members/18", json={"role": 5})
    assert_refused(client, "GET", "/ws/types/compras", 403, FORBIDDEN)
    assert_refused(client, "GET", "/ws/members", 403, FORBIDDEN)
    assert [type["slug"] for type in client.get("/ws/types").json()] == ["contratos", "clientes"]


@pytest.mark.rule("R56", "R33")
@pytest.mark.parametrize("user", [EDUARDA, GABRIELA])
def test_role__never_makes_an_owner(enspace: Enspace, user: str) -> None:
    enspace.put("/ws/members/21", json={"role": 3})
    assert_refused(enspace.as_user(user), "DELETE", "/ws", 403, "Only the owner can delete the workspace")


@pytest.mark.rule("R57")
def test_delete__takes_the_permissions_and_clears_the_members(enspace: Enspace) -> None:
    before = enspace.state()
    assert enspace.delete("/ws/roles/5").json() == {"data": True, "message": "Role deleted successfully"}
    after = enspace.state()
    assert after["permissions"] == [row for row in before["permissions"] if row["role"] != 5]
    assert len(after["members"]) == len(before["members"])
    for was, member in zip(before["members"], after["members"], strict=True):
        assert member["role"] == (None if was["role"] == 5 else was["role"])


@pytest.mark.rule("R57", "R9")
def test_delete__leaves_its_standard_members_with_nothing(enspace: Enspace) -> None:
    client = enspace.as_user(CAMILA)
    assert client.get("/ws/types").status_code == 200
    enspace.delete("/ws/roles/5")
    assert_refused(client, "GET", "/ws/types", 403, FORBIDDEN)
    context = client.get("/ws/context").json()
    assert (context["role"], context["permissions"]) == (None, [])


@pytest.mark.rule("R57", "R10")
def test_delete__frees_its_full_members(enspace: Enspace) -> None:
    client = enspace.as_user(EDUARDA)
    assert_refused(client, "POST", "/ws/roles", 403, FORBIDDEN, {"name": "Fiscal"})
    enspace.delete("/ws/roles/4")
    assert client.post("/ws/roles", json={"name": "Fiscal"}).status_code == 200


@pytest.mark.rule("R58")
@pytest.mark.parametrize(
    "body",
    [
        {"area": "settings", "action": "delete"},
        {"area": "items", "action": "delete"},
        {"area": "items", "action": "delete", "item_type": "compras"},
        {"area": "items", "action": "read", "form": 14},
        {"area": "items", "action": "read", "item_type": "contratos", "field": 302},
        {"area": "calendar"},
    ],
)
def test_permission__cannot_be_added_twice(enspace: Enspace, body: dict[str, Any]) -> None:
    assert enspace.post("/ws/roles/5/permissions", json=body).status_code == 200
    assert_refused(enspace, "POST", "/ws/roles/5/permissions", 400, "must not be granted twice", body, field="area")
    assert enspace.post("/ws/roles/6/permissions", json=body).status_code == 200


@pytest.mark.rule("R58")
@pytest.mark.parametrize(
    "body",
    [
        {"area": "items", "action": "read"},
        {"area": "items", "action": "delete", "item_type": "contratos"},
        {"area": "items", "action": "read", "item_type": "compras"},
        {"area": "items", "action": "read", "item_type": "contratos", "field": 302},
    ],
)
def test_permission__of_another_action_or_target_is_another_one(enspace: Enspace, body: dict[str, Any]) -> None:
    before = enspace.get("/ws/roles/5/permissions").json()
    made = enspace.post("/ws/roles/5/permissions", json=body).json()
    assert enspace.get("/ws/roles/5/permissions").json() == [*before, made]
    empty = {"item_type": None, "form": None, "field": None}
    assert {name: made[name] for name in ("area", "action", *empty)} == empty | body


@pytest.mark.rule("R59")
@pytest.mark.parametrize("area", ["items", "tasks", "settings"])
def test_permission__of_these_areas_needs_an_action(enspace: Enspace, area: str) -> None:
    assert_refused(enspace, "POST", "/ws/roles/6/permissions", 400, "is required", {"area": area}, field="action")


@pytest.mark.rule("R59")
@pytest.mark.parametrize("area", ["spaceflows", "calendar", "ai"])
def test_permission__of_the_other_areas_reads_by_default(enspace: Enspace, area: str) -> None:
    made = enspace.post("/ws/roles/6/permissions", json={"area": area}).json()
    assert (made["role"], made["area"], made["action"]) == (6, area, "read")
    assert made in enspace.get(f"/ws/roles/6/permissions?area={area}").json()


@pytest.mark.rule("R59")
@pytest.mark.parametrize("area", ["tasks", "settings", "spaceflows", "calendar", "ai"])
@pytest.mark.parametrize(("member", "value"), [("item_type", "contratos"), ("form", 14), ("field", 302)])
def test_permission__has_a_target_in_the_area_items_only(enspace: Enspace, area: str, member: str, value: Any) -> None:
    body = {"area": area, "action": "read", member: value}
    assert_refused(enspace, "POST", "/ws/roles/6/permissions", 400, "the area items only", body, field=member)
    assert enspace.post("/ws/roles/6/permissions", json=body | {"area": "items"}).status_code == 200


@pytest.mark.rule("R5", "R59")
@pytest.mark.parametrize(
    ("member", "value"),
    [("item_type", "vagas"), ("item_type", "no-such-type"), ("form", 999), ("field", 340), ("field", 999)],
)
def test_permission__has_a_target_of_its_workspace(enspace: Enspace, member: str, value: Any) -> None:
    body = {"area": "items", "action": "read", member: value}
    assert_refused(enspace, "POST", "/ws/roles/6/permissions", 400, "Validation failed", body, field=member)


@pytest.mark.rule("R60")
@pytest.mark.parametrize(
    "path", ["/ws/roles/5/permissions/219", "/ws/roles/6/permissions/210", "/ws/roles/6/permissions/999"]
)
def test_permission__of_another_role_is_404(enspace: Enspace, path: str) -> None:
    assert_refused(enspace, "DELETE", path, 404, "Not Found")


@pytest.mark.rule("R60", "R9")
def test_permission__removed_is_gone_for_list_context_and_access(enspace: Enspace) -> None:
    client = enspace.as_user(ISABELA)
    answer = enspace.delete("/ws/roles/6/permissions/219")
    assert answer.json() == {"data": True, "message": "Permission removed successfully"}
    assert enspace.get("/ws/roles/6/permissions").json() == client.get("/ws/context").json()["permissions"] == []
    assert_refused(client, "GET", "/ws/types", 403, FORBIDDEN)


@pytest.mark.rule("R61")
def test_new_type__has_no_permission_rows(enspace: Enspace) -> None:
    before = enspace.state()["permissions"]
    enspace.post("/ws/types", json={"name": "Ativos"})
    assert enspace.state()["permissions"] == before


@pytest.mark.rule("R61")
@pytest.mark.parametrize("user", [BRUNO, EDUARDA, GABRIELA, ISABELA, LARISSA, DIEGO])
def test_new_type__is_reached_by_the_unrestricted_and_by_holders_of_all_types(enspace: Enspace, user: str) -> None:
    made = enspace.post("/ws/types", json={"name": "Ativos"}).json()
    client = enspace.as_user(user)
    assert made in client.get("/ws/types").json()
    assert client.get("/ws/types/ativos/items").json() == []


@pytest.mark.rule("R61", "R11")
def test_new_type__is_closed_to_others_until_a_row_names_it(enspace: Enspace) -> None:
    made = enspace.post("/ws/types", json={"name": "Ativos"}).json()
    client = enspace.as_user(HENRIQUE)
    assert made not in client.get("/ws/types").json()
    assert_refused(client, "GET", "/ws/types/ativos", 403, FORBIDDEN)
    enspace.post("/ws/roles/5/permissions", json={"area": "items", "action": "read", "item_type": "ativos"})
    assert made in client.get("/ws/types").json()
    assert client.get("/ws/types/ativos").status_code == 200
    assert_refused(client, "POST", "/ws/types/ativos/items", 403, FORBIDDEN, {"data": {}})


@pytest.mark.rule("R61")
def test_new_type__cannot_be_made_by_a_member_bound_to_other_types(enspace: Enspace) -> None:
    assert_refused(enspace.as_user(CAMILA), "POST", "/ws/types", 403, FORBIDDEN, {"name": "Ativos"})
    enspace.post("/ws/roles/5/permissions", json={"area": "items", "action": "create"})
    assert enspace.as_user(CAMILA).post("/ws/types", json={"name": "Ativos"}).status_code == 200
