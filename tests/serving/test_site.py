import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import yaml

from mockserver import Settings
from mockserver.contract.document import load_document
from mockserver.contract.operations import read_operations
from mockserver.contract.yaml_text import parse_yaml
from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY

Server = Callable[..., AsgiClient]


def test_docs__and_all_their_files_come_from_this_server(server: Server) -> None:
    page = server().get("/docs")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    addresses = re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 5
    assert all(address.startswith("/docs/") for address in addresses)
    assert [server().get(address).status_code for address in addresses] == [200] * len(addresses)


@pytest.mark.parametrize(
    ("settings", "is_filled"),
    [({}, True), ({"host": "0.0.0.0", "control_token": "t"}, False), ({"control_token": "t"}, False)],
)
def test_docs__contain_a_demo_key_on_loopback_only(server: Server, settings: dict[str, str], is_filled: bool) -> None:
    page = server(**settings).get("/docs").text
    assert (f'data-key="{FULL_KEY}" data-workspace="company-abc"' in page) is is_filled
    assert ("en." in page) is is_filled


def test_docs__of_another_contract_contain_no_key(server: Server, contract: Callable[[str], Path]) -> None:
    assert 'data-key="" data-workspace=""' in server(spec=contract("paths: {}")).get("/docs").text


def test_contract__has_path_examples_that_exist(server: Server) -> None:
    for operation in read_operations(load_document(Settings().spec)):
        if operation.method == "GET":
            examples = {parameter.name: parameter.schema["example"] for parameter in operation.parameters_in("path")}
            assert server().get(operation.path.format(**examples)).status_code == 200, operation.id


def test_root__leads_to_the_docs(server: Server) -> None:
    assert server().get("/", follow_redirects=False).headers["location"] == "/docs"


def test_contract__is_served_as_written_and_as_json_with_this_server_first(server: Server) -> None:
    written = Settings().spec.read_text(encoding="utf-8")
    text = server().get("/openapi.yaml", headers={"host": "127.0.0.1:4010"}).text
    line = '  - {"url": "http://127.0.0.1:4010", "description": "This mock server"}\n'
    assert text == written.replace("servers:\n", f"servers:\n{line}", 1)
    assert server().get("/openapi.json", headers={"host": "127.0.0.1:4010"}).json() == parse_yaml(text)


SERVERS = {
    "none": "",
    "empty": "servers: []\n",
    "inline": "servers: [{url: https://api.example}]  # the only one\n",
    "flat": "servers:\n# First\n- url: https://api.example/v1/\n",
    "anchored": "servers: &all\n    - &first {url: '/{version}', variables: {version: {default: v1}}}\n",
}


@pytest.mark.parametrize("form", SERVERS)
@pytest.mark.parametrize("host", ["fake.example", '"}], x: {\\', "h\u00f6st"])
def test_contract__lists_the_requested_address_first(
    server: Server, contract: Callable[[str], Path], form: str, host: str
) -> None:
    client = server(spec=contract(SERVERS[form] + "paths: {}\n"))
    read = parse_yaml(client.get("/openapi.yaml", headers={b"host": host.encode("latin-1")}).text)
    path = "/v1" if form in ("flat", "anchored") else ""
    assert read["servers"][0]["url"] == f"http://{host}{path}"
    assert len(read["servers"]) == (1 if form in ("none", "empty") else 2)
    assert client.get("/openapi.json", headers={b"host": host.encode("latin-1")}).json() == read


def test_contract__lists_this_server_first_where_paths_have_their_own(
    server: Server, contract: Callable[[str], Path]
) -> None:
    operation = "{operationId: a, servers: [{url: https://b/v2}], responses: {'200': {description: ok}}}"
    paths = f"paths:\n  /a: {{servers: [{{url: https://a/v1}}], get: {operation}}}\n"
    read = parse_yaml(server(spec=contract(paths)).get("/openapi.yaml").text)["paths"]["/a"]
    addresses = [owner["servers"][0]["url"] for owner in (read, read["get"])]
    assert addresses == ["http://127.0.0.1/v1", "http://127.0.0.1/v2"]


def test_contract__written_as_json_lists_this_server(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "contract.json"
    path.write_text('{"openapi": "3.0.3", "info": {"title": "Small", "version": "1"}, "paths": {}}', encoding="utf-8")
    assert parse_yaml(server(spec=path).get("/openapi.yaml").text)["servers"][0]["url"] == "http://127.0.0.1"


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
