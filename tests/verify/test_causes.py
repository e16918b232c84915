"""Findings in plain words, with their place in the contract, and grouped under their causes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.judging.causes import Cause, by_meaning
from mockserver.verify.plan import Plan
from mockserver.verify.reports import html_report, markdown_report, terminal_report
from mockserver.verify.results import Meaning, Results
from mockserver.verify.safety.limits import Mode
from tests.verify.targets import Answer, Answering, Asked, passed_on, refusal, target

ROLE = re.compile(r"/ws/roles(?:/\d+)?$")


def with_roles(url: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Answering:
    """Forwards to the fake, and changes each role in the answers to GET."""

    def answering(asked: Asked) -> Answer:
        status, headers, body = passed_on(url, asked)
        if asked.method != "GET" or status != 200 or not ROLE.match(asked.path.partition("?")[0]):
            return status, headers, body
        roles = json.loads(body)
        changed = [change(role) for role in roles] if isinstance(roles, list) else change(roles)
        return status, headers, json.dumps(changed).encode()

    return answering


def verdict_on(plan: Callable[..., Plan], answering: Answering, mode: Mode = Mode.READ_ONLY) -> Results:
    with target(answering) as there:
        return verify(plan(mode, target=there.url))


def causes_of(results: Results) -> list[Cause]:
    return [cause for causes in by_meaning(results.findings).values() for cause in causes]


def renamed(role: dict[str, Any]) -> dict[str, Any]:
    return {("title" if name == "name" else name): value for name, value in role.items()}


def test_renamed_member__is_named_with_its_old_and_new_name(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    results = verdict_on(plan, with_roles(sandbox.url, renamed))
    finding = causes_of(results)[0].finding
    assert re.fullmatch(
        r'a row: no name, but an undeclared title with a text \(".+"\): it may be renamed', finding.received
    )
    assert finding.documented == "name with a text"
    assert re.fullmatch(r"openapi\.yaml:\d+ /components/schemas/Role/properties/name", finding.contract)
    assert json.loads(finding.details)["required"]


def test_member_missing_in_a_shared_schema__is_one_cause_in_all_operations(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    results = verdict_on(plan, with_roles(sandbox.url, renamed))
    (cause,) = causes_of(results)
    assert {finding.operation for finding in cause.findings} == {"listRoles", "getRole"}
    assert {finding.promise for finding in cause.findings} == {"response_schema_conformance", "members_are_declared"}
    words = "also members_are_declared; also in 1 operation: getRole"
    assert f"consequences: {words}" in "\n".join(terminal_report.lines(results))
    assert words in markdown_report.render(results)
    assert words in html_report.render(results)


@pytest.mark.parametrize(("status", "promise"), [(500, "not_a_server_error"), (418, "status_code_conformance")])
def test_undocumented_error__is_the_cause_of_all_that_it_breaks(
    sandbox: Enspace, plan: Callable[..., Plan], status: int, promise: str
) -> None:
    def failing(asked: Asked) -> Answer:
        is_get = asked.method == "GET" and re.match(r"/ws/roles/\d", asked.path)
        return (status, {"content-type": "text/plain"}, b"oops") if is_get else passed_on(sandbox.url, asked)

    results = verdict_on(plan, failing)
    (cause,) = causes_of(results)
    assert (cause.finding.operation, cause.finding.promise) == ("getRole", promise)
    assert len(cause.consequences) >= 2
    assert "Broken promises: 1 (" in "\n".join(terminal_report.lines(results))


def test_list_that_never_shows_its_last_row__is_one_cause(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def cut(asked: Asked) -> Answer:
        status, headers, body = passed_on(sandbox.url, asked)
        is_page = re.match(r"/ws/roles\?.*_start=[1-9]|/ws/roles\?_sort", asked.path) and status == 200
        return (status, headers, json.dumps(json.loads(body)[:-1]).encode()) if is_page else (status, headers, body)

    (cause,) = causes_of(verdict_on(plan, cut))
    promises = {finding.promise for finding in cause.findings}
    assert promises == {"pages_have_no_gap_and_no_repeat", "sorted_list_is_whole"}


def test_finding__has_the_number_of_the_first_response_that_showed_it(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    asked_for = []

    def counting(asked: Asked) -> Answer:
        asked_for.append(asked)
        is_wrong = len(asked_for) >= 30 and asked.path.startswith("/ws/roles/count")
        return refusal(418) if is_wrong else passed_on(sandbox.url, asked)

    results = verdict_on(plan, counting)
    first = next(n for n, asked in enumerate(asked_for, 1) if n >= 30 and asked.path.startswith("/ws/roles/count"))
    assert [finding.request for finding in results.findings if finding.promise == "status_code_conformance"] == [first]


@pytest.mark.parametrize(
    ("change", "received", "documented"),
    [
        ({"id": "7"}, 'id: a text ("7")', "a whole number"),
        ({"id": None}, "id: null", "a whole number"),
        ({"name": ""}, 'name: ""', "a length of at least 1"),
        ({"created_at": "yesterday"}, 'created_at: "yesterday"', "a text in the format date-time"),
        # May be null.
        ({"description": 5}, "description: a whole number (5)", "a text or null"),
    ],
)
def test_value_that_breaks_its_schema__is_described_by_member(
    sandbox: Enspace, plan: Callable[..., Plan], change: dict[str, Any], received: str, documented: str
) -> None:
    results = verdict_on(plan, with_roles(sandbox.url, lambda role: role | change))
    words = [(finding.received, finding.documented) for finding in results.findings]
    assert (received, documented) in words


def test_errors__come_before_guesses(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def wrong(asked: Asked) -> Answer:
        guess = with_roles(sandbox.url, lambda role: role | {"nickname": "y"})
        return refusal(500) if asked.path.startswith("/ws/roles/count") else guess(asked)

    results = verdict_on(plan, wrong)
    assert [*by_meaning(results.findings)] == [Meaning.BROKEN, Meaning.LEARN]
    text = "\n".join(terminal_report.lines(results))
    assert text.index("countRoles: not_a_server_error") < text.index("listRoles: members_are_declared (note)")
