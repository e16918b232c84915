"""Secrets sent in every part of a request, and searched for in every output of the server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import FULL_KEY, HEADERS
from tests.live import PATIENCE, LiveServer, mockserver

KEY = "en.Planted0{:02}" + "Secret" * 4
TOKEN = "eyJhbGciOiJub25lIn0.cGxhbnRlZA{:02}.c2VjcmV0"
PLAIN = "planted-{:02}-secret"
DELETION = {"methods": ["DELETE"], "status": 500}
JSON = {"content-type": "application/json"}
TYPES, ITEMS, INTEGRATIONS, MOCK = "/ws/types", "/ws/types/contratos/items", "/integrations", "/_mock"
COVERAGE = [f"coverage?form={form}" for form in ("json", "text", "html")]


# Names that say it in Portuguese, or in a short word.
SHORT_NAMES = ("pwd", "userPass", "auth", "sig", "otp_code", "pin", "chave", "credencial", "X-Signature")


def integration(**data: Any) -> dict[str, Any]:
    return {"integration": 4, "data": {"environment": "stage", "from_email": 7, "from_name": "N"} | data}


def verify(**expectation: Any) -> dict[str, Any]:
    return {"expectations": [{"operation": "listTypes", "times": {"exactly": 77}, **expectation}]}


# By place: the form of the secret, and the request in which it replaces SECRET.
PLANTED: dict[str, tuple[str, dict[str, Any]]] = {
    "key": (KEY, {"url": TYPES, "headers": {"x-api-key": "SECRET"}}),
    "unusual key": (PLAIN, {"url": TYPES, "headers": {"x-api-key": "SECRET"}}),
    "key as workspace": (KEY, {"url": TYPES, "headers": {"en-workspace": "SECRET"}}),
    "authorization": (PLAIN, {"url": "/user-request-logs", "headers": {"authorization": "Bearer SECRET"}}),
    "basic authorization": (PLAIN, {"url": TYPES, "headers": {"authorization": "Basic SECRET"}}),
    "credentials in a text": (PLAIN, {"url": "/ws/roles", "json": {"name": "R3", "description": "Basic SECRET"}}),
    "assignment in a text": (PLAIN, {"url": "/ws/roles", "json": {"name": "see ?token=SECRET"}}),
    "assignment in a referer": (PLAIN, {"url": TYPES, "headers": {"referer": "http://a.example/?access_token=SECRET"}}),
    "header of a vendor": (PLAIN, {"url": TYPES, "headers": {"x-vendor-hmac": "SECRET"}}),
    "expected header of a vendor": (
        PLAIN,
        {"url": f"{MOCK}/journal/verify", "json": verify(headers={"x-vendor-hmac": "SECRET"})},
    ),
    **{f"query {name}": (PLAIN, {"url": f"{TYPES}?{name}=SECRET"}) for name in SHORT_NAMES},
    **{f"member {name}": (PLAIN, {"url": ITEMS, "json": {"data": {name: "SECRET"}}}) for name in SHORT_NAMES},
    "unknown setting of an integration": (PLAIN, {"url": INTEGRATIONS, "json": integration(api_key="x", sid="SECRET")}),
    "setting not answered": (PLAIN, {"url": INTEGRATIONS, "json": integration(api_key="x", from_name="SECRET")}),
    "cookie": (PLAIN, {"url": TYPES, "headers": {"cookie": "session=SECRET"}}),
    "other token": (PLAIN, {"url": TYPES, "headers": {"x-auth-token": "SECRET"}}),
    "bearer in a header": (PLAIN, {"url": TYPES, "headers": {"x-forwarded": "Bearer SECRET"}}),
    "preference": (KEY, {"url": TYPES, "headers": {"prefer": "example=SECRET"}}),
    "scenario": (KEY, {"url": TYPES, "headers": {"prefer": "scenario=SECRET"}}),
    "media type": (KEY, {"url": "/ws/roles", "content": b"x", "headers": {"content-type": "text/SECRET"}}),
    "method": (KEY, {"url": TYPES, "method": "SECRET"}),
    "path": (KEY, {"url": "/ws/types/SECRET/fields"}),
    "unknown path": (KEY, {"url": "/nowhere/SECRET"}),
    "encoded path": ("en%2EPlanted0{:02}" + "Secret" * 4, {"url": "/ws/types/SECRET"}),
    "path of ours": (KEY, {"url": "/docs/nowhere/SECRET"}),
    "query": (PLAIN, {"url": f"{TYPES}?token=SECRET"}),
    "encoded query": (PLAIN, {"url": f"{TYPES}?api%5Fkey=SECRET"}),
    "query value": (KEY, {"url": f"{TYPES}?_q=SECRET"}),
    "query name": (KEY, {"url": f"{TYPES}?{'x' * 40}SECRET=1"}),
    "number in the query": (KEY, {"url": f"{TYPES}?_limit=SECRET"}),
    "sorting": (KEY, {"url": f"{TYPES}?_sort=SECRET:ASC"}),
    "write-only member": (PLAIN, {"url": INTEGRATIONS, "json": integration(api_key="SECRET")}),
    "invalid write-only member": (PLAIN, {"url": INTEGRATIONS, "json": integration(api_key=["SECRET"])}),
    "nested member": (PLAIN, {"url": INTEGRATIONS, "json": integration(api_key="x", more={"in": {"senha": "SECRET"}})}),
    "field of an item": (PLAIN, {"url": ITEMS, "json": {"data": {"numero": 7, "password": "SECRET"}}}),
    "name of a field": (KEY, {"url": ITEMS, "json": {"data": {"SECRET": 1}}}),
    "text of an item": (KEY, {"url": ITEMS, "json": {"data": {"numero": "SECRET", "valor": 1}}}),
    "name": (KEY, {"url": "/ws/roles", "json": {"name": "SECRET"}}),
    "invalid value": (KEY, {"url": "/ws/roles", "json": {"name": ["SECRET"]}}),
    "unknown member": (KEY, {"url": "/ws/roles", "json": {"name": "R", f"{'x' * 50}SECRET": 1}}),
    "password of a URL": (PLAIN, {"url": "/ws/roles", "json": {"name": "https://ana:SECRET@example.com"}}),
    "token in a text": (TOKEN, {"url": "/ws/roles", "json": {"name": "R2", "description": "SECRET"}}),
    "broken JSON": (PLAIN, {"url": "/ws/roles", "content": b'{"password": "SECRET', "headers": JSON}),
    "equal keys": (KEY, {"url": "/ws/roles", "content": b'{"SECRET": 1, "SECRET": 2}', "headers": JSON}),
    "expected header": (KEY, {"url": f"{MOCK}/journal/verify", "json": verify(headers={"x-api-key": "SECRET"})}),
    "expected member": (PLAIN, {"url": f"{MOCK}/journal/verify", "json": verify(body={"password": "SECRET"})}),
    "expected text": (KEY, {"url": f"{MOCK}/journal/verify", "json": verify(path={"$contains": "SECRET"})}),
    "user of a new key": (KEY, {"url": f"{MOCK}/keys", "json": {"user": "SECRET"}}),
    "bad control call": (PLAIN, {"url": f"{MOCK}/keys", "json": {"user": {"password": "SECRET"}}}),
    "broken control call": (PLAIN, {"url": f"{MOCK}/keys", "content": b'{"password": "SECRET', "headers": JSON}),
    "query of a control call": (KEY, {"url": f"{MOCK}/journal?SECRET=1"}),
    "sandbox": (KEY, {"url": f"{MOCK}/state?sandbox=SECRET"}),
    "control token": (PLAIN, {"url": f"{MOCK}/state", "headers": {"x-mock-token": "SECRET"}}),
    "clock": (KEY, {"url": f"{MOCK}/clock", "method": "PUT", "json": {"now": "SECRET"}}),
    "fault": (PLAIN, {"url": f"{MOCK}/faults", "json": DELETION | {"body": {"token": "SECRET"}}}),
    "operation of a fault": (KEY, {"url": f"{MOCK}/faults", "json": {"operations": ["SECRET"], "status": 500}}),
    "sorted field of an item": (KEY, {"url": f"{ITEMS}?_sort=SECRET:ASC"}),
    "filter of items": (KEY, {"url": f"{ITEMS}?_limit=1&SECRET=1"}),
    "filter in brackets": (PLAIN, {"url": f"{ITEMS}?_limit=1&values[password]=SECRET"}),
    "end of a long text": (KEY, {"url": "/ws/roles", "json": {"name": ["x" * 4_090 + " SECRET"]}}),
    "after many others": (KEY, {"url": "/ws/roles", "json": {"name": [KEY.format(99)] * 70 + ["SECRET"]}}),
    "unknown preference": (KEY, {"url": TYPES, "headers": {"prefer": "SECRET"}}),
    "user agent": (KEY, {"url": TYPES, "headers": {"user-agent": "client/1 SECRET"}}),
    "host": (KEY, {"url": TYPES, "headers": {"host": "SECRET.example"}}),
    "origin": (PLAIN, {"url": TYPES, "headers": {"origin": "https://ana:SECRET@example.com"}}),
    "row of a fixture": (PLAIN, {"url": f"{MOCK}/fixtures", "json": {"users": [{"password": "SECRET"}]}}),
    "collection of a fixture": (KEY, {"url": f"{MOCK}/fixtures", "json": {"SECRET": []}}),
    "searched body": (PLAIN, {"url": f"{MOCK}/journal/find", "json": {"expectation": {"body": {"token": "SECRET"}}}}),
    "answer of a fault": (PLAIN, {"url": "/ws", "method": "DELETE"}),
}  # fmt: skip
# These answers repeat the data that the caller sent; the journal must not.
ECHOED = {
    *("text of an item", "name", "password of a URL", "token in a text", "answer of a fault"),
    *("credentials in a text", "assignment in a text"),
}


def secret_of(place: str) -> str:
    form = PLANTED[place][0]
    return form.format(list(PLANTED).index("fault" if place == "answer of a fault" else place))


def plant(client: httpx.Client, place: str) -> str:
    """Sends the request of a place, and returns the text of the answer."""
    secret, request = secret_of(place), PLANTED[place][1]

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {filled(name): filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [filled(part) for part in value]
        if isinstance(value, bytes):
            return value.replace(b"SECRET", secret.encode())
        return value.replace("SECRET", secret) if isinstance(value, str) else value

    method = "POST" if request.keys() & {"json", "content"} else "GET"
    return client.request(**{"method": method} | filled(request)).text


def places_in(text: str) -> list[str]:
    return [place for place in PLANTED if secret_of(place) in text]


FAILING = """
import os

def test_own(enspace):
    sent, query, header, member = os.environ["PLANTED"].split()
    data = {"environment": "stage", "api_key": sent, "from_email": "a@example.com", "from_name": "N"}
    enspace.client.post("/integrations", json={"integration": 4, "data": data})
    enspace.client.get("/ws/types", params={"token": query})
    enspace.journal.assert_all(
        {"operation": "createIntegration", "body": {"data": {"api_key": member}}},
        {"operation": "listTypes", "headers": {"x-api-key": header}},
    )
"""


@dataclass(frozen=True)
class Planted:
    """A server that received all secrets, with its answers by place."""

    server: LiveServer
    client: httpx.Client
    answers: dict[str, str]


@pytest.fixture(scope="module")
def planted() -> Iterator[Planted]:
    server = LiveServer()
    with httpx.Client(base_url=server.address, headers=HEADERS, timeout=PATIENCE) as client:
        yield Planted(server, client, {place: plant(client, place) for place in PLANTED})
    _, output, errors = server.stop()
    assert places_in(output + errors) == []


@pytest.mark.parametrize("form", ["json", "lines", "har"])
def test_secrets__are_nowhere_in_the_journal(planted: Planted, form: str) -> None:
    text = planted.client.get(f"{MOCK}/journal?limit=1000&form={form}").text
    assert text.count("***") >= 30
    assert places_in(text) == []
    assert FULL_KEY not in text


@pytest.mark.parametrize("path", ["state", "faults", "sandboxes", "fixtures", *COVERAGE])
def test_secrets__are_nowhere_in_the_control_api(planted: Planted, path: str) -> None:
    assert places_in(planted.client.get(f"{MOCK}/{path}").text) == []


def test_secrets__of_a_sandbox_are_shown_at_its_creation_only(planted: Planted) -> None:
    client, made = planted.client, planted.client.post(f"{MOCK}/sandboxes", json={}).json()
    secrets: list[str] = [key["key"] for key in made["keys"]] + [session["token"] for session in made["sessions"]]
    headers = {"x-api-key": made["api_key"]}
    for secret in secrets:
        client.post("/ws/roles", json={"name": secret}, headers=headers)
        client.get(TYPES, params={"_q": secret}, headers=headers)
    text = (
        client.get(f"{MOCK}/journal?limit=1000", headers=headers).text
        + client.get(f"{MOCK}/state", headers=headers).text
    )
    assert [secret for secret in secrets if secret in text] == []


def test_secrets__are_not_echoed_to_their_caller(planted: Planted) -> None:
    answers = {place: answer for place, answer in planted.answers.items() if place not in ECHOED}
    assert {place: found for place, answer in answers.items() if (found := places_in(answer))} == {}


def test_secrets__are_nowhere_in_the_report_of_a_failing_test(planted: Planted, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(FAILING, encoding="utf-8")
    places = ("write-only member", "query", "expected header", "expected member")
    environment = {"MOCKSERVER_URL": planted.server.address, "PLANTED": " ".join(map(secret_of, places))}
    options = [
        "-W",
        "ignore",
        "-m",
        "pytest",
        "-p",
        "mockserver.testing.pytest_plugin",
        "-p",
        "no:enspace",
        "--log-level=WARNING",
    ]
    done = subprocess.run([sys.executable, *options], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "1 failed" in done.stdout
    assert "Enspace calls" in done.stdout
    assert "body.data.api_key: expected '***', received another value, masked too" in done.stdout
    assert places_in(done.stdout + done.stderr) == []


def test_store__error_hides_its_password() -> None:
    done = mockserver("serve", "--store", "postgresql://ana:planted@127.0.0.1:1/x")
    assert done.returncode == 2
    assert "planted" not in done.stdout + done.stderr
