"""Injected faults: which calls they affect, how often, and how they answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Enspace

ITEMS = "/ws/types/contratos/items"
ITEM = {"data": {"numero": "CT-1", "valor": 1}}


def add(enspace: Enspace, **fault: Any) -> Any:
    answer = enspace.post("/_mock/faults", json=fault)
    assert answer.status_code == 201, answer.text
    return answer.json()


def statuses(enspace: Enspace, calls: int, path: str = "/ws/types") -> list[int]:
    return [enspace.get(path).status_code for _ in range(calls)]


def entry(enspace: Enspace) -> Any:
    return enspace.get("/_mock/journal?limit=1").json()["entries"][0]


# -------- Which calls, and how often -------------------------------------------------------------


def test_fault__strikes_the_next_calls_of_its_operation_only(enspace: Enspace) -> None:
    add(enspace, operations=["createItem"], status=500, times=2)
    answers = [enspace.post(ITEMS, json=ITEM).status_code for _ in range(2)]
    assert statuses(enspace, 1) == [200]
    assert [*answers, enspace.post(ITEMS, json=ITEM).status_code] == [500, 500, 200]


def test_fault__of_a_tag_strikes_all_its_operations(enspace: Enspace) -> None:
    add(enspace, tags=["Items"], status=500)
    assert [enspace.get(ITEMS).status_code, enspace.post(ITEMS, json=ITEM).status_code] == [500, 500]
    assert statuses(enspace, 1) == [200]


def test_fault__of_a_method_strikes_no_other(enspace: Enspace) -> None:
    add(enspace, methods=["POST"], status=500)
    assert [enspace.get(ITEMS).status_code, enspace.post(ITEMS, json=ITEM).status_code] == [200, 500]


def test_faults__above_the_limit_are_refused_together(enspace: Enspace, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, *_ = enspace.get("/_mock/scenarios").json()
    monkeypatch.setattr("mockserver.control.fault_api.MAX_FAULTS", 1 + len(scenario["faults"]))
    add(enspace, status=500)
    start = f"/_mock/scenarios/{scenario['name']}/start"
    assert [enspace.post(start).status_code for _ in range(2)] == [201, 409]
    assert enspace.post("/_mock/faults", json={"status": 500}).status_code == 409
    assert len(enspace.get("/_mock/faults").json()) == 1 + len(scenario["faults"])


def test_fault__begins_after_some_calls(enspace: Enspace) -> None:
    add(enspace, after=2, times=1, status=500)
    assert statuses(enspace, 4) == [200, 200, 500, 200]


def test_fault__by_chance_hits_the_same_calls_of_each_sandbox_with_that_seed(enspace: Enspace) -> None:
    def hits(seed: int) -> list[int]:
        made = enspace.post("/_mock/sandboxes", json={"seed": seed}).json()
        client = enspace.beside({"x-api-key": made["api_key"], "en-workspace": "company-abc"})
        add(client, status=500, probability=0.2)
        found = statuses(client, 100)
        enspace.delete(f"/_mock/sandboxes/{made['name']}")
        return found

    assert hits(7) == hits(7) != hits(8)
    assert 8 <= hits(7).count(500) <= 32


def test_faults__are_asked_in_their_order(enspace: Enspace) -> None:
    add(enspace, status=500, times=1)
    add(enspace, status=401)
    assert statuses(enspace, 3) == [500, 401, 401]


def test_fault__of_one_sandbox_is_not_that_of_another(enspace: Enspace) -> None:
    made = enspace.post("/_mock/sandboxes", json={}).json()
    add(enspace, status=500)
    other = enspace.beside({"x-api-key": made["api_key"], "en-workspace": "company-abc"})
    assert statuses(other, 1) == [200]
    enspace.delete(f"/_mock/sandboxes/{made['name']}")


@pytest.mark.parametrize("end", ["delete", "clear", "reset"])
def test_fault__ends(enspace: Enspace, end: str) -> None:
    fault = add(enspace, status=500)
    if end == "reset":
        enspace.post("/_mock/reset")
    else:
        assert enspace.delete(f"/_mock/faults/{fault['id'] if end == 'delete' else ''}".rstrip("/")).status_code == 204
    assert enspace.get("/_mock/faults").json() == []
    assert statuses(enspace, 1) == [200]


def test_faults__count_their_hits(enspace: Enspace) -> None:
    add(enspace, operations=["listTypes"], status=500, times=1)
    statuses(enspace, 3)
    (fault,) = enspace.get("/_mock/faults").json()
    assert fault == {"id": "fault-1", "operations": ["listTypes"], "status": 500, "times": 1, "seen": 3, "hits": 1}


# -------- Answers --------------------------------------------------------------------------------


def test_fault__with_a_status_answers_the_documented_body_and_changes_nothing(enspace: Enspace) -> None:
    before = enspace.state()
    add(enspace, status=401, times=1)
    answer = enspace.post(ITEMS, json=ITEM)
    assert answer.json() == {"statusCode": 401, "error": "Unauthorized", "message": "Invalid or missing API key"}
    assert answer.headers["x-mock-source"] == "fault"
    assert enspace.state() == before


def test_fault__with_an_undocumented_status_and_a_body(enspace: Enspace) -> None:
    add(enspace, status=418, times=1)
    assert enspace.get("/ws/types").json()["message"] == "A fault answers this request"
    add(enspace, status=503, body={"down": True}, headers={"Retry-After": "7"})
    answer = enspace.get("/ws/types")
    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, {"down": True}, "7")


def test_fault__is_in_the_journal(enspace: Enspace) -> None:
    add(enspace, status=500)
    enspace.get("/ws/types")
    logged = entry(enspace)
    assert logged["stages"][-2] == {"stage": "fault", "result": "fault-1: status 500", "failed": False}
    assert logged["notes"] == ["fault-1: status 500"]
    assert logged["answer"]["source"] == "fault"


def test_rate__answers_429_until_its_window_is_over(enspace: Enspace) -> None:
    enspace.put("/_mock/clock", json={"frozen": True})
    add(enspace, rate={"calls": 2, "seconds": 60})
    enspace.put("/_mock/clock", json={"advance": 0.5})
    assert statuses(enspace, 3) == [200, 200, 429]
    enspace.put("/_mock/clock", json={"advance": 20})
    answer = enspace.get("/ws/types")
    assert (answer.headers["retry-after"], answer.headers["x-ratelimit-limit"]) == ("40", "2")
    assert (answer.headers["x-ratelimit-remaining"], answer.headers["x-ratelimit-reset"]) == ("0", "40")
    assert answer.json() == {"statusCode": 429, "error": "Too Many Requests", "message": "Too many requests"}
    enspace.put("/_mock/clock", json={"advance": 40})
    assert statuses(enspace, 1) == [200]


def test_malformed__is_no_json_and_the_call_has_its_effect(enspace: Enspace) -> None:
    count = enspace.get(f"{ITEMS}/count").json()
    add(enspace, operations=["createItem"], connection="malformed")
    answer = enspace.post(ITEMS, json=ITEM)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(answer.content) == int(answer.headers["content-length"])
    assert enspace.get(f"{ITEMS}/count").json() == count + 1


@pytest.mark.parametrize("connection", ["reset", "timeout", "truncated"])
def test_connection__that_is_broken_reaches_a_client_in_this_process_as_an_error(
    enspace: Enspace, monkeypatch: pytest.MonkeyPatch, connection: str
) -> None:
    monkeypatch.setattr("mockserver.pipeline.send.MAX_SILENCE", 0)
    add(enspace, operations=["createItem"], connection=connection, times=1)
    with pytest.raises(ConnectionResetError, match="a fault ends this connection"):
        enspace.post(ITEMS, json=ITEM)
    assert entry(enspace)["stages"][-1]["result"] == f"{connection}, as the fault asks for"


@pytest.mark.parametrize("delay", [0, {"from": 0, "to": 1}, {"median": 0.5, "sigma": 1, "most": 1}])
def test_delay__leaves_the_answer_as_it_is(enspace: Enspace, delay: Any) -> None:
    plain = enspace.get("/ws/types").json()
    add(enspace, delay=delay)
    assert enspace.get("/ws/types").json() == plain
    assert entry(enspace)["notes"] == [f"fault-1: delay {delay}"]


# -------- Scenarios ------------------------------------------------------------------------------


def test_scenario__is_started_by_one_call(enspace: Enspace) -> None:
    added = enspace.post("/_mock/scenarios/expired-keys/start")
    assert (added.status_code, [fault["id"] for fault in added.json()]) == (201, ["fault-1"])
    assert statuses(enspace, 11) == [200] * 10 + [401]


def test_scenario__is_requested_by_single_calls(enspace: Enspace) -> None:
    preference = {"prefer": "scenario=expired-keys"}
    answers = [enspace.get("/ws/types", headers=preference).status_code for _ in range(11)]
    assert answers == [200] * 10 + [401]
    assert statuses(enspace, 1) == [200]
    assert enspace.get("/ws/types", headers={"prefer": "scenario=flaky"}).json()["message"] == (
        "Invalid header: prefer (scenario: received 'flaky', documented: "
        "auth-outage, broken-promises, expired-keys, flaky-writes, rate-limited, staging-is-slow)"
    )


def test_scenarios__are_listed_with_their_descriptions(enspace: Enspace) -> None:
    scenarios = {scenario["name"]: scenario for scenario in enspace.get("/_mock/scenarios").json()}
    assert sorted(scenarios) == [
        "auth-outage",
        "broken-promises",
        "expired-keys",
        "flaky-writes",
        "rate-limited",
        "staging-is-slow",
    ]
    assert all(scenario["description"] for scenario in scenarios.values())


# -------- Magic values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/ws/types/mock-404", None, 404),
        ("GET", "/ws/members/990500", None, 500),
        ("GET", "/ws/types?_q=mock-401", None, 401),
        ("POST", "/ws/roles", {"name": "mock-500"}, 500),
        ("POST", ITEMS, {"data": {"numero": "mock-400", "valor": 1}}, 400),
    ],
)
def test_magic_value__requests_a_documented_error(
    enspace: Enspace, method: str, path: str, body: Any, status: int
) -> None:
    answer = enspace.request(method, path, json=body)
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
    assert answer.headers["x-mock-source"] == "fault"


@pytest.mark.parametrize("name", ["mock-418", "mock-4040", "mock-200", "990500", "hammock"])
def test_magic_value__similar_text_has_no_effect(enspace: Enspace, name: str) -> None:
    assert enspace.post("/ws/roles", json={"name": name}).status_code == 200


# -------- Invalid faults ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"times": 1}, "received no effect"),
        ({"status": 500, "connection": "reset"}, "received status and connection, documented: one of them"),
        ({"body": 1, "delay": 1}, "received body without status"),
        ({"operations": ["createItms"], "status": 500}, "'createItms', nearest is createItem"),
        ({"tags": ["zzz"], "status": 500}, "tags: received 'zzz', which is unknown"),
        ({"delay": {"from": 9, "to": 1}}, "delay: received from 9 to 1"),
        ({"status": 500, "headers": {"Content-Length": "3"}}, "headers: received 'Content-Length', documented"),
        ({"status": 500, "headers": {"transfer-encoding": "chunked"}}, "headers: received 'transfer-encoding'"),
        ({"status": 500, "headers": {"x\r\ny": "1"}}, r"headers: received 'x\r\ny', documented"),
        ({"status": 500, "headers": {"": "1"}}, "headers: received ''"),
    ],
)
def test_fault__invalid_is_refused(enspace: Enspace, fault: Any, message: str) -> None:
    answer = enspace.post("/_mock/faults", json=fault)
    assert answer.status_code == 400
    assert message in answer.json()["detail"]
    assert enspace.get("/_mock/faults").json() == []


def test_fault__missing_cannot_be_ended(enspace: Enspace) -> None:
    assert enspace.delete("/_mock/faults/fault-9").json()["detail"] == "no fault 'fault-9'"
    assert "known are auth-outage" in enspace.post("/_mock/scenarios/none/start").json()["detail"]


def test_fault__replaces_the_media_type(enspace: Enspace) -> None:
    add(enspace, status=502, body="bad gateway", headers={"Content-Type": "text/plain"})
    assert enspace.get("/ws/types").headers.get_list("content-type") == ["text/plain"]
