"""Checks of records as they are shown, against a fake with one changed answer: each names what is broken."""

from __future__ import annotations

import pytest

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.checks.lists import count_checks
from mockserver.verify.checks.records import agreement_checks, nested_checks, record_checks, summary_checks
from mockserver.verify.credentials import Credentials
from mockserver.verify.reproducer import EXECUTED
from tests.verify.checks.check_run import CheckRun
from tests.verify.checks.conftest import Promises
from tests.verify.checks.faulty_answers import (
    Broken,
    afterwards,
    always,
    changing,
    finding,
    moving,
    refusing,
    with_another_field,
    with_black_types,
    with_more_of_a_type,
    without_inactive_task,
)
from tests.verify.checks.selections import FIELDS, ROLES, TASKS
from tests.verify.checks.side_effects import naming_by_slug, starting_when_read
from tests.verify.targets import between, target

RECORDS = (record_checks, summary_checks, nested_checks, agreement_checks)


@pytest.mark.parametrize(
    ("change", "operations", "promise"),
    [
        (changing("GET", "/contratos/items", with_black_types), ("listItems",), "answers_agree"),
        (
            changing("GET", "/c-flow-stages", without_inactive_task),
            ("listStages", "getStage", "listTasks"),
            "nested_record_agrees",
        ),
        (
            changing("GET", "/ws/roles/3", lambda role: role | {"id": 4}),
            ROLES,
            "listed_record_can_be_read",
        ),
        (finding("GET", "/ws/roles/"), ROLES, "missing_record_is_404"),
        (moving("/ws/roles/"), ROLES, "reading_changes_nothing"),
        (finding("GET", "/fields/"), FIELDS, "record_is_only_below_its_parent"),
        (finding("GET", "/items/count"), ("countItems",), "absent_is_404"),
        (naming_by_slug, ("listFields", "getField"), "missing_record_is_404"),
        (refusing("GET", "/ws/roles/2000000011", always), ROLES, "missing_record_is_404"),
        (
            changing("GET", "/ws/stats", lambda stats: stats | {"roles": 99}),
            ("getWorkspaceStats",),
            "number_counts_the_list",
        ),
        (
            changing("GET", "/ws/stats", with_more_of_a_type),
            ("getWorkspaceStats",),
            "number_counts_the_list",
        ),
    ],
)
def test_broken_promise_of_a_record__is_named(
    promises: Promises, change: Broken, operations: tuple[str, ...], promise: str
) -> None:
    assert promises(change, *operations, files=RECORDS, until=promise)[promise] == EXECUTED


def test_task_that_starts_when_it_is_read__is_named(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    with target(starting_when_read(between(sandbox.url, "GET", "", lambda body: body))) as there:
        probe = CheckRun(document, credentials, there.url).check(
            lambda operation: operation.id in TASKS, (count_checks, *RECORDS)
        )
    broken = {(one.operation, one.promise, one.member) for one in probe.broken_promises}
    assert ("getQuickTask", "reading_changes_nothing", "status") in broken


def test_deleted_row_that_a_record_still_has__is_named(promises: Promises) -> None:
    change = afterwards("DELETE", "/fields/", "/ws/types/mv", with_another_field)
    assert promises(change, "getType", "listFields", files=RECORDS) == {"nested_record_agrees": EXECUTED}


@pytest.mark.parametrize(("shown", "found"), [(slice(None, None, -1), {}), (slice(1), {"answers_agree": EXECUTED})])
def test_nested_lists__agree_in_any_order(promises: Promises, shown: slice, found: dict[str, str]) -> None:
    turned = changing("GET", "/ws/mgroups?", lambda rows: [row | {"users": row["users"][shown]} for row in rows])
    assert promises(turned, "listMemberGroups", "getMemberGroup", files=RECORDS) == found
