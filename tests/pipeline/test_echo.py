from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]

INVITATIONS = """
paths:
  /invitations:
    post:
      operationId: createInvitation
      requestBody: {content: &invitation {application/json: {schema: {$ref: '#/components/schemas/Invitation'}}}}
      responses: {'200': {description: OK, content: *invitation}, '400': {description: No, content: *invitation}}
components:
  schemas:
    Invitation:
      type: object
      required: [email, sender]
      properties:
        email: {type: string, format: email}
        sender:
          type: object
          readOnly: true
          required: [email]
          properties: {email: {type: string, enum: [chefe@example.com]}}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ws/members/1717", {"id": 1717}),
        ("/ws/types/chamados", {"slug": "chamados"}),
        ("/ws/types/chamados/fields/42", {"id": 42}),
        ("/ws/types/chamados/items/Abcd1234Efgh5678", {"reference": "Abcd1234Efgh5678"}),
        ("/c-flow-stages/9", {"id": 9}),
    ],
)
def test_path_key__is_in_the_answer(server: Server, path: str, expected: dict[str, Any]) -> None:
    answer = server(stateless=True).get(path).json()
    assert {name: answer[name] for name in expected} == expected


def test_path_key__of_the_parent_is_in_each_record(server: Server) -> None:
    items = server(stateless=True).get("/ws/types/chamados/items?_limit=3").json()
    assert [item["item_type"]["slug"] for item in items] == ["chamados"] * 3
    permissions = server(stateless=True).get("/ws/roles/77/permissions").json()
    assert {permission["role"] for permission in permissions} == {77}


def test_path_key__chooses_the_related_members(server: Server) -> None:
    assert server(stateless=True).get("/ws/types/chamados").json()["name"] == "Chamados"
    items = server(stateless=True).get("/ws/types/chamados/items?_limit=3").json()
    assert {item["item_type"]["icon"] for item in items} == {"life-buoy"}


def test_path_key__of_the_parent_is_not_mistaken_for_the_record(server: Server) -> None:
    fields = server(stateless=True).get("/ws/types/chamados/fields?_limit=5").json()
    assert {field["slug"] for field in fields} != {"chamados"}


def test_filter__holds_for_each_record(server: Server) -> None:
    types = server(stateless=True).get("/ws/types?status=inactive&_limit=4").json()
    assert [row["status"] for row in types] == ["inactive"] * 4


def test_body__members_that_the_answer_shares_come_back(server: Server) -> None:
    body = {"name": "Category", "slug": "category", "type": "select", "options": {"choices": ["a"]}, "position": 3}
    answer = server(stateless=True).post("/ws/types/contratos/fields", json=body).json()
    assert {name: answer[name] for name in body} == body


def test_body__relation_by_id_becomes_the_object_with_that_id(server: Server) -> None:
    body = {"title": "Ligar", "assigned_to": 64, "item": 4812, "priority": "low"}
    answer = server(stateless=True).post("/c-quick-tasks", json=body).json()
    assert (answer["title"], answer["priority"]) == ("Ligar", "low")
    assert answer["assigned_to"] is None or answer["assigned_to"]["id"] == 64
    assert answer["item"] is None or answer["item"]["id"] == 4812


def test_body__free_object_comes_back_whole(server: Server) -> None:
    data = {"numero": "CT-1", "valor": 1.5, "nested": {"a": [1, None]}}
    assert server(stateless=True).post("/ws/types/contratos/items", json={"data": data}).json()["data"] == data


def test_body__email_is_the_same_everywhere(server: Server) -> None:
    answer = (
        server(stateless=True).post("/ws/members", json={"email": "rita.costa@example.com", "type": "viewer"}).json()
    )
    assert answer["email"] == answer["user"]["email"] == "rita.costa@example.com"


def test_body__email_of_somebody_else_stays(server: Server, contract: Callable[[str], Path]) -> None:
    body, client = {"email": "rita.costa@example.com"}, server(spec=contract(INVITATIONS), stateless=True)
    assert client.post("/invitations", json=body).json() == body | {"sender": {"email": "chefe@example.com"}}
    assert client.post("/invitations", json=body, headers={"prefer": "code=400"}).json()["email"] != body["email"]


def test_body__name_of_a_person_goes_where_the_answer_has_it(server: Server) -> None:
    body = {"email": "rita.costa@example.com", "type": "viewer", "fname": "Rita", "lname": "Costa"}
    assert server(stateless=True).post("/ws/members", json=body).json()["user"]["meta"] == {
        "fname": "Rita",
        "lname": "Costa",
    }


def test_body__write_only_members_never_come_back(server: Server) -> None:
    data = {"environment": "production", "api_key": "SG.planted-secret", "from_email": "a@b.co", "from_name": "N"}
    answer = server(stateless=True).post("/integrations", json={"integration": 4, "data": data, "extra": "x"})
    assert answer.json()["data"] == {"changeKeys": False, "environment": "production"}
    assert "planted" not in answer.text
