"""Verification of expectations: matching ones pass, others fail and name the member that differs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import OTHER_WORKSPACE_KEY, Enspace

Expectation = dict[str, Any]

ITEM = {"data": {"numero": "CT-9", "valor": 12}, "status": "active"}
GROUP = {"name": "Auditoria", "users": [64, 65]}


@pytest.fixture
def calls(enspace: Enspace) -> Enspace:
    """A sandbox with six calls."""
    enspace.get("/ws/types?status=active&_limit=5")
    enspace.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.post("/ws/types/contratos/items", json=ITEM)
    enspace.post("/ws/mgroups", json=GROUP)
    enspace.get("/ws/types/nowhere")
    enspace.post("/integrations", json={"integration": 4, "data": {"environment": "stage", "api_key": "planted"}})
    return enspace


def verify(enspace: Enspace, *expectations: Expectation, in_order: bool = False) -> dict[str, Any]:
    body = {"expectations": list(expectations), "in_order": in_order}
    report: dict[str, Any] = enspace.post("/_mock/journal/verify", json=body).json()
    return report


def types(**more: Any) -> Expectation:
    return {"operation": "listTypes", **more}


def role(**body: Any) -> Expectation:
    return {"operation": "createRole", "body": body}


def item(**body: Any) -> Expectation:
    return {"operation": "createItem", "body": body}


def group(users: Any) -> Expectation:
    return {"operation": "createMemberGroup", "body": {"users": users}}


RIGHT: dict[str, Expectation] = {
    "operation": {"operation": "createRole"},
    "method and path": {"method": "POST", "path": "/ws/roles"},
    "path by regex": {"path": {"$matches": "^/ws/ro"}},
    "one of two operations": {"operation": {"$one_of": ["createRole", "deleteRole"]}, "times": {"exactly": 1}},
    "status": {"status": 404},
    "another status": {"operation": "getType", "status": {"$not": 200}},
    "query": types(query={"status": "active"}),
    "whole query": types(query={"$exactly": {"status": "active", "_limit": "5"}}),
    "no such query name": types(query={"_start": {"$absent": True}}),
    "header in any case": types(headers={"EN-Workspace": "company-abc"}),
    "masked key": types(headers={"x-api-key": "***"}),
    "no such header": types(headers={"authorization": {"$absent": True}}),
    "member": role(name="Auditor"),
    "null": role(description=None),
    "part of a text": role(name={"$contains": "dito"}),
    "anything": role(name={"$any": True}),
    "anything else": role(name={"$not": "Auditora"}),
    "absent member": role(colour={"$absent": True}),
    "whole body": role(**{"$exactly": {"name": "Auditor", "description": None}}),
    "nested member": item(data={"valor": 12}),
    "list": group([64, 65]),
    "list in any order": group({"$unordered": [65, 64]}),
    "entry of a list": group({"$contains": 65}),
    "the secret itself": {"operation": "createIntegration", "body": {"data": {"api_key": "planted"}}},
    "exactly": {"method": "GET", "times": {"exactly": 2}},
    "at least": {"method": "POST", "times": {"at_least": 4}},
    "at most": {"operation": "createRole", "times": {"at_most": 1}},
    "range": {"method": "GET", "times": {"at_least": 1, "at_most": 2}},
    "never": {"operation": "deleteRole", "times": {"exactly": 0}},
}

WRONG: dict[str, tuple[Expectation, str]] = {
    "operation": ({"operation": "deleteRole"}, "operation"),
    "none of two operations": ({"operation": {"$one_of": ["updateRole", "deleteRole"]}}, "operation"),
    "method": ({"operation": "createRole", "method": "PUT"}, "method"),
    "path": ({"operation": "createRole", "path": "/ws/role"}, "path"),
    "path by regex": ({"operation": "createRole", "path": {"$matches": "^/ws/x"}}, "path"),
    "status": ({"operation": "createRole", "status": 400}, "status"),
    "not that status": ({"operation": "createRole", "status": {"$not": 200}}, "status"),
    "query value": (types(query={"status": "inactive"}), "query.status"),
    "query name": (types(query={"name": "x"}), "query.name"),
    "number for a query text": (types(query={"_limit": 5}), "query._limit"),
    "more in the query": (types(query={"$exactly": {"status": "active"}}), "query"),
    "header": (types(headers={"en-workspace": "rh-abc"}), "headers.en-workspace"),
    "missing header": (types(headers={"x-trace": "1"}), "headers.x-trace"),
    "present header": (types(headers={"x-api-key": {"$absent": True}}), "headers.x-api-key"),
    "another key": (types(headers={"x-api-key": OTHER_WORKSPACE_KEY}), "headers.x-api-key"),
    "member": (role(name="Auditora"), "body.name"),
    "missing member": (role(colour="red"), "body.colour"),
    "null for a text": (role(name=None), "body.name"),
    "number for a text": (role(name=1), "body.name"),
    "text for null": (role(description=""), "body.description"),
    "regex": (role(name={"$matches": "^x"}), "body.name"),
    "part of a text": (role(name={"$contains": "x"}), "body.name"),
    "that one not": (role(name={"$not": {"$contains": "dito"}}), "body.name"),
    "present member": (role(name={"$absent": True}), "body.name"),
    "absent member": (role(colour={"$any": True}), "body.colour"),
    "more in the body": (role(**{"$exactly": {"name": "Auditor"}}), "body"),
    "no body": (types(body={"name": "x"}), "body"),
    "nested member": (item(data={"valor": 13}), "body.data.valor"),
    "true for a number": (item(data={"valor": True}), "body.data.valor"),
    "object for a text": (item(status={"a": 1}), "body.status"),
    "entry of a list": (group([64, 66]), "body.users.1"),
    "length of a list": (group([64]), "body.users"),
    "list in any order": (group({"$unordered": [65, 66]}), "body.users"),
    "one entry twice": (group({"$unordered": [64, 64]}), "body.users"),
    "list that is none": (role(name={"$unordered": ["Auditor"]}), "body.name"),
    "another secret": ({"operation": "createIntegration", "body": {"data": {"api_key": "x"}}}, "body.data.api_key"),
    "part of a secret": (
        {"operation": "createIntegration", "body": {"data": {"api_key": {"$contains": "plan"}}}},
        "body.data.api_key",
    ),
}

COUNTED: dict[str, tuple[Expectation, str]] = {
    "too often": ({"method": "GET", "times": {"exactly": 1}}, "expected exactly 1, received 2"),
    "too seldom": ({"operation": "createRole", "times": {"at_least": 2}}, "expected at least 2, received 1"),
    "above the most": ({"method": "GET", "times": {"at_most": 1}}, "expected at most 1, received 2"),
    "outside of a range": ({"method": "GET", "times": {"at_least": 3, "at_most": 4}}, "expected 3 to 4, received 2"),
    "never": ({"operation": "createRole", "times": {"exactly": 0}}, "expected no such call, received 1"),
}

# Expected operations in order, and the index of the first that fails.
ORDERS: dict[str, tuple[list[str], int | None]] = {
    "as it was": (["listTypes", "createRole", "getType"], None),
    "with others between": (["listTypes", "createIntegration"], None),
    "turned around": (["createRole", "listTypes"], 1),
    "twice for once": (["listTypes", "createRole", "createRole"], 2),
    "the first one twice": (["listTypes", "listTypes"], 1),
    "one that never was": (["listTypes", "deleteRole"], 1),
}


@pytest.mark.parametrize("expectation", RIGHT.values(), ids=RIGHT)
def test_verification__of_a_matching_call_passes(calls: Enspace, expectation: Expectation) -> None:
    report = verify(calls, expectation)
    assert report["passed"], report


@pytest.mark.parametrize(("expectation", "where"), WRONG.values(), ids=WRONG)
def test_verification__of_a_different_call_names_the_member(
    calls: Enspace, expectation: Expectation, where: str
) -> None:
    result = verify(calls, expectation)["results"][0]
    assert not result["passed"]
    assert [difference["where"] for difference in result["nearest"]["differences"]] == [where]


@pytest.mark.parametrize(("expectation", "why"), COUNTED.values(), ids=COUNTED)
def test_verification__of_a_wrong_count_states_both_counts(calls: Enspace, expectation: Expectation, why: str) -> None:
    result = verify(calls, expectation)["results"][0]
    assert (result["passed"], result["why"]) == (False, why)
    assert len(result["numbers"]) == result["count"]


def test_verification__of_a_repeated_query_name_compares_its_values(enspace: Enspace) -> None:
    enspace.get("/ws/types?slug=a&slug=b")
    assert verify(enspace, types(query={"slug": ["a", "b"]}), types(query={"slug": {"$contains": "b"}}))["passed"]
    nearest = verify(enspace, types(query={"slug": "b"}))["results"][0]["nearest"]
    assert nearest["differences"] == [{"where": "query.slug", "expected": "'b'", "received": "['a', 'b']"}]


@pytest.mark.parametrize(("operations", "broken"), ORDERS.values(), ids=ORDERS)
def test_verification__in_order_requires_each_after_the_previous_one(
    calls: Enspace, operations: list[str], broken: int | None
) -> None:
    expected = [{"operation": operation} for operation in operations]
    report = verify(calls, {"operation": "deleteRole", "times": {"exactly": 0}}, *expected, in_order=True)
    results = report["results"][1:]
    assert report["passed"] is (broken is None)
    assert [at for at, result in enumerate(results) if not result["passed"]] == [broken][: broken is not None]
    if broken is not None and results[broken]["count"]:
        before = results[broken - 1]["numbers"][0]
        why = f"no such call after call {before}, which met the expectation before this one"
        assert results[broken]["why"] == why


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ({"path": {"$matches": "("}}, "$matches: missing ): ("),
        ({"path": {"$matches": r"(a)\1"}}, "$matches: invalid escape sequence: \\1 (patterns are those of RE2)"),
        ({"path": {"$matches": "(?=a)"}}, "$matches: invalid perl operator: (?="),
        ({"times": {"at_least": 3, "at_most": 1}}, "times: at_least 3 is more than at_most 1"),
        ({"colour": "red"}, "colour"),
        ({"times": {"exactly": "1"}}, 'body.expectations.0.times.exactly: received "1", documented: integer'),
    ],
)
def test_verification__that_is_invalid_is_a_400(calls: Enspace, expectation: Expectation, message: str) -> None:
    answer = calls.post("/_mock/journal/verify", json={"expectations": [expectation]})
    assert answer.status_code == 400
    assert message in answer.json()["detail"]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(.*a){20}$"])
def test_regex__that_would_backtrack_for_ever_ends(enspace: Enspace, pattern: str) -> None:
    enspace.post("/ws/roles", json={"name": "R", "description": "a" * 5000 + "!"})
    expectation = {"operation": "createRole", "body": {"description": {"$matches": pattern}}}
    report = enspace.post("/_mock/journal/verify", json={"expectations": [expectation]}).json()
    assert report["passed"] is False


def test_expectation__of_an_item_is_shown_beside_calls_with_secrets(enspace: Enspace) -> None:
    enspace.post("/integrations", json={"integration": 4, "data": {"environment": "stage"}})
    expectation = {"operation": "createItem", "body": {"data": {"numero": "PC-1"}}}
    (result,) = enspace.post("/_mock/journal/verify", json={"expectations": [expectation]}).json()["results"]
    assert result["expectation"] == expectation
