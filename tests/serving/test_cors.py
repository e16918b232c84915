from collections.abc import Callable

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]
PAGE = "http://localhost:3000"
PREFLIGHT = {
    "origin": PAGE,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "x-api-key, en-workspace, content-type, prefer",
}


def test_page__may_call_from_anywhere_on_loopback(server: Server) -> None:
    answer = server().get("/ws/types", headers={"origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    exposed = "Allow, Link, Preference-Applied, Retry-After, X-Mock-Operation, X-Mock-Source"
    assert answer.headers["access-control-expose-headers"] == exposed


def test_page__may_read_a_refusal_too(server: Server) -> None:
    answer = server().get("/ws/types", headers={"origin": PAGE, "x-api-key": "wrong"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, PAGE)


def test_preflight__allows_the_headers_of_enspace_without_a_key(server: Server) -> None:
    answer = server().options("/ws/roles/5", headers=PREFLIGHT | {"x-api-key": "", "en-workspace": ""})
    assert answer.status_code == 200
    assert "x-api-key" in answer.headers["access-control-allow-headers"]
    assert "en-workspace" in answer.headers["access-control-allow-headers"]
    methods = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"}
    assert set(answer.headers["access-control-allow-methods"].split(", ")) == methods


def test_preflight__of_a_page_of_the_internet_allows_the_private_network(server: Server) -> None:
    private = {"access-control-request-private-network": "true", "origin": "https://app.example"}
    answer = server().options("/ws/types", headers=PREFLIGHT | private)
    assert (answer.status_code, answer.headers["access-control-allow-private-network"]) == (200, "true")


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"host": "0.0.0.0"}, None),
        ({"cors": "none"}, None),
        ({"cors": "http://other.example"}, None),
        ({"cors": f"http://other.example,{PAGE}"}, PAGE),
        ({"host": "0.0.0.0", "cors": "*"}, PAGE),
    ],
)
def test_page__may_call_as_the_settings_say(server: Server, settings: dict[str, str], allowed: str | None) -> None:
    answer = server(**settings).get("/ws/types", headers={"origin": PAGE})
    assert answer.headers.get("access-control-allow-origin") == allowed


def test_client__without_origin_gets_no_cors_headers(server: Server) -> None:
    answer = server().get("/ws/types")
    assert not [name for name in answer.headers if name.startswith("access-control")]
