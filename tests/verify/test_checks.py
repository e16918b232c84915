"""Our own checks against a fake with one changed answer: each names the broken promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from urllib.parse import parse_qs, urlsplit

import pytest

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.checks.access import (
    access_checks,
    call_log_checks,
    caller_checks,
    tenancy_checks,
    workspace_checks,
)
from mockserver.verify.checks.lists import count_checks, filter_checks, invalid_query_checks, list_checks, search_checks
from mockserver.verify.checks.promised import (
    default_checks,
    effect_checks,
    fixed_member_checks,
    referrer_checks,
    unique_checks,
    visible_checks,
)
from mockserver.verify.checks.records import agreement_checks, nested_checks, record_checks, summary_checks
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
from tests.verify.check_run import CheckRun
from tests.verify.faulty_answers import (
    Broken,
    accepting,
    afterwards,
    always,
    by_id,
    changing,
    changing_although_refused,
    deleting_below_any_parent,
    finding,
    first_entry,
    has_no_description,
    has_number_as_name,
    hiding_values,
    in_rows,
    in_the_other_workspace,
    in_whichever_workspace,
    is_long,
    is_no_object,
    keeping_rows,
    keeping_the_last,
    listing_deleted,
    moving,
    numbering,
    one_more,
    opening_tasks,
    reaching_the_next_parent,
    refusing,
    refusing_repeats,
    searching_in_no_order,
    sending,
    sent_twice,
    stripped,
    taking,
    taking_along,
    three_hours_later,
    with_all_settings,
    with_another_field,
    with_black_types,
    with_first_group,
    with_head,
    with_hours_of_a_day,
    with_its_last_user,
    with_known_users,
    with_more_of_a_type,
    with_new_ones_as_created,
    with_secure_icon,
    with_short_slug,
    with_small_address,
    with_straight_quotes,
    with_text_reset,
    with_ties_by_id,
    without_effect,
    without_foreign_item,
    without_inactive_task,
    without_later_strangers,
    without_null,
    without_query_of_deletions,
    without_refused_workspace,
    without_roles,
)
from tests.verify.side_effects import (
    activating,
    calming,
    creating_what_is_missing,
    keeping_groups,
    keeping_the_rest,
    keeping_the_time,
    naming_by_slug,
    numbering_active,
    removing_two,
    skipping_in_searches,
    sorting_pages_only,
    starting_when_read,
)
from tests.verify.targets import Answer, Answering, Asked, between, json_answer, target

READING = (
    count_checks,
    filter_checks,
    invalid_query_checks,
    list_checks,
    record_checks,
    search_checks,
    agreement_checks,
)
WRITING = (
    write_checks,
    creation_checks,
    update_checks,
    invalid_value_checks,
    refusal_checks,
    default_checks,
    fixed_member_checks,
    unique_checks,
    visible_checks,
    effect_checks,
    referrer_checks,
    summary_checks,
    nested_checks,
    acceptance_checks,
    call_log_checks,
)
Promises = Callable[..., dict[str, str]]


@pytest.fixture
def promises(document: Document, sandbox: Enspace, credentials: Credentials) -> Promises:
    """Returns a function: the promises that checks find broken with a change between them and the fake.

    Each has the outcome of its reproduction, which shows nothing on the fake itself. `until` is the last one.
    """

    def run(change: Broken, *operations: str, files: tuple[ModuleType, ...], until: str = "") -> dict[str, str]:
        with target(change(between(sandbox.url, "GET", "", lambda body: body))) as there:
            checks = CheckRun(document, credentials, there.url)
            probe = checks.check(lambda operation: operation.id in operations, files, until)
            first = {broken.promise: broken for broken in reversed(probe.broken_promises)}
            assert EXECUTED not in {checks.reproduce(broken, sandbox.url) for broken in first.values()}
            return {name: checks.reproduce(broken, there.url) for name, broken in first.items()}

    return run


ROLES = ("listRoles", "getRole", "createRole", "updateRole", "deleteRole", "countRoles")
FIELDS = ("listFields", "createField", "getField", "updateField", "deleteField", "listTypes", "createType")
OTHERS = ("listItems", "createItem", "getItem", "updateItem", "addRolePermission", "listRolePermissions")
REFUSED = {
    "no_key_is_refused",
    "wrong_key_is_refused",
    "expired_key_is_refused",
    "missing_workspace_is_refused",
    "foreign_workspace_is_refused",
}
WORKSPACES = ("listWorkspaces", "createWorkspace", "leaveWorkspace", "deleteWorkspace", "getWorkspaceContext")


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (changing("POST", "/ws/roles", lambda role: role | {"name": "another"}), "created_as_sent"),
        (changing("POST", "/ws/roles", lambda role: role | {"id": 99999}), "created_can_be_read"),
        (
            changing("GET", "/ws/roles/", lambda role: role | {"name": "another"} if "id" in role else 1),
            "read_back_equal",
        ),
        (changing("GET", "/ws/roles?", lambda roles: roles[:2]), "created_is_listed"),
        (changing("GET", "_start=2", lambda roles: roles[:1]), "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "?_start=1", lambda roles: roles[:-1]), "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "DESC&_start=1", lambda roles: roles[::-1]), "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "DESC&_start=1", lambda roles: roles[:2]), "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "_sort=name%3AASC&", lambda roles: roles[1:]), "sorted_list_is_whole"),
        (changing("GET", "_sort=id", lambda roles: roles[1:] + roles[:1]), "sorted_list_is_sorted"),
        (changing("GET", "_sort=name%3ADESC", lambda roles: roles[::-1]), "both_directions_mirror_each_other"),
        (
            changing("GET", "/ws/roles?", lambda roles: roles and sorted(roles, key=by_id)[:2]),
            "both_directions_mirror_each_other",
        ),
        (changing("GET", "/ws/roles/count?name=", lambda count: count + 1), "count_agrees_with_list"),
        (changing("GET", "/ws/roles/count?_q=a", lambda count: count + 1), "count_agrees_with_list"),
        (changing("GET", "_q=", lambda roles: []), "search_finds_in_any_case"),
        (accepting("POST", "/ws/roles"), "duplicate_is_refused"),
        (accepting("PUT", "/ws/roles"), "duplicate_is_refused"),
        (changing("GET", "name=", lambda roles: [*roles, {"id": 1, "name": "x"}]), "filter_leaves_what_is_equal"),
        (changing("GET", "name=", lambda roles: []), "filter_leaves_what_is_equal"),
        (changing("GET", "zqmv", lambda roles: [{"id": 1}]), "search_leaves_what_holds_the_text"),
        (changing("PUT", "/ws/roles", lambda role: role | {"description": None}), "update_changes_only_what_was_sent"),
        (changing("PUT", "/ws/roles", lambda role: role | {"created_at": "2001-01-01T00:00:00Z"}), "created_at_stays"),
        (changing("PUT", "/ws/roles", lambda role: role | {"updated_at": "2001-01-01T00:00:00Z"}), "updated_at_moves"),
        (without_effect("PUT", "/ws/roles"), "update_is_kept"),
        (afterwards("PUT", "/ws/roles/", "/ws/roles?", numbering("description")), "write_changes_one_record"),
        (
            afterwards("PUT", "/ws/roles/", "/ws/roles?", lambda roles, _: sorted(roles, key=by_id)[:9]),
            "created_is_listed",
        ),
        (changing("GET", "/ws/roles/3", lambda role: role | {"id": 4}), "listed_record_can_be_read"),
        (without_effect("DELETE", "/ws/roles"), "deleted_is_gone"),
        (without_effect("DELETE", "/ws/roles"), "deleted_is_not_listed"),
        (finding("GET", "/ws/roles/"), "missing_record_is_404"),
        (finding("PUT", "/ws/roles/"), "absent_is_404"),
        (finding("DELETE", "/ws/roles/"), "deleted_twice_is_refused"),
        (changing("GET", "/ws/roles?", in_rows(description="another")), "listed_as_created"),
    ],
)
def test_broken_promise_of_a_role__is_named(promises: Promises, change: Broken, promise: str) -> None:
    assert promises(change, *ROLES, files=(*READING, *WRITING), until=promise)[promise] == EXECUTED


def test_broken_promise_of_a_field__is_named(promises: Promises) -> None:
    change = changing("POST", "/fields", lambda field: field | {"name": "another"})
    assert promises(change, *FIELDS, files=WRITING)["created_as_sent"] == EXECUTED


def test_answer_with_a_write_only_member__says_nothing_about_the_list(promises: Promises) -> None:
    assert "listed_as_created" not in promises(with_all_settings, *INTEGRATIONS, files=(write_checks, creation_checks))


def test_list_whose_pages_are_cut__says_nothing_about_the_rest(promises: Promises) -> None:
    change = changing("GET", "_limit=1000", lambda rows: rows[:20])
    assert promises(change, "listScheduleTasks", "getScheduleTask", files=(tenancy_checks,)) == {}


def test_update__that_touches_the_others_is_named(promises: Promises) -> None:
    change = afterwards("PUT", "/ws/roles/", "/ws/roles?", numbering("updated_at"))
    assert promises(change, *ROLES, files=WRITING) == {"write_changes_one_record": EXECUTED}


def test_task_that_starts_when_it_is_read__is_named(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    with target(starting_when_read(between(sandbox.url, "GET", "", lambda body: body))) as there:
        probe = CheckRun(document, credentials, there.url).check(lambda operation: operation.id in TASKS, READING)
    broken = {(one.operation, one.promise, one.member) for one in probe.broken_promises}
    assert ("getQuickTask", "reading_changes_nothing", "status") in broken


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
    assert promises(change, *FIELDS, *OTHERS, files=WRITING).keys() >= {"deleted_is_gone", "created_as_sent"}


def test_read_only_member_that_is_taken__is_named(promises: Promises) -> None:
    change = changing("POST", "/ws/roles", lambda role: role | {"created_at": "2001-01-01T00:00:00.000Z"})
    assert promises(change, "listRoles", "createRole", files=WRITING) == {
        "read_only_is_ignored": EXECUTED,
        "created_at_is_now": EXECUTED,
    }


def test_deleted_row_that_a_record_still_has__is_named(promises: Promises) -> None:
    change = afterwards("DELETE", "/fields/", "/ws/types/mv", with_another_field)
    assert promises(change, "getType", "listFields", files=(nested_checks,)) == {"nested_record_agrees": EXECUTED}


def test_time_of_the_target_that_is_taken__is_named(promises: Promises) -> None:
    change = changing("POST", "/c-quick-tasks", lambda task: task | {"completed_at": "2001-01-01T00:00:00.000Z"})
    broken = promises(change, "listQuickTasks", "createQuickTask", files=WRITING)
    assert broken["read_only_is_ignored"] == EXECUTED


@pytest.mark.parametrize(
    ("operations", "broken_promises"), [(ROLES, {"weak_key_reads_only", *REFUSED}), (("listRoles",), REFUSED)]
)
def test_target_that_takes_every_key_and_workspace__is_named(
    promises: Promises,
    credentials: Credentials,
    operations: tuple[str, ...],
    broken_promises: set[str],
) -> None:
    def broken(passing: Answering) -> Answering:
        return lambda asked: passing(Asked(asked.method, asked.path, asked.headers | credentials.headers(), asked.body))

    assert promises(broken, *operations, files=(access_checks,)) == dict.fromkeys(broken_promises, EXECUTED)


def test_list_of_the_callers_own__that_shows_them_to_others_is_named(
    promises: Promises, credentials: Credentials
) -> None:
    def broken(passing: Answering) -> Answering:
        return lambda asked: passing(replace(asked, headers=asked.headers | {"x-api-key": credentials.key}))

    broken_promises = promises(broken, "listApiKeys", files=(caller_checks,))
    assert broken_promises == {"rows_are_the_callers_own": EXECUTED}


def test_expired_key__that_is_taken_without_a_workspace_is_named(promises: Promises, credentials: Credentials) -> None:
    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            is_taken = "en-workspace" not in asked.headers and asked.headers.get("x-api-key") == credentials.expired_key
            taken = asked.headers | {"x-api-key": credentials.key}
            return passing(replace(asked, headers=taken) if is_taken else asked)

        return answering

    assert promises(broken, "listWorkspaces", files=(access_checks,)) == {"expired_key_is_refused": EXECUTED}


def test_log__that_names_a_head_breaks_its_schema(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    with target(between(sandbox.url, "GET", "/user-request-logs", with_head)) as there:
        checks = CheckRun(document, credentials, there.url)
        probe = checks.check(lambda operation: operation.id in LOGS, (call_log_checks,))
    assert ("HEAD", "/ws/types") in [(asked.method, asked.path) for asked in there.asked]
    assert {failure.check for failure in probe.failures} == {"response_schema_conformance"}


def test_hidden_record_that_a_search_for_its_description_finds__is_named(
    promises: Promises, credentials: Credentials
) -> None:
    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            status, headers, body = passing(asked)
            if status != 200 or "/c-quick-tasks?_q=" not in asked.path:
                return status, headers, body
            found = json.loads(passing(replace(asked, headers=asked.headers | credentials.headers()))[2])
            text = parse_qs(urlsplit(asked.path).query)["_q"][0].casefold()
            known = [row for row in found if text in (row["description"] or "").casefold()]
            return json_answer(json.loads(body) + [row for row in known if row not in json.loads(body)])

        return answering

    broken_promises = promises(broken, "listQuickTasks", "getQuickTask", files=(access_checks,))
    assert broken_promises == {"hidden_records_are_refused": EXECUTED}


TYPES = ("listTypes", "createType", "getType", "updateType", "deleteType", "countTypes")
LOGS, LOGGED = ("listRequestLogs",), "call_is_logged"
INTEGRATIONS = ("listIntegrations", "createIntegration")
MEMBERS = ("listMembers", "createMember", "getMember", "updateMember")
TASKS = ("listQuickTasks", "createQuickTask", "getQuickTask", "updateQuickTask", "deleteQuickTask")
PERMISSIONS = ("listRolePermissions", "addRolePermission", "removeRolePermission")
FLOW_TASKS = ("listTasks", "createTask", "getTask", "listStages")
GROUPS = ("listMemberGroups", "createMemberGroup", "getMemberGroup", "addMemberGroupUsers", "removeMemberGroupUsers")
MORE = ("listItems", "createItem", "getItem", "updateItem", "deleteItem")


@pytest.mark.parametrize(
    ("change", "operations", "promise"),
    [
        (sending("POST", "/ws/roles", stripped), ROLES, "created_as_sent"),
        (sending("PUT", "/ws/roles/", stripped), ROLES, "update_is_kept"),
        (sent_twice("POST", "/c-quick-tasks"), TASKS, "write_changes_one_record"),
        (reaching_the_next_parent("POST", "/permissions"), PERMISSIONS, "write_changes_one_record"),
        (taking_along("/permissions", "area", "action"), PERMISSIONS, "write_changes_one_record"),
        (
            sending("PUT", "/ws/roles/", lambda sent: {"description": None} | sent),
            ROLES,
            "update_changes_only_what_was_sent",
        ),
        (
            sending("PUT", "/items/", with_text_reset),
            MORE,
            "update_keeps_other_keys",
        ),
        (sending("PUT", "/items/", without_null), MORE, "update_is_kept"),
        (sending("PUT", "/c-quick-tasks/", without_roles), TASKS, "update_is_kept"),
        (
            afterwards("DELETE", "/ws/mgroups/", "/c-quick-tasks/", lambda task, n: task | {"points": 90 + n}),
            (*GROUPS, "deleteMemberGroup", *TASKS),
            "deletion_keeps_referrers",
        ),
        (
            afterwards("DELETE", "/users", "/ws/members?", numbering("status")),
            GROUPS,
            "action_leaves_what_it_names",
        ),
        (
            afterwards("DELETE", "/ws/roles/", "/ws/roles?", numbering("description")),
            ROLES,
            "write_changes_one_record",
        ),
        (changing("GET", "_limit=1000", lambda rows: rows[:5]), ("listScheduleTasks",), "page_is_full"),
        (
            changing("GET", "name=Administrado&", lambda rows: [*rows, {"id": 3, "name": "Administrador"}]),
            ("listRoles",),
            "filter_leaves_what_is_equal",
        ),
        (
            changing("GET", "name=aDMINISTRADOR", lambda rows: [*rows, {"id": 3, "name": "Administrador"}]),
            ("listRoles",),
            "filter_leaves_what_is_equal",
        ),
        (
            changing("GET", "/c-schedule-tasks?item=", lambda rows: []),
            ("listItems", "createItem"),
            "new_record_is_shown",
        ),
        (
            sending("POST", "/ws/types", lambda sent: {"slug": f"x-{sent['name'][11:15]}"} | sent),
            TYPES,
            "default_is_set",
        ),
        (refusing("POST", "/c-flow-tasks", lambda sent: sent.get("conditions")), FLOW_TASKS, "valid_value_is_accepted"),
        (changing("GET", "situacao=", lambda rows: [*rows, {"id": 1}]), ("listItems",), "filter_leaves_what_is_equal"),
        (changing("GET", "renovavel=", lambda rows: rows[1:]), ("listItems",), "filter_leaves_what_is_equal"),
        (
            changing("GET", "/ws/context", lambda one: one | {"workspace": {"slug": "financeiro-abc"}}),
            ("getWorkspaceContext",),
            "answer_is_of_the_workspace",
        ),
        (refusing("POST", "/ws/roles", is_long), ROLES, "valid_value_is_accepted"),
        (refusing("PUT", "/ws/roles/", is_long), ROLES, "valid_value_is_accepted"),
        (refusing("POST", "/ws/types", lambda sent: "slug" not in sent), TYPES, "valid_value_is_accepted"),
        (refusing("GET", "/ws/roles", always), ROLES, "operation_is_accepted_once"),
        (refusing("POST", "/ws/roles", always), ROLES, "operation_is_accepted_once"),
        (refusing("PUT", "/ws/roles/", always), ROLES, "operation_is_accepted_once"),
        (accepting("PUT", "/ws/roles/"), ROLES, "invalid_value_is_refused"),
        (taking("_start=0.5"), ROLES, "invalid_value_is_refused"),
        (taking("_start=-1"), ROLES, "invalid_value_is_refused"),
        (taking("_limit=1001"), ROLES, "invalid_value_is_refused"),
        (taking("_sort=id"), ROLES, "invalid_value_is_refused"),
        (taking("_sort=no_such"), ROLES, "invalid_value_is_refused"),
        (taking("status=no_such"), TYPES, "invalid_value_is_refused"),
        (taking("is_start=1"), ("listStages",), "invalid_value_is_refused"),
        (sending("POST", "/ws/types", lambda sent: {"status": "inactive"} | sent), TYPES, "default_is_set"),
        (
            changing("POST", "/integrations", lambda one: one | {"created_at": one["updated_at"]}),
            INTEGRATIONS,
            "repeated_creation_is_the_same",
        ),
        (
            changing("GET", "/ws/stats", lambda stats: stats | {"roles": 99}),
            ("getWorkspaceStats",),
            "number_counts_the_list",
        ),
        (changing("GET", "/ws/stats", with_more_of_a_type), ("getWorkspaceStats",), "number_counts_the_list"),
        (opening_tasks, (*ROLES, *TASKS), "deletion_keeps_referrers"),
        (deleting_below_any_parent, PERMISSIONS, "record_is_only_below_its_parent"),
        (sending("PUT", "/c-quick-tasks/", lambda sent: sent | {"status": "pending"}), TASKS, "write_has_its_effect"),
        (sending("POST", "/users", lambda sent: {"users": sent["users"] and [64]}), GROUPS, "action_has_its_effect"),
        (
            changing("GET", "/c-flow-stages/", lambda stage: stage | {"tasks": []}),
            ("listTasks", "createTask", "getStage"),
            "new_record_is_shown",
        ),
        (
            changing("GET", "/c-quick-tasks/", lambda task: task | {"item": {"id": 1}}),
            (*MORE, *TASKS),
            "deletion_reaches_referrers",
        ),
        (accepting("POST", "/c-quick-tasks"), TASKS, "only_visible_is_taken"),
        (sending("POST", "/c-quick-tasks", without_foreign_item), TASKS, "only_visible_is_taken"),
        (
            afterwards("POST", "/ws/members", "/ws/mgroups/", with_its_last_user),
            (*MEMBERS, *GROUPS),
            "write_has_its_effect",
        ),
        (
            changing("GET", "/c-flow-stages", without_inactive_task),
            ("listStages", "getStage", "listTasks"),
            "nested_record_agrees",
        ),
        (
            sending("POST", "/ws/members", lambda sent: {**sent, "mgroups": []}),
            (*MEMBERS, *GROUPS),
            "write_has_its_effect",
        ),
        (sending("POST", "/users", with_known_users), GROUPS, "only_visible_is_taken"),
        (sending("POST", "/users", without_later_strangers), GROUPS, "only_visible_is_taken"),
        (changing("GET", "_limit=1", lambda rows: rows * 2), ("listStages",), "page_keeps_its_limit"),
        (
            changing("GET", "id%3ADESC", lambda rows: sorted(rows, key=lambda row: row["id"])),
            TASKS,
            "next_member_sorts",
        ),
        (changing("GET", "status%3AASC%2Cpriority", with_ties_by_id), TASKS, "next_member_sorts"),
        (
            changing("GET", "&priority=high&kind=", lambda rows: [*rows, {"id": 1, "kind": "another"}]),
            TASKS,
            "filter_leaves_what_is_equal",
        ),
        (changing("GET", "_q=%25", lambda rows: [{"id": 1}]), ROLES, "search_leaves_what_holds_the_text"),
        (
            changing("GET", "=canceled", lambda rows: [*rows, {"id": 1, "status": "pending"}]),
            ("listScheduleTasks",),
            "filter_leaves_what_is_equal",
        ),
        (
            changing("GET", "&_sort=id%3ADESC&_limit=100", lambda rows: rows[::-1]),
            ("listScheduleTasks",),
            "filtered_list_is_sorted",
        ),
        (searching_in_no_order, ("listRoles",), "filter_leaves_what_is_equal"),
        (moving("/ws/roles/"), ROLES, "reading_changes_nothing"),
        (keeping_the_rest, TASKS, "refused_write_changes_nothing"),
        (sending("POST", "/ws/roles", with_straight_quotes), ROLES, "created_as_sent"),
        (sending("POST", "/items", with_small_address), MORE, "created_as_sent"),
        (changing("GET", "N%C3%81LISE", lambda rows: []), ("listStages",), "search_finds_in_any_case"),
        (changing("GET", "?method=", lambda rows: rows[:-1]), (*ROLES, *LOGS), "filter_leaves_what_is_equal"),
        (changing("GET", "-logs", lambda rows: [row for row in rows if row["status_code"] < 400]), LOGS, LOGGED),
        (changing("GET", "-logs", lambda rows: [row for row in rows if row["method"] != "DELETE"]), LOGS, LOGGED),
        (changing("GET", "-logs", without_query_of_deletions), LOGS, LOGGED),
        (sorting_pages_only, LOGS, "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "-logs", without_refused_workspace), LOGS, LOGGED),
        (
            changing("GET", "numero%3ADESC&_start=1", lambda items: items[::-1]),
            ("listItems",),
            "pages_have_no_gap_and_no_repeat",
        ),
        (skipping_in_searches, ROLES, "pages_have_no_gap_and_no_repeat"),
        (sending("POST", "/integrations", with_hours_of_a_day), INTEGRATIONS, "created_as_sent"),
        (activating, MEMBERS, "update_changes_only_what_was_sent"),
        (calming, TASKS, "update_changes_only_what_was_sent"),
        (keeping_groups, TASKS, "update_is_kept"),
        (removing_two, GROUPS, "action_has_its_effect"),
        (changing("PUT", "/ws/roles/", lambda role: role | {"id": 99999}), ROLES, "fixed_member_stays"),
        (
            changing("GET", "_sort=points", lambda rows: sorted(rows, key=lambda row: str(row["points"]))),
            TASKS,
            "sorted_list_is_sorted",
        ),
        (
            afterwards("PUT", "/ws/roles/", "/permissions", numbering("area")),
            (*ROLES, *OTHERS),
            "update_keeps_what_is_below",
        ),
        (in_the_other_workspace("/c-quick-tasks"), TASKS, "workspaces_are_separate"),
        (in_the_other_workspace("/pagamentos/fields"), FIELDS, "unlisted_is_hidden"),
        # Its role is in a workspace that the key may not read.
        (without_effect("GET", "/ws/roles/7/permissions"), (*ROLES, *OTHERS), "unlisted_is_hidden"),
        (sending("POST", "/ws/members", with_first_group), (*MEMBERS, *GROUPS), "write_has_its_effect"),
        (keeping_the_time, TYPES, "updated_at_moves"),
        (numbering_active, FIELDS, "default_is_set"),
        (keeping_rows("/permissions"), (*TYPES, *ROLES, *OTHERS), "deletion_reaches_referrers"),
        (
            refusing_repeats("POST", "/ws/types", "slug"),
            TYPES,
            "deleted_value_is_free",
        ),
        (refusing_repeats("PUT", "/ws/roles/"), ROLES, "repeated_update_is_accepted"),
        (refusing_repeats("POST", "/c-quick-tasks"), TASKS, "each_creation_is_a_record"),
        (refusing_repeats("POST", "/fields", "slug"), FIELDS, "unique_below_its_parent"),
        (refusing("DELETE", "/ws/roles/", always), ROLES, "record_can_be_deleted"),
        (finding("GET", "/fields/"), FIELDS, "record_is_only_below_its_parent"),
        (
            changing_although_refused("PUT", "/ws/roles/", description="changed"),
            ROLES,
            "refused_write_changes_nothing",
        ),
        (
            afterwards("PUT", "/ws/mgroups/", "/c-quick-tasks/", lambda task, n: task | {"points": 90 + n}),
            (*GROUPS, "updateMemberGroup", "deleteMemberGroup", *TASKS),
            "update_keeps_referrers",
        ),
        (afterwards("PUT", "/c-quick-tasks/", "_q=", lambda tasks, n: []), TASKS, "query_finds_what_was_written"),
        (afterwards("PUT", "/items/", "_q=", lambda items, n: []), MORE, "query_finds_what_was_written"),
        (
            changing("GET", "/items/count?_q=", lambda count: count + 1),
            ("listItems", "countItems"),
            "count_agrees_with_list",
        ),
        (afterwards("PUT", "/c-quick-tasks/", "status=", lambda tasks, n: []), TASKS, "query_finds_what_was_written"),
        (changing("PUT", "/c-quick-tasks/", first_entry, 400), TASKS, "each_bad_member_is_named"),
        (finding("GET", "/items/count"), ("countItems",), "absent_is_404"),
        (naming_by_slug, ("listFields", "getField"), "missing_record_is_404"),
        (changing("GET", "_sort=name", lambda rows: sorted(rows, key=by_id)), ROLES, "sorted_list_is_sorted"),
        (changing("GET", "_sort=updated_at%3ADESC", with_new_ones_as_created), ROLES, "sorted_list_is_sorted"),
        (changing("GET", "/contratos/items", with_black_types), ("listItems",), "answers_agree"),
        (refusing("GET", "/ws/roles/2000000011", always), ROLES, "missing_record_is_404"),
        (refusing_repeats("DELETE", "/ws/roles/"), ROLES, "deleted_twice_is_refused"),
        (refusing("PUT", "/ws/roles/", has_number_as_name, 404), ROLES, "invalid_value_is_refused"),
        (refusing("PUT", "/ws/roles/", is_no_object, 404), ROLES, "invalid_value_is_refused"),
        (
            refusing("POST", "/ws/types", lambda sent: sent.get("slug") == "pagamentos"),
            TYPES,
            "unique_in_its_workspace",
        ),
        (changing("GET", "/ws/roles/", three_hours_later), ROLES, "updated_at_moves"),
        (in_whichever_workspace("/ws/roles/"), ROLES, "workspaces_are_separate"),
        (sending("POST", "/ws/types", with_short_slug), TYPES, "default_is_set"),
        (changing("GET", "&renovavel=", one_more), ("countItems", "listItems"), "count_agrees_with_list"),
        (listing_deleted("/c-quick-tasks", "item="), TASKS, "deleted_is_not_listed"),
        (keeping_the_last("/permissions"), (*OTHERS, "removeRolePermission"), "deleted_is_not_listed"),
        (
            afterwards("DELETE", "/ws/types/mv", "/fields", lambda rows, n: rows or [{"id": 1}]),
            (*TYPES, *FIELDS),
            "deleted_values_do_not_return",
        ),
        (
            hiding_values,
            (*FIELDS, *MORE),
            "deletion_reaches_referrers",
        ),
        (
            afterwards("DELETE", "/users", "/ws/mgroups?", numbering("name")),
            GROUPS,
            "action_leaves_what_it_names",
        ),
    ],
)
def test_broken_promise_of_the_contract__is_named(
    promises: Promises, change: Broken, operations: tuple[str, ...], promise: str
) -> None:
    assert promises(change, *operations, files=(*READING, *WRITING, tenancy_checks), until=promise)[promise] == EXECUTED


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (changing("GET", "/ws/context", lambda context: context | {"member": {"type": "full"}}), "maker_is_the_owner"),
        (without_effect("POST", "/ws/leave"), "owner_cannot_leave"),
        (changing("GET", "/ws?_limit", lambda workspaces: []), "workspace_is_listed"),
        (without_effect("DELETE", "/ws"), "strangers_are_refused"),
        (without_effect("DELETE", "/ws"), "deleted_is_gone"),
        (refusing("POST", "/ws", has_no_description), "valid_value_is_accepted"),
        (changing("GET", "/ws?_limit", in_rows(language="es")), "listed_as_created"),
        (sending("POST", "/ws", with_secure_icon), "created_as_sent"),
        (refusing_repeats("POST", "/ws", "slug"), "deleted_value_is_free"),
    ],
)
def test_broken_promise_of_a_workspace__is_named(promises: Promises, change: Broken, promise: str) -> None:
    assert promise in promises(change, *WORKSPACES, files=(workspace_checks,))


def test_slug_of_a_workspace_that_stays__is_not_expected_to_be_free(promises: Promises) -> None:
    staying = promises(without_effect("DELETE", "/ws"), *WORKSPACES, files=(workspace_checks,))
    assert "deleted_is_gone" in staying
    assert "deleted_value_is_free" not in staying


@pytest.mark.parametrize(("shown", "found"), [(slice(None, None, -1), {}), (slice(1), {"answers_agree": EXECUTED})])
def test_nested_lists__agree_in_any_order(promises: Promises, shown: slice, found: dict[str, str]) -> None:
    turned = changing("GET", "/ws/mgroups?", lambda rows: [row | {"users": row["users"][shown]} for row in rows])
    assert promises(turned, "listMemberGroups", "getMemberGroup", files=READING) == found
