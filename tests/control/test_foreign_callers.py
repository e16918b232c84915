"""Callers of the control API that may be a page of another site."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]
HERE = ["127.0.0.1:4010", "localhost:5173", "app.localhost", "[::1]:4010", "127.8.9.1"]
ELSEWHERE = ["evil.example", "127.0.0.1.evil.example", "evil.example:4010", "localhost.evil.example", "evillocalhost"]
ELSEWHERE += ["10.0.0.1", "[::"]


@pytest.mark.parametrize("host", HERE)
def test_control__answers_loopback(server: Server, host: str) -> None:
    client = server()
    assert client.get("/_mock/health", headers={"host": host}).status_code == 200
    assert client.post("/_mock/reset", headers={"origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize("host", ELSEWHERE)
def test_control__refuses_a_name_that_was_bound_to_loopback(server: Server, host: str) -> None:
    answer = server().get("/_mock/state", headers={"host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
    assert answer.json()["detail"].startswith(f"host: received '{host}'")


@pytest.mark.parametrize("origin", [*(f"http://{host}" for host in ELSEWHERE), "null", "https://evil.example"])
@pytest.mark.parametrize(("method", "path"), [("GET", "state"), ("POST", "reset"), ("PUT", "clock"), ("GET", "keys")])
def test_control__refuses_a_foreign_page(server: Server, origin: str, method: str, path: str) -> None:
    answer = server().request(method, f"/_mock/{path}", headers={"origin": origin})
    assert answer.status_code == 403
    assert "en.Demo" not in answer.text


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; b=1"])
def test_control__refuses_what_a_form_can_send(server: Server, media_type: str) -> None:
    answer = server().post("/_mock/keys", content=b"{}", headers={"content-type": media_type})
    assert answer.status_code == 415
    assert "documented: application/json or application/zip" in answer.json()["detail"]


def test_control__answers_a_configured_host(server: Server) -> None:
    client = server(allowed_hosts="fake.example, Other.example,")
    named = {"host": "other.example:80", "origin": "https://fake.example"}
    assert client.post("/_mock/reset", headers=named).status_code == 200
    assert client.get("/_mock/health", headers={"host": "third.example"}).status_code == 421


def test_control__with_a_token_answers_any_page_that_has_it(server: Server) -> None:
    headers = {"x-mock-token": "right", "host": "fake.example", "origin": "https://app.example"}
    assert server(control_token="right").post("/_mock/reset", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_docs__contain_no_key_for_a_foreign_page(server: Server, headers: dict[str, str]) -> None:
    client = server()
    assert "en.Demo" in client.get("/docs").text
    assert "en.Demo" not in client.get("/docs", headers=headers).text


def test_enspace__answers_any_page(server: Server) -> None:
    answer = server().get("/ws/types", headers={"origin": "https://app.example", "host": "enspace.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://app.example")


def test_control__refuses_a_change_of_another_site_without_an_origin(server: Server) -> None:
    client, headers = server(), {"sec-fetch-site": "cross-site"}
    assert client.post("/_mock/reset", headers=headers).status_code == 403
    assert client.post("/_mock/reset", headers=headers | {"origin": "http://localhost:5173"}).status_code == 200
