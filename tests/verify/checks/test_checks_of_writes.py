"""Checks of writes, against a fake with one changed answer: each names what is broken."""

from __future__ import annotations

from types import ModuleType

import pytest

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.checks.writes import (
    acceptance_checks,
    creation_checks,
    invalid_value_checks,
    refusal_checks,
    update_checks,
    write_checks,
)
from mockserver.verify.credentials import Credentials
from mockserver.verify.reproducer import EXECUTED
from tests.verify.checks.check_run import CheckRun
from tests.verify.checks.conftest import Promises
from tests.verify.checks.faulty_answers import (
    Broken,
    accepting,
    afterwards,
    always,
    by_id,
    changing,
    changing_although_refused,
    deleting_although_refused,
    deleting_below_any_parent,
    finding,
    first_entry,
    has_number_as_name,
    in_rows,
    in_whichever_workspace,
    is_long,
    is_no_object,
    keeping_the_last,
    listing_deleted,
    numbering,
    reaching_the_next_parent,
    refusing,
    refusing_repeats,
    sending,
    sent_twice,
    stripped,
    taking_along,
    three_hours_later,
    updating_although_refused,
    with_all_settings,
    with_hours_of_a_day,
    with_new_ones_as_created,
    with_small_address,
    with_small_priority,
    with_straight_quotes,
    with_text_reset,
    without_effect,
    without_null,
    without_roles,
)
from tests.verify.checks.selections import (
    FIELDS,
    FLOW_TASKS,
    INTEGRATIONS,
    ITEMS,
    ITEMS_AND_PERMISSIONS,
    MEMBERS,
    PERMISSIONS,
    ROLES,
    TASKS,
    TYPES,
)
from tests.verify.checks.side_effects import (
    activating,
    calming,
    creating_what_is_missing,
    ignoring_what_is_known,
    keeping_groups,
    keeping_the_time,
    keeping_valid_values,
)
from tests.verify.targets import between, target

WRITING = (write_checks, creation_checks, update_checks, invalid_value_checks, refusal_checks, acceptance_checks)


@pytest.mark.parametrize(
    ("file", "change", "operations", "promise"),
    [
        (acceptance_checks, refusing("GET", "/ws/roles", always), ROLES, "operation_is_accepted_once"),
        (acceptance_checks, refusing("POST", "/ws/roles", always), ROLES, "operation_is_accepted_once"),
        (acceptance_checks, refusing("PUT", "/ws/roles/", always), ROLES, "operation_is_accepted_once"),
        (
            creation_checks,
            changing("POST", "/ws/roles", lambda role: role | {"name": "another"}),
            ROLES,
            "created_as_sent",
        ),
        (creation_checks, sending("POST", "/ws/roles", stripped), ROLES, "created_as_sent"),
        (
            creation_checks,
            refusing("POST", "/c-flow-tasks", lambda sent: sent.get("conditions")),
            FLOW_TASKS,
            "valid_value_is_accepted",
        ),
        (creation_checks, refusing("POST", "/ws/roles", is_long), ROLES, "valid_value_is_accepted"),
        (
            creation_checks,
            refusing("POST", "/ws/types", lambda sent: "slug" not in sent),
            TYPES,
            "valid_value_is_accepted",
        ),
        (creation_checks, sending("POST", "/ws/roles", with_straight_quotes), ROLES, "created_as_sent"),
        (creation_checks, sending("POST", "/items", with_small_address), ITEMS, "created_as_sent"),
        (creation_checks, sending("POST", "/integrations", with_hours_of_a_day), INTEGRATIONS, "created_as_sent"),
        (invalid_value_checks, accepting("PUT", "/ws/roles/"), ROLES, "invalid_value_is_refused"),
        (invalid_value_checks, changing("PUT", "/c-quick-tasks/", first_entry, 400), TASKS, "each_bad_member_is_named"),
        (
            invalid_value_checks,
            refusing("PUT", "/ws/roles/", has_number_as_name, 404),
            ROLES,
            "invalid_value_is_refused",
        ),
        (invalid_value_checks, refusing("PUT", "/ws/roles/", is_no_object, 404), ROLES, "invalid_value_is_refused"),
        (
            invalid_value_checks,
            sending("POST", "/c-quick-tasks", with_small_priority),
            TASKS,
            "invalid_value_is_refused",
        ),
        (refusal_checks, deleting_below_any_parent, PERMISSIONS, "record_is_only_below_its_parent"),
        (refusal_checks, deleting_although_refused("PUT", "/ws/roles/"), ROLES, "refused_write_changes_nothing"),
        (refusal_checks, updating_although_refused, MEMBERS, "refused_write_changes_nothing"),
        (
            refusal_checks,
            changing_although_refused("PUT", "/ws/roles/", description="changed"),
            ROLES,
            "refused_write_changes_nothing",
        ),
        (refusal_checks, keeping_valid_values, (*ITEMS, "createField", "createType"), "refused_write_changes_nothing"),
        (refusal_checks, in_whichever_workspace("/ws/roles/"), ROLES, "workspaces_are_separate"),
        (
            update_checks,
            changing("PUT", "/ws/roles", lambda role: role | {"description": None}),
            ROLES,
            "update_changes_only_what_was_sent",
        ),
        (
            update_checks,
            changing("PUT", "/ws/roles", lambda role: role | {"created_at": "2001-01-01T00:00:00Z"}),
            ROLES,
            "created_at_stays",
        ),
        (
            update_checks,
            changing("PUT", "/ws/roles", lambda role: role | {"updated_at": "2001-01-01T00:00:00Z"}),
            ROLES,
            "updated_at_moves",
        ),
        (update_checks, without_effect("PUT", "/ws/roles"), ROLES, "update_is_kept"),
        (update_checks, sending("PUT", "/ws/roles/", stripped), ROLES, "update_is_kept"),
        (update_checks, sending("PUT", "/items/", with_text_reset), ITEMS, "update_keeps_other_keys"),
        (update_checks, sending("PUT", "/items/", without_null), ITEMS, "update_is_kept"),
        (update_checks, sending("PUT", "/c-quick-tasks/", without_roles), TASKS, "update_is_kept"),
        (update_checks, refusing("PUT", "/ws/roles/", is_long), ROLES, "valid_value_is_accepted"),
        (update_checks, activating, MEMBERS, "update_changes_only_what_was_sent"),
        (update_checks, calming, TASKS, "update_changes_only_what_was_sent"),
        (update_checks, keeping_groups, TASKS, "update_is_kept"),
        (update_checks, keeping_the_time, TYPES, "updated_at_moves"),
        (
            update_checks,
            afterwards("PUT", "/c-quick-tasks/", "_q=", lambda tasks, n: []),
            TASKS,
            "query_finds_what_was_written",
        ),
        (
            update_checks,
            afterwards("PUT", "/items/", "_q=", lambda items, n: []),
            ITEMS,
            "query_finds_what_was_written",
        ),
        (
            update_checks,
            afterwards("PUT", "/c-quick-tasks/", "status=", lambda tasks, n: []),
            TASKS,
            "query_finds_what_was_written",
        ),
        (update_checks, changing("GET", "/ws/roles/", three_hours_later), ROLES, "updated_at_moves"),
        (write_checks, changing("POST", "/ws/roles", lambda role: role | {"id": 99999}), ROLES, "created_can_be_read"),
        (
            write_checks,
            changing("GET", "/ws/roles/", lambda role: role | {"name": "another"} if "id" in role else 1),
            ROLES,
            "read_back_equal",
        ),
        (write_checks, changing("GET", "/ws/roles?", lambda roles: roles[:2]), ROLES, "created_is_listed"),
        (
            write_checks,
            afterwards("PUT", "/ws/roles/", "/ws/roles?", numbering("description")),
            ROLES,
            "write_changes_one_record",
        ),
        (write_checks, without_effect("DELETE", "/ws/roles"), ROLES, "deleted_is_gone"),
        (write_checks, without_effect("DELETE", "/ws/roles"), ROLES, "deleted_is_not_listed"),
        (write_checks, finding("PUT", "/ws/roles/"), ROLES, "absent_is_404"),
        (write_checks, finding("DELETE", "/ws/roles/"), ROLES, "deleted_twice_is_refused"),
        (write_checks, changing("GET", "/ws/roles?", in_rows(description="another")), ROLES, "listed_as_created"),
        (write_checks, sent_twice("POST", "/c-quick-tasks"), TASKS, "write_changes_one_record"),
        (write_checks, reaching_the_next_parent("POST", "/permissions"), PERMISSIONS, "write_changes_one_record"),
        (write_checks, taking_along("/permissions", "area", "action"), PERMISSIONS, "write_changes_one_record"),
        (
            write_checks,
            sending("PUT", "/ws/roles/", lambda sent: {"description": None} | sent),
            ROLES,
            "update_changes_only_what_was_sent",
        ),
        (
            write_checks,
            afterwards("DELETE", "/ws/roles/", "/ws/roles?", numbering("description")),
            ROLES,
            "write_changes_one_record",
        ),
        (
            write_checks,
            afterwards("PUT", "/ws/roles/", "/permissions", numbering("area")),
            (*ROLES, *ITEMS_AND_PERMISSIONS),
            "update_keeps_what_is_below",
        ),
        (write_checks, refusing_repeats("POST", "/ws/types", "slug"), TYPES, "deleted_value_is_free"),
        (write_checks, refusing_repeats("PUT", "/ws/roles/"), ROLES, "repeated_update_is_accepted"),
        (write_checks, ignoring_what_is_known, ROLES, "updated_at_moves"),
        (write_checks, refusing("DELETE", "/ws/roles/", always), ROLES, "record_can_be_deleted"),
        (
            write_checks,
            changing("GET", "_sort=updated_at%3ADESC", with_new_ones_as_created),
            ROLES,
            "sorted_list_is_sorted",
        ),
        (write_checks, refusing_repeats("DELETE", "/ws/roles/"), ROLES, "deleted_twice_is_refused"),
        (write_checks, listing_deleted("/c-quick-tasks", "item="), TASKS, "deleted_is_not_listed"),
        (
            write_checks,
            keeping_the_last("/permissions"),
            (*ITEMS_AND_PERMISSIONS, "removeRolePermission"),
            "deleted_is_not_listed",
        ),
        (
            write_checks,
            afterwards("DELETE", "/ws/types/mv", "/fields", lambda rows, n: rows or [{"id": 1}]),
            (*TYPES, *FIELDS),
            "deleted_values_do_not_return",
        ),
    ],
)
def test_broken_promise_of_a_write__is_named(
    promises: Promises, file: ModuleType, change: Broken, operations: tuple[str, ...], promise: str
) -> None:
    assert promises(change, *operations, files=(file,), until=promise)[promise] == EXECUTED


def test_broken_promise_of_a_field__is_named(promises: Promises) -> None:
    change = changing("POST", "/fields", lambda field: field | {"name": "another"})
    assert promises(change, *FIELDS, files=WRITING)["created_as_sent"] == EXECUTED


def test_answer_with_a_write_only_member__says_nothing_about_the_list(promises: Promises) -> None:
    assert "listed_as_created" not in promises(with_all_settings, *INTEGRATIONS, files=(write_checks, creation_checks))


def test_update__that_touches_the_others_is_named(promises: Promises) -> None:
    change = afterwards("PUT", "/ws/roles/", "/ws/roles?", numbering("updated_at"))
    assert promises(change, *ROLES, files=WRITING) == {"write_changes_one_record": EXECUTED}


def test_list_that_lacks_the_newest_after_an_update__is_named(promises: Promises) -> None:
    change = afterwards("PUT", "/ws/roles/", "/ws/roles?", lambda roles, _: sorted(roles, key=by_id)[:-1])
    assert promises(change, *ROLES, files=WRITING)["created_is_listed"] == EXECUTED


def test_update_that_creates_what_is_missing__is_at_fault_alone(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    with target(creating_what_is_missing(between(sandbox.url, "GET", "", lambda body: body))) as there:
        probe = CheckRun(document, credentials, there.url).check(lambda operation: operation.id in TYPES)
    assert {(one.operation, one.promise) for one in probe.broken_promises} == {
        ("updateType", "absent_is_404"),
        ("updateType", "workspaces_are_separate"),
    }


def test_field_that_cannot_be_deleted__does_not_hide_a_broken_item(promises: Promises) -> None:
    item = changing("POST", "/items", lambda item: item | {"status": "inactive"})
    change = lambda passing: item(without_effect("DELETE", "/fields")(passing))  # noqa: E731
    assert promises(change, *FIELDS, *ITEMS_AND_PERMISSIONS, files=WRITING).keys() >= {
        "deleted_is_gone",
        "created_as_sent",
    }


def test_read_only_member_that_is_taken__is_named(promises: Promises) -> None:
    change = changing("POST", "/ws/roles", lambda role: role | {"created_at": "2001-01-01T00:00:00.000Z"})
    assert promises(change, "listRoles", "createRole", files=WRITING) == {
        "read_only_is_ignored": EXECUTED,
        "created_at_is_now": EXECUTED,
    }


def test_time_of_the_target_that_is_taken__is_named(promises: Promises) -> None:
    change = changing("POST", "/c-quick-tasks", lambda task: task | {"completed_at": "2001-01-01T00:00:00.000Z"})
    broken = promises(change, "listQuickTasks", "createQuickTask", files=WRITING)
    assert broken["read_only_is_ignored"] == EXECUTED
