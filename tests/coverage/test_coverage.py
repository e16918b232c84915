"""Contract coverage over HTTP: what counts as seen, in which sandbox, and the formats of the report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.state.coverage_log import MAX_SHAPES, CoverageLog
from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY, Enspace

Server = Callable[..., AsgiClient]


SMALL = """
paths:
  /orders/{id}:
    put:
      operationId: updateOrder
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: dry, in: query, schema: {type: boolean, default: false}}
        - {name: fields, in: query, schema: {type: object, additionalProperties: {type: string}}}
        - {name: X-Trace, in: header, schema: {type: string}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses: {'200': {description: The order.}, '409': {description: It is taken.}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        note: {type: string}
        free: {type: object}
        parent: {$ref: '#/components/schemas/Order'}
        lines: {type: array, items: {type: object, properties: {count: {type: integer}, unit: {type: string}}}}
        payment:
          oneOf:
            - {type: object, required: [card], properties: {card: {type: string}}}
            - {type: object, required: [iban], properties: {iban: {type: string}, bank: {type: string}}}
"""


@pytest.fixture
def small(server: Server, contract: Callable[[str], Path]) -> AsgiClient:
    """A server of the small contract above, which has no keys and one sandbox."""
    return server(spec=contract(SMALL))


def covered(client: AsgiClient, operation: str, query: str = "") -> dict[str, Any]:
    lines = client.get(f"/_mock/coverage{query}").json()["operations"]
    return next(line for line in lines if line["operation"] == operation)


def seen(part: dict[str, bool]) -> list[str]:
    return [name for name, is_seen in part.items() if is_seen]


def test_statuses__are_seen_once_they_were_answered(enspace: Enspace) -> None:
    enspace.get("/ws/types/contratos")
    enspace.get("/ws/types/nowhere")
    line = covered(enspace, "getType")
    assert line["called"]
    assert seen(line["statuses"]) == ["200", "404"]
    assert not covered(enspace, "listTypes")["called"]


def test_status__of_a_fault_is_listed_separately_where_it_is_not_documented(enspace: Enspace) -> None:
    enspace.post("/_mock/faults", json={"operations": ["listTypes"], "status": 418, "times": 1})
    enspace.get("/ws/types")
    line = covered(enspace, "listTypes")
    assert (seen(line["statuses"]), line["undocumented"]) == ([], [418])
    assert enspace.get("/_mock/coverage").json()["undocumented"] == {"listTypes": [418]}


def test_status__of_a_lost_answer_is_not_seen(enspace: Enspace) -> None:
    enspace.post("/_mock/faults", json={"operations": ["listTypes"], "connection": "reset"})
    with pytest.raises(ConnectionResetError):
        enspace.get("/ws/types")
    assert not covered(enspace, "listTypes")["called"]


def test_parameters__are_seen_by_name_and_not_by_their_defaults(enspace: Enspace) -> None:
    enspace.get("/ws/types?status=active&_limit=5")
    enspace.get("/ws/types/contratos")
    assert seen(covered(enspace, "listTypes")["parameters"]) == ["query._limit", "query.status"]
    assert seen(covered(enspace, "getType")["parameters"]) == ["path.slug"]


def test_parameters__are_seen_in_path_query_and_header(small: AsgiClient) -> None:
    small.delete("/_mock/coverage")
    small.put("/orders/1?colour=red", headers={"x-trace": "t"})
    parameters = covered(small, "updateOrder")["parameters"]
    assert seen(parameters) == ["path.id", "query.fields", "header.X-Trace"]
    assert list(parameters) == ["path.id", "query.dry", "query.fields", "header.X-Trace"]


def test_members__are_those_that_the_contract_lets_a_client_send(small: AsgiClient) -> None:
    assert list(covered(small, "updateOrder")["members"]) == [
        "body.note",
        "body.free",
        "body.parent",
        "body.lines",
        "body.lines[].count",
        "body.lines[].unit",
        "body.payment",
        "body.payment.card",
        "body.payment.iban",
        "body.payment.bank",
    ]


def test_members__are_seen_in_items_and_variants(small: AsgiClient) -> None:
    small.delete("/_mock/coverage")
    small.put("/orders/1", json={"lines": [{"count": 1}], "payment": {"iban": "x"}, "colour": "red"})
    small.put("/orders/2", json={"lines": [{}, {"unit": "kg"}], "free": {"any": 1}})
    assert seen(covered(small, "updateOrder")["members"]) == [
        "body.free",
        "body.lines",
        "body.lines[].count",
        "body.lines[].unit",
        "body.payment",
        "body.payment.iban",
    ]


@pytest.mark.parametrize("size", [1, 5000], ids=["short", "long"])
def test_members__are_seen_inside_of_others(enspace: Enspace, size: int) -> None:
    inside: dict[str, list[int]] = {"users": [], "roles": [], "mgroups": []}
    body = {"title": "T", "description": "d" * size, "limit_access": inside}
    assert enspace.post("/c-quick-tasks", json=body).status_code == 200
    expected = [f"body.{name}" for name in body] + [f"body.limit_access.{name}" for name in inside]
    assert seen(covered(enspace, "createQuickTask")["members"]) == expected


def test_members__inside_of_others_are_seen_where_they_were_sent(enspace: Enspace) -> None:
    field = {"name": "Size", "type": "select"}
    inside = [{"options": {"choices": ["S"]}, "config": {}}, {"options": {}, "config": {"choices": ["S"]}}]
    found = []
    for number, each in enumerate(inside):
        enspace.delete("/_mock/coverage")
        answer = enspace.post("/ws/types/fornecedores/fields", json=field | {"slug": f"size-{number}"} | each)
        assert answer.status_code == 200
        found.append([name for name in seen(covered(enspace, "createField")["members"]) if "choices" in name])
    assert found == [["body.options.choices"], []]  # what is in `config` is free


def test_request__that_is_not_valid_shows_its_status_only(enspace: Enspace) -> None:
    assert enspace.post("/ws/roles?x=1", json={"name": 1, "description": "d"}).status_code == 400
    line = covered(enspace, "createRole")
    assert (seen(line["statuses"]), seen(line["members"])) == (["400"], [])
    assert enspace.post("/ws/roles", json={"name": "Auditor"}).status_code == 200
    assert seen(covered(enspace, "createRole")["members"]) == ["body.name"]


def test_coverage__is_that_of_one_sandbox_and_of_all(enspace: Enspace) -> None:
    made = enspace.post("/_mock/sandboxes", json={}).json()
    enspace.get("/c-flows", headers={"x-api-key": made["api_key"]})
    assert not covered(enspace, "listFlows")["called"]
    assert covered(enspace, "listFlows", f"?sandbox={made['name']}")["called"]
    enspace.delete(f"/_mock/sandboxes/{made['name']}")
    nobody = enspace.beside({})
    assert covered(nobody, "listFlows")["called"]
    assert nobody.get("/_mock/coverage").json()["sandbox"] is None


def test_coverage__survives_a_reset_until_it_is_cleared(enspace: Enspace) -> None:
    enspace.get("/ws/types")
    enspace.post("/_mock/reset")
    assert covered(enspace, "listTypes")["called"]
    assert enspace.delete("/_mock/coverage").status_code == 204
    assert not covered(enspace, "listTypes")["called"]
    assert covered(enspace.beside({}), "listTypes")["called"]


def test_coverage__cleared_for_all_is_cleared_in_each_sandbox(enspace: Enspace) -> None:
    enspace.get("/ws/types")
    nobody = enspace.beside({})
    assert nobody.delete("/_mock/coverage").status_code == 204
    assert not any(covered(client, "listTypes")["called"] for client in (enspace, nobody))
    enspace.get("/ws/types")
    assert covered(nobody, "listTypes")["called"]


def test_percentages__are_counted_over_all_and_by_part(small: AsgiClient) -> None:
    small.delete("/_mock/coverage")
    assert small.get("/_mock/coverage").json()["percent"] == 0
    small.put("/orders/1", json={"note": "x"})
    report = small.get("/_mock/coverage").json()
    assert report["parts"] == {
        "operations": {"percent": 100.0, "seen": 1, "of": 1},
        "statuses": {"percent": 50.0, "seen": 1, "of": 2},
        "parameters": {"percent": 25.0, "seen": 1, "of": 4},
        "members": {"percent": 10.0, "seen": 1, "of": 10},
    }
    assert (report["percent"], report["seen"], report["of"]) == (23.5, 4, 17)


def test_contract__without_operations_is_covered(server: Server, contract: Callable[[str], Path]) -> None:
    nothing = server(spec=contract("paths: {}\n"))
    assert nothing.get("/_mock/coverage").json()["percent"] == 100
    assert nothing.get("/_mock/coverage?form=text").text.startswith("coverage of the contract: 100.0 %")


def test_coverage__omits_names_that_only_a_client_sent(enspace: Enspace) -> None:
    enspace.get(f"/ws/types?{FULL_KEY}=1")
    enspace.post("/ws/types", json={"name": "A", FULL_KEY: 1, "settings": {FULL_KEY: "x"}})
    enspace.get(f"/ws/types/{FULL_KEY}")
    report = "".join(enspace.get(f"/_mock/coverage?form={form}").text for form in ("json", "text", "html"))
    assert FULL_KEY not in report
    assert "body.settings" in seen(covered(enspace, "createType")["members"])


def test_shapes__of_many_calls_are_merged_without_loss() -> None:
    seen = CoverageLog()
    for number in range(3 * MAX_SHAPES):
        seen.add(("updateOrder", 200, frozenset({f"query.{number}"}), frozenset({"body.note"})))
    assert len(seen.shapes) <= MAX_SHAPES
    assert len(seen.merged()["updateOrder", 200]) == 3 * MAX_SHAPES + 1


def test_text__has_the_table_and_the_unseen_names(enspace: Enspace) -> None:
    enspace.get("/ws/types/contratos")
    answer = enspace.get("/_mock/coverage?form=text")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert re.search(r"^  Types +1 of 6 +1 of 33 +1 of 14 +0 of 14$", answer.text, re.M)
    assert "\n  listTypes (GET /ws/types)\n" in answer.text
    assert "\n  getType (GET /ws/types/{slug}): 400, 401, 403, 404, 500\n" in answer.text


def test_page__needs_no_other_file(enspace: Enspace) -> None:
    enspace.get("/ws/types/contratos")
    answer = enspace.get("/_mock/coverage?form=html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"https?:|src=|<script|<link|url\(", answer.text)
    assert answer.text.count("<tr class=tag>") == 15
    row = re.search(r"<tr><th scope=row>getType<.+?</tr>", answer.text)
    assert row is not None
    assert "<td class=yes><i>200 </i>seen</td><td class=no><i>400 </i>never</td>" in row[0]


def test_page__shows_names_of_a_contract_as_text(server: Server, contract: Callable[[str], Path]) -> None:
    paths = "paths: {/a: {get: {operationId: '<b>', tags: ['<i>'], responses: {'200': {description: A.}}}}}\n"
    page = server(spec=contract(paths)).get("/_mock/coverage?form=html").text
    assert "&lt;b&gt;" in page
    assert "<b>&lt;" not in page
    assert "&lt;i&gt;" in page


@pytest.mark.parametrize(("query", "status"), [("?form=pdf", 400), ("?sandbox=none", 404), ("?colour=red", 400)])
def test_coverage__with_an_invalid_query_is_refused(enspace: Enspace, query: str, status: int) -> None:
    answer = enspace.get(f"/_mock/coverage{query}")
    assert answer.status_code == status
    assert answer.json()["detail"]
