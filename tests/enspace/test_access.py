"""Access: keys, scopes, members, roles and permissions, and the order in which they are checked. R1-R12."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.pipeline.authenticate import FOREIGN_WORKSPACE, MISSING_SCOPE, MISSING_WORKSPACE, UNAUTHORIZED
from tests.conftest import EXPIRED_KEY, FULL_KEY, Enspace
from tests.enspace.refusals import assert_refused

ANA, BRUNO, CAMILA = (
    "ana.souza@yourcompany.com.br",
    "bruno.lima@yourcompany.com.br",
    "camila.ferreira@yourcompany.com.br",
)
DIEGO, EDUARDA = "diego.martins@yourcompany.com.br", "eduarda.rocha@yourcompany.com.br"
FELIPE, GABRIELA = "felipe.carvalho@yourcompany.com.br", "gabriela.nunes@yourcompany.com.br"
HENRIQUE, ISABELA = "henrique.alves@yourcompany.com.br", "isabela.moreira@yourcompany.com.br"
LARISSA, MARCOS = "larissa.gomes@yourcompany.com.br", "marcos.oliveira@yourcompany.com.br"

FORBIDDEN = "Insufficient permissions"
ITEM = "TdrHId8iaqHuSlyV"  # of the type contratos

# Table 5.10: every operation by the area and the method of the permission that it needs, with a body that is accepted.
# A new type needs the area items too, for all types at once. Only the owner may delete the workspace.
OPERATIONS: dict[tuple[str, str], list[tuple[str, Any]]] = {
    ("items", "GET"): [
        *[("/ws/types", None), ("/ws/types/count", None), ("/ws/types/contratos", None)],
        *[("/ws/types/contratos/fields", None), ("/ws/types/contratos/fields/302", None)],
        *[("/ws/types/contratos/items", None), ("/ws/types/contratos/items/count", None)],
        *[(f"/ws/types/contratos/items/{ITEM}", None), ("/c-flow-tasks", None), ("/c-flow-tasks/72", None)],
        *[("/c-flow-stages", None), ("/c-flow-stages/31", None), ("/c-flows", None), ("/c-flows/9", None)],
        *[("/c-forms", None), ("/c-forms/14", None), ("/c-forms/create", None)],
    ],
    ("all types", "POST"): [("/ws/types", {"name": "Ativos"})],
    ("items", "POST"): [
        ("/ws/types/contratos/fields", {"name": "Prazo", "slug": "prazo", "type": "number"}),
        ("/ws/types/contratos/items", {"data": {"numero": "CT-2026-099", "valor": 1}}),
        ("/c-flow-tasks", {"name": "Conferir", "action": "confirmation", "stage": 32}),
    ],
    ("items", "PUT"): [
        ("/ws/types/contratos", {"description": "Todos"}),
        ("/ws/types/contratos/fields/302", {"name": "Parte"}),
        (f"/ws/types/contratos/items/{ITEM}", {"status": "inactive"}),
    ],
    ("items", "DELETE"): [
        ("/ws/types/contratos/fields/303", None),
        (f"/ws/types/contratos/items/{ITEM}", None),
        ("/ws/types/contratos", None),
    ],
    ("tasks", "GET"): [
        *[("/c-quick-tasks", None), ("/c-quick-tasks/count", None), ("/c-quick-tasks/528", None)],
        *[("/c-schedule-tasks", None), ("/c-schedule-tasks/2001", None)],
    ],
    ("tasks", "POST"): [("/c-quick-tasks", {"title": "Ligar"})],
    ("tasks", "PUT"): [("/c-quick-tasks/528", {"priority": "low"})],
    ("tasks", "DELETE"): [("/c-quick-tasks/528", None)],
    ("settings", "GET"): [
        *[("/ws/members", None), ("/ws/members/count", None), ("/ws/members/17", None)],
        *[("/ws/roles", None), ("/ws/roles/count", None), ("/ws/roles/6", None), ("/ws/roles/6/permissions", None)],
        *[("/ws/mgroups", None), ("/ws/mgroups/300", None), ("/integrations", None)],
        *[("/ws/stats", None), ("/ws/deletion-preview", None)],
    ],
    ("settings", "POST"): [
        ("/ws/members", {"email": "paula.dias@yourcompany.com.br", "type": "viewer"}),
        ("/ws/roles", {"name": "Fiscal"}),
        ("/ws/roles/6/permissions", {"area": "tasks", "action": "read"}),
        ("/ws/mgroups", {"name": "Compras"}),
        ("/ws/mgroups/300/users", {"users": [64]}),
        ("/integrations", {"integration": 2, "data": {"environment": "stage"}}),
    ],
    ("settings", "PUT"): [
        ("/ws/members/33", {"status": "active"}),
        ("/ws/roles/6", {"name": "Consulta"}),
        ("/ws/mgroups/300", {"name": "Contas"}),
    ],
    ("settings", "DELETE"): [
        *[("/ws/members/33", None), ("/ws/roles/6/permissions/219", None), ("/ws/roles/6", None)],
        *[("/ws/mgroups/300/users?users=64", None), ("/ws/mgroups/300", None)],
    ],
    ("none", "GET"): [("/ws/context", None), ("/ws", None), ("/user-request-logs", None), ("/user-api-keys", None)],
    ("none", "POST"): [("/ws", {"name": "Filial"}), ("/ws/leave", None)],
    ("owner only", "DELETE"): [("/ws", None)],
}
OUTSIDE_WORKSPACES = [("GET", "/ws"), ("POST", "/ws"), ("GET", "/user-request-logs"), ("GET", "/user-api-keys")]

# Allowed methods by area, for each kind of member of company-abc; no entry means none.
ALL = ["GET", "POST", "PUT", "DELETE"]
MAY: dict[str, dict[str, list[str]]] = {
    "full without role": {"items": ALL, "all types": ALL, "tasks": ALL, "settings": ALL, "none": ALL},
    "full with role Gestor": {"items": ALL, "all types": ALL, "tasks": ALL, "settings": ["GET"], "none": ALL},
    "standard with role Analista": {"items": ["GET", "POST", "PUT"], "tasks": ["GET", "POST", "PUT"], "none": ALL},
    "standard with role Leitor": {"items": ["GET"], "none": ALL},
    "standard with role Administrador": {"items": ALL, "all types": ALL, "tasks": ALL, "settings": ALL, "none": ALL},
    "standard of v1": {"items": ALL, "all types": ALL, "tasks": ALL, "settings": ALL, "none": ALL},
    "viewer": {"items": ["GET"], "tasks": ["GET"], "settings": ["GET"], "none": ALL},
}
WHO = dict(zip(MAY, (BRUNO, EDUARDA, CAMILA, ISABELA, GABRIELA, LARISSA, DIEGO), strict=True))
NEEDS = [need for need in OPERATIONS if need != ("owner only", "DELETE")]


@pytest.mark.rule("R7", "R9", "R10")
@pytest.mark.parametrize("kind", MAY)
def test_table__admits_only_members_with_the_permission(enspace: Enspace, kind: str) -> None:
    for area, method in NEEDS:
        enspace.post("/_mock/reset")  # the operations of the previous need have changed or deleted records
        client = enspace.as_user(WHO[kind])
        for path, body in OPERATIONS[area, method]:
            if method in MAY[kind].get(area, []):
                assert client.request(method, path, json=body).status_code == 200, (method, path)
            else:
                assert_refused(client, method, path, 403, FORBIDDEN, body)


def test_table__holds_every_operation_of_the_contract() -> None:
    listed = {f"{method} {path}".partition("?")[0] for (_, method), calls in OPERATIONS.items() for path, _ in calls}
    contract = yaml.safe_load(Path("openapi.yaml").read_text(encoding="utf-8"))["paths"]
    known = {f"{method.upper()} {path}" for path, item in contract.items() for method in item if method != "parameters"}
    for operation in known:
        template = re.sub(r"\{\w+\}", "[^/]+", operation)
        assert any(re.fullmatch(template, call) for call in listed), operation
    assert len(listed) == len(known) == 68


@pytest.mark.rule("R1")
@pytest.mark.parametrize("key", ["", "en.short", "en." + "x" * 34, FULL_KEY + "x", EXPIRED_KEY])
@pytest.mark.parametrize(("method", "path"), [("GET", "/ws"), ("GET", "/ws/types"), ("DELETE", "/ws/roles/6")])
def test_key__missing_or_unknown_is_401(enspace: Enspace, key: str, method: str, path: str) -> None:
    assert_refused(enspace, method, path, 401, UNAUTHORIZED, headers={"x-api-key": key})


@pytest.mark.rule("R1")
def test_key__expires_at_its_instant(enspace: Enspace) -> None:
    enspace.put("/_mock/clock", json={"now": "2026-05-01T11:59:59.999Z", "frozen": True})
    client = enspace.as_user(ANA, expires_at="2026-05-01T12:00:00.000Z")
    assert client.get("/ws/types").status_code == 200
    enspace.put("/_mock/clock", json={"now": "2026-05-01T12:00:00.000Z"})
    assert_refused(client, "GET", "/ws/types", 401, UNAUTHORIZED)
    assert_refused(client, "GET", "/user-api-keys", 401, UNAUTHORIZED)


@pytest.mark.rule("R2")
@pytest.mark.parametrize("need", OPERATIONS, ids=" ".join)
def test_workspace__missing_is_400_where_one_is_needed(enspace: Enspace, need: tuple[str, str]) -> None:
    _, method = need
    for path, body in OPERATIONS[need]:
        if (method, path) in OUTSIDE_WORKSPACES:
            assert enspace.request(method, path, json=body, headers={"en-workspace": ""}).status_code == 200
        else:
            assert_refused(enspace, method, path, 400, MISSING_WORKSPACE, body, headers={"en-workspace": ""})


@pytest.mark.rule("R3")
@pytest.mark.parametrize("slug", ["rh-abc", "no-such-workspace", "123", "COMPANY-ABC"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/ws/types"), ("POST", "/ws/leave"), ("DELETE", "/ws")])
def test_workspace__outside_the_scope_of_the_key_is_403(enspace: Enspace, slug: str, method: str, path: str) -> None:
    assert_refused(enspace, method, path, 403, FOREIGN_WORKSPACE, headers={"en-workspace": slug})


@pytest.mark.rule("R3")
def test_workspace__outside_the_scope_is_403_even_for_its_owner(enspace: Enspace) -> None:
    client = enspace.as_user(EDUARDA, workspace="rh-abc", workspaces=["company-abc"])
    assert_refused(client, "GET", "/ws/types", 403, FOREIGN_WORKSPACE)


@pytest.mark.rule("R4")
@pytest.mark.parametrize("scope", ["read", "write", "delete"])
def test_scope__missing_is_403_for_the_methods_that_need_it(enspace: Enspace, scope: str) -> None:
    client = enspace.as_user(ANA, scopes=[scope])
    for (_, method), (call, *_) in OPERATIONS.items():
        path, body = call
        needed = {"GET": "read", "POST": "write", "PUT": "write", "DELETE": "delete"}[method]
        if needed == scope:
            assert client.request(method, path, json=body).status_code == 200, path
        else:
            assert_refused(client, method, path, 403, MISSING_SCOPE.format(scope=needed), body)


FOREIGN = [
    ("GET", "/ws/types/contratos"),
    ("GET", "/ws/types/contratos/items"),
    ("GET", "/ws/types/colaboradores/fields/302"),
    ("DELETE", "/ws/types/colaboradores/fields/302"),
    ("GET", f"/ws/types/colaboradores/items/{ITEM}"),
    ("DELETE", f"/ws/types/colaboradores/items/{ITEM}"),
    ("GET", "/c-flow-tasks/72"),
    ("GET", "/c-flow-stages/31"),
    ("GET", "/c-flows/9"),
    ("GET", "/c-forms/14"),
    ("GET", "/ws/members/18"),
    ("DELETE", "/ws/members/18"),
    ("GET", "/ws/roles/6"),
    ("DELETE", "/ws/roles/6"),
    ("GET", "/ws/roles/6/permissions"),
    ("DELETE", "/ws/roles/6/permissions/219"),
    ("DELETE", "/ws/roles/7/permissions/219"),
    ("GET", "/ws/mgroups/300"),
    ("DELETE", "/ws/mgroups/300"),
    ("DELETE", "/ws/mgroups/300/users?users=64"),
    ("GET", "/c-quick-tasks/528"),
    ("DELETE", "/c-quick-tasks/528"),
    ("GET", "/c-schedule-tasks/2001"),
]


# Lists of records that belong to one workspace, with their collection.
LISTS = {
    **{"/ws/types": "types", "/ws/members": "members", "/ws/roles": "roles", "/ws/mgroups": "mgroups"},
    **{"/c-flows": "flows", "/c-flow-stages": "stages", "/c-flow-tasks": "tasks", "/c-forms": "forms"},
    **{"/c-quick-tasks": "quick_tasks", "/c-schedule-tasks": "schedule_tasks", "/integrations": "integrations"},
}


@pytest.mark.rule("R5")
@pytest.mark.parametrize(("method", "path"), FOREIGN)
def test_record__of_another_workspace_is_404(enspace: Enspace, method: str, path: str) -> None:
    assert_refused(enspace.as_user(EDUARDA, workspace="rh-abc"), method, path, 404, "Not Found")


@pytest.mark.rule("R5")
@pytest.mark.parametrize(
    ("slug", "workspace", "owner"),
    [("company-abc", 123, ANA), ("rh-abc", 124, EDUARDA), ("financeiro-abc", 125, "joao.pereira@yourcompany.com.br")],
)
def test_lists__hold_records_of_their_workspace_only(enspace: Enspace, slug: str, workspace: int, owner: str) -> None:
    client, state = enspace.as_user(owner, workspace=slug), enspace.state()
    for path, table in LISTS.items():
        listed = [row["id"] for row in client.get(path, params={"_limit": 1000}).json()]
        assert listed == sorted(row["id"] for row in state[table] if row["workspace"] == workspace), path


@pytest.mark.rule("R5")
@pytest.mark.parametrize("path", ["/ws/types", "/ws/members", "/ws/roles", "/c-quick-tasks"])
def test_count__counts_its_workspace_only(enspace: Enspace, path: str) -> None:
    client = enspace.as_user(EDUARDA, workspace="rh-abc")
    assert client.get(f"{path}/count").json() == len(client.get(path).json())
    assert client.get(f"{path}/count").json() < enspace.get(f"{path}/count").json()


@pytest.mark.rule("R6")
@pytest.mark.parametrize("user", [FELIPE, MARCOS], ids=["inactive", "blocked"])
def test_member__that_is_not_active_gets_403_throughout_the_workspace(enspace: Enspace, user: str) -> None:
    client = enspace.as_user(user)
    for (_, method), calls in OPERATIONS.items():
        for path, body in calls:
            if (method, path) not in OUTSIDE_WORKSPACES:
                assert_refused(client, method, path, 403, FORBIDDEN, body)


@pytest.mark.rule("R6", "R54")
def test_member__that_was_removed_gets_403(enspace: Enspace) -> None:
    client = enspace.as_user(BRUNO)
    assert client.get("/ws/types").status_code == 200
    enspace.delete("/ws/members/18")
    assert_refused(client, "GET", "/ws/types", 403, FORBIDDEN)
    assert_refused(client, "GET", "/ws/context", 403, FORBIDDEN)
    assert_refused(client, "POST", "/ws/leave", 403, FORBIDDEN)


@pytest.mark.rule("R7", "R56")
def test_viewer__stays_read_only_whatever_the_role_grants(enspace: Enspace) -> None:
    enspace.put("/ws/members/20", json={"role": 3})
    client = enspace.as_user(DIEGO)
    assert_refused(client, "POST", "/c-quick-tasks", 403, FORBIDDEN, {"title": "Ligar"})
    assert_refused(client, "PUT", "/ws/types/contratos", 403, FORBIDDEN, {"description": "Todos"})
    assert_refused(client, "DELETE", "/ws/roles/6", 403, FORBIDDEN)
    assert client.post("/ws/leave").status_code == 200


@pytest.mark.rule("R8")
@pytest.mark.parametrize("need", [need for need in OPERATIONS if need[0] != "none"], ids=" ".join)
def test_owner__is_not_limited_by_a_role(enspace: Enspace, need: tuple[str, str]) -> None:
    empty = enspace.post("/ws/roles", json={"name": "Nada"}).json()
    assert enspace.put("/ws/members/17", json={"role": empty["id"]}).json()["role"] == empty["id"]
    for path, body in OPERATIONS[need]:
        assert enspace.request(need[1], path, json=body).status_code == 200, path


@pytest.mark.rule("R9")
@pytest.mark.parametrize("path", ["/ws/types", "/c-quick-tasks", "/ws/members", "/ws/stats"])
def test_standard_member__without_role_has_no_permission(enspace: Enspace, path: str) -> None:
    enspace.put("/ws/members/23", json={"role": None})
    client = enspace.as_user(GABRIELA)
    assert_refused(client, "GET", path, 403, FORBIDDEN)
    assert client.get("/ws/context").status_code == 200


@pytest.mark.rule("R9")
def test_standard_member__needs_the_row_of_the_area_and_the_action(enspace: Enspace) -> None:
    client = enspace.as_user(ISABELA)
    assert_refused(client, "GET", "/ws/members", 403, FORBIDDEN)
    enspace.post("/ws/roles/6/permissions", json={"area": "settings", "action": "update"})
    assert_refused(client, "GET", "/ws/members", 403, FORBIDDEN)
    row = enspace.post("/ws/roles/6/permissions", json={"area": "settings", "action": "read"}).json()
    assert client.get("/ws/members").status_code == 200
    enspace.delete(f"/ws/roles/6/permissions/{row['id']}")
    assert_refused(client, "GET", "/ws/members", 403, FORBIDDEN)


@pytest.mark.rule("R10")
def test_full_member__is_limited_as_soon_as_there_is_a_role(enspace: Enspace) -> None:
    client = enspace.as_user(BRUNO)
    assert client.put("/ws/roles/6", json={"description": "Antes"}).status_code == 200
    enspace.put("/ws/members/18", json={"role": 6})
    assert_refused(client, "PUT", "/ws/roles/6", 403, FORBIDDEN, {"description": "Durante"})
    enspace.put("/ws/members/18", json={"role": None})
    assert client.put("/ws/roles/6", json={"description": "Depois"}).status_code == 200


@pytest.mark.rule("R10")
@pytest.mark.parametrize(("ignored", "status"), [(True, 200), (False, 403)])
def test_full_member__with_role_is_unrestricted_by_a_setting_of_the_workspace(
    enspace: Enspace, ignored: bool, status: int
) -> None:
    settings = {"ignore_full_member_permissions": ignored}
    enspace.post("/ws", json={"name": "Filial", "slug": "filial", "settings": settings})
    enspace.headers["en-workspace"] = "filial"
    role = enspace.post("/ws/roles", json={"name": "Nada"}).json()["id"]
    for email, type in [(BRUNO, "full"), (CAMILA, "standard")]:
        enspace.post("/ws/members", json={"email": email, "type": type, "role": role})
    assert enspace.as_user(BRUNO, workspace="filial").get("/ws/types").status_code == status
    assert enspace.as_user(CAMILA, workspace="filial").get("/ws/types").status_code == 403


@pytest.mark.rule("R11")
@pytest.mark.parametrize(
    "path", ["/ws/types", "/c-flows", "/c-flow-stages", "/c-flow-tasks", "/c-forms", "/c-forms/create"]
)
def test_list__leaves_out_types_that_the_role_does_not_name(enspace: Enspace, path: str) -> None:
    def type_of(row: dict[str, Any]) -> str:
        return str(row["item_type"]["slug"] if "item_type" in row else row["slug"])

    whole = enspace.get(path).json()
    seen = enspace.as_user(CAMILA).get(path).json()
    assert seen == [row for row in whole if type_of(row) in ("contratos", "clientes")]
    assert 0 < len(seen) < len(whole)


@pytest.mark.rule("R11")
@pytest.mark.parametrize(
    "path",
    [
        *["/ws/types/compras", "/ws/types/compras/fields", "/ws/types/compras/fields/322"],
        *["/ws/types/compras/items", "/ws/types/compras/items/count", "/ws/types/compras/items/KZ4DxlGX28mMflzp"],
        *["/c-flows/10", "/c-flow-stages/35", "/c-flow-tasks/75", "/c-forms/15"],
    ],
)
def test_record__of_a_type_that_the_role_does_not_name_is_403(enspace: Enspace, path: str) -> None:
    assert enspace.get(path).status_code == 200
    assert_refused(enspace.as_user(CAMILA), "GET", path, 403, FORBIDDEN)


@pytest.mark.rule("R11", "R17")
@pytest.mark.parametrize("path", ["/ws/types", "/ws/types/contratos/items", "/c-quick-tasks"])
def test_count__counts_for_a_limited_member_what_the_list_shows(enspace: Enspace, path: str) -> None:
    client = enspace.as_user(HENRIQUE)
    assert client.get(f"{path}/count").json() == len(client.get(path, params={"_limit": 1000}).json()) > 0


@pytest.mark.rule("R11")
def test_type__named_for_reading_cannot_be_written(enspace: Enspace) -> None:
    enspace.post("/ws/roles/5/permissions", json={"area": "items", "action": "read", "item_type": "compras"})
    client = enspace.as_user(CAMILA)
    assert client.get("/ws/types/compras/items").status_code == 200
    body = {"data": {"pedido": "PC-0999"}}
    assert_refused(client, "POST", "/ws/types/compras/items", 403, FORBIDDEN, body)
    assert_refused(client, "PUT", "/ws/types/compras/items/KZ4DxlGX28mMflzp", 403, FORBIDDEN, body)
    assert_refused(client, "POST", "/c-flow-tasks", 403, FORBIDDEN, OPERATIONS["items", "POST"][2][1] | {"stage": 35})


@pytest.mark.rule("R9", "R11")
@pytest.mark.parametrize("target", [{"form": 14}, {"field": 302}, {"item_type": "contratos", "field": 302}])
def test_row__limited_to_a_form_or_field_opens_nothing(enspace: Enspace, target: dict[str, Any]) -> None:
    role = enspace.post("/ws/roles", json={"name": "Parcial"}).json()["id"]
    made = enspace.post(f"/ws/roles/{role}/permissions", json={"area": "items", "action": "read", **target})
    assert made.status_code == 200
    enspace.put("/ws/members/27", json={"role": role})
    assert_refused(enspace.as_user(ISABELA), "GET", "/ws/types/contratos", 403, FORBIDDEN)


# One request with every fault: the fix of each step, and the refusal after it.
# The keys are those of the analyst, first read-only and then unrestricted, and of the owner.
TAKEN, FREE = {"area": "items", "action": "read"}, {"area": "items", "action": "update"}
BROKEN = {"path": "/ws/roles/999/permissions", "json": {"area": "moon"}, "en-workspace": "", "key": "nobody"}
STEPS: list[tuple[dict[str, Any], int, str]] = [
    ({}, 401, UNAUTHORIZED),
    ({"key": "reader"}, 400, MISSING_WORKSPACE),
    ({"en-workspace": "rh-abc"}, 403, FOREIGN_WORKSPACE),
    ({"en-workspace": "company-abc"}, 403, MISSING_SCOPE.format(scope="write")),
    ({"key": "analyst"}, 400, "Validation failed"),
    ({"json": TAKEN}, 403, FORBIDDEN),
    ({"key": "owner"}, 404, "Not Found"),
    ({"path": "/ws/roles/6/permissions"}, 400, "must not be granted twice"),
]


@pytest.mark.rule("R12")
def test_checks__run_in_their_order(enspace: Enspace) -> None:
    clients = {"reader": enspace.as_user(CAMILA, scopes=["read"]), "analyst": enspace.as_user(CAMILA), "owner": enspace}
    keys = {"nobody": "en.unknown"} | {name: client.headers["x-api-key"] for name, client in clients.items()}
    request: dict[str, Any] = BROKEN
    for fixed, status, message in STEPS:
        request = request | fixed
        headers = {"x-api-key": keys[request["key"]], "en-workspace": request["en-workspace"]}
        assert_refused(enspace, "POST", request["path"], status, message, request["json"], headers=headers)
    assert enspace.post(request["path"], json=FREE).status_code == 200


@pytest.mark.rule("R12")
def test_checks__are_made_for_query_then_member_then_path(enspace: Enspace) -> None:
    client = enspace.as_user(CAMILA)
    assert_refused(client, "GET", "/ws/roles/999/permissions?_limit=0", 400, "Invalid query parameter: _limit")
    assert_refused(client, "GET", "/ws/roles/999/permissions", 403, FORBIDDEN)
    assert_refused(enspace, "GET", "/ws/roles/999/permissions", 404, "Not Found")
