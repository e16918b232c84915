"""Comparison with the fake: what differs, which operation is at fault, and what follows from a known fault."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.credentials import Credentials
from mockserver.verify.judging.finding_list import FindingList
from mockserver.verify.watching.run_calls import RunCalls
from tests.verify.compared_calls import ComparedCalls
from tests.verify.targets import json_answer, target

pytestmark = pytest.mark.compared
ROLE = {"name": "Compared", "description": "one"}


def test_calls_of_a_healthy_target__are_answered_alike(calls: ComparedCalls) -> None:
    role = calls.call("POST", "/ws/roles", ROLE)
    calls.call("PUT", f"/ws/roles/{role['id']}", {"description": "two"})
    calls.call("GET", "/ws/roles?_sort=updated_at:DESC,name:ASC&_limit=3")
    calls.call("POST", "/ws/roles", ROLE)
    calls.call("DELETE", f"/ws/roles/{role['id']}")
    calls.call("GET", f"/ws/roles/{role['id']}")
    assert calls.findings() == []


def test_member_that_a_creation_shows_otherwise__is_its_fault_alone(calls: ComparedCalls) -> None:
    calls.changes["POST", "/ws/roles"] = lambda role: role | {"description": "eno"}
    role = calls.call("POST", "/ws/roles", ROLE)
    calls.changes["GET", f"/ws/roles/{role['id']}"] = lambda role: role | {"description": "eno"}
    calls.call("GET", f"/ws/roles/{role['id']}")
    (found,) = calls.findings()
    key = role["id"]
    assert found == ("createRole", f'description "eno" in the record {key}', f'description "one" in the record {key}')


def test_member_that_one_read_alone_shows_otherwise__is_the_fault_of_that(calls: ComparedCalls) -> None:
    path = f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}"
    calls.changes["GET", path] = lambda role: role | {"description": "eno"}
    calls.call("GET", path)
    calls.call("GET", "/ws/roles?_limit=1000")
    assert [operation for operation, *_ in calls.findings()] == ["getRole"]


def test_list_that_lacks_rows_from_the_beginning__is_at_fault_for_those_of_a_later_write_too(
    calls: ComparedCalls,
) -> None:
    calls.changes["GET", "/c-flow-stages"] = lambda stages: [
        stage | {"tasks": [task for task in stage["tasks"] if task["status"] == "active"]} for stage in stages
    ]
    for path in ("/c-flow-tasks?_limit=1000", "/c-flow-stages"):
        calls.call("GET", path)
    stage = calls.call("GET", "/c-flow-stages")[0]["id"]
    calls.call("POST", "/c-flow-tasks", {"name": "Off", "action": "confirmation", "stage": stage, "status": "inactive"})
    calls.call("GET", "/c-flow-stages")
    assert [operation for operation, *_ in calls.findings()] == ["listStages"]


def test_member_that_all_reads_show_otherwise__is_the_fault_of_the_write(calls: ComparedCalls) -> None:
    path = f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}"
    calls.changes["GET", path] = lambda role: role | {"description": "eno"}
    calls.changes["GET", "/ws/roles"] = lambda roles: [role | {"description": "eno"} for role in roles[:1]] + roles[1:]
    calls.call("GET", path)
    calls.call("GET", "/ws/roles?_sort=id:DESC&_limit=1000")
    ((operation, received, _),) = calls.findings()
    assert (operation, received.partition(" in a later ")[2]) == ("createRole", "answer to getRole")


def test_record_that_another_write_changes__is_the_fault_of_that_write(calls: ComparedCalls) -> None:
    path = f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}"
    calls.call("GET", path)
    calls.call("PUT", "/ws/roles/3", {"description": "three"})
    calls.changes["GET", path] = lambda role: role | {"description": "three"}
    calls.call("GET", path)
    assert [operation for operation, *_ in calls.findings()] == ["updateRole"]


def test_reference_to_a_deleted_record__is_the_fault_of_the_deletion(calls: ComparedCalls) -> None:
    role = calls.call("POST", "/ws/roles", ROLE)["id"]
    limited = {"title": "Compared", "limit_access": {"users": [], "roles": [role], "mgroups": []}}
    path = f"/c-quick-tasks/{calls.call('POST', '/c-quick-tasks', limited)['id']}"
    calls.call("DELETE", f"/ws/roles/{role}")
    calls.changes["GET", path] = lambda task: task | {"limit_access": limited["limit_access"]}
    calls.call("GET", path)
    assert [operation for operation, *_ in calls.findings()] == ["deleteRole"]


def test_record_that_a_deletion_takes_along__is_its_fault_alone(sandbox: Enspace, calls: ComparedCalls) -> None:
    role = calls.call("POST", "/ws/roles", ROLE)["id"]
    path = f"/c-quick-tasks/{calls.call('POST', '/c-quick-tasks', {'title': 'Compared'})['id']}"
    calls.call("DELETE", f"/ws/roles/{role}")
    sandbox.client.delete(path)
    calls.call("GET", "/c-quick-tasks?_limit=1000")
    calls.call("PUT", path, {"title": "Other"})
    assert [operation for operation, *_ in calls.findings()] == ["deleteRole"]


def test_missing_record__is_a_consequence_of_the_deletion_that_has_taken_another_one_along(
    sandbox: Enspace, calls: ComparedCalls
) -> None:
    group = calls.call("POST", "/ws/mgroups", {"name": "Compared"})["id"]
    one, two = (f"/c-quick-tasks/{calls.call('POST', '/c-quick-tasks', {'title': title})['id']}" for title in "12")
    calls.call("DELETE", f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}")
    sandbox.client.delete(one)
    sandbox.client.delete(two)
    calls.call("PUT", one, {"title": "Other"})
    calls.call("DELETE", f"/ws/mgroups/{group}")
    calls.call("GET", "/c-quick-tasks?_limit=1000")
    assert [operation for operation, *_ in calls.findings()] == ["deleteRole"]


def test_missing_record__is_no_consequence_of_a_deletion_with_another_fault(
    sandbox: Enspace, calls: ComparedCalls
) -> None:
    one, two = (calls.call("POST", "/c-quick-tasks", {"title": title})["id"] for title in "12")
    calls.call("DELETE", f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}")
    sandbox.fault("updateQuickTask", status=404)
    calls.call("PUT", f"/c-quick-tasks/{one}", {"title": "Other"})
    calls.changes["GET", "/c-quick-tasks"] = lambda rows: [row for row in rows if row["id"] != two]
    calls.call("GET", "/c-quick-tasks?_limit=1000")
    assert [operation for operation, *_ in calls.findings("deleteRole")] == ["updateQuickTask", "listQuickTasks"]


def test_missing_record_of_another_collection__is_no_consequence_of_the_deletion(
    sandbox: Enspace, calls: ComparedCalls
) -> None:
    group = calls.call("POST", "/ws/mgroups", {"name": "Compared"})["id"]
    path = f"/c-quick-tasks/{calls.call('POST', '/c-quick-tasks', {'title': 'Compared'})['id']}"
    calls.call("DELETE", f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}")
    sandbox.client.delete(path)
    calls.call("PUT", path, {"title": "Other"})
    calls.changes["GET", "/ws/mgroups"] = lambda rows: [row for row in rows if row["id"] != group]
    calls.call("GET", "/ws/mgroups")
    assert [operation for operation, *_ in calls.findings()] == ["deleteRole", "listMemberGroups"]


def test_record_that_is_shown_again__was_not_taken_along(sandbox: Enspace, calls: ComparedCalls) -> None:
    path = f"/c-quick-tasks/{calls.call('POST', '/c-quick-tasks', {'title': 'Compared'})['id']}"
    calls.call("DELETE", f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}")
    sandbox.fault("updateQuickTask", status=404)
    calls.call("PUT", path, {"title": "Other"})
    calls.call("GET", path)
    assert [operation for operation, *_ in calls.findings()] == ["updateQuickTask"]


LISTS: dict[str, tuple[Any, str]] = {
    "a row too few": (lambda rows: rows[1:], "is not in the list"),
    "a row too many": (lambda rows: [*rows, rows[0] | {"id": 999}], "the record 999 is in the list"),
    "another order": (lambda rows: rows[::-1], "order of rows"),
}


@pytest.mark.parametrize("name", LISTS)
def test_list_with_other_rows__is_described(calls: ComparedCalls, name: str) -> None:
    change, words = LISTS[name]
    calls.call("POST", "/ws/roles", ROLE)
    calls.changes["GET", "/ws/roles"] = change
    calls.call("GET", "/ws/roles")
    ((operation, received, _),) = calls.findings()
    assert (operation, words in received) == ("listRoles", True)


def test_value_inside_another_one__is_described_alone(calls: ComparedCalls) -> None:
    key = calls.call("POST", "/c-quick-tasks", {"title": "Compared"})["id"]
    limited = {"users": [], "roles": [3], "mgroups": []}
    calls.changes["GET", f"/c-quick-tasks/{key}"] = lambda task: task | {"limit_access": limited}
    calls.call("GET", f"/c-quick-tasks/{key}")
    ((_, received, documented),) = calls.findings()
    assert received == f"limit_access.roles [3] in the record {key}"
    assert documented == f"limit_access.roles without 3 in the record {key}"


def test_write_that_is_refused__is_not_done_in_the_fake_either(calls: ComparedCalls) -> None:
    calls.call("POST", "/ws/roles", ROLE)
    calls.call("PUT", "/ws/roles/3", {"name": "Compared"})
    calls.call("GET", "/ws/roles/3")
    assert calls.findings() == []


@pytest.mark.parametrize(
    ("body", "gap"), [(ROLE, "it needs the records of earlier requests"), ({"name": ""}, "")], ids=["taken", "invalid"]
)
def test_write_that_is_refused_because_of_earlier_ones__is_not_asserted_alone(
    calls: ComparedCalls, body: dict[str, Any], gap: str
) -> None:
    calls.call("POST", "/ws/roles", ROLE)
    calls.instead["POST", "/ws/roles"] = {"name": "Another one"}
    calls.call("POST", "/ws/roles", body)
    (broken,) = calls.broken_promises(FindingList())
    assert (broken.operation, broken.expectation.gap) == ("createRole", gap)
    assert broken.documented.endswith("because of their records") == bool(gap)


def test_nested_rows_in_another_order__are_a_matter_of_the_record_that_has_them(calls: ComparedCalls) -> None:
    calls.call("GET", "/ws/types?_limit=1000")
    fields = calls.call("GET", "/ws/types/contratos")["fields"]
    calls.call("PUT", f"/ws/types/contratos/fields/{fields[0]['id']}", {"name": "Compared"})
    calls.changes["GET", "/ws/types/contratos"] = lambda one: one | {"fields": one["fields"][::-1]}
    type_ = calls.call("GET", "/ws/types/contratos")
    ((operation, received, _),) = calls.findings()
    assert (operation, received) == ("getType", f"fields.0.id {fields[-1]['id']} in the record {type_['id']}")


@pytest.mark.parametrize(("path", "found"), [("/ws/context", ["getRole"]), ("/ws/roles", [])])
def test_key__counts_if_an_answer_has_shown_its_user(
    calls: ComparedCalls, credentials: Credentials, path: str, found: list[str]
) -> None:
    calls.call("GET", path, key=credentials.weak_key)
    calls.changes["GET", "/ws/roles/3"] = lambda role: role | {"description": "eno"}
    calls.call("GET", "/ws/roles/3", key=credentials.weak_key)
    assert [operation for operation, *_ in calls.findings()] == found


def test_row_that_another_one_moves_off_a_page__is_not_missing(calls: ComparedCalls) -> None:
    role = calls.call("POST", "/ws/roles", ROLE)
    calls.call("DELETE", f"/ws/roles/{role['id']}")
    calls.changes["GET", "/ws/roles"] = lambda rows: [role, *rows[:-1]]
    calls.call("GET", "/ws/roles?_sort=id:DESC&_limit=3")
    assert calls.findings("deleteRole") == []


def test_member_that_takes_no_role__is_one_of_v1_mode(calls: ComparedCalls) -> None:
    v1 = calls.call("PUT", "/ws/members/30", {"role": 5, "status": "blocked"})
    assert v1["role"] is None
    assert calls.findings() == []


def test_record_of_a_creation__was_not_there_before_whatever_its_time(calls: ComparedCalls) -> None:
    calls.call("POST", "/ws/mgroups", {"name": "Compared"})
    old = {"created_at": "2001-01-01T00:00:00.000Z"}
    calls.changes["POST", "/ws/roles"] = lambda role: role | old
    path = f"/ws/roles/{calls.call('POST', '/ws/roles', ROLE)['id']}"
    calls.changes["GET", path] = lambda role: role | old
    calls.call("GET", path)
    calls.call("GET", "/ws/roles/count")
    assert calls.findings("createRole") == []


def test_fake_without_what_the_target_has__compares_new_records_only(sandbox: Enspace, document: Document) -> None:
    calls = ComparedCalls(sandbox, document)
    calls.changes["GET", "/ws/roles/3"] = lambda role: role | {"description": "eno"}
    with target(calls.answer) as there:
        calls.start(there.url)
        calls.call("GET", "/ws/context")
        calls.call("GET", "/ws/roles")
        calls.call("GET", "/ws/roles/3")
        calls.call("GET", "/ws/roles/3")
        calls.call("POST", "/ws/roles", ROLE)
    assert calls.findings() == []
    (reason,) = calls.not_compared
    assert "only new records count" in reason


def test_first_answers_that_contradict_each_other__are_at_fault_as_new_records_show(
    sandbox: Enspace, document: Document
) -> None:
    calls = ComparedCalls(sandbox, document)
    calls.changes["GET", "/ws/roles"] = lambda roles: [role | {"description": "eno"} for role in roles]
    with target(calls.answer) as there:
        calls.start(there.url)
        for path in ("/ws/context", "/ws/roles", "/ws/roles/3", "/ws/mgroups", "/ws/types", "/ws/members"):
            calls.call("GET", path)
        calls.call("POST", "/ws/roles", ROLE)
        calls.call("GET", "/ws/roles")
    assert [operation for operation, *_ in calls.findings()] == ["listRoles"]


def test_answers_of_a_run__are_found_by_their_numbers_however_long_they_are() -> None:
    calls = RunCalls()
    with target(lambda asked: json_answer([asked.path, "x" * 3_000_000])) as there:
        for number in range(5):
            response = requests.get(f"{there.url}/{number}", timeout=60)
            calls.observe(response.request, response)
    assert [calls.answer(number)[0] for number in (5, 1, 3)] == ["/4", "/0", "/2"]
    assert [call.number for call in calls.tests()] == [1, 2, 3, 4, 5]


def test_slug_that_other_records_show_since_its_creation__is_the_fault_of_that(calls: ComparedCalls) -> None:
    def with_another(key: dict[str, Any]) -> dict[str, Any]:
        slugs = key["scope"]["workspaces"]
        changed = {
            "scope": key["scope"] | {"workspaces": [*slugs, "another"]},
            "updated_at": "2026-01-02T03:04:05.678Z",
        }
        return key if "another" in slugs else key | changed

    calls.call("GET", "/user-api-keys")
    calls.call("POST", "/ws/roles", ROLE)
    calls.call("POST", "/ws", {"name": "Another", "slug": "another"})
    calls.changes["GET", "/user-api-keys"] = lambda keys: [with_another(key) for key in keys]
    calls.call("GET", "/user-api-keys")
    assert [operation for operation, *_ in calls.findings()] == ["createWorkspace"]
