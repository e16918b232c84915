"""Checks of `x-promises`, against a fake with one changed answer: each names what is broken."""

from __future__ import annotations

from types import ModuleType

import pytest

from mockserver.verify.checks.promised import (
    default_checks,
    effect_checks,
    fixed_member_checks,
    referrer_checks,
    unique_checks,
    visible_checks,
)
from mockserver.verify.reproducer import EXECUTED
from tests.verify.checks.conftest import Promises
from tests.verify.checks.faulty_answers import (
    Broken,
    accepting,
    afterwards,
    changing,
    hiding_values,
    keeping_rows,
    numbering,
    opening_tasks,
    refusing,
    refusing_repeats,
    sending,
    with_creation_form,
    with_first_group,
    with_its_last_user,
    with_known_users,
    with_short_slug,
    without_foreign_item,
    without_later_strangers,
)
from tests.verify.checks.selections import (
    FIELDS,
    GROUPS,
    INTEGRATIONS,
    ITEMS,
    ITEMS_AND_PERMISSIONS,
    MEMBERS,
    ROLES,
    TASKS,
    TYPES,
)
from tests.verify.checks.side_effects import (
    adding_a_suffix,
    keeping_the_rest,
    numbering_active,
    refusing_times,
    removing_two,
    stopping_at_strangers,
)


@pytest.mark.parametrize(
    ("file", "change", "operations", "promise"),
    [
        (
            default_checks,
            sending("POST", "/ws/types", lambda sent: {"slug": f"x-{sent['name'][11:15]}"} | sent),
            TYPES,
            "default_is_set",
        ),
        (
            default_checks,
            sending("POST", "/ws/types", lambda sent: {"status": "inactive"} | sent),
            TYPES,
            "default_is_set",
        ),
        (default_checks, numbering_active, FIELDS, "default_is_set"),
        (default_checks, sending("POST", "/ws/types", with_short_slug), TYPES, "default_is_set"),
        (
            effect_checks,
            afterwards("DELETE", "/users", "/ws/members?", numbering("status")),
            GROUPS,
            "action_leaves_what_it_names",
        ),
        (
            effect_checks,
            changing("GET", "/c-schedule-tasks?item=", lambda rows: []),
            ("listItems", "createItem"),
            "new_record_is_shown",
        ),
        (
            effect_checks,
            sending("PUT", "/c-quick-tasks/", lambda sent: sent | {"status": "pending"}),
            TASKS,
            "write_has_its_effect",
        ),
        (
            effect_checks,
            sending("POST", "/users", lambda sent: {"users": sent["users"] and [64]}),
            GROUPS,
            "action_has_its_effect",
        ),
        (
            effect_checks,
            changing("GET", "/c-flow-stages/", lambda stage: stage | {"tasks": []}),
            ("listTasks", "createTask", "getStage"),
            "new_record_is_shown",
        ),
        (
            effect_checks,
            afterwards("POST", "/ws/members", "/ws/mgroups/", with_its_last_user),
            (*MEMBERS, *GROUPS),
            "write_has_its_effect",
        ),
        (
            effect_checks,
            sending("POST", "/ws/members", lambda sent: {**sent, "mgroups": []}),
            (*MEMBERS, *GROUPS),
            "write_has_its_effect",
        ),
        (effect_checks, removing_two, GROUPS, "action_has_its_effect"),
        (effect_checks, stopping_at_strangers, GROUPS, "action_has_its_effect"),
        (effect_checks, sending("POST", "/ws/members", with_first_group), (*MEMBERS, *GROUPS), "write_has_its_effect"),
        (
            effect_checks,
            afterwards("DELETE", "/users", "/ws/mgroups?", numbering("name")),
            GROUPS,
            "action_leaves_what_it_names",
        ),
        (
            fixed_member_checks,
            changing("PUT", "/ws/roles/", lambda role: role | {"id": 99999}),
            ROLES,
            "fixed_member_stays",
        ),
        (fixed_member_checks, refusing_times, ROLES, "fixed_member_stays"),
        (
            referrer_checks,
            afterwards("DELETE", "/ws/mgroups/", "/c-quick-tasks/", lambda task, n: task | {"points": 90 + n}),
            (*GROUPS, "deleteMemberGroup", *TASKS),
            "deletion_keeps_referrers",
        ),
        (referrer_checks, opening_tasks, (*ROLES, *TASKS), "deletion_keeps_referrers"),
        (
            referrer_checks,
            changing("GET", "/c-quick-tasks/", lambda task: task | {"item": {"id": 1}}),
            (*ITEMS, *TASKS),
            "deletion_reaches_referrers",
        ),
        (
            referrer_checks,
            keeping_rows("/permissions"),
            (*TYPES, *ROLES, *ITEMS_AND_PERMISSIONS),
            "deletion_reaches_referrers",
        ),
        (
            referrer_checks,
            afterwards("PUT", "/ws/mgroups/", "/c-quick-tasks/", lambda task, n: task | {"points": 90 + n}),
            (*GROUPS, "updateMemberGroup", "deleteMemberGroup", *TASKS),
            "update_keeps_referrers",
        ),
        (referrer_checks, hiding_values, (*FIELDS, *ITEMS), "deletion_reaches_referrers"),
        (unique_checks, accepting("POST", "/ws/roles"), ROLES, "duplicate_is_refused"),
        (unique_checks, accepting("PUT", "/ws/roles"), ROLES, "duplicate_is_refused"),
        (unique_checks, adding_a_suffix, ROLES, "duplicate_is_refused"),
        (
            unique_checks,
            changing("POST", "/integrations", lambda one: one | {"created_at": one["updated_at"]}),
            INTEGRATIONS,
            "repeated_creation_is_the_same",
        ),
        (unique_checks, refusing_repeats("POST", "/c-quick-tasks"), TASKS, "each_creation_is_a_record"),
        (unique_checks, refusing_repeats("POST", "/fields", "slug"), FIELDS, "unique_below_its_parent"),
        (
            unique_checks,
            refusing("POST", "/ws/types", lambda sent: sent.get("slug") == "pagamentos"),
            TYPES,
            "unique_in_its_workspace",
        ),
        (visible_checks, accepting("POST", "/c-quick-tasks"), TASKS, "only_visible_is_taken"),
        (visible_checks, sending("POST", "/c-quick-tasks", without_foreign_item), TASKS, "only_visible_is_taken"),
        (visible_checks, sending("POST", "/items", with_creation_form), ITEMS, "only_visible_is_taken"),
        (visible_checks, sending("POST", "/users", with_known_users), GROUPS, "only_visible_is_taken"),
        (visible_checks, sending("POST", "/users", without_later_strangers), GROUPS, "only_visible_is_taken"),
        (visible_checks, keeping_the_rest, TASKS, "refused_write_changes_nothing"),
    ],
)
def test_broken_promise_of_the_contract__is_named(
    promises: Promises, file: ModuleType, change: Broken, operations: tuple[str, ...], promise: str
) -> None:
    assert promises(change, *operations, files=(file,), until=promise)[promise] == EXECUTED
