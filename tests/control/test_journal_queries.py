"""The journal in the control API: filters, formats and deletion."""

import pytest

from tests.conftest import FULL_KEY, Enspace


@pytest.fixture
def calls(enspace: Enspace) -> Enspace:
    """A sandbox with three calls."""
    enspace.get("/ws/types?status=active")
    enspace.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.get("/ws/types/nowhere")
    return enspace


def count(enspace: Enspace, member: str) -> int:
    number: int = enspace.get("/_mock/journal/count", params={"member": member}).json()["count"]
    return number


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
        ("?unmatched=true", []),
        ("?unmatched=false&method=POST", ["createRole"]),
    ],
)
def test_journal__is_filtered_by_attributes_of_a_call(calls: Enspace, query: str, operations: list[str]) -> None:
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


def test_journal__in_brief_has_members_of_the_whole_entries(calls: Enspace) -> None:
    calls.get(f"/ws/types/%65{FULL_KEY[1:]}")
    whole = calls.get("/_mock/journal").json()["entries"]
    brief = calls.get("/_mock/journal?form=brief").json()["entries"]
    for entry, short in zip(whole, brief, strict=True):
        flat = entry | entry["request"] | entry["answer"] | {"violations": len(entry["violations"])}
        assert short == {name: flat[name] for name in short}
    assert {"number", "at", "milliseconds", "method", "path", "query", "status", "violations"} <= brief[0].keys()


def test_journal__in_brief_is_paged_by_number(calls: Enspace) -> None:
    newest, *others = calls.get("/_mock/journal?form=brief").json()["entries"]
    assert (newest["operation"], newest["status"], newest["source"]) == ("getType", 404, "refused")
    assert "request" not in newest
    assert "status=active" in [entry["query"] for entry in others]
    assert calls.get(f"/_mock/journal?form=brief&before={newest['number']}").json()["entries"] == others


def test_entry__has_an_archive_of_its_own(calls: Enspace) -> None:
    number = calls.get("/_mock/journal?limit=1").json()["entries"][0]["number"]
    log = calls.get(f"/_mock/journal/{number}?form=har").json()["log"]
    assert [entry["response"]["status"] for entry in log["entries"]] == [404]


def test_journal__is_found_by_a_member_deep_in_the_body(enspace: Enspace) -> None:
    enspace.post("/ws/types/contratos/items", json={"data": {"lines": [{"count": 1}, {"count": 2}]}})
    assert count(enspace, "data.lines.1.count=2") == 1
    assert count(enspace, "data.lines.2.count=2") == 0


def test_journal__is_found_by_a_member_that_is_no_text(enspace: Enspace) -> None:
    enspace.post("/ws/types/contratos/items", json={"data": {"cidades": ["São Luís"]}})
    assert count(enspace, 'data.cidades=["São Luís"]') == 1


def test_journal__does_not_reveal_a_guessed_secret(enspace: Enspace) -> None:
    enspace.post("/ws/types/contratos/items", json={"data": {"password": "planted"}})
    assert count(enspace, "data.password=planted") == 0
    assert count(enspace, "data.password=***") == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("since=soon", "since: received 'soon', documented: an ISO instant"),
        ("until=soon", "until: received 'soon', documented: an ISO instant"),
        ("member=x", "member: received 'x', documented: a member and its value, such as data.numero=PC-1"),
    ],
)
def test_journal__filter_that_is_invalid_is_a_400(enspace: Enspace, query: str, message: str) -> None:
    answer = enspace.get(f"/_mock/journal?{query}")
    assert (answer.status_code, answer.json()["detail"]) == (400, message)


def test_journal__finds_requests_that_violate_the_contract(calls: Enspace) -> None:
    calls.get("/ws/typos")
    calls.get("/ws/types?_limit=0")
    calls.post("/ws/roles", json={})
    calls.get("/ws/types", headers={"prefer": "code=404"})
    entries = calls.get("/_mock/journal?unmatched=true").json()["entries"]
    assert [[s["stage"] for s in entry["stages"] if s["failed"]] for entry in entries] == [["validate"], ["validate"]]
    assert calls.get("/_mock/journal/count?unmatched=true").json() == {"count": 2}


def test_journal__deletes_one_entry_some_and_all(calls: Enspace) -> None:
    number = calls.get("/_mock/journal?limit=1").json()["entries"][0]["number"]
    assert calls.delete(f"/_mock/journal/{number}").status_code == 204
    assert calls.delete(f"/_mock/journal/{number}").status_code == 404
    assert calls.delete("/_mock/journal?operation=createRole").json() == {"count": 1}
    assert calls.get("/_mock/journal/count").json() == {"count": 1}
    assert calls.delete("/_mock/journal").json() == {"count": 1}
    assert calls.get("/_mock/journal").json()["entries"] == []


def test_journal__finds_calls_by_an_expectation(calls: Enspace) -> None:
    expectation = {"body": {"name": {"$contains": "udit"}}}
    found = calls.post("/_mock/journal/find", json={"expectation": expectation}).json()
    assert (found["count"], found["entries"][0]["operation"]) == (1, "createRole")
    bad = calls.post("/_mock/journal/find", json={"expectation": {"path": {"$matches": "("}}})
    assert bad.status_code == 400
