from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]


@pytest.mark.parametrize(
    ("path", "closest"),
    [
        ("/ws/typs", "/ws/types"),
        ("/ws/types/contratos/item", "/ws/types/{slug}/items"),
        ("/ws/type/contratos/itens/x", "/ws/types/{slug}/items/{reference}"),
        ("/ws/items", "/ws/types/{slug}/items"),
        ("/members", "/ws/members"),
        ("/api/v1/ws/roles/5/permission", "/ws/roles/{roleId}/permissions"),
        ("/quick-tasks/5", "/c-quick-tasks/{id}"),
    ],
)
def test_path__unknown_is_404_with_the_closest_one(server: Server, path: str, closest: str) -> None:
    answer = server().get(path)
    assert answer.status_code == 404
    assert answer.json()["statusCode"] == 404
    assert answer.json()["message"].endswith(f"; the closest documented path is {closest}")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/ws/stats", "GET, HEAD, OPTIONS"),
        ("PUT", "/ws/types", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/ws/types/contratos", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("GET", "/ws/leave", "OPTIONS, POST"),
    ],
)
def test_method__undocumented_is_405_with_all_that_are(server: Server, method: str, path: str, allowed: str) -> None:
    answer = server().request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    assert method in answer.json()["message"]


def test_method__options_returns_the_allowed_methods(server: Server) -> None:
    answer = server().options("/ws/types", headers={"x-api-key": ""})
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS, POST", b"")


@pytest.mark.parametrize("path", ["/ws/types/count", "/c-forms/create", "/ws/types/contratos/items/count"])
def test_path__literal_wins_over_a_key(server: Server, path: str) -> None:
    answer = server().get(path)
    assert isinstance(answer.json(), int if path.endswith("count") else list)


def test_path__literal_that_leads_nowhere_gives_way_to_the_key(server: Server) -> None:
    assert server(stateless=True).get("/ws/types/count/fields").status_code == 200


def test_path__unknown_comes_before_the_key(server: Server) -> None:
    assert server().get("/nowhere", headers={"x-api-key": ""}).status_code == 404


def test_path__that_is_not_utf8_is_shown_without_its_end(server: Server) -> None:
    answer = server().get("/ws/%ff" + "x" * 300)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"Invalid path: /ws/%ff{'x' * 193} is not UTF-8"


def test_path__begins_with_the_path_of_the_first_server(server: Server, contract: Callable[[str], Path]) -> None:
    spec = contract(
        "servers: [{url: 'https://{host}.example/{base}/', variables: {host: {default: a}, base: {default: v1}}}]\n"
        "paths: {/pets: {get: {operationId: listPets, responses: {'200': {description: Pets.}}}}}"
    )
    client = server(spec=spec)
    assert client.get("/v1/pets").status_code == 200
    assert client.get("/pets").status_code == 404
