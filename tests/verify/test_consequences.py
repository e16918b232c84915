"""Comparison with the fake: what follows from a known fault is no finding of its own."""

from __future__ import annotations

import pytest

from mockserver.verify.credentials import Credentials
from tests.verify.compared_calls import ComparedCalls

pytestmark = pytest.mark.compared
ROLE = {"name": "Compared", "description": "one"}


def test_consequences_of_a_known_fault__are_none_of_their_own(calls: ComparedCalls) -> None:
    role = calls.call("POST", "/ws/roles", ROLE)
    calls.changes["GET", f"/ws/roles/{role['id']}"] = lambda role: role | {"description": "eno"}
    calls.call("GET", f"/ws/roles/{role['id']}")
    assert calls.findings("createRole") == []


@pytest.mark.parametrize(("promise", "found"), [("write_changes_one_record", []), ("update_is_kept", ["getRole"])])
def test_records_beside_those_that_a_faulty_write_names__may_have_changed_if_it_changes_others(
    calls: ComparedCalls, promise: str, found: list[str]
) -> None:
    one, other = (calls.call("POST", "/ws/roles", ROLE | {"name": name})["id"] for name in ("Compared", "Beside"))
    calls.call("PUT", f"/ws/roles/{one}", {"name": "Changed"})
    calls.changes["GET", f"/ws/roles/{other}"] = lambda role: role | {"description": "eno"}
    calls.call("GET", f"/ws/roles/{other}")
    assert [operation for operation, *_ in calls.findings("updateRole", promise=promise)] == found


@pytest.mark.parametrize(
    ("promise", "found"), [("deletion_keeps_referrers", []), ("record_can_be_deleted", ["getQuickTask"])]
)
def test_records_that_a_faulty_deletion_reaches__may_have_changed(
    calls: ComparedCalls, promise: str, found: list[str]
) -> None:
    role = calls.call("POST", "/ws/roles", ROLE)["id"]
    task = calls.call("POST", "/c-quick-tasks", {"title": "Compared"})["id"]
    calls.call("DELETE", f"/ws/roles/{role}")
    calls.changes["GET", f"/c-quick-tasks/{task}"] = lambda task: task | {"points": 9}
    calls.call("GET", f"/c-quick-tasks/{task}")
    assert [operation for operation, *_ in calls.findings("deleteRole", promise=promise)] == found


def test_record_that_needs_one_of_an_unusable_answer__is_not_compared(calls: ComparedCalls) -> None:
    as_text = {"success_trigger": "next_stage"}
    calls.changes["GET", "/c-flow-tasks"] = lambda tasks: [task | as_text for task in tasks]
    _, _, stages = (calls.call("GET", path) for path in ("/c-flow-tasks", "/c-flows", "/c-flow-stages"))
    task = calls.call("POST", "/c-flow-tasks", {"name": "Call", "action": "confirmation", "stage": stages[0]["id"]})
    calls.call("GET", f"/c-flow-tasks/{task['id']}")
    assert calls.findings("listTasks", "listStages") == []


def test_record_that_a_faulty_operation_refused_to_change__may_have_changed(calls: ComparedCalls) -> None:
    path = f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}"
    calls.call("PUT", path, {"name": 5})
    calls.changes["GET", path] = lambda role: role | {"description": "eno"}
    calls.call("GET", path)
    assert calls.findings("updateRole") == []


@pytest.mark.parametrize(("promise", "found"), [("reading_changes_nothing", []), ("sort_order", ["listRoles"])])
def test_records_that_a_faulty_read_changes__may_have_changed(
    calls: ComparedCalls, promise: str, found: list[str]
) -> None:
    calls.call("POST", "/ws/roles", ROLE)
    calls.call("GET", "/ws/roles/3")
    calls.changes["GET", "/ws/roles"] = lambda roles: [role | {"description": "eno"} for role in roles]
    calls.call("GET", "/ws/roles?_limit=2")
    assert [operation for operation, *_ in calls.findings("getRole", promise=promise)] == found


@pytest.mark.parametrize(("name", "found"), [("limited_key", []), ("key", ["listTypes"])])
def test_what_a_limited_key_sees__may_have_changed_with_its_permissions(
    calls: ComparedCalls, credentials: Credentials, name: str, found: list[str]
) -> None:
    calls.keys[name] = credentials.limited_key
    calls.call("GET", "/ws/context", key=credentials.limited_key)
    calls.call("GET", "/ws/types?_limit=1000")
    permission = calls.call("GET", "/ws/roles/5/permissions")[0]["id"]
    calls.call("DELETE", f"/ws/roles/5/permissions/{permission}")
    calls.changes["GET", "/ws/types"] = lambda types: types[1:]
    calls.call("GET", "/ws/types", key=credentials.limited_key)
    assert [operation for operation, *_ in calls.findings("removeRolePermission")] == found
