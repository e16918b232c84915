"""Items: values that follow the fields of their type. R77-R85."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

ITEMS = "/ws/types/contratos/items"
LEAST = {"numero": "CT-2026-900", "valor": 1500.5}
ONE_OF_EACH = ("text", "number", "boolean", "date", "email", "url", "select")


def make(client: Enspace, data: dict[str, Any], path: str = ITEMS, **members: Any) -> dict[str, Any]:
    answer = client.post(path, json={"data": data, **members})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def samples(enspace: Enspace) -> str:
    """The items of a type that has one field of each type, named after it."""
    enspace.post("/ws/types", json={"name": "Amostras"})
    for type in ONE_OF_EACH:
        field = {"name": type, "slug": type, "type": type, "options": {"choices": ["a", "b"]}}
        assert enspace.post("/ws/types/amostras/fields", json=field).status_code == 200
    return "/ws/types/amostras/items"


@pytest.mark.rule("R77")
@pytest.mark.parametrize("key", ["fax", "numero", "Razao_social", "nada"])
def test_item_value__of_no_active_field_is_refused(enspace: Enspace, key: str) -> None:
    path, least = "/ws/types/clientes/items", {"razao_social": "Padaria", "cnpj": "11.222.333/0001-81"}
    message = f"data.{key} is no active field of the type"
    assert_refused(enspace, "POST", path, 400, message, {"data": least | {key: "x"}}, field=f"data.{key}")
    item = f"{path}/{make(enspace, least, path)['reference']}"
    assert_refused(enspace, "PUT", item, 400, message, {"data": {key: "x"}}, field=f"data.{key}")


@pytest.mark.rule("R77")
def test_item_value__is_taken_while_its_field_is_active(enspace: Enspace) -> None:
    item = make(enspace, LEAST | {"cliente": "Padaria"})
    for active, status in ((False, 400), (True, 200)):
        enspace.put("/ws/types/contratos/fields/302", json={"active": active})
        answer = enspace.put(f"{ITEMS}/{item['reference']}", json={"data": {"cliente": "Mercado"}})
        assert answer.status_code == status
    assert answer.json()["data"]["cliente"] == "Mercado"


@pytest.mark.rule("R78")
@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("text", ""),
        ("text", "Ação \N{GRINNING FACE} 'x' \" \\ \n"),
        ("number", 0),
        ("number", -18500.5),
        ("number", 12345678901234567890),
        ("boolean", True),
        ("boolean", False),
        ("date", "2024-02-29"),
        ("email", "ana.souza@yourcompany.com.br"),
        ("url", "https://www.yourcompany.com.br/a?b=c#d"),
        ("select", "b"),
        ("text", None),
        ("number", None),
    ],
)
def test_item_value__that_fits_its_field_comes_back(enspace: Enspace, samples: str, slug: str, value: Any) -> None:
    made = make(enspace, {slug: value}, samples)
    assert made["data"] == {slug: value}
    assert type(made["data"][slug]) is type(value)
    item = f"{samples}/{make(enspace, {}, samples)['reference']}"
    assert enspace.put(item, json={"data": {slug: value}}).json()["data"] == {slug: value}
    assert enspace.get(item).json()["data"] == {slug: value}


@pytest.mark.rule("R78")
@pytest.mark.parametrize(
    ("slug", "values"),
    [
        ("text", (1, True, ["a"], {"a": "b"})),
        ("number", ("1", True, [1])),
        ("boolean", ("true", 0, 1)),
        ("date", ("2026-02-30", "2026-3-1", "20260301", "2026-03-01T00:00:00Z", "", 20260301)),
        ("email", ("ana", "ana@", "@x.com", "a b@x.com", "", 1)),
        ("url", ("www.x.com", "x", "http://a b", "", 1)),
        ("select", ("c", "A", "", ["a"], 1)),
    ],
)
def test_item_values__that_do_not_fit_their_field_are_refused(
    enspace: Enspace, samples: str, slug: str, values: tuple[Any, ...]
) -> None:
    item, message = f"{samples}/{make(enspace, {}, samples)['reference']}", f"Validation failed: data.{slug} must be"
    for value in values:
        body = {"data": {slug: value}}
        assert_refused(enspace, "POST", samples, 400, message, body, field=f"data.{slug}")
        assert_refused(enspace, "PUT", item, 400, message, body, field=f"data.{slug}")


@pytest.mark.rule("R78")
def test_item_values__that_are_wrong_are_listed_all_at_once(enspace: Enspace) -> None:
    data = {"valor": "muito", "situacao": "novo", "contato": "ana", "extra": 1}
    faults = enspace.post(ITEMS, json={"data": data}).json()["data"]
    wrong = {"data.numero", "data.valor", "data.situacao", "data.contato", "data.extra"}
    assert {fault["field"] for fault in faults} == wrong


@pytest.mark.rule("R79")
@pytest.mark.parametrize("data", [{"numero": "CT-1"}, {"numero": "CT-1", "valor": None}])
def test_required_value__is_needed_on_create(enspace: Enspace, data: dict[str, Any]) -> None:
    assert_refused(enspace, "POST", ITEMS, 400, "data.valor is required", {"data": data}, field="data.valor")


@pytest.mark.rule("R79")
def test_required_value__cannot_be_nulled_and_may_be_left_out_on_update(enspace: Enspace) -> None:
    item = f"{ITEMS}/{make(enspace, LEAST | {'cliente': 'Padaria'})['reference']}"
    null = {"data": {"valor": None, "cliente": None}}
    assert_refused(enspace, "PUT", item, 400, "data.valor is required", null, field="data.valor")
    changed = enspace.put(item, json={"data": {"cliente": None}}).json()["data"]
    assert (changed["valor"], changed["cliente"]) == (LEAST["valor"], None)


@pytest.mark.rule("R79")
def test_required_value__of_an_inactive_field_is_not_needed(enspace: Enspace) -> None:
    enspace.put("/ws/types/contratos/fields/304", json={"active": False})
    assert make(enspace, {"numero": "CT-1"})["data"]["numero"] == "CT-1"


@pytest.mark.rule("R80")
@pytest.mark.parametrize(
    ("slug", "default", "value"),
    [
        ("text", "12", "12"),
        ("number", "12", 12),
        ("number", "-1.5", -1.5),
        ("number", "123456789012345", 123456789012345),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("date", "2026-03-12", "2026-03-12"),
        ("select", "b", "b"),
    ],
)
def test_default_value__is_taken_in_the_type_of_the_field(
    enspace: Enspace, samples: str, slug: str, default: str, value: Any
) -> None:
    field = next(row for row in enspace.get("/ws/types/amostras/fields").json() if row["slug"] == slug)
    change = {"defaultValue": default, "required": True}
    assert enspace.put(f"/ws/types/amostras/fields/{field['id']}", json=change).status_code == 200
    data = make(enspace, {}, samples)["data"]
    assert data == {slug: value}
    assert type(data[slug]) is type(value)


@pytest.mark.rule("R80")
def test_default_value__is_not_taken_for_a_null_or_an_inactive_field(enspace: Enspace) -> None:
    assert make(enspace, LEAST)["data"] == LEAST | {"situacao": "rascunho", "renovavel": False}
    assert make(enspace, LEAST | {"situacao": None})["data"]["situacao"] is None
    enspace.put("/ws/types/contratos/fields/307", json={"active": False})
    assert make(enspace, LEAST)["data"] == LEAST | {"situacao": "rascunho"}


@pytest.mark.rule("R81")
def test_update_item__changes_only_the_keys_sent(enspace: Enspace) -> None:
    made = make(enspace, LEAST | {"cliente": "Padaria"}, form=14)
    item = f"{ITEMS}/{made['reference']}"
    changed = enspace.put(item, json={"data": {"valor": 2}}).json()
    assert changed["updated_at"] > made["updated_at"]
    assert changed == made | {"data": made["data"] | {"valor": 2}, "updated_at": changed["updated_at"]}
    closed = enspace.put(item, json={"status": "inactive"}).json()
    assert (closed["data"], closed["status"]) == (changed["data"], "inactive")


@pytest.mark.rule("R82")
def test_item_reference__is_unique_and_the_key_of_its_path(enspace: Enspace) -> None:
    made = [make(enspace, LEAST)["reference"] for _ in range(5)]
    everything = [item["reference"] for item in enspace.state()["items"]]
    assert len(set(everything)) == len(everything)
    assert all(re.fullmatch("[A-Za-z0-9]{16}", reference) for reference in made)
    assert [enspace.get(f"{ITEMS}/{reference}").json()["reference"] for reference in made] == made


@pytest.mark.rule("R82")
def test_item_reference__is_given_by_the_server_and_fixed(enspace: Enspace) -> None:
    sent = "A" * 16
    made = make(enspace, LEAST, reference=sent)
    assert made["reference"] != sent
    changed = enspace.put(f"{ITEMS}/{made['reference']}", json={"reference": sent, "status": "active"}).json()
    assert changed["reference"] == made["reference"]
    assert_refused(enspace, "GET", f"{ITEMS}/{sent}", 404, "Not Found")


@pytest.mark.rule("R82")
@pytest.mark.parametrize("type", ["clientes", "colaboradores"])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"status": "inactive"}), ("DELETE", None)])
def test_item__of_another_type_or_workspace_is_not_there(
    enspace: Enspace, method: str, body: dict[str, str] | None, type: str
) -> None:
    state = enspace.state()
    owner = next(row["id"] for row in state["types"] if row["slug"] == type)
    reference = next(row["reference"] for row in state["items"] if row["item_type"] == owner)
    assert_refused(enspace, method, f"{ITEMS}/{reference}", 404, "Not Found", body)


@pytest.mark.rule("R83")
def test_item_form__is_in_the_answer_and_stays(enspace: Enspace) -> None:
    made = make(enspace, LEAST, form=14)
    assert made["form"] == {"id": 14, "name": "Novo contrato", "slug": "novo-contrato"}
    changed = enspace.put(f"{ITEMS}/{made['reference']}", json={"form": None, "status": "inactive"}).json()
    assert (changed["form"], changed["status"]) == (made["form"], "inactive")
    assert make(enspace, LEAST)["form"] is make(enspace, LEAST, form=None)["form"] is None


@pytest.mark.rule("R83")
@pytest.mark.parametrize("form", [17, 15, 9999])
def test_item_form__is_a_creation_form_of_the_type(enspace: Enspace, form: int) -> None:
    body = {"data": LEAST, "form": form}
    assert_refused(enspace, "POST", ITEMS, 400, "must be an active creation form", body, field="form")


def test_new_item__is_of_the_caller_and_active(enspace: Enspace) -> None:
    camila = enspace.as_user("camila.ferreira@yourcompany.com.br")
    made = make(camila, LEAST)
    assert (made["user"]["id"], made["status"], made["item_type"]["slug"]) == (66, "active", "contratos")
    assert made["created_at"] == made["updated_at"]
    assert enspace.get(f"{ITEMS}/{made['reference']}").json() == made
    assert enspace.get(ITEMS).json()[-1] == made


@pytest.mark.rule("R84")
def test_deleted_item__is_gone_and_every_count_falls_by_one(enspace: Enspace) -> None:
    def counts() -> tuple[int, int, int]:
        stats = enspace.get("/ws/stats").json()
        of_type = next(row["count"] for row in stats["items_by_type"] if row["slug"] == "contratos")
        return enspace.get(f"{ITEMS}/count").json(), stats["items"], of_type

    before, item = counts(), f"{ITEMS}/{enspace.get(ITEMS).json()[0]['reference']}"
    assert enspace.delete(item).json() == {"data": True, "message": "Item deleted successfully"}
    assert counts() == tuple(count - 1 for count in before)
    for method, body in (("GET", None), ("PUT", {"status": "active"}), ("DELETE", None)):
        assert_refused(enspace, method, item, 404, "Not Found", body)


@pytest.mark.rule("R85")
def test_delete_item__takes_its_schedule_tasks_and_lets_quick_tasks_go(enspace: Enspace) -> None:
    before = enspace.state()
    linked = next(task["item"] for task in before["quick_tasks"] if task["id"] == 526)
    reference = next(item["reference"] for item in before["items"] if item["id"] == linked)
    assert any(task["item"] == linked for task in before["schedule_tasks"])
    assert enspace.delete(f"/ws/types/compras/items/{reference}").status_code == 200
    before["items"] = [item for item in before["items"] if item["id"] != linked]
    before["schedule_tasks"] = [task for task in before["schedule_tasks"] if task["item"] != linked]
    before["quick_tasks"] = [task | ({"item": None} if task["id"] == 526 else {}) for task in before["quick_tasks"]]
    assert enspace.state() == before
    assert enspace.get("/c-quick-tasks/526").json()["item"] is None


@pytest.mark.parametrize(
    "query",
    ["situacao=encerrado", "values[situacao]=encerrado", "values%5Bsituacao%5D=encerrado"],
)
def test_item_filter__has_two_forms(enspace: Enspace, query: str) -> None:
    found = enspace.get(f"{ITEMS}?{query}&_limit=1000").json()
    assert {item["data"]["situacao"] for item in found} == {"encerrado"}
    assert enspace.get(f"{ITEMS}/count?{query}").json() == len(found)


def test_item_filter__of_an_object_that_was_not_encoded_is_400(enspace: Enspace) -> None:
    answer = enspace.get(f"{ITEMS}?values=[object Object]")
    assert answer.status_code == 400
    assert "values (received '[object Object]', an object that the client has not encoded" in answer.json()["message"]


@pytest.mark.parametrize("times", [1, 2], ids=["handled", "cached"])
def test_item_filter__that_has_no_effect_is_noted_with_the_closest_name(enspace: Enspace, times: int) -> None:
    for _ in range(times):
        enspace.get(f"{ITEMS}?limit=1&situacoa=vigente&xyz=1")
    notes = enspace.get("/_mock/journal?limit=1").json()["entries"][0]["notes"]
    assert notes == [
        "ignored the query parameter 'limit', which is no field slug; the closest name is _limit",
        "ignored the query parameter 'situacoa', which is no field slug; the closest name is situacao",
        "ignored the query parameter 'xyz', which is no field slug",
    ]


def test_item_value__that_is_missing_was_not_received(enspace: Enspace) -> None:
    message = enspace.post(ITEMS, json={"data": {"valor": None}}).json()["message"]
    assert "data.numero is required (received nothing)" in message
    assert "data.valor is required (received null)" in message


def test_item_value__with_a_dot_in_its_name_is_one_member(enspace: Enspace) -> None:
    enspace.post(ITEMS, json={"data": {**LEAST, "a.b": 1}})
    (violation,) = enspace.get("/_mock/journal?limit=1").json()["entries"][0]["violations"]
    assert (violation["where"], violation["received"]) == ("body.data.a.b", "1")


def test_item_filter__notes_are_few_however_many_names_have_no_effect(enspace: Enspace) -> None:
    enspace.get(f"{ITEMS}?{'&'.join(f'x{number}=1' for number in range(900))}")
    notes = enspace.get("/_mock/journal?limit=1").json()["entries"][0]["notes"]
    assert len(notes) == 20
    assert "'x0'" in notes[0]
