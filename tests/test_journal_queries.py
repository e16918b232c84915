"""The journal as the control API tells it: found, exported, judged."""

from typing import Any

import pytest

from tests.conftest import Enspace


@pytest.fixture
def calls(enspace: Enspace) -> Enspace:
    """A sandbox in which a few calls were made."""
    enspace.get("/ws/types?status=active")
    enspace.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.get("/ws/types/nowhere")
    return enspace


def count(enspace: Enspace, member: str) -> int:
    number: int = enspace.get("/_mock/journal/count", params={"member": member}).json()["count"]
    return number


def verdict(enspace: Enspace, *expectations: dict[str, Any], in_order: bool = False) -> dict[str, Any]:
    body = {"expectations": list(expectations), "in_order": in_order}
    told: dict[str, Any] = enspace.post("/_mock/journal/verify", json=body).json()
    return told


@pytest.mark.parametrize(
    ("query", "operations"),
    [
        ("", ["getType", "createRole", "listTypes"]),
        ("?operation=createRole", ["createRole"]),
        ("?method=GET", ["getType", "listTypes"]),
        ("?path=/ws/types*", ["getType", "listTypes"]),
        ("?status=404", ["getType"]),
        ("?since=2999-01-01T00:00:00Z", []),
        ("?until=2999-01-01T00:00:00Z&limit=1", ["getType"]),
        ("?until=2001-01-01T00:00:00Z", []),
        ("?member=name=Auditor", ["createRole"]),
        ("?member=description=null", ["createRole"]),
        ("?member=name=Auditor&member=description=x", []),
        ("?member=name=auditor", []),
        ("?member=name.0=A", []),
        ("?limit=1", ["getType"]),
    ],
)
@pytest.mark.one_store
def test_journal__is_found_by_what_a_call_was(calls: Enspace, query: str, operations: list[str]) -> None:
    entries = calls.get(f"/_mock/journal{query}").json()["entries"]
    assert [entry["operation"] for entry in entries] == operations


def test_journal__shows_the_calls_of_one_sandbox_to_its_key(calls: Enspace) -> None:
    other = calls.post("/_mock/sandboxes", json={}).json()
    assert calls.get("/_mock/journal/count", headers={"x-api-key": other["api_key"]}).json() == {"count": 0}
    assert calls.get("/_mock/journal/count").json() == {"count": 3}


def test_journal__as_lines_and_as_an_archive_is_oldest_first(calls: Enspace) -> None:
    lines = calls.get("/_mock/journal?form=lines")
    assert lines.headers["content-type"].startswith("application/jsonl")
    assert [line[:1] for line in lines.text.splitlines()] == ["{"] * 3
    log = calls.get("/_mock/journal?form=har").json()["log"]
    assert log["version"] == "1.2"
    assert [entry["response"]["status"] for entry in log["entries"]] == [200, 200, 404]
    assert log["entries"][0]["request"]["queryString"] == [{"name": "status", "value": "active"}]


@pytest.mark.one_store
def test_journal__in_brief_is_paged_by_number(calls: Enspace) -> None:
    newest, *others = calls.get("/_mock/journal?form=brief").json()["entries"]
    assert (newest["operation"], newest["status"], newest["source"]) == ("getType", 404, "refused")
    assert "request" not in newest
    assert calls.get(f"/_mock/journal?form=brief&before={newest['number']}").json()["entries"] == others


@pytest.mark.one_store
def test_entry__is_told_as_an_archive_of_its_own(calls: Enspace) -> None:
    number = calls.get("/_mock/journal?limit=1").json()["entries"][0]["number"]
    log = calls.get(f"/_mock/journal/{number}?form=har").json()["log"]
    assert [entry["response"]["status"] for entry in log["entries"]] == [404]


@pytest.mark.one_store
def test_journal__is_found_by_a_member_deep_in_the_body(enspace: Enspace) -> None:
    enspace.post("/ws/types/contratos/items", json={"data": {"lines": [{"count": 1}, {"count": 2}]}})
    assert count(enspace, "data.lines.1.count=2") == 1
    assert count(enspace, "data.lines.2.count=2") == 0


@pytest.mark.one_store
def test_journal__tells_nobody_whether_a_secret_was_guessed(enspace: Enspace) -> None:
    enspace.post("/ws/types/contratos/items", json={"data": {"password": "planted"}})
    assert count(enspace, "data.password=planted") == 0
    assert count(enspace, "data.password=***") == 1


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=soon", "since: received 'soon', documented: an ISO instant"),
        ("until=soon", "until: received 'soon', documented: an ISO instant"),
        ("member=x", "member: received 'x', documented: a member and its value, such as data.numero=PC-1"),
    ],
)
@pytest.mark.one_store
def test_journal__filter_that_cannot_be_is_a_400(enspace: Enspace, query: str, told: str) -> None:
    answer = enspace.get(f"/_mock/journal?{query}")
    assert (answer.status_code, answer.json()["detail"]) == (400, told)


RIGHT: dict[str, dict[str, Any]] = {
    "operation": {"operation": "createRole"},
    "method and path": {"method": "POST", "path": "/ws/roles"},
    "status": {"status": 404},
    "query": {"query": {"status": "active"}},
    "header": {"headers": {"EN-Workspace": "company-abc"}},
    "member of the body": {"operation": "createRole", "body": {"name": "Auditor"}},
    "null": {"body": {"description": None}},
    "regular expression": {"path": {"$matches": "^/ws/ro"}},
    "part of a text": {"body": {"name": {"$contains": "dito"}}},
    "anything": {"body": {"name": {"$any": True}}},
    "absent member": {"operation": "createRole", "body": {"colour": {"$absent": True}}},
    "exactly": {"method": "GET", "times": {"exactly": 2}},
    "at most": {"operation": "createRole", "times": {"at_most": 1}},
    "range": {"method": "GET", "times": {"at_least": 1, "at_most": 2}},
    "never": {"operation": "deleteRole", "times": {"exactly": 0}},
    "masked key": {"headers": {"x-api-key": "***"}, "times": {"exactly": 3}},
}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "operation": ({"operation": "deleteRole"}, "operation"),
    "method": ({"operation": "createRole", "method": "PUT"}, "method"),
    "path": ({"operation": "createRole", "path": "/ws/role"}, "path"),
    "status": ({"operation": "createRole", "status": 400}, "status"),
    "query value": ({"operation": "listTypes", "query": {"status": "inactive"}}, "query.status"),
    "query name": ({"operation": "listTypes", "query": {"name": "x"}}, "query.name"),
    "header": ({"operation": "listTypes", "headers": {"en-workspace": "rh-abc"}}, "headers.en-workspace"),
    "member of the body": ({"operation": "createRole", "body": {"name": "Auditora"}}, "body.name"),
    "missing member": ({"operation": "createRole", "body": {"colour": "red"}}, "body.colour"),
    "null for a text": ({"operation": "createRole", "body": {"name": None}}, "body.name"),
    "number for a text": ({"operation": "createRole", "body": {"name": 1}}, "body.name"),
    "no body": ({"operation": "listTypes", "body": {"name": "x"}}, "body"),
    "regular expression": ({"operation": "createRole", "body": {"name": {"$matches": "^x"}}}, "body.name"),
    "part of a text": ({"operation": "createRole", "body": {"name": {"$contains": "x"}}}, "body.name"),
    "present member": ({"operation": "createRole", "body": {"name": {"$absent": True}}}, "body.name"),
    "absent member": ({"operation": "createRole", "body": {"colour": {"$any": True}}}, "body.colour"),
}

COUNTED: dict[str, tuple[dict[str, Any], str]] = {
    "too often": ({"method": "GET", "times": {"exactly": 1}}, "expected exactly 1, received 2"),
    "too seldom": ({"operation": "createRole", "times": {"at_least": 2}}, "expected at least 2, received 1"),
    "above the most": ({"method": "GET", "times": {"at_most": 1}}, "expected at most 1, received 2"),
    "outside of a range": ({"method": "GET", "times": {"at_least": 3, "at_most": 4}}, "expected 3 to 4, received 2"),
    "never": ({"operation": "createRole", "times": {"exactly": 0}}, "expected no such call, received 1"),
}


@pytest.mark.parametrize("expectation", RIGHT.values(), ids=RIGHT)
@pytest.mark.one_store
def test_verification__of_what_happened_passes(calls: Enspace, expectation: dict[str, Any]) -> None:
    told = verdict(calls, expectation)
    assert told["passed"], told


@pytest.mark.parametrize(("expectation", "where"), WRONG.values(), ids=WRONG)
@pytest.mark.one_store
def test_verification__of_what_did_not_names_the_member_that_differs(
    calls: Enspace, expectation: dict[str, Any], where: str
) -> None:
    result = verdict(calls, expectation)["results"][0]
    assert not result["passed"]
    assert [difference["where"] for difference in result["nearest"]["differences"]] == [where]


@pytest.mark.parametrize(("expectation", "why"), COUNTED.values(), ids=COUNTED)
@pytest.mark.one_store
def test_verification__of_a_wrong_number_says_so(calls: Enspace, expectation: dict[str, Any], why: str) -> None:
    result = verdict(calls, expectation)["results"][0]
    assert (result["passed"], result["why"]) == (False, why)


def test_verification__in_order_wants_each_after_the_one_before(calls: Enspace) -> None:
    first, second = {"operation": "listTypes"}, {"operation": "createRole"}
    assert verdict(calls, first, second, in_order=True)["passed"]
    told = verdict(calls, second, first, in_order=True)
    assert [result["passed"] for result in told["results"]] == [True, False]
    assert "which met the expectation before this one" in told["results"][1]["why"]


@pytest.mark.parametrize(
    ("expectation", "told"),
    [
        ({"path": {"$matches": "("}}, "$matches: "),
        ({"times": {"at_least": 3, "at_most": 1}}, "times: at_least 3 is more than at_most 1"),
        ({"colour": "red"}, "colour"),
    ],
)
@pytest.mark.one_store
def test_verification__that_cannot_be_judged_is_a_400(calls: Enspace, expectation: dict[str, Any], told: str) -> None:
    answer = calls.post("/_mock/journal/verify", json={"expectations": [expectation]})
    assert answer.status_code == 400
    assert told in answer.json()["detail"]
