import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]


def test_violations__of_query_and_body_are_listed_together(server: Server) -> None:
    body = {"name": "x" * 32, "slug": "Bad Slug", "type": "selct"}
    answer = server().post("/ws/types/contratos/fields?_limit=1", json=body)
    assert answer.status_code == 400
    assert {entry["field"] for entry in answer.json()["data"]} == {"_limit", "name", "slug", "type"}
    message = answer.json()["message"]
    assert "Invalid query parameter: _limit" in message
    assert 'type (received "selct", documented: one of "text", "number"' in message


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"name": "A", "slug": "a"}, "type", "received nothing, documented: required"),
        ({"name": 5, "slug": "a", "type": "text"}, "name", "received 5, documented: string"),
        ({"name": "", "slug": "a", "type": "text"}, "name", "at least 1 characters"),
        ({"name": "A", "slug": "a", "type": "text", "position": -1}, "position", "at least 0"),
        ({"name": "A", "slug": "a", "type": "text", "position": 1.5}, "position", "documented: integer"),
        ({"name": "A", "slug": "a", "type": "select", "options": {"choices": [1]}}, "options.choices.0", "string"),
        ([], "body", "received [], documented: object"),
        ({"name": "A", "slug": "x" * 61, "type": "text"}, "slug", "at most 60 characters"),
    ],
)
def test_body__that_breaks_the_contract_is_400_with_its_members(
    server: Server, body: Any, field: str, message: str
) -> None:
    answer = server().post("/ws/types/contratos/fields", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Validation failed")
    assert message in next(entry["message"] for entry in answer.json()["data"] if entry["field"] == field)


@pytest.mark.parametrize(("size", "fields"), [(32_768, ["name", "slug", "type"]), (32_769, ["type"])])
def test_violations__of_a_long_body_are_not_all_listed(server: Server, size: int, fields: list[str]) -> None:
    body = json.dumps({"name": 5, "slug": 5, "filler": ""}).encode()
    long = body[:-2] + b"x" * (size - len(body)) + body[-2:]
    headers = {"content-type": "application/json"}
    answer = server().post("/ws/types/contratos/fields", content=long, headers=headers)
    assert sorted(entry["field"] for entry in answer.json()["data"]) == fields


NOTES = """
paths:
  /notes:
    post:
      operationId: createNote
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: OK}}
"""


# A schema, a value that breaks it, and what is said of it.
KEYWORDS: list[tuple[dict[str, Any], Any, str]] = [
    ({"type": "string", "nullable": True}, 1, "null or string"),
    ({"enum": ["a", 2]}, "b", 'one of "a", 2'),
    ({"minimum": 2}, 1, "at least 2"),
    ({"maximum": 2}, 3, "at most 2"),
    ({"minimum": 2, "exclusiveMinimum": True}, 2, "more than 2"),
    ({"maximum": 2, "exclusiveMaximum": True}, 2, "less than 2"),
    ({"multipleOf": 3}, 4, "a multiple of 3"),
    ({"minLength": 2}, "a", "at least 2 characters"),
    ({"maxLength": 2}, "abc", "at most 2 characters"),
    ({"minItems": 1}, [], "at least 1 entries"),
    ({"maxItems": 1}, [1, 2], "at most 1 entries"),
    ({"minProperties": 1}, {}, "at least 1 member(s)"),
    ({"maxProperties": 1}, {"a": 1, "b": 2}, "at most 1 member(s)"),
    ({"pattern": "^a"}, "b", "a text that matches ^a"),
    ({"format": "email"}, "b", "a text in the format email"),
    ({"uniqueItems": True}, [1, 1], "no entry twice"),
    ({"not": {"type": "string"}}, "a", "something else"),
    ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, "a", "exactly one of several shapes"),
]


def test_violation__says_what_each_keyword_documents(server: Server, contract: Callable[[str], Path]) -> None:
    schema = {"type": "object", "properties": {f"m{n:02}": schema for n, (schema, *_) in enumerate(KEYWORDS)}}
    path = contract(NOTES.replace("{type: object}", json.dumps(schema)))
    body = {f"m{n:02}": value for n, (_, value, _) in enumerate(KEYWORDS)}
    answer = server(spec=path, lenient=True).post("/notes", json=body)
    assert [error["documented"] for error in answer.json()["errors"]] == [documented for *_, documented in KEYWORDS]


@pytest.mark.parametrize("body", [{}, {"anything": [1]}, None])
def test_body__of_any_members_is_accepted(server: Server, contract: Callable[[str], Path], body: Any) -> None:
    options = {} if body is None else {"json": body}
    assert server(spec=contract(NOTES)).post("/notes", **options).status_code == 200


@pytest.mark.parametrize(("length", "shown"), [(56, f'["{"x" * 56}"]'), (57, f'["{"x" * 57}…')])
def test_received_value__is_cut_after_sixty_characters(server: Server, length: int, shown: str) -> None:
    answer = server().post("/ws/roles", json={"name": "A", "description": ["x" * length]})
    assert answer.json()["data"][0]["message"] == f"received {shown}, documented: null or string"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("_limit=0", "_limit (received 0, documented: at least 1)"),
        ("_limit=1001", "_limit (received 1001, documented: at most 1000)"),
        ("_limit=abc", '_limit (received "abc", documented: integer)'),
        ("_limit=%2B5", '_limit (received "+5", documented: integer)'),
        ("_sort=name", '_sort (received "name", documented: a text that matches'),
        ("status=deleted", 'status (received "deleted", documented: one of "active", "inactive")'),
        ("_limt=5", "_limt (received an unknown name, documented: closest is _limit)"),
    ],
)
def test_query__that_breaks_the_contract_is_400(server: Server, query: str, message: str) -> None:
    answer = server().get(f"/ws/types?{query}")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"Invalid query parameter: {message}")


def test_query__of_an_operation_without_parameters_takes_no_name(server: Server) -> None:
    answer = server().get("/user-api-keys?page=2")
    assert answer.status_code == 400
    assert "page (received an unknown name, documented: no query parameters)" in answer.json()["message"]


def test_query__unknown_names_pass_where_the_contract_allows_any(server: Server) -> None:
    assert server().get("/ws/types/contratos/items?categoria=casa&_limit=2").status_code == 200
    assert server().get("/ws/types/contratos/items?categoria=casa&categoria=rua").status_code == 400


def test_query__unknown_names_pass_when_lenient_and_are_noted(server: Server) -> None:
    client = server(lenient=True)
    assert client.get("/ws/types?_limt=5").status_code == 200
    entry = client.get("/_mock/journal?limit=1").json()["entries"][0]
    assert entry["notes"] == ["ignored the unknown query parameter '_limt'; closest is _limit"]


@pytest.mark.parametrize(("users", "status"), [("64", 200), ("64,71", 200), ("64,64", 400), ("64,x", 400), ("", 400)])
def test_query__array_is_comma_separated(server: Server, users: str, status: int) -> None:
    assert server().delete(f"/ws/mgroups/300/users?users={users}").status_code == status


def test_query__required_and_missing_is_400(server: Server) -> None:
    answer = server().delete("/ws/mgroups/300/users")
    assert "users (received nothing, documented: required)" in answer.json()["message"]


def test_body__unknown_members_are_ignored_and_noted(server: Server) -> None:
    answer = server().post("/ws/roles", json={"name": "Auditor", "id": 7, "colour": "red"})
    assert answer.status_code == 200
    assert "colour" not in answer.json()
    entry = server().get("/_mock/journal?limit=1").json()["entries"][0]
    assert entry["notes"] == ["ignored the unknown member body.id", "ignored the unknown member body.colour"]


def test_body__read_only_members_are_ignored_and_noted(server: Server, contract: Callable[[str], Path]) -> None:
    client = server(spec=contract(PETS))
    answer = client.post("/pets", json={"id": "not even a number", "name": "Rex"})
    assert answer.status_code == 200
    assert client.post("/pets", json={"name": "Rex"}).status_code == 200
    entry = client.get("/_mock/journal?limit=2").json()["entries"][1]
    assert entry["notes"] == ["ignored the read-only member body.id"]


def test_integration__is_validated_by_its_provider(server: Server) -> None:
    answer = server().post("/integrations", json={"integration": 4, "data": {"environment": "test"}})
    fields = [entry["field"] for entry in answer.json()["data"]]
    assert fields == ["data.api_key", "data.environment", "data.from_email", "data.from_name"]


def test_integration__of_an_unknown_provider_names_all(server: Server) -> None:
    answer = server().post("/integrations", json={"integration": 99, "data": {}})
    assert answer.json()["data"] == [
        {"field": "integration", "message": "received 99, documented: one of 1, 8, 3, 5, 2, 6, 4, 7"}
    ]


def test_nullable_relation__is_validated_as_its_target(server: Server) -> None:
    body = {"name": "A", "action": "form_fill", "stage": 31, "response_time": {"value": 0, "unit": "day"}}
    answer = server().post("/c-flow-tasks", json=body)
    assert answer.json()["data"] == [{"field": "response_time.value", "message": "received 0, documented: at least 1"}]
    assert server().post("/c-flow-tasks", json=body | {"response_time": None}).status_code == 200


PETS = """
paths:
  /pets:
    post:
      operationId: createPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'200': {description: P, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true, example: 1}
        name: {type: string, example: Rex}
        code: {type: string, writeOnly: true, example: x}
"""


def test_body__that_is_refused_says_which_members_were_ignored(server: Server) -> None:
    answer = server().put("/ws/roles/3", json={"title": "Gestor"})
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("at least 1 member(s)); ignored the unknown member body.title")
