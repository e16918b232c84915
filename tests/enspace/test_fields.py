"""Fields: what the items of a type consist of. R70-R76."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

FIELDS = "/ws/types/contratos/fields"
NUMERO_NATIVE, CLIENTE, CNPJ, VALOR = 301, 302, 303, 304
FIELD_OF_ANOTHER_TYPE, FIELD_OF_ANOTHER_WORKSPACE, NO_FIELD = 324, 333, 9999


def make(client: Enspace, slug: str, type: str = "text", path: str = FIELDS, **members: Any) -> dict[str, Any]:
    answer = client.post(path, json={"name": "Extra", "slug": slug, "type": type, **members})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.rule("R70")
@pytest.mark.parametrize("type", ["text", "number", "date", "select", "boolean", "email", "url"])
def test_field_type__is_one_of_seven(enspace: Enspace, type: str) -> None:
    made = make(enspace, "extra", type, options={"choices": ["a"]})
    assert made["type"] == type
    assert enspace.get(f"{FIELDS}/{made['id']}").json() == made


@pytest.mark.rule("R70")
@pytest.mark.parametrize("type", ["textarea", "Text", "", None, 1])
def test_field_type__of_another_name_is_refused(enspace: Enspace, type: Any) -> None:
    body = {"name": "Extra", "slug": "extra", "type": type}
    assert_refused(enspace, "POST", FIELDS, 400, "Validation failed: type", body, field="type")
    assert_refused(enspace, "PUT", f"{FIELDS}/{CNPJ}", 400, "Validation failed: type", {"type": type}, field="type")


@pytest.mark.rule("R71")
def test_field_slug__is_unique_within_its_type(enspace: Enspace) -> None:
    taken = {"name": "Outro", "slug": "valor", "type": "text"}
    assert_refused(enspace, "POST", FIELDS, 400, "slug must be unique", taken, field="slug")
    assert make(enspace, "valor", path="/ws/types/clientes/fields")["slug"] == "valor"


@pytest.mark.rule("R71")
def test_field_slug__never_changes(enspace: Enspace) -> None:
    other = {"slug": "preco", "name": "Preço"}
    assert_refused(enspace, "PUT", f"{FIELDS}/{VALOR}", 400, "slug cannot change", other, field="slug")
    assert enspace.put(f"{FIELDS}/{VALOR}", json={"slug": "valor", "name": "Preço"}).json()["name"] == "Preço"


@pytest.mark.rule("R72")
def test_new_field__has_defaults_and_comes_last(enspace: Enspace) -> None:
    last = enspace.get(FIELDS).json()[-1]["position"]
    made = make(enspace, "extra")
    assert (made["required"], made["active"], made["position"]) == (False, True, last + 1)
    assert (made["defaultValue"], made["options"], made["config"], made["native"]) == (None, None, {}, False)
    assert made["created_at"] == made["updated_at"]


@pytest.mark.rule("R72")
def test_new_field__position_follows_the_highest_one(enspace: Enspace) -> None:
    enspace.post("/ws/types", json={"name": "Ordens"})
    path = "/ws/types/ordens/fields"
    assert make(enspace, "a", path=path)["position"] == 0
    assert make(enspace, "b", path=path, position=20)["position"] == 20
    assert make(enspace, "c", path=path)["position"] == 21


def test_field_position__wins_over_order(enspace: Enspace) -> None:
    made = make(enspace, "extra", position=3, order=7)
    assert (made["position"], made["order"]) == (3, 3)
    for body, position in (({"order": 5}, 5), ({"position": 0, "order": 9}, 0)):
        changed = enspace.put(f"{FIELDS}/{made['id']}", json=body).json()
        assert (changed["position"], changed["order"]) == (position, position)


CHOICES: list[tuple[str, Any]] = [("options", []), ("config", []), ("config", [1]), ("config", "text")]


@pytest.mark.rule("R73")
@pytest.mark.parametrize(
    "members",
    [{}, {"options": {}}, *({part: {"choices": odd}} for part, odd in CHOICES)],
)
def test_select__without_choices_is_refused(enspace: Enspace, members: dict[str, Any]) -> None:
    body = {"name": "Extra", "slug": "extra", "type": "select", **members}
    assert_refused(enspace, "POST", FIELDS, 400, "options.choices is required", body, field="options.choices")
    change = {"type": "select", **members}
    assert_refused(enspace, "PUT", f"{FIELDS}/{CNPJ}", 400, "is required for a select", change, field="options.choices")


@pytest.mark.rule("R73")
def test_select__takes_choices_from_config_unless_options_have_some(enspace: Enspace) -> None:
    one = make(enspace, "one", "select", config={"choices": ["a"]})
    make(enspace, "two", "select", config={"choices": ["a"]}, options={"choices": ["b"]})
    data = {"numero": "CT-1", "valor": 1}
    assert enspace.post("/ws/types/contratos/items", json={"data": data | {"one": "a", "two": "b"}}).status_code == 200
    wrong = {"data": data | {"two": "a"}}
    assert_refused(enspace, "POST", "/ws/types/contratos/items", 400, "must be one of b", wrong, field="data.two")
    other = {"config": {"choices": ["c"]}}
    assert_refused(enspace, "PUT", f"{FIELDS}/{one['id']}", 400, "does not fit the item", other, field="config")


@pytest.mark.rule("R73")
def test_select__choice_that_an_item_has_stays(enspace: Enspace) -> None:
    path = "/ws/types/compras/fields/324"
    choices = enspace.get(path).json()["options"]["choices"]
    fewer = {"options": {"choices": choices[:1]}}
    assert_refused(enspace, "PUT", path, 400, "does not fit the item", fewer, field="options")
    more = {"options": {"choices": [*choices, "viagens"]}}
    assert enspace.put(path, json=more).json()["options"] == more["options"]


@pytest.mark.rule("R78")
def test_field_type__that_the_values_of_items_do_not_fit_is_refused(enspace: Enspace) -> None:
    path = f"{FIELDS}/{CLIENTE}"
    assert_refused(enspace, "PUT", path, 400, "cliente must be a number", {"type": "number"}, field="type")
    made = make(enspace, "extra")
    assert enspace.put(f"{FIELDS}/{made['id']}", json={"type": "number"}).json()["type"] == "number"


@pytest.mark.rule("R80")
@pytest.mark.parametrize(
    ("type", "default"),
    [
        ("number", "doze"),
        ("number", "1" * 16),
        ("boolean", "sim"),
        ("date", "12/03/2026"),
        ("email", "ana"),
        ("url", "x"),
        ("select", "c"),
    ],
)
def test_default_value__fits_the_type_of_the_field(enspace: Enspace, type: str, default: str) -> None:
    body = {"name": "Extra", "slug": "extra", "type": type, "defaultValue": default, "options": {"choices": ["a", "b"]}}
    assert_refused(enspace, "POST", FIELDS, 400, "defaultValue must be", body, field="defaultValue")
    made = make(enspace, "extra", type, options={"choices": ["a", "b"]})
    change = {"defaultValue": default}
    path = f"{FIELDS}/{made['id']}"
    assert_refused(enspace, "PUT", path, 400, "defaultValue must be", change, field="defaultValue")


def test_update_field__changes_only_the_sent_members(enspace: Enspace) -> None:
    made = make(enspace, "extra", "number", defaultValue="2", config={"unit": "R$", "deep": [1, {"a": None}]})
    changed = enspace.put(f"{FIELDS}/{made['id']}", json={"required": True, "defaultValue": None}).json()
    assert changed["updated_at"] > made["updated_at"]
    assert changed == made | {"required": True, "defaultValue": None, "updated_at": changed["updated_at"]}


@pytest.mark.rule("R74")
def test_native_field__can_be_changed_and_not_deleted(enspace: Enspace) -> None:
    path = f"{FIELDS}/{NUMERO_NATIVE}"
    assert enspace.get(path).json()["native"] is True
    assert_refused(enspace, "DELETE", path, 400, "A native field cannot be deleted")
    assert enspace.put(path, json={"name": "Nº"}).json()["name"] == "Nº"


@pytest.mark.rule("R74")
def test_new_field__is_never_native(enspace: Enspace) -> None:
    made = make(enspace, "extra", native=True)
    assert made["native"] is False
    assert enspace.put(f"{FIELDS}/{made['id']}", json={"native": True, "name": "X"}).json()["native"] is False
    assert enspace.delete(f"{FIELDS}/{made['id']}").json() == {"data": True, "message": "Field deleted successfully"}


@pytest.mark.rule("R75")
@pytest.mark.parametrize("field", [FIELD_OF_ANOTHER_TYPE, FIELD_OF_ANOTHER_WORKSPACE, NO_FIELD])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"name": "X"}), ("DELETE", None)])
def test_field__of_another_type_is_not_there(
    enspace: Enspace, method: str, body: dict[str, str] | None, field: int
) -> None:
    assert_refused(enspace, method, f"{FIELDS}/{field}", 404, "Not Found", body)


@pytest.mark.rule("R75")
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"name": "X"}), ("DELETE", None)])
def test_field__is_not_addressed_by_its_slug(enspace: Enspace, method: str, body: dict[str, str] | None) -> None:
    assert_refused(enspace, method, f"{FIELDS}/cnpj", 400, "Invalid path parameter: fieldId", body)


@pytest.mark.rule("R76")
def test_delete_field__takes_its_values_from_the_items_of_its_type_only(enspace: Enspace) -> None:
    before = enspace.state()["items"]
    assert any("cnpj" in item["data"] for item in before if item["item_type"] == 12)
    enspace.delete(f"{FIELDS}/{CNPJ}")
    for item in before:
        if item["item_type"] == 12:
            item["data"].pop("cnpj", None)
    assert enspace.state()["items"] == before
    late = {"data": {"numero": "CT-1", "valor": 1, "cnpj": "x"}}
    assert_refused(enspace, "POST", "/ws/types/contratos/items", 400, "no active field", late, field="data.cnpj")


@pytest.mark.rule("R76")
def test_delete_field__leaves_no_trace_in_forms_tasks_and_permissions(enspace: Enspace) -> None:
    enspace.post("/ws/roles/6/permissions", json={"area": "items", "action": "update", "field": VALOR})
    conditions = [{"field": slug, "operator": "eq", "value": "1"} for slug in ("valor", "cliente")]
    task = enspace.get("/_mock/state/tasks/73").json()
    enspace.put("/_mock/state/tasks/73", json=task | {"conditions": conditions})
    before = enspace.state()
    assert any(row["field"] == VALOR for form in before["forms"] for row in form["fields"])
    assert enspace.delete(f"{FIELDS}/{VALOR}").status_code == 200
    after = enspace.state()
    for form in before["forms"]:
        form["fields"] = [row for row in form["fields"] if row["field"] != VALOR]
    for task in before["tasks"]:
        task["conditions"] = [row for row in task["conditions"] if row["field"] != "valor"]
    assert (before["forms"], before["tasks"]) == (after["forms"], after["tasks"])
    assert [row["field"] for task in after["tasks"] for row in task["conditions"]] == ["cliente"]
    assert len(before["permissions"]) - len(after["permissions"]) == 1
    assert [row for row in before["fields"] if row["id"] != VALOR] == after["fields"]


@pytest.mark.rule("R76")
def test_deleted_field__created_again_does_not_find_the_old_values(enspace: Enspace) -> None:
    enspace.delete(f"{FIELDS}/{CLIENTE}")
    assert_refused(enspace, "DELETE", f"{FIELDS}/{CLIENTE}", 404, "Not Found")
    assert make(enspace, "cliente")["id"] > CLIENTE
    assert not any("cliente" in item["data"] for item in enspace.get("/ws/types/contratos/items").json())
