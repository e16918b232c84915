from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]


def test_answer__is_the_same_in_any_order_of_calls(server: Server) -> None:
    paths = ["/ws/members/1", "/ws/types", "/ws/members/2", "/c-flows/3"]
    forth = {path: server(stateless=True).get(path).content for path in paths}
    client = server(stateless=True, journal_size=7)
    back = {path: client.get(path).content for path in reversed(paths)}
    assert forth == back


def test_answer__is_another_for_another_key(server: Server) -> None:
    first, second = (server(stateless=True).get(f"/ws/members/{number}").json() for number in (1, 2))
    assert first["user"] != second["user"]


def test_answer__is_another_for_another_seed_and_locale(server: Server) -> None:
    answers = {
        server(stateless=True, **settings).get("/ws/members/1").content
        for settings in ({}, {"seed": 1}, {"locale": "de_DE"})
    }
    assert len(answers) == 3


def test_list__is_cut_by_limit_and_start_without_gap_or_repeat(server: Server) -> None:
    def page(query: str) -> list[object]:
        rows: list[object] = server(stateless=True).get(f"/ws/members?{query}").json()
        return rows

    assert page("_limit=4") + page("_limit=4&_start=4") == page("_limit=8")
    assert len(page("")) == server(stateless=True).get("/ws/members/count").json()
    assert page("_start=1000") == []


def test_list__without_defaults_begins_with_its_first_row(server: Server, contract: Callable[[str], Path]) -> None:
    spec = contract(
        "paths: {/rows: {get: {operationId: listRows, parameters: ["
        "{name: _start, in: query, schema: {type: integer}}, {name: _limit, in: query, schema: {type: integer}}],"
        " responses: {'200': {description: Rows., content: {application/json: {schema: {type: array, items:"
        " {type: object, required: [id], properties: {id: {type: integer}}}}}}}}}}}"
    )
    first = server(spec=spec).get("/rows?_limit=3").json()
    assert server(spec=spec).get("/rows?_limit=3&_start=0").json() == first
    assert server(spec=spec).get("/rows?_limit=2&_start=1").json() == first[1:]
    assert server(spec=spec).get("/rows?_start=1").json()[:2] == first[1:]


@pytest.mark.parametrize("query", ["_limit=x", "_start=x", "_limit=-3", "_start=-3"])
def test_list__of_another_contract_ignores_paging_that_is_no_number(
    server: Server, contract: Callable[[str], Path], query: str
) -> None:
    spec = contract(
        "paths: {/rows: {get: {operationId: listRows, parameters: ["
        "{name: _start, in: query, schema: {}}, {name: _limit, in: query, schema: {type: string}}],"
        " responses: {'200': {description: Rows., content: {application/json: {schema: {type: array, items:"
        " {type: integer}}}}}}}}}"
    )
    assert len(server(spec=spec).get(f"/rows?{query}").json()) == len(server(spec=spec).get("/rows").json())


def test_list__has_its_rows_under_different_ids(server: Server) -> None:
    ids = [row["id"] for row in server(stateless=True).get("/ws/members").json()]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("path", ["/ws/leave", "/ws/mgroups/300/users"])
def test_action__answers_its_documented_message(server: Server, path: str) -> None:
    answer = server(stateless=True).post(path, json={"users": [64]}).json()
    assert answer["data"] is True
    assert answer["message"] in ("You have successfully exited the workspace", "Users added successfully")


def test_answer__of_another_media_type_is_text(server: Server, contract: Callable[[str], Path]) -> None:
    spec = contract(
        "paths: {/hello: {get: {operationId: getHello, responses: {'200': {description: Hello.,"
        " content: {text/plain: {schema: {type: string, enum: [hello]}}}}}}}}"
    )
    answer = server(spec=spec).get("/hello")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "hello"


def test_answer__without_content_is_empty(server: Server, contract: Callable[[str], Path]) -> None:
    spec = contract("paths: {/gone: {delete: {operationId: deleteIt, responses: {'204': {description: Gone.}}}}}")
    answer = server(spec=spec).delete("/gone")
    assert (answer.status_code, answer.content) == (204, b"")
