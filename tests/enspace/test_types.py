"""Types, what goes with them, and what a deletion takes away. R67-R69, R32."""

from __future__ import annotations

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

CONTRATOS = 12
PARTS_OF_A_TYPE = ("fields", "items", "flows", "stages", "tasks", "schedule_tasks", "forms", "permissions")


@pytest.mark.rule("R67")
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ordens de Serviço", "ordens-de-servico"),
        ("  Ação & Reação! ", "acao-reacao"),
        ("NF-e 4.0", "nf-e-4-0"),
        ("snake_case", "snake-case"),
        ("a" * 80, "a" * 60),
        ("a" * 59 + " bc", "a" * 59),
    ],
)
def test_type_slug__is_derived_from_the_name(enspace: Enspace, name: str, slug: str) -> None:
    made = enspace.post("/ws/types", json={"name": name}).json()
    assert (made["name"], made["slug"]) == (name, slug)
    assert enspace.get(f"/ws/types/{slug}").json()["id"] == made["id"]


@pytest.mark.rule("R67")
def test_type_slug__is_the_one_of_the_body(enspace: Enspace) -> None:
    assert enspace.post("/ws/types", json={"name": "Ordens", "slug": "os_2026"}).json()["slug"] == "os_2026"


def test_new_type__has_defaults_and_nothing_in_it(enspace: Enspace) -> None:
    made = enspace.post("/ws/types", json={"name": "Ordens"}).json()
    assert [made[member] for member in ("description", "icon", "color")] == [None] * 3
    assert (made["settings"], made["status"]) == ({}, "active")
    assert made["created_at"] == made["updated_at"]
    state = enspace.state()
    assert [row for part in PARTS_OF_A_TYPE for row in state[part] if row["item_type"] == made["id"]] == []
    assert enspace.get("/ws/types/ordens/items/count").json() == 0


@pytest.mark.rule("R67")
@pytest.mark.parametrize("body", [{"name": "Contratos"}, {"name": "Acordos", "slug": "contratos"}])
def test_type_slug__is_unique_in_its_workspace(enspace: Enspace, body: dict[str, str]) -> None:
    assert_refused(enspace, "POST", "/ws/types", 400, "slug must be unique", body, field="slug")


@pytest.mark.rule("R67")
def test_type_slug__of_another_workspace_is_free(enspace: Enspace) -> None:
    made = enspace.post("/ws/types", json={"name": "Vagas"}).json()
    elsewhere = enspace.as_user("eduarda.rocha@yourcompany.com.br", workspace="rh-abc")
    assert enspace.get("/ws/types/vagas").json()["id"] == made["id"]
    assert elsewhere.get("/ws/types/vagas").json()["id"] != made["id"]


@pytest.mark.rule("R67")
@pytest.mark.parametrize("body", [{"name": "Count"}, {"name": "Contagem", "slug": "count"}])
def test_type_slug__count_is_reserved(enspace: Enspace, body: dict[str, str]) -> None:
    assert_refused(enspace, "POST", "/ws/types", 400, "slug is reserved", body, field="slug")


@pytest.mark.parametrize("name", ["日本", "!!!"])
def test_type_slug__is_needed_if_the_name_makes_none(enspace: Enspace, name: str) -> None:
    assert_refused(enspace, "POST", "/ws/types", 400, "slug is required", {"name": name}, field="slug")
    assert enspace.post("/ws/types", json={"name": name, "slug": "sinais"}).json()["name"] == name


@pytest.mark.rule("R67")
def test_type_slug__never_changes(enspace: Enspace) -> None:
    other = {"slug": "acordos", "name": "Acordos"}
    assert_refused(enspace, "PUT", "/ws/types/contratos", 400, "slug cannot change", other, field="slug")
    assert enspace.put("/ws/types/contratos", json={"slug": "contratos", "name": "Acordos"}).status_code == 200
    assert enspace.get("/ws/types/contratos").json()["name"] == "Acordos"


def test_update_type__shows_wherever_the_type_is_named(enspace: Enspace) -> None:
    enspace.put("/ws/types/contratos", json={"color": "#000000", "description": None})
    for path in ("/ws/types/contratos/items", "/c-flows?item_type=contratos", "/c-forms?item_type=contratos"):
        row = enspace.get(path).json()[0]
        assert (row["item_type"]["color"], row["item_type"]["description"]) == ("#000000", None)
        assert row["item_type"]["name"] == "Contratos"


@pytest.mark.rule("R68")
def test_get_type__has_its_fields_by_position(enspace: Enspace) -> None:
    enspace.post("/ws/types", json={"name": "Ordens"})
    for slug, position in (("last", 5), ("first", 0), ("second", 0), ("third", 2)):
        field = {"name": slug, "slug": slug, "type": "text", "position": position}
        enspace.post("/ws/types/ordens/fields", json=field)
    fields = enspace.get("/ws/types/ordens").json()["fields"]
    assert [field["slug"] for field in fields] == ["first", "second", "third", "last"]
    assert fields == enspace.get("/ws/types/ordens/fields").json()


@pytest.mark.rule("R68")
def test_type__is_listed_created_and_updated_without_fields(enspace: Enspace) -> None:
    detail = enspace.get("/ws/types/contratos").json()
    assert detail.pop("fields")
    assert detail in enspace.get("/ws/types").json()
    assert "fields" not in enspace.post("/ws/types", json={"name": "Ordens"}).json()
    assert "fields" not in enspace.put("/ws/types/contratos", json={"icon": "file"}).json()


@pytest.mark.rule("R69")
def test_delete_type__takes_everything_of_it_and_nothing_else(enspace: Enspace) -> None:
    before = enspace.state()
    assert enspace.delete("/ws/types/contratos").json() == {"data": True, "message": "Type deleted successfully"}
    items = {item["id"] for item in before["items"] if item["item_type"] == CONTRATOS}
    assert items & {task["item"] for task in before["quick_tasks"]}
    for part in PARTS_OF_A_TYPE:
        assert any(row["item_type"] == CONTRATOS for row in before[part]), part
        before[part] = [row for row in before[part] if row["item_type"] != CONTRATOS]
    before["types"] = [row for row in before["types"] if row["id"] != CONTRATOS]
    before["quick_tasks"] = [row | {"item": None} if row["item"] in items else row for row in before["quick_tasks"]]
    assert enspace.state() == before


@pytest.mark.rule("R69")
def test_delete_type__takes_permissions_that_name_its_forms_and_fields(enspace: Enspace) -> None:
    for target in ({"form": 14}, {"field": 304}, {"item_type": "contratos", "form": 14}, {"form": 15}):
        body = {"area": "items", "action": "read", **target}
        assert enspace.post("/ws/roles/6/permissions", json=body).status_code == 200
    enspace.delete("/ws/types/contratos")
    left = [(row["item_type"], row["form"], row["field"]) for row in enspace.get("/ws/roles/6/permissions").json()]
    assert left == [(None, None, None), (None, 15, None)]


@pytest.mark.rule("R69")
@pytest.mark.parametrize("end", ["", "/fields", "/items", "/items/count"])
def test_deleted_type__is_not_found(enspace: Enspace, end: str) -> None:
    enspace.delete("/ws/types/contratos")
    assert_refused(enspace, "GET", f"/ws/types/contratos{end}", 404, "Not Found")


@pytest.mark.rule("R69")
def test_deleted_type__leaves_its_slug_to_a_new_one_that_inherits_nothing(enspace: Enspace) -> None:
    enspace.delete("/ws/types/contratos")
    assert_refused(enspace, "DELETE", "/ws/types/contratos", 404, "Not Found")
    made = enspace.post("/ws/types", json={"name": "Contratos"}).json()
    assert made["id"] > CONTRATOS
    assert enspace.get("/ws/types/contratos").json()["fields"] == []
    assert enspace.get("/ws/types/contratos/items").json() == []
    camila = enspace.as_user("camila.ferreira@yourcompany.com.br")
    assert_refused(camila, "GET", "/ws/types/contratos", 403, "Insufficient permissions")


@pytest.mark.rule("R69")
def test_delete_type__lowers_the_statistics_by_the_deleted_records(enspace: Enspace) -> None:
    before, state = enspace.get("/ws/stats").json(), enspace.state()
    enspace.delete("/ws/types/contratos")
    after = enspace.get("/ws/stats").json()
    for part in PARTS_OF_A_TYPE[:-1]:
        gone = sum(row["item_type"] == CONTRATOS for row in state[part])
        assert (part, before[part] - after[part]) == (part, gone)
    assert before["types"] - after["types"] == 1
    assert "contratos" not in [row["slug"] for row in after["items_by_type"]]


@pytest.mark.rule("R32")
def test_deletion_preview__counts_exactly_the_records_that_will_be_deleted(enspace: Enspace) -> None:
    enspace.post("/ws/types", json={"name": "Ordens"})
    enspace.post("/ws/types/contratos/items", json={"data": {"numero": "CT-1", "valor": 1}})
    enspace.post("/ws/mgroups", json={"name": "Compras"})
    enspace.delete("/ws/types/chamados")
    preview, before = enspace.get("/ws/deletion-preview").json(), enspace.state()
    assert enspace.delete("/ws").status_code == 200
    after = enspace.state()
    assert preview["counts"] == {table: len(before[table]) - len(after[table]) for table in preview["counts"]}
    assert preview["total"] == sum(preview["counts"].values())


@pytest.mark.rule("R32")
def test_delete_workspace__leaves_the_records_of_others_as_they_were(enspace: Enspace) -> None:
    context, before = int(enspace.get("/ws/context").json()["workspace"]["id"]), enspace.state()
    enspace.delete("/ws")
    for table, records in enspace.state().items():
        kept = [row for row in before[table] if row.get("workspace") != context]
        if table not in ("workspaces", "api_keys"):
            assert (table, records) == (table, kept)
