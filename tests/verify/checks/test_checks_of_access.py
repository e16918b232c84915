"""Checks of keys, workspaces and the call log, against a fake with one changed answer: each names what is broken."""

from __future__ import annotations

import json
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
from mockserver.verify.checks.lists import count_checks
from mockserver.verify.credentials import Credentials
from mockserver.verify.reproducer import EXECUTED
from tests.verify.checks.check_run import CheckRun
from tests.verify.checks.conftest import Promises
from tests.verify.checks.faulty_answers import (
    Broken,
    changing,
    has_no_description,
    in_rows,
    in_the_other_workspace,
    refusing,
    refusing_repeats,
    sending,
    with_head,
    with_secure_icon,
    without_effect,
    without_query_of_deletions,
    without_refused_workspace,
)
from tests.verify.checks.selections import FIELDS, ITEMS_AND_PERMISSIONS, LOGS, ROLES, TASKS, TYPES, WORKSPACES
from tests.verify.checks.side_effects import sorting_pages_only
from tests.verify.targets import Answer, Answering, Asked, between, json_answer, target

LOGGED = "call_is_logged"
REFUSED = {
    "no_key_is_refused",
    "wrong_key_is_refused",
    "expired_key_is_refused",
    "missing_workspace_is_refused",
    "foreign_workspace_is_refused",
}


@pytest.mark.parametrize(
    ("file", "change", "operations", "promise"),
    [
        (
            call_log_checks,
            changing("GET", "-logs", lambda rows: [row for row in rows if row["status_code"] < 400]),
            LOGS,
            LOGGED,
        ),
        (
            call_log_checks,
            changing("GET", "-logs", lambda rows: [row for row in rows if row["status_code"] != 400]),
            LOGS,
            LOGGED,
        ),
        (
            call_log_checks,
            changing("GET", "-logs", lambda rows: [row for row in rows if row["method"] != "DELETE"]),
            LOGS,
            LOGGED,
        ),
        (call_log_checks, changing("GET", "-logs", without_query_of_deletions), LOGS, LOGGED),
        (call_log_checks, sorting_pages_only, LOGS, "pages_have_no_gap_and_no_repeat"),
        (call_log_checks, changing("GET", "-logs", without_refused_workspace), LOGS, LOGGED),
        (
            tenancy_checks,
            changing("GET", "/ws/context", lambda one: one | {"workspace": {"slug": "financeiro-abc"}}),
            ("getWorkspaceContext",),
            "answer_is_of_the_workspace",
        ),
        (tenancy_checks, in_the_other_workspace("/c-quick-tasks"), TASKS, "workspaces_are_separate"),
        (tenancy_checks, in_the_other_workspace("/c-quick-tasks/"), TASKS, "workspaces_are_separate"),
        (tenancy_checks, in_the_other_workspace("/pagamentos/fields"), FIELDS, "unlisted_is_hidden"),
        (
            tenancy_checks,
            without_effect("GET", "/ws/roles/7/permissions"),
            (*ROLES, *ITEMS_AND_PERMISSIONS),
            "unlisted_is_hidden",
        ),
    ],
)
def test_broken_promise_of_access__is_named(
    promises: Promises, file: ModuleType, change: Broken, operations: tuple[str, ...], promise: str
) -> None:
    assert promises(change, *operations, files=(file,), until=promise)[promise] == EXECUTED


def test_list_whose_pages_are_cut__says_nothing_about_the_rest(promises: Promises) -> None:
    change = changing("GET", "_limit=1000", lambda rows: rows[:20])
    assert promises(change, "listScheduleTasks", "getScheduleTask", files=(tenancy_checks,)) == {}


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


@pytest.mark.parametrize(
    ("file", "part", "promise"),
    [
        (access_checks, "/ws/types?_q=", "hidden_records_are_refused"),
        (access_checks, "/ws/types/", "hidden_records_are_refused"),
        (count_checks, "/ws/types/count", "count_agrees_with_list"),
    ],
)
def test_record_hidden_from_a_limited_key__that_it_finds_reads_or_counts_is_named(
    promises: Promises, credentials: Credentials, file: ModuleType, part: str, promise: str
) -> None:
    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            is_shown = part in asked.path and asked.headers.get("x-api-key") == credentials.limited_key
            return passing(replace(asked, headers=asked.headers | credentials.headers()) if is_shown else asked)

        return answering

    assert promises(broken, *TYPES, files=(file,)) == {promise: EXECUTED}


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
