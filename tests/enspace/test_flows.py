"""Flows, stages, tasks and forms, and how an item enters the flow of its type. R86-R94."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from mockserver import Settings
from tests.asgi_client import AsgiClient
from tests.conftest import HEADERS, Enspace
from tests.enspace.refusals import assert_refused

FLOW, ANALISE, RASCUNHO_START, STAGE_OF_ANOTHER_FLOW = 9, 31, 32, 35
D4SIGN, INTEGRATION_OF_ANOTHER_WORKSPACE = 12, 108
CONTRATO = {"numero": "CT-2026-900", "valor": 1500.5}
CHAMADO = {"assunto": "Impressora", "contato": "ana.souza@yourcompany.com.br"}
COMPRA = {"pedido": "PC-0900", "valor": 10}

TASK = {"name": "Conferir", "action": "confirmation", "stage": ANALISE}


@pytest.fixture
def altered(server: Callable[..., AsgiClient], tmp_path: Path) -> Callable[..., Enspace]:
    """Builds a fake whose demo data has another text at one place, and answers a client with the full demo key."""

    def build(file: str, old: str, new: str) -> Enspace:
        folder = copytree(Settings().fixtures, tmp_path / "fixtures")
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return Enspace(server(fixtures=folder).app, headers=HEADERS)

    return build


def make_item(client: Enspace, type: str, data: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/ws/types/{type}/items", json={"data": data})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def tasks_for(client: Enspace, item: dict[str, Any]) -> list[int]:
    """The task definitions that made schedule tasks for the item."""
    return [row["task"]["id"] for row in client.get(f"/c-schedule-tasks?item={item['id']}").json()]


@pytest.mark.rule("R86")
def test_stage__is_of_one_flow_and_of_its_type(enspace: Enspace) -> None:
    for flow in enspace.get("/c-flows").json():
        stages = enspace.get(f"/c-flow-stages?flow={flow['id']}").json()
        assert stages
        assert all(stage["flow"] == flow and stage["item_type"] == flow["item_type"] for stage in stages)


@pytest.mark.rule("R86")
def test_task__is_of_one_stage_and_of_its_flow_and_type(enspace: Enspace) -> None:
    for stage in enspace.get("/c-flow-stages").json():
        for task in enspace.get(f"/c-flow-tasks?stage={stage['id']}").json():
            assert task in stage["tasks"]
            assert (task["stage"]["id"], task["flow"]["id"]) == (stage["id"], stage["flow"]["id"])
            assert task["item_type"] == stage["item_type"]
    listed = sum(len(stage["tasks"]) for stage in enspace.get("/c-flow-stages").json())
    assert listed == len(enspace.get("/c-flow-tasks").json()) > 0


@pytest.mark.rule("R87")
def test_flow__has_exactly_one_start_stage(enspace: Enspace) -> None:
    flows = [flow["id"] for flow in enspace.get("/c-flows").json()]
    assert [stage["flow"]["id"] for stage in enspace.get("/c-flow-stages?is_start=true").json()] == flows
    for flow in flows:
        stages = enspace.get(f"/c-flows/{flow}").json()["stages"]
        assert [stage["is_start"] for stage in stages] == [True] + [False] * (len(stages) - 1)


@pytest.mark.rule("R88")
def test_get_stage__has_its_flow_type_creator_and_tasks(enspace: Enspace) -> None:
    stage = enspace.get(f"/c-flow-stages/{ANALISE}").json()
    assert (stage["flow"]["id"], stage["flow"]["name"]) == (FLOW, "Aprovação de contrato")
    assert (stage["item_type"]["slug"], stage["user"]["email"]) == ("contratos", "ana.souza@yourcompany.com.br")
    assert [task["id"] for task in stage["tasks"]] == [71, 73]
    assert stage["tasks"][0] == enspace.get("/c-flow-tasks/71").json()
    assert stage in enspace.get("/c-flow-stages").json()


@pytest.mark.rule("R89")
def test_get_flow__adds_its_stages_with_the_start_first(enspace: Enspace) -> None:
    flow = enspace.get(f"/c-flows/{FLOW}").json()
    assert [stage["id"] for stage in flow.pop("stages")] == [RASCUNHO_START, ANALISE, 33, 34]
    assert flow in enspace.get("/c-flows").json()
    assert flow == enspace.get(f"/c-flow-stages/{ANALISE}").json()["flow"]


@pytest.mark.rule("R90")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("POST", path) for path in ("/c-flows", "/c-flow-stages", "/c-forms", "/c-forms/create")],
        *[(method, f"/{kind}/31") for method in ("PUT", "DELETE") for kind in ("c-flow-stages", "c-flow-tasks")],
        *[(method, f"/{kind}/9") for method in ("PUT", "DELETE", "PATCH") for kind in ("c-flows", "c-forms")],
    ],
)
def test_flows_stages_and_forms__are_read_only_and_tasks_are_not_changed(
    enspace: Enspace, method: str, path: str
) -> None:
    before = enspace.state()
    answer = enspace.request(method, path, json={"name": "Outro"})
    assert (answer.status_code, answer.json()["error"]) == (405, "Method Not Allowed")
    assert "GET" in answer.headers["allow"]
    assert enspace.state() == before


@pytest.mark.parametrize("path", ["/c-flows", "/c-flow-stages", "/c-flow-tasks", "/c-forms"])
def test_flow_stage_task_and_form__of_another_workspace_are_not_there(enspace: Enspace, path: str) -> None:
    elsewhere = enspace.as_user("eduarda.rocha@yourcompany.com.br", workspace="rh-abc")
    id = enspace.get(path).json()[0]["id"]
    assert_refused(elsewhere, "GET", f"{path}/{id}", 404, "Not Found")
    assert_refused(enspace, "GET", f"{path}/9999", 404, "Not Found")
    assert elsewhere.get(path).json() == []


@pytest.mark.rule("R91")
def test_new_task__takes_flow_and_type_from_its_stage_and_shows_in_it(enspace: Enspace) -> None:
    made = enspace.post("/c-flow-tasks", json=TASK | {"flow": 10, "item_type": "compras"}).json()
    assert (made["stage"]["id"], made["flow"]["id"], made["item_type"]["slug"]) == (ANALISE, FLOW, "contratos")
    assert enspace.get(f"/c-flow-stages/{ANALISE}").json()["tasks"][-1] == made
    assert enspace.get(f"/c-flow-tasks/{made['id']}").json() == made
    assert enspace.get("/c-flow-tasks").json()[-1] == made


def test_new_task__has_defaults(enspace: Enspace) -> None:
    made = enspace.post("/c-flow-tasks", json=TASK).json()
    assert (made["description"], made["status"], made["settings"], made["conditions"]) == (None, "active", {}, [])
    assert made["assignees"] == {"users": [], "roles": [], "mgroups": []}
    assert [made[name] for name in ("response_time", "success_trigger", "error_trigger")] == [None] * 3
    assert made["user"]["email"] == "ana.souza@yourcompany.com.br"


def test_new_task__keeps_the_sent_members(enspace: Enspace) -> None:
    sent: dict[str, Any] = {
        "status": "inactive",
        "settings": {"form": 14, "deep": [{"a": None}]},
        "assignees": {"users": [64], "roles": [5], "mgroups": [300]},
        "response_time": {"value": 2, "unit": "week"},
        "success_trigger": {"action": "next_stage"},
        "error_trigger": {"action": "go_to_stage", "stage": RASCUNHO_START},
        "conditions": [{"field": "valor", "operator": "gte", "value": 20000}],
    }
    made = enspace.post("/c-flow-tasks", json=TASK | sent).json()
    assert {name: made[name] for name in sent} == sent


@pytest.mark.rule("R91")
def test_new_task__needs_a_stage_of_the_workspace(enspace: Enspace) -> None:
    elsewhere = enspace.as_user("eduarda.rocha@yourcompany.com.br", workspace="rh-abc")
    message = "stage must be a stage of this workspace"
    assert_refused(elsewhere, "POST", "/c-flow-tasks", 400, message, TASK, field="stage")
    assert_refused(enspace, "POST", "/c-flow-tasks", 400, message, TASK | {"stage": 9999}, field="stage")
    assert_refused(enspace, "POST", "/c-flow-tasks", 400, "stage", {"name": "A", "action": "confirmation"}, "stage")


@pytest.mark.rule("R91")
@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("assignees", {"users": [64, 73], "roles": [], "mgroups": []}, "assignees.users"),
        ("assignees", {"users": [], "roles": [7], "mgroups": []}, "assignees.roles"),
        ("assignees", {"users": [], "roles": [], "mgroups": [304]}, "assignees.mgroups"),
        ("success_trigger", {"action": "go_to_stage"}, "success_trigger.stage"),
        ("success_trigger", {"action": "go_to_stage", "stage": None}, "success_trigger.stage"),
        ("error_trigger", {"action": "go_to_stage", "stage": STAGE_OF_ANOTHER_FLOW}, "error_trigger.stage"),
        ("error_trigger", {"action": "go_to_stage", "stage": 9999}, "error_trigger.stage"),
        ("conditions", [{"field": "pedido", "operator": "eq", "value": 1}], "conditions.0.field"),
    ],
)
def test_new_task__names_only_records_of_its_workspace_flow_and_type(
    enspace: Enspace, member: str, value: Any, field: str
) -> None:
    assert_refused(enspace, "POST", "/c-flow-tasks", 400, "Validation failed", TASK | {member: value}, field=field)


@pytest.mark.rule("R92")
@pytest.mark.parametrize(
    "settings", [{}, *({"integration": id} for id in (INTEGRATION_OF_ANOTHER_WORKSPACE, 9999, "12", 12.5, None, True))]
)
def test_new_task__that_uses_an_integration_names_one_of_the_workspace(
    enspace: Enspace, settings: dict[str, Any]
) -> None:
    body = TASK | {"action": "use_integration"}
    message = "settings.integration must be an active integration"
    assert_refused(enspace, "POST", "/c-flow-tasks", 400, message, body | {"settings": settings})
    assert enspace.post("/c-flow-tasks", json=body | {"settings": {"integration": D4SIGN}}).status_code == 200
    assert enspace.post("/c-flow-tasks", json=TASK | {"settings": settings}).status_code == 200


@pytest.mark.rule("R92")
def test_new_task__that_uses_an_inactive_integration_is_refused(altered: Callable[..., Enspace]) -> None:
    client = altered("integrations.yaml", "status: active", "status: inactive")
    assert client.get("/integrations?status=inactive").json()[0]["id"] == D4SIGN
    body = TASK | {"action": "use_integration", "settings": {"integration": D4SIGN}}
    assert_refused(client, "POST", "/c-flow-tasks", 400, "must be an active integration", body, "settings.integration")


@pytest.mark.rule("R92")
def test_new_task__does_not_take_true_for_the_integration_1(altered: Callable[..., Enspace]) -> None:
    client = altered("integrations.yaml", "id: 105", "id: 1")
    body = TASK | {"action": "use_integration", "settings": {"integration": True}}
    assert_refused(client, "POST", "/c-flow-tasks", 400, "must be an active integration", body, "settings.integration")
    assert client.post("/c-flow-tasks", json=body | {"settings": {"integration": 1}}).status_code == 200


@pytest.mark.rule("R93")
@pytest.mark.parametrize(
    ("type", "data", "stage", "tasks"),
    [
        ("contratos", CONTRATO, "Rascunho", [72]),
        ("compras", COMPRA, "Solicitação", [75]),  # its stage has an inactive task too
        ("chamados", CHAMADO, "Aberto", [80, 81]),
    ],
)
def test_new_item__starts_the_flow_and_makes_one_schedule_task_per_active_task(
    enspace: Enspace, type: str, data: dict[str, Any], stage: str, tasks: list[int]
) -> None:
    before = enspace.get("/ws/stats").json()["schedule_tasks"]
    item = make_item(enspace, type, data)
    assert (item["stage"]["name"], item["stage"]["is_start"]) == (stage, True)
    assert tasks_for(enspace, item) == tasks
    assert enspace.get("/ws/stats").json()["schedule_tasks"] == before + len(tasks)


@pytest.mark.rule("R93")
def test_new_item__of_a_type_without_flow_has_no_stage_and_no_schedule_tasks(enspace: Enspace) -> None:
    item = make_item(enspace, "clientes", {"razao_social": "Padaria", "cnpj": "11.222.333/0001-81"})
    assert (item["stage"], tasks_for(enspace, item)) == (None, [])


@pytest.mark.rule("R93")
@pytest.mark.parametrize(
    ("old", "new"),
    [("status: active", "status: inactive"), ("always", "manual"), ("always", "conditional")],
)
def test_new_item__does_not_enter_a_flow_that_does_not_start_by_itself(
    altered: Callable[..., Enspace], old: str, new: str
) -> None:
    client = altered("flows.yaml", old, new)
    item = make_item(client, "contratos", CONTRATO)
    assert (item["stage"], tasks_for(client, item)) == (None, [])
    assert tasks_for(client, make_item(client, "compras", COMPRA)) == [75]


@pytest.mark.rule("R91", "R93")
def test_new_task__of_the_start_stage_arises_with_the_next_item(enspace: Enspace) -> None:
    made = enspace.post("/c-flow-tasks", json=TASK | {"stage": RASCUNHO_START}).json()
    enspace.post("/c-flow-tasks", json=TASK | {"stage": RASCUNHO_START, "status": "inactive"})
    enspace.post("/c-flow-tasks", json=TASK)
    assert tasks_for(enspace, make_item(enspace, "contratos", CONTRATO)) == [72, made["id"]]


@pytest.mark.rule("R93")
def test_refused_item__makes_no_schedule_task(enspace: Enspace) -> None:
    body = {"data": CONTRATO, "form": 9999}
    assert_refused(enspace, "POST", "/ws/types/contratos/items", 400, "form", body, field="form")


def test_get_form__has_its_fields_by_order(enspace: Enspace) -> None:
    stored = enspace.get("/_mock/state/forms/15").json()
    enspace.put("/_mock/state/forms/15", json=stored | {"fields": stored["fields"][::-1]})
    form = enspace.get("/c-forms/15").json()
    fields = {field["id"]: field["slug"] for field in enspace.get("/ws/types/compras/fields").json()}
    assert (form["slug"], form["item_type"]["slug"]) == ("solicitacao-de-compra", "compras")
    assert [row["slug"] for row in form["fields"]] == [fields[row["field"]] for row in form["fields"]]
    assert [row["order"] for row in form["fields"]] == sorted(row["order"] for row in form["fields"])
    assert form in enspace.get("/c-forms").json()


@pytest.mark.rule("R94")
def test_list_create_forms__has_creation_forms_only(enspace: Enspace) -> None:
    everything = enspace.get("/c-forms").json()
    creating = enspace.get("/c-forms/create").json()
    assert creating == [form for form in everything if form["is_create"]]
    assert 0 < len(creating) < len(everything)


@pytest.mark.rule("R83", "R94")
def test_inactive_form__creates_no_items(altered: Callable[..., Enspace]) -> None:
    client = altered("forms.yaml", "status: active", "status: inactive")
    assert client.get("/c-forms/14").json()["status"] == "inactive"
    assert 14 in [form["id"] for form in client.get("/c-forms").json()]
    assert [form["id"] for form in client.get("/c-forms/create").json()] == [15, 16]
    body = {"data": CONTRATO, "form": 14}
    assert_refused(client, "POST", "/ws/types/contratos/items", 400, "must be an active creation form", body, "form")
