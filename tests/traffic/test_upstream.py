"""`serve --upstream`: which requests are forwarded, what is sent, and what the answers say about the contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.errors import StartError
from mockserver.testing.enspace_client import Enspace
from tests.conftest import FULL_KEY, READ_ONLY_KEY
from tests.traffic.raw_target import raw_target
from tests.traffic.reference.server import ReferenceServer
from tests.traffic.reference.tour import take_tour, visitor
from tests.traffic.target import Target

KEY = {"x-api-key": "a-key-of-staging", "en-workspace": "acme"}
NO_ADDRESSES = (
    *(
        "staging",
        "ftp://staging",
        "http://[::1",
        "http://a b",
        "http://a:99999",
        "http://a:0",
        "https://a/?b",
        "https://a/#b",
    ),
    *(f"https://{'a' * 70}.com", "https://a..b", "https://a\nb", "https://"),
)
HALF_OF_THE_TAGS = "Roles, Types, Flows, Quick Tasks, Integrations, Forms, Stages"
Fake = Callable[..., Enspace]


@pytest.fixture
def fake(target: Target) -> Iterator[Fake]:
    """A fake before the target, as a client of one sandbox."""
    running: list[tuple[MockServer, Enspace]] = []

    def start(**settings: Any) -> Enspace:
        server = MockServer(**{"upstream": target.address} | settings)
        running.append((server, server.__enter__()))
        return running[-1][1]

    yield start
    for server, _ in running:
        server.__exit__(None, None, None)


def called(enspace: Enspace, path: str, method: str = "GET", **options: Any) -> httpx.Response:
    return enspace.client.request(method, path, **{"headers": KEY} | options)


def source_of(answer: httpx.Response) -> str:
    return answer.headers["x-mock-source"]


def test_request__is_forwarded_as_it_is(target: Target, fake: Fake) -> None:
    answer = called(fake(), "/ws/roles/5?a=%20b&_q=%C3%A9", headers=KEY | {"x-mock-token": "of the fake"})
    (line, headers, _) = target.received[0]
    assert line == "GET /ws/roles/5?a=%20b&_q=%C3%A9"
    assert (headers["x-api-key"], headers["en-workspace"]) == ("a-key-of-staging", "acme")
    assert "x-mock-token" not in headers
    assert answer.content == target.answer
    assert source_of(answer) == "upstream"


def test_body__is_forwarded_even_if_the_contract_refuses_it(target: Target, fake: Fake) -> None:
    enspace, headers = fake(), KEY | {"content-type": "text/x"}
    bodies = (b"\xff no JSON", b"x" * 2_000_000)  # the second one is not read
    answers = [called(enspace, "/ws/roles", "POST", content=body, headers=headers) for body in bodies]
    assert [answer.status_code for answer in answers] == [200, 413]
    assert [body for _, _, body in target.received] == [b"\xff no JSON"]


def test_path__that_the_contract_does_not_have_is_forwarded(target: Target, fake: Fake) -> None:
    answer = called(fake(), "/ws/reports/2026", "PATCH", json={"a": 1})
    assert source_of(answer) == "upstream"
    assert (target.received[0][0], json.loads(target.received[0][2])) == ("PATCH /ws/reports/2026", {"a": 1})


def test_answer__keeps_its_status_and_headers(target: Target, fake: Fake) -> None:
    target.status, target.headers = 418, {"Content-Type": "text/tea", "X-Total": "7", "Set-Cookie": "a=1"}
    answer = called(fake(), "/ws/roles")
    assert (answer.status_code, answer.headers["content-type"]) == (418, "text/tea")
    assert (answer.headers["x-total"], answer.headers["set-cookie"]) == ("7", "a=1")


@pytest.mark.parametrize("mock", ["listRoles", "Roles", "getType, Roles"])
def test_mocked_operation__is_answered_here_for_any_key(target: Target, fake: Fake, mock: str) -> None:
    answer = called(fake(mock=mock), "/ws/roles")
    assert source_of(answer) == "state"
    assert [role["name"] for role in answer.json()][:2] == ["Administrador", "Gestor"]
    assert target.received == []


def test_mocked_operation__keeps_the_refusals_of_the_fake(target: Target, fake: Fake) -> None:
    enspace = fake(mock="Roles, User")
    assert httpx.get(f"{enspace.url}/ws/roles", timeout=30).status_code == 401
    answer = called(enspace, "/ws/roles", "POST", headers=KEY | {"x-api-key": READ_ONLY_KEY}, json={"name": "a"})
    assert (answer.status_code, target.received) == (403, [])
    session = {"authorization": "Bearer of-the-upstream", "x-api-key": ""}
    assert source_of(called(enspace, "/user-api-keys", headers=session)) == "state"


def test_mocked_operation__with_a_key_of_a_sandbox_uses_the_sandbox(target: Target, fake: Fake) -> None:
    enspace = fake(mock="Roles")
    enspace.client.post("/ws/roles", json={"name": "Mine"})
    assert "Mine" in [role["name"] for role in enspace.client.get("/ws/roles").json()]
    assert "Mine" not in [role["name"] for role in called(enspace, "/ws/roles").json()]


def test_preference__for_a_status_is_met_by_the_fake(target: Target, fake: Fake) -> None:
    answer = called(fake(), "/ws/roles/5", headers=KEY | {"prefer": "code=404"})
    assert (answer.status_code, source_of(answer)) == (404, "example")
    assert target.received == []


def test_missing__is_answered_by_the_fake(target: Target, fake: Fake) -> None:
    answers = [(404, b"<h1>404</h1>"), (405, b"{}"), (501, b""), (404, b'{"statusCode":404}'), (404, b"[" * 100_000)]
    sources = []
    for enspace in (fake(mock="missing"), fake()):
        for target.status, target.answer in answers:
            sources.append(source_of(called(enspace, "/ws/roles")))
    assert sources == ["state", "state", "state", "upstream", "state", *["upstream"] * 5]


def test_missing__is_refused_if_the_contract_refuses_the_request(target: Target, fake: Fake) -> None:
    target.status, target.answer = 501, b""
    answer = called(fake(mock="missing"), "/ws/roles", "POST", json={"name": 7})
    assert (answer.status_code, answer.json()["data"][0]["field"]) == (400, "name")


def test_fault__strikes_a_forwarded_call(target: Target, fake: Fake) -> None:
    enspace = fake()
    enspace.fault(operations=["listRoles"], status=503, times=1)
    answers = [enspace.client.get("/ws/roles") for _ in range(2)]
    assert [(answer.status_code, source_of(answer)) for answer in answers] == [(503, "fault"), (200, "upstream")]


def test_journal__has_the_sandbox_the_stages_and_the_drift(target: Target, fake: Fake) -> None:
    target.answer = json.dumps(json.loads(target.answer) | {"name": None}).encode()
    enspace = fake()
    enspace.client.get("/ws/roles/5")
    (entry,) = enspace.journal.last()
    assert (entry["operation"], entry["answer"]["source"]) == ("getRole", "upstream")
    assert {"stage": "forward", "result": "200 from upstream", "failed": False} in entry["stages"]
    assert "drift: Role.name: received null, documented: string" in entry["notes"]


def test_drift__counts_answers_until_it_is_reset(target: Target, fake: Fake) -> None:
    target.answer = json.dumps(json.loads(target.answer) | {"name": None}).encode()
    url = fake().url
    for key in (5, 5, 6):
        httpx.get(f"{url}/ws/roles/{key}", headers=KEY, timeout=30)
    drift = httpx.get(f"{url}/_mock/drift", timeout=30).json()
    row = next(row for row in drift["rows"] if row["place"] == "Role.name")
    assert (drift["used"], row["severity"], row["answers"], row["operations"]) == (3, "warning", 3, ["getRole"])
    httpx.delete(f"{url}/_mock/drift", timeout=30)
    assert httpx.get(f"{url}/_mock/drift", timeout=30).json()["rows"] == []


def test_drift__without_an_upstream_has_no_rows(fake: Fake) -> None:
    drift = httpx.get(f"{fake(upstream='').url}/_mock/drift", timeout=30).json()
    assert drift == {"upstream": None, "used": 0, "set_aside": {}, "rows": []}


def test_target__that_is_gone_is_a_502(fake: Fake) -> None:
    answer = called(fake(upstream="http://127.0.0.1:9"), "/ws/roles")
    assert answer.status_code == 502
    assert answer.json()["message"] == "Bad Gateway: the upstream did not answer (ConnectError)"


def test_answer__that_is_too_long_is_a_502(target: Target, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.traffic.upstream.MOST_BODY", len(target.answer))
    enspace = fake()
    statuses = [called(enspace, "/ws/roles").status_code]
    target.answer += b"\xff"  # no text, either
    statuses.append(called(enspace, "/ws/roles").status_code)
    monkeypatch.undo()
    assert [*statuses, enspace.client.get("/ws/roles").status_code] == [200, 502, 200]
    assert enspace.journal.last(1)[0]["answer"]["body"].endswith("\ufffd")


def test_connection_that_is_closed__loses_no_read(fake: Fake) -> None:
    with raw_target() as target:
        enspace = fake(upstream=target.url)
        target.answer, target.forgets = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", True
        statuses = [called(enspace, "/ws/roles", method).status_code for method in ("GET", "GET", "DELETE")]
    assert statuses == [200, 200, 502]


def test_write__to_another_machine_is_refused(fake: Fake) -> None:
    answer = called(fake(upstream="https://enspace.invalid"), "/ws/roles", "POST", json={"name": "a"})
    assert answer.status_code == 405
    assert answer.json()["message"].endswith("Fix: --allow-writes, or --mock")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        *(({"upstream": address}, "--upstream: received no address") for address in NO_ADDRESSES),
        ({"upstream": "https://me:secret@staging.example.com"}, "without credentials"),
        ({"upstream": "http://staging.example.com"}, "--allow-http"),
        ({"mock": "Rolls"}, "Did you mean Roles?"),
        ({"upstream": "", "mock": "Roles"}, "Fix: name one with --upstream."),
    ],
)
def test_start__with_unusable_settings_fails(fake: Fake, settings: dict[str, str], problem: str) -> None:
    with pytest.raises(StartError, match=problem):
        fake(**settings)


def test_keys__of_the_upstream_are_not_in_the_journal(target: Target, fake: Fake) -> None:
    enspace = fake()
    called(enspace, "/ws/roles", headers=KEY | {"authorization": "Bearer abcdefghijkl"})
    journal = httpx.get(f"{enspace.url}/_mock/journal", headers={"x-api-key": FULL_KEY}, timeout=30).text
    assert "a-key-of-staging" not in journal
    assert "abcdefghijkl" not in journal


def test_reference_server__behind_the_fake_shows_no_drift(fake: Fake) -> None:
    with ReferenceServer() as reference:
        url = fake(upstream=reference.url).url
        with visitor(url) as client:
            take_tour(client)
        drift = httpx.get(f"{url}/_mock/drift", timeout=30).json()
    assert (drift["used"] > 400, drift["rows"]) == (True, [])
    assert {dict(exchange.headers)["x-mock-source"] for exchange in client.exchanges} == {"upstream"}


def test_reference_server__with_half_of_the_tags_mocked_names_who_answered(fake: Fake) -> None:
    with ReferenceServer() as reference:
        url = fake(upstream=reference.url, mock=HALF_OF_THE_TAGS).url
        with visitor(url) as client:
            for path in ("/ws/roles", "/ws/types/compras/items", "/c-flows", "/ws/members", "/nothing"):
                client.get(path)
    sources = [dict(exchange.headers)["x-mock-source"] for exchange in client.exchanges]
    assert sources == ["state", "upstream", "state", "upstream", "upstream"]
