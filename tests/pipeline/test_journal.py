from collections.abc import Callable
from typing import Any

import pytest

from mockserver.pipeline.journal import MAX_BODY
from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY, READ_ONLY_KEY

Server = Callable[..., AsgiClient]


def last(client: AsgiClient, limit: int = 1) -> Any:
    return client.get(f"/_mock/journal?limit={limit}").json()["entries"][limit - 1]


HEAD = ["read head", "route", "authenticate", "read body", "validate", "fault", "choose"]


def send(client: AsgiClient, method: str, path: str, **options: Any) -> Any:
    """Sends a request and returns the stages of its entry; failed ones end with an exclamation mark."""
    client.request(method, path, **options)
    return [stage["stage"] + "!" * stage["failed"] for stage in last(client)["stages"]]


@pytest.mark.parametrize(
    ("method", "path", "options", "stages"),
    [
        ("GET", "/ws/types", {}, [*HEAD, "handle", "check", "send"]),
        # Seeds of their own: another test's equal answer would be in the cache, and not be checked again.
        ("GET", "/ws/members/17", {"headers": {"prefer": "code=404, seed=32"}}, [*HEAD, "generate", "check", "send"]),
        ("GET", "/ws/members/17", {"headers": {"prefer": "seed=31"}}, [*HEAD, "generate", "check", "send"]),
        ("GET", "/ws/types", {"headers": {"prefer": "code=999"}}, [*HEAD[:-1], "choose!", "check", "send"]),
        ("GET", "/nowhere", {}, ["read head", "route!", "send"]),
        ("PATCH", "/ws", {}, ["read head", "route!", "send"]),
        ("GET", "/ws", {"headers": {"x-api-key": "x"}}, ["read head", "route", "authenticate!", "check", "send"]),
        ("POST", "/ws/roles", {"content": b"x"}, [*HEAD[:3], "read body!", "send"]),
        ("GET", "/ws/types?_limit=0", {}, [*HEAD[:4], "validate!", "check", "send"]),
        ("POST", "/ws/types", {"json": {"name": "T", "slug": "count"}}, [*HEAD, "handle!", "check", "send"]),
        ("GET", "/ws/members/999999", {}, [*HEAD, "handle!", "check", "send"]),
        ("GET", "/ws/members/mock-404", {}, [*HEAD[:4], "validate!", "check", "send"]),
        ("GET", "/ws/types/mock-404", {}, [*HEAD[:6], "send"]),
        ("GET", "/ws/types", {"headers": {"prefer": "scenario=auth-outage"}}, [*HEAD[:6], "send"]),
    ],
)
def test_entry__lists_the_stages_that_ran(
    server: Server, method: str, path: str, options: Any, stages: list[str]
) -> None:
    client = server()
    client.post("/_mock/reset")
    assert send(client, method, path, **options) == stages


def test_entry__of_a_missing_scope_failed_to_authenticate(server: Server) -> None:
    stages = send(server(), "DELETE", "/ws/types/contratos", headers={"x-api-key": READ_ONLY_KEY})
    assert stages == ["read head", "route", "authenticate!", "check", "send"]


def test_entry__of_an_internal_error_marks_the_stage_that_failed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.pipeline.choose.choose_example", lambda *_: 1 / 0)
    assert send(server(), "GET", "/ws/types") == [*HEAD[:-1], "choose!", "check", "send"]


def test_entry__of_a_cached_answer_lists_no_check(server: Server) -> None:
    client = server()
    client.post("/_mock/reset")
    send(client, "GET", "/ws/types")
    assert send(client, "GET", "/ws/types") == [*HEAD, "handle", "send"]
    assert last(client)["stages"][7]["result"] == "state, cached"


def test_entry__has_the_result_of_each_stage(server: Server) -> None:
    server().get("/ws/members/17?", headers={"prefer": "seed=5"})
    results = {stage["stage"]: stage["result"] for stage in last(server())["stages"]}
    assert results["route"] == "getMember"
    assert results["authenticate"] == "key AbCdEfGh12345678 in company-abc"
    assert results["choose"] == "status 200"
    assert results["generate"].startswith("generated")
    assert results["send"].startswith("200, ")


@pytest.mark.parametrize(
    ("method", "path", "body", "violation"),
    [
        ("GET", "/ws/types?_limit=0", None, ("query._limit", "minimum", "0", "at least 1")),
        ("GET", "/ws/types?_limt=5", None, ("query._limt", "unknown", "an unknown name", "closest is _limit")),
        ("GET", "/ws/types?_limit=1&_limit=2", None, ("query._limit", "value", "2 values", "one value")),
        ("POST", "/ws/roles", {}, ("body.name", "required", "nothing", "required")),
        (
            "POST",
            "/integrations",
            {"integration": 99},
            ("body.integration", "enum", "99", "one of 1, 8, 3, 5, 2, 6, 4, 7"),
        ),
    ],
)
def test_entry__lists_violations_with_received_and_documented(
    server: Server, method: str, path: str, body: Any, violation: tuple[str, ...]
) -> None:
    server().request(method, path, json=body)
    names = ("where", "rule", "received", "documented")
    assert last(server())["violations"] == [dict(zip(names, violation, strict=True))]


SECRETS = ["SG.planted-1", "planted-2", "planted-3", "planted-4", "en." + "P" * 34]


def test_secrets__are_nowhere_in_the_journal(server: Server) -> None:
    body = {
        "integration": 4,
        "data": {
            "environment": "stage",
            "api_key": SECRETS[0],
            "from_email": 7,
            "from_name": "N",
            "password": SECRETS[1],
        },
    }
    client = server()
    headers = {"authorization": f"Bearer {SECRETS[2]}", "x-auth-token": SECRETS[3], "cookie": f"session={SECRETS[3]}"}
    client.post(f"/integrations?token={SECRETS[2]}&{SECRETS[4]}=1", json=body, headers=headers)
    client.get(f"/ws/types/{SECRETS[4]}/fields", headers={"x-api-key": SECRETS[4]})
    client.get(f"/ws/types?_q={SECRETS[4]}&_limit={SECRETS[4]}")
    text = client.get("/_mock/journal?limit=3").text
    assert [secret for secret in [*SECRETS, FULL_KEY] if secret in text] == []


def test_secrets__are_nowhere_in_a_refusal(server: Server) -> None:
    data = {"environment": "stage", "api_key": ["planted"], "from_email": 7, "from_name": "N"}
    answer = server().post("/integrations", json={"integration": 4, "data": data})
    assert answer.status_code == 400
    assert "planted" not in answer.text
    assert "data.api_key (received ***" in answer.json()["message"]


def test_size__bounds_the_entries_and_the_count_continues(server: Server) -> None:
    client = server(journal_size=3)
    before = client.get("/_mock/journal").json()["count"]
    for _ in range(5):
        client.get("/ws/stats")
    journal = client.get("/_mock/journal").json()
    assert (journal["count"], len(journal["entries"])) == (before + 5, 3)


def test_size__of_none_keeps_nothing_and_counts(server: Server) -> None:
    client = server(journal_size=0)
    client.get("/ws/stats")
    assert client.get("/_mock/journal").json() == {"count": 1, "entries": []}


def test_bytes__bound_the_entries_too(server: Server) -> None:
    client = server(journal_bytes=1_048_576)
    for _ in range(80):
        client.post("/ws/types/contratos/items", json={"data": {"text": "x" * 16_000}})
    journal = client.get("/_mock/journal?limit=100").json()
    assert 40 < len(journal["entries"]) < 1_048_576 / 16_000
    assert journal["count"] == 80


def test_body__that_is_long_is_recorded_by_its_size(server: Server) -> None:
    server().post("/ws/types/contratos/items", json={"data": {"text": "x" * 20_000}})
    request = last(server())["request"]
    assert request["body"] is None
    assert request["size"] > 20_000


def test_entry__holds_no_key_that_was_sent_as_the_workspace(server: Server) -> None:
    answer = server().get("/ws/types", headers={"en-workspace": READ_ONLY_KEY})
    assert answer.status_code == 403
    logged = server().get("/_mock/journal?limit=1").text + server().get("/user-request-logs?_limit=1").text
    assert READ_ONLY_KEY not in logged
    assert "***" in logged


@pytest.mark.parametrize("before", range(MAX_BODY - len(FULL_KEY), MAX_BODY + 1, 6))
def test_entry__holds_no_part_of_a_key_where_a_long_query_is_cut(server: Server, before: int) -> None:
    filler = "x=" + "y" * (before - 2)
    server().get(f"/ws/types?{filler}{FULL_KEY}")
    entry = last(server())
    assert len(entry["request"]["query"]) <= MAX_BODY
    assert FULL_KEY[:6] not in entry["request"]["query"]


def test_request_log__holds_no_part_of_a_key_where_a_long_path_is_cut(server: Server) -> None:
    server().get(f"/ws/types/{'y' * 1960}{FULL_KEY}/fields")
    (row,) = server().get("/user-request-logs?_sort=id:DESC&_limit=1").json()
    assert row["path"].startswith("/ws/types/yyy")
    assert FULL_KEY[:6] not in row["path"]


def test_entry__has_the_milliseconds_of_the_request(server: Server) -> None:
    client = server()
    client.get("/ws/types", headers={"prefer": "delay=20"})
    entry = last(client)
    milliseconds = entry["milliseconds"]
    assert "process" not in entry, "there is only one"
    assert 20 <= milliseconds < 30_000
    assert milliseconds == round(milliseconds, 3)
