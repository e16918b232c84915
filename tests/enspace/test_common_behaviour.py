"""Common behaviour of all resources: shapes, counts, pages, filters, partial updates, stamps and deletions. R16-R25."""

from itertools import product
from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

CAMILA = "camila.ferreira@yourcompany.com.br"
ITEMS = "/ws/types/contratos/items"
ITEM = f"{ITEMS}/TdrHId8iaqHuSlyV"

LISTS = [
    *["/ws", "/ws/types", "/ws/types/contratos/fields", ITEMS, "/ws/members", "/ws/roles", "/ws/roles/3/permissions"],
    *["/ws/mgroups", "/c-flows", "/c-flow-stages", "/c-flow-tasks", "/c-forms", "/c-forms/create"],
    *["/c-quick-tasks", "/c-schedule-tasks", "/integrations"],
]
COUNTED = ["/ws/types", ITEMS, "/ws/members", "/ws/roles", "/c-quick-tasks"]

# Every record that can be changed, with a change.
PUTS = [
    ("/ws/types/contratos", {"description": "Todos"}),
    ("/ws/types/contratos/fields/302", {"name": "Parte"}),
    (ITEM, {"status": "inactive"}),
    ("/ws/members/19", {"role": 6}),
    ("/ws/roles/6", {"name": "Consulta"}),
    ("/ws/mgroups/300", {"name": "Contas"}),
    ("/c-quick-tasks/528", {"priority": "low"}),
]

# Every record that can be deleted by a name or an id of its own.
DELETES = [
    *["/ws/types/contratos", "/ws/types/contratos/fields/302", ITEM, "/ws/members/19", "/ws/roles/6"],
    *["/ws/roles/6/permissions/219", "/ws/mgroups/300", "/c-quick-tasks/528"],
]

CREATES = [
    ("/ws", {"name": "Filial"}),
    ("/ws/types", {"name": "Ativos"}),
    ("/ws/types/contratos/fields", {"name": "Prazo", "slug": "prazo", "type": "number"}),
    (ITEMS, {"data": {"numero": "CT-2026-099", "valor": 1}}),
    ("/c-flow-tasks", {"name": "Conferir", "action": "confirmation", "stage": 32}),
    ("/ws/members", {"email": "paula.dias@yourcompany.com.br", "type": "viewer"}),
    ("/ws/roles", {"name": "Fiscal"}),
    ("/ws/roles/6/permissions", {"area": "tasks", "action": "read"}),
    ("/ws/mgroups", {"name": "Compras"}),
    ("/c-quick-tasks", {"title": "Ligar"}),
    ("/integrations", {"integration": 2, "data": {"environment": "stage"}}),
]


@pytest.mark.rule("R16")
@pytest.mark.parametrize("path", LISTS)
def test_list__is_a_bare_array_of_objects(enspace: Enspace, path: str) -> None:
    rows = enspace.get(path).json()
    assert isinstance(rows, list)
    assert rows
    assert all(isinstance(row, dict) for row in rows)


@pytest.mark.rule("R16")
@pytest.mark.parametrize("path", COUNTED)
def test_count__is_a_bare_integer(enspace: Enspace, path: str) -> None:
    answer = enspace.get(f"{path}/count")
    assert answer.status_code == 200
    assert answer.text.isdigit()


@pytest.mark.rule("R16")
@pytest.mark.parametrize(("path", "body"), CREATES)
def test_create__answers_the_bare_record(enspace: Enspace, path: str, body: dict[str, Any]) -> None:
    answer = enspace.post(path, json=body)
    assert answer.status_code == 200
    assert {"id", "created_at", "updated_at"} <= set(answer.json())
    assert answer.json()["id"] in [row["id"] for row in enspace.get(path, params={"_limit": 1000}).json()]


@pytest.mark.rule("R16")
@pytest.mark.parametrize(("path", "body"), PUTS)
def test_update__answers_the_bare_record_that_get_answers_then(
    enspace: Enspace, path: str, body: dict[str, Any]
) -> None:
    answer = enspace.put(path, json=body).json()
    read = enspace.get(path).json()
    assert answer == {name: value for name, value in read.items() if name in answer}
    assert {"id", "created_at", "updated_at", *body} <= set(answer)


@pytest.mark.rule("R17")
@pytest.mark.parametrize("path", [path for path in COUNTED if path != ITEMS])
def test_count__takes_no_limit(enspace: Enspace, path: str) -> None:
    assert_refused(enspace, "GET", f"{path}/count?_limit=2", 400, "Invalid query parameter: _limit", field="_limit")
    assert len(enspace.get(f"{path}?_limit=2").json()) == 2 < enspace.get(f"{path}/count").json()


@pytest.mark.rule("R18")
@pytest.mark.parametrize("path", LISTS)
def test_pages__join_without_gaps_or_repeats(enspace: Enspace, path: str) -> None:
    order = "updated_at:DESC,id:ASC"
    whole = enspace.get(path, params={"_sort": order, "_limit": 1000}).json()
    size = max(1, len(whole) // 4)
    pages = [
        enspace.get(path, params={"_sort": order, "_limit": size, "_start": start}).json()
        for start in range(0, len(whole) + size, size)
    ]
    assert [row for page in pages for row in page] == whole
    assert enspace.get(path, params={"_sort": order, "_limit": 2 * size}).json() == pages[0] + pages[1]
    assert len({row["id"] for row in whole}) == len(whole)


@pytest.mark.rule("R18")
@pytest.mark.parametrize("order", ["status:ASC", "status:DESC", "situacao:ASC", "valor:DESC,numero:ASC"])
@pytest.mark.parametrize("query", ["", "status=active", "_q=ltda"])
def test_pages__of_a_filtered_list_join_even_where_rows_are_equal(enspace: Enspace, order: str, query: str) -> None:
    path = f"{ITEMS}?_sort={order}&{query}".rstrip("&")
    whole = enspace.get(f"{path}&_limit=1000").json()
    pages = [enspace.get(f"{path}&_limit=7&_start={start}").json() for start in range(0, len(whole), 7)]
    assert [row for page in pages for row in page] == whole
    assert len(whole) == enspace.get(f"{ITEMS}/count?{query}").json()


@pytest.mark.rule("R18")
def test_list__is_sorted_by_id_and_limited_to_100_by_default(enspace: Enspace) -> None:
    ids = [row["id"] for row in enspace.get("/c-schedule-tasks").json()]
    assert ids == [row["id"] for row in enspace.get("/c-schedule-tasks?_sort=id:ASC&_start=0&_limit=100").json()]
    assert len(ids) == 100
    assert len(enspace.get("/c-schedule-tasks?_limit=1000").json()) == 204


@pytest.mark.rule("R19")
@pytest.mark.parametrize(
    ("path", "name", "text"),
    [
        *product(["/ws/types", ITEMS], ["_limit"], ["0", "1001", "ten", ""]),
        *product(["/ws/types", ITEMS], ["_start"], ["-1", "1.5", "x"]),
        *product(["/ws/types", ITEMS], ["_sort"], ["id", "id:UP", "id:asc", "id:ASC,", ""]),
        ("/ws/types", "_sort", "no_such_member:ASC"),
        *[("/ws/types", "status", "blocked"), ("/ws/types/count", "status", ""), (ITEMS, "form", "fourteen")],
        *[(f"{ITEMS}/count", "stage", "0"), (f"{ITEMS}/count", "status", "gone"), ("/ws/members", "type", "boss")],
        *[
            ("/ws/members/count", "role", "x"),
            ("/ws/roles/5/permissions", "area", "moon"),
            ("/c-forms", "is_create", "1"),
        ],
        *[
            ("/c-flows", "start_type", "never"),
            ("/c-flow-stages", "flow", "nine"),
            ("/c-flow-tasks", "action", "dance"),
        ],
        *[("/c-quick-tasks", "priority", "urgent"), ("/c-quick-tasks/count", "assigned_to", "ana")],
        *[("/integrations", "integration", "sendgrid"), ("/c-schedule-tasks", "item", "4707.5")],
        *[("/ws/types/contratos/fields", "required", "yes"), ("/user-request-logs", "status_code", "9000")],
    ],
)
def test_page_or_filter__of_a_wrong_type_or_value_is_400(enspace: Enspace, path: str, name: str, text: str) -> None:
    assert_refused(enspace, "GET", f"{path}?{name}={text}", 400, f"Invalid query parameter: {name}", field=name)


@pytest.mark.rule("R19")
@pytest.mark.parametrize(
    "path", [path for path in LISTS if path != ITEMS] + ["/ws/members/17", "/ws/context", "/ws/stats"]
)
def test_query__of_an_undeclared_name_is_400(enspace: Enspace, path: str) -> None:
    assert_refused(enspace, "GET", f"{path}?colour=blue", 400, "Invalid query parameter: colour", field="colour")


@pytest.mark.rule("R19")
@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/count"])
def test_query__of_an_item_list_may_hold_any_name(enspace: Enspace, path: str) -> None:
    assert enspace.get(f"{path}?no_such_field=blue").json() == enspace.get(path).json()


@pytest.mark.rule("R20")
@pytest.mark.parametrize(("path", "body"), PUTS)
def test_put__changes_only_the_sent_members(enspace: Enspace, path: str, body: dict[str, Any]) -> None:
    before = enspace.get(path).json()
    assert enspace.put(path, json=body).status_code == 200
    after = enspace.get(path).json()
    assert after != before
    assert after | {"updated_at": before["updated_at"]} == before | body


@pytest.mark.rule("R20")
@pytest.mark.parametrize("path", [path for path, _ in PUTS])
@pytest.mark.parametrize("body", [{}, {"no_such_member": 1}, {"id": 1, "created_at": "2020-01-01T00:00:00.000Z"}])
def test_put__with_nothing_to_change_is_400(enspace: Enspace, path: str, body: dict[str, Any]) -> None:
    assert_refused(enspace, "PUT", path, 400, "Validation failed", body)


@pytest.mark.rule("R21")
@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize(("path", "body"), PUTS)
def test_stamps__updated_at_moves_on_every_put_and_created_at_never(
    enspace: Enspace, frozen: bool, path: str, body: dict[str, Any]
) -> None:
    enspace.put("/_mock/clock", json={"frozen": frozen})
    before, first, second = (
        enspace.get(path).json(),
        enspace.put(path, json=body).json(),
        enspace.put(path, json=body).json(),
    )
    assert before["created_at"] == first["created_at"] == second["created_at"]
    assert before["created_at"] <= before["updated_at"] < first["updated_at"] < second["updated_at"]


@pytest.mark.rule("R21")
@pytest.mark.parametrize(("path", "body"), CREATES)
def test_stamps__of_a_new_record_are_now(enspace: Enspace, path: str, body: dict[str, Any]) -> None:
    enspace.put("/_mock/clock", json={"now": "2026-05-01T12:00:00.000Z", "frozen": True})
    made = enspace.post(path, json=body).json()
    assert made["created_at"] == "2026-05-01T12:00:00.000Z" <= made["updated_at"]


@pytest.mark.rule("R22")
@pytest.mark.parametrize(("path", "body"), PUTS)
def test_body__read_only_and_unknown_members_are_ignored(enspace: Enspace, path: str, body: dict[str, Any]) -> None:
    foreign = {"id": 1, "created_at": "2020-01-01T00:00:00.000Z", "user": 65, "workspace": 124, "colour": "blue"}
    before = enspace.get(path).json()
    assert enspace.put(path, json=foreign | body).status_code == 200
    after = enspace.get(path).json()
    assert after | {"updated_at": before["updated_at"]} == before | body


@pytest.mark.rule("R22")
@pytest.mark.parametrize(("path", "body"), CREATES)
def test_body__read_only_members_of_a_new_record_are_the_servers_own(
    enspace: Enspace, path: str, body: dict[str, Any]
) -> None:
    made = enspace.post(path, json=body | {"id": 1, "created_at": "2020-01-01T00:00:00.000Z", "colour": "blue"}).json()
    assert int(made["id"]) > 1
    assert made["created_at"] > "2026"
    assert "colour" not in made


@pytest.mark.rule("R22")
@pytest.mark.parametrize(("method", "path"), [("POST", ITEMS), ("PUT", ITEM)])
def test_body__unknown_keys_of_the_data_of_an_item_are_400(enspace: Enspace, method: str, path: str) -> None:
    body = {"data": {"numero": "CT-1", "valor": 1, "colour": "blue"}}
    assert_refused(enspace, method, path, 400, "Validation failed", body, field="data.colour")


@pytest.mark.rule("R23")
@pytest.mark.parametrize("path", DELETES)
def test_delete__answers_true_with_a_message_and_then_404(enspace: Enspace, path: str) -> None:
    answer = enspace.delete(path)
    assert answer.status_code == 200
    assert answer.json().keys() == {"data", "message"}
    assert answer.json()["data"] is True
    assert answer.json()["message"].endswith("successfully")
    assert_refused(enspace, "DELETE", path, 404, "Not Found")


@pytest.mark.rule("R24")
def test_relations__go_in_as_ids_and_come_out_as_objects(enspace: Enspace) -> None:
    item = enspace.post(ITEMS, json={"data": {"numero": "CT-1", "valor": 1}, "form": 14}).json()
    assert item["form"] == {"id": 14, "name": "Novo contrato", "slug": "novo-contrato"}
    assert (item["item_type"]["slug"], item["stage"]["id"], item["user"]["id"]) == ("contratos", 32, 64)
    quick = enspace.post("/c-quick-tasks", json={"title": "Ler", "assigned_to": 65, "item": item["id"]}).json()
    assert (quick["assigned_to"]["id"], quick["item"]["reference"]) == (65, item["reference"])
    task = enspace.post("/c-flow-tasks", json={"name": "Ler", "action": "confirmation", "stage": 32}).json()
    assert (task["stage"]["id"], task["flow"]["id"], task["item_type"]["slug"]) == (32, 9, "contratos")


@pytest.mark.rule("R24")
def test_relations__that_stay_ids_in_answers(enspace: Enspace) -> None:
    assert enspace.get("/ws/members/19").json()["role"] == 5
    body = {"area": "items", "action": "delete", "item_type": "contratos", "form": 14, "field": 302}
    row = enspace.post("/ws/roles/5/permissions", json=body).json()
    assert {name: row[name] for name in ("role", *body)} == {"role": 5} | body
    limit = {"users": [64], "roles": [5], "mgroups": [300]}
    assert enspace.post("/c-quick-tasks", json={"title": "Ler", "limit_access": limit}).json()["limit_access"] == limit
    assert enspace.get("/ws/context").json()["mgroups"] == [300, 301]


@pytest.mark.rule("R25")
@pytest.mark.parametrize(("path", "body"), [(path, body) for path, body in CREATES], ids=[path for path, _ in CREATES])
def test_body__without_a_required_member_is_400(enspace: Enspace, path: str, body: dict[str, Any]) -> None:
    for name in set(body) - {"action"} if "permissions" in path else body:
        rest = {other: value for other, value in body.items() if other != name}
        assert_refused(enspace, "POST", path, 400, "Validation failed", rest, field=name)


@pytest.mark.rule("R25")
@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/ws/members", {"email": "no address", "type": "full"}, "email"),
        ("POST", "/ws/members", {"email": "paula@yourcompany.com.br", "type": "boss"}, "type"),
        ("PUT", "/ws/members/19", {"status": "asleep"}, "status"),
        ("PUT", "/ws/members/19", {"role": "Gestor"}, "role"),
        ("POST", "/ws/roles", {"name": 7}, "name"),
        ("PUT", "/ws/roles/6", {"name": ""}, "name"),
        ("POST", "/ws/roles/6/permissions", {"area": "moon", "action": "read"}, "area"),
        ("POST", "/ws", {"name": "Filial", "language": "de"}, "language"),
        ("PUT", ITEM, {"status": "gone"}, "status"),
        ("PUT", "/c-quick-tasks/528", {"points": -1}, "points"),
    ],
)
def test_body__with_a_wrong_type_or_value_is_400(
    enspace: Enspace, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    assert_refused(enspace, method, path, 400, "Validation failed", body, field=field)
