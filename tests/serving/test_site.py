import re
from collections.abc import Callable

import orjson
import pytest
import yaml

from mockserver import Settings
from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]


def test_docs__and_all_their_files_come_from_this_server(server: Server) -> None:
    page = server().get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(address.startswith("/docs/") for address in addresses)
    assert [server().get(address).status_code for address in addresses] == [200] * len(addresses)


def test_root__leads_to_the_docs(server: Server) -> None:
    assert server().get("/", follow_redirects=False).headers["location"] == "/docs"


def test_contract__is_served_as_written_and_as_json(server: Server) -> None:
    text = server().get("/openapi.yaml").text
    assert text == Settings().spec.read_text(encoding="utf-8")
    served = server().get("/openapi.json").json()
    assert len(served["paths"]) == len(yaml.safe_load(text)["paths"])
    assert served["paths"]["/ws"]["get"]["x-provenance"]["status"] == "partly-documented"


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/ready"])
def test_status__is_ok_once_requests_are_answered(server: Server, path: str) -> None:
    assert server().get(path).json() == {"status": "ok"}


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=1000001", "limt=5"])
def test_journal__refuses_a_bad_query(server: Server, query: str) -> None:
    assert server().get(f"/_mock/journal?{query}").status_code == 400


@pytest.mark.parametrize("path", ["/_mock/nothing", "/docs/nothing", "/docs/swagger-ui/../../settings.py"])
def test_site__unknown_path_is_404(server: Server, path: str) -> None:
    assert server().get(path).status_code == 404


def test_site__is_not_journaled(server: Server) -> None:
    before = server().get("/_mock/journal").json()["count"]
    server().get("/docs")
    assert server().get("/_mock/journal").json()["count"] == before


def test_own_contract_of_the_control__is_valid() -> None:
    from openapi_spec_validator import validate

    from mockserver.control.control_app import CONTRACT

    validate(yaml.safe_load(CONTRACT.read_text(encoding="utf-8")))


def test_contract__keeps_dates_as_text(server: Server) -> None:
    assert b"2026-03-12T20:55:53.111Z" in orjson.dumps(server().get("/openapi.json").json())


def test_control__has_docs_of_its_own_that_call_below_mock(server: Server) -> None:
    page = server().get("/_mock/docs/")
    assert page.status_code == 200
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', page.text))
    assert server().get("/_mock/openapi.json").json()["servers"] == [{"url": "/_mock"}]
