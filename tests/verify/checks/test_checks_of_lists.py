"""Checks of pages, orders, filters, searches and counts, with one changed answer: each names what is broken."""

from __future__ import annotations

from types import ModuleType

import pytest

from mockserver.verify.checks.lists import filter_checks, invalid_query_checks, list_checks, search_checks
from mockserver.verify.reproducer import EXECUTED
from tests.verify.checks.conftest import Promises
from tests.verify.checks.faulty_answers import (
    Broken,
    by_id,
    changing,
    one_more,
    searching_in_no_order,
    taking,
    with_ties_by_id,
)
from tests.verify.checks.selections import LOGS, ROLES, TASKS, TYPES
from tests.verify.checks.side_effects import searching_in_all_types, skipping_in_searches


@pytest.mark.parametrize(
    ("file", "change", "operations", "promise"),
    [
        (
            filter_checks,
            changing("GET", "/ws/roles/count?name=", lambda count: count + 1),
            ROLES,
            "count_agrees_with_list",
        ),
        (
            filter_checks,
            changing("GET", "name=", lambda roles: [*roles, {"id": 1, "name": "x"}]),
            ROLES,
            "filter_leaves_what_is_equal",
        ),
        (filter_checks, changing("GET", "name=", lambda roles: []), ROLES, "filter_leaves_what_is_equal"),
        (
            filter_checks,
            changing("GET", "name=Administrado&", lambda rows: [*rows, {"id": 3, "name": "Administrador"}]),
            ("listRoles",),
            "filter_leaves_what_is_equal",
        ),
        (
            filter_checks,
            changing("GET", "name=aDMINISTRADOR", lambda rows: [*rows, {"id": 3, "name": "Administrador"}]),
            ("listRoles",),
            "filter_leaves_what_is_equal",
        ),
        (
            filter_checks,
            changing("GET", "situacao=", lambda rows: [*rows, {"id": 1}]),
            ("listItems",),
            "filter_leaves_what_is_equal",
        ),
        (
            filter_checks,
            changing("GET", "renovavel=", lambda rows: rows[1:]),
            ("listItems",),
            "filter_leaves_what_is_equal",
        ),
        (
            filter_checks,
            changing("GET", "&priority=high&kind=", lambda rows: [*rows, {"id": 1, "kind": "another"}]),
            TASKS,
            "filter_leaves_what_is_equal",
        ),
        (
            filter_checks,
            changing("GET", "=canceled", lambda rows: [*rows, {"id": 1, "status": "pending"}]),
            ("listScheduleTasks",),
            "filter_leaves_what_is_equal",
        ),
        (
            filter_checks,
            changing("GET", "&_sort=id%3ADESC&_limit=100", lambda rows: rows[::-1]),
            ("listScheduleTasks",),
            "filtered_list_is_sorted",
        ),
        (
            filter_checks,
            changing("GET", "?method=", lambda rows: rows[:-1]),
            (*ROLES, *LOGS),
            "filter_leaves_what_is_equal",
        ),
        (
            filter_checks,
            changing("GET", "&renovavel=", one_more),
            ("countItems", "listItems"),
            "count_agrees_with_list",
        ),
        (invalid_query_checks, taking("_start=0.5"), ROLES, "invalid_value_is_refused"),
        (invalid_query_checks, taking("_start=-1"), ROLES, "invalid_value_is_refused"),
        (invalid_query_checks, taking("_limit=1001"), ROLES, "invalid_value_is_refused"),
        (invalid_query_checks, taking("_sort=id"), ROLES, "invalid_value_is_refused"),
        (invalid_query_checks, taking("_sort=no_such"), ROLES, "invalid_value_is_refused"),
        (invalid_query_checks, taking("status=INACTIVE"), TYPES, "invalid_value_is_refused"),
        (invalid_query_checks, taking("is_start=1"), ("listStages",), "invalid_value_is_refused"),
        (list_checks, changing("GET", "_start=2", lambda roles: roles[:1]), ROLES, "pages_have_no_gap_and_no_repeat"),
        (list_checks, changing("GET", "?_start=1", lambda roles: roles[:-1]), ROLES, "pages_have_no_gap_and_no_repeat"),
        (
            list_checks,
            changing("GET", "DESC&_start=1", lambda roles: roles[::-1]),
            ROLES,
            "pages_have_no_gap_and_no_repeat",
        ),
        (
            list_checks,
            changing("GET", "DESC&_start=1", lambda roles: roles[:2]),
            ROLES,
            "pages_have_no_gap_and_no_repeat",
        ),
        (list_checks, changing("GET", "_sort=name%3AASC&", lambda roles: roles[1:]), ROLES, "sorted_list_is_whole"),
        (list_checks, changing("GET", "_sort=id", lambda roles: roles[1:] + roles[:1]), ROLES, "sorted_list_is_sorted"),
        (
            list_checks,
            changing("GET", "_sort=name%3ADESC", lambda roles: roles[::-1]),
            ROLES,
            "both_directions_mirror_each_other",
        ),
        (
            list_checks,
            changing("GET", "/ws/roles?", lambda roles: roles and sorted(roles, key=by_id)[:2]),
            ROLES,
            "both_directions_mirror_each_other",
        ),
        (list_checks, changing("GET", "_limit=1000", lambda rows: rows[:5]), ("listScheduleTasks",), "page_is_full"),
        (list_checks, changing("GET", "_limit=1", lambda rows: rows * 2), ("listStages",), "page_keeps_its_limit"),
        (
            list_checks,
            changing("GET", "id%3ADESC", lambda rows: sorted(rows, key=lambda row: row["id"])),
            TASKS,
            "next_member_sorts",
        ),
        (list_checks, changing("GET", "status%3AASC%2Cpriority", with_ties_by_id), TASKS, "next_member_sorts"),
        (
            list_checks,
            changing("GET", "numero%3ADESC&_start=1", lambda items: items[::-1]),
            ("listItems",),
            "pages_have_no_gap_and_no_repeat",
        ),
        (list_checks, skipping_in_searches, ROLES, "pages_have_no_gap_and_no_repeat"),
        (
            list_checks,
            changing("GET", "_sort=points", lambda rows: sorted(rows, key=lambda row: str(row["points"]))),
            TASKS,
            "sorted_list_is_sorted",
        ),
        (
            list_checks,
            changing("GET", "_sort=name", lambda rows: sorted(rows, key=by_id)),
            ROLES,
            "sorted_list_is_sorted",
        ),
        (
            search_checks,
            changing("GET", "/ws/roles/count?_q=a", lambda count: count + 1),
            ROLES,
            "count_agrees_with_list",
        ),
        (search_checks, changing("GET", "_q=", lambda roles: []), ROLES, "search_finds_in_any_case"),
        (search_checks, changing("GET", "zqmv", lambda roles: [{"id": 1}]), ROLES, "search_leaves_what_holds_the_text"),
        (
            search_checks,
            changing("GET", "_q=%25", lambda rows: [{"id": 1}]),
            ROLES,
            "search_leaves_what_holds_the_text",
        ),
        (search_checks, searching_in_no_order, ("listRoles",), "filter_leaves_what_is_equal"),
        (search_checks, searching_in_all_types, ("listForms",), "filter_leaves_what_is_equal"),
        (search_checks, changing("GET", "N%C3%81LISE", lambda rows: []), ("listStages",), "search_finds_in_any_case"),
        (
            search_checks,
            changing("GET", "/items/count?_q=", lambda count: count + 1),
            ("listItems", "countItems"),
            "count_agrees_with_list",
        ),
    ],
)
def test_broken_promise_of_a_list__is_named(
    promises: Promises, file: ModuleType, change: Broken, operations: tuple[str, ...], promise: str
) -> None:
    assert promises(change, *operations, files=(file,), until=promise)[promise] == EXECUTED
