from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asgi_client import AsgiClient
from tests.conftest import EXPIRED_KEY, OTHER_WORKSPACE_KEY, READ_ONLY_KEY

Server = Callable[..., AsgiClient]
SESSION = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEuc291emFAeW91cmNvbXBhbnkuY29tLmJyIn0.demo"


def test_key__expired_is_good_before_its_time(server: Server) -> None:
    client = server(clock="2025-07-01T00:00:00Z")
    assert client.get("/ws/types", headers={"x-api-key": EXPIRED_KEY}).status_code == 200


def test_workspace__of_another_key_is_open_to_that_key(server: Server) -> None:
    headers = {"x-api-key": OTHER_WORKSPACE_KEY, "en-workspace": "rh-abc"}
    assert server().get("/ws/types", headers=headers).status_code == 200


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
