from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.pipeline.authenticate import FOREIGN_WORKSPACE, MISSING_SCOPE, MISSING_WORKSPACE, UNAUTHORIZED
from tests.asgi_client import AsgiClient
from tests.conftest import EXPIRED_KEY, FULL_KEY, OTHER_WORKSPACE_KEY, READ_ONLY_KEY

Server = Callable[..., AsgiClient]
SESSION = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEuc291emFAeW91cmNvbXBhbnkuY29tLmJyIn0.demo"


@pytest.mark.parametrize("key", ["", "en.short", "no-key-at-all", "en." + "x" * 34, EXPIRED_KEY, FULL_KEY + "x"])
def test_key__that_is_not_good_is_401(server: Server, key: str) -> None:
    answer = server().get("/ws/types", headers={"x-api-key": key})
    assert answer.status_code == 401
    assert answer.json() == {"statusCode": 401, "error": "Unauthorized", "message": UNAUTHORIZED}


def test_key__expired_is_good_before_its_time(server: Server) -> None:
    client = server(clock="2025-07-01T00:00:00Z")
    assert client.get("/ws/types", headers={"x-api-key": EXPIRED_KEY}).status_code == 200


def test_workspace__missing_is_400(server: Server) -> None:
    answer = server().get("/ws/types", headers={"en-workspace": ""})
    assert answer.status_code == 400
    assert answer.json() == {"statusCode": 400, "error": "Bad Request", "message": MISSING_WORKSPACE}


@pytest.mark.parametrize("workspace", ["rh-abc", "no-such-workspace"])
def test_workspace__foreign_is_403_whether_it_exists_or_not(server: Server, workspace: str) -> None:
    answer = server().get("/ws/types", headers={"en-workspace": workspace})
    assert answer.status_code == 403
    assert answer.json() == {"statusCode": 403, "error": "Forbidden", "message": FOREIGN_WORKSPACE}


def test_workspace__of_another_key_is_open_to_that_key(server: Server) -> None:
    headers = {"x-api-key": OTHER_WORKSPACE_KEY, "en-workspace": "rh-abc"}
    assert server().get("/ws/types", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/ws", "/user-api-keys", "/user-request-logs"])
def test_workspace__is_not_asked_for_where_the_contract_does_not(server: Server, path: str) -> None:
    assert server().get(path, headers={"en-workspace": ""}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("POST", "/ws/leave", "write"), ("PUT", "/ws/roles/5", "write"), ("DELETE", "/ws/roles/5", "delete")],
)
def test_scope__that_the_key_lacks_is_403(server: Server, method: str, path: str, scope: str) -> None:
    answer = server().request(method, path, headers={"x-api-key": READ_ONLY_KEY})
    assert answer.status_code == 403
    assert answer.json()["message"] == MISSING_SCOPE.format(scope=scope)


def test_scope__is_checked_before_the_body(server: Server) -> None:
    answer = server().post("/ws/roles", headers={"x-api-key": READ_ONLY_KEY}, content=b"{")
    assert answer.status_code == 403


DOORS = """
paths:
  /doors:
    get: {operationId: listDoors, security: [{Bearer: []}], responses: {'200': {description: OK}}}
  /locks:
    get: {operationId: listLocks, security: [{Header: []}], responses: {'200': {description: OK}}}
  /hinges:
    get: {operationId: listHinges, security: [{Query: []}], responses: {'200': {description: OK}}}
components:
  securitySchemes:
    Bearer: {type: http, scheme: BASIC}
    Header: {type: apiKey, in: header, name: X-Door-Key}
    Query: {type: apiKey, in: query, name: code}
"""


@pytest.mark.parametrize("title", ["Enspace", "Doors"])
@pytest.mark.parametrize(
    ("path", "headers", "missing"),
    [
        ("/doors", {"authorization": "Basic YTpi"}, "header authorization"),
        ("/locks", {"X-Door-Key": "anything"}, "header x-door-key"),
        ("/hinges?code=1", {}, "query code"),
    ],
)
def test_other_scheme__needs_its_credentials_and_no_more(
    server: Server, contract: Callable[[str], Path], title: str, path: str, headers: dict[str, str], missing: str
) -> None:
    spec = contract(DOORS)
    spec.write_text(spec.read_text().replace("title: Small", f"title: {title}"))
    (spec.parent / "fixtures").mkdir()
    client = server(spec=spec, fixtures=spec.parent / "fixtures", stateless=True)
    answer = client.get(path.partition("?")[0])
    assert answer.status_code == 401
    assert f"Missing credentials: the {missing}" in answer.text
    assert client.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/user-api-keys", "/user-request-logs"])
def test_session__is_accepted_by_the_operations_of_its_scheme(server: Server, path: str) -> None:
    headers = {"x-api-key": "", "authorization": f"Bearer {SESSION}"}
    assert server().get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("authorization", ["Bearer unknown", f"Basic {SESSION}", SESSION, "Bearer"])
def test_session__that_is_not_good_is_401(server: Server, authorization: str) -> None:
    headers = {"x-api-key": "", "authorization": authorization}
    assert server().get("/user-api-keys", headers=headers).status_code == 401


def test_session__does_not_open_a_workspace(server: Server) -> None:
    headers = {"x-api-key": "", "authorization": f"Bearer {SESSION}"}
    assert server().get("/ws/types", headers=headers).status_code == 401
