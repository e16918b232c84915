"""The control API behind its token."""

from collections.abc import Callable

import pytest

from mockserver.contract.document import load_document
from mockserver.control.control_app import CONTRACT
from tests.asgi_client import AsgiClient
from tests.live import mockserver

Server = Callable[..., AsgiClient]


@pytest.mark.parametrize(
    "headers", [{}, {"x-mock-token": "wrong"}, {"x-mock-token": ""}], ids=["none", "wrong", "empty"]
)
@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/state", "/_mock/journal", "/_mock/nowhere"])
def test_control__without_its_token_is_refused(server: Server, path: str, headers: dict[str, str]) -> None:
    answer = server(control_token="right").get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "the control API needs its token in the header x-mock-token"


def test_control__without_its_token_refuses_every_operation_and_page(server: Server) -> None:
    client = server(control_token="right")
    operations = [(method, path) for path, item in load_document(CONTRACT).raw["paths"].items() for method in item]
    pages = ["/docs", "/docs/", "/docs/swagger-ui.css", "/openapi.json", "/nowhere"]
    asked = [*operations, *(("get", page) for page in pages), ("options", "/state"), ("head", "/health")]
    answers = [client.request(method, f"/_mock{path.replace('{', '').replace('}', '')}") for method, path in asked]
    assert len(operations) >= 27
    assert {answer.status_code for answer in answers} == {401}


def test_control__with_its_token_answers(server: Server) -> None:
    client = server(control_token="right")
    assert client.get("/_mock/health", headers={"x-mock-token": "right"}).json() == {"status": "ok"}
    assert client.get("/ws/types").status_code == 200


def test_serve__beyond_loopback_needs_a_token() -> None:
    done = mockserver("serve", "--host", "0.0.0.0", "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: others can reach 0.0.0.0, and could then control the fake."
        " Fix: add --control-token, or set MOCKSERVER_CONTROL_TOKEN.\n"
    )
