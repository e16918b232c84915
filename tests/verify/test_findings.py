"""The exact words of findings, and of what a run left out: other tests look at parts of them only."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import pytest

from mockserver import verify as package
from mockserver.settings import Settings
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.credentials import Credentials
from mockserver.verify.engine import MOST_KEYS, Depth
from mockserver.verify.judging.contract_places import KINDS, PARTS
from mockserver.verify.plan import Plan
from mockserver.verify.reports import terminal_report
from mockserver.verify.reproducer import EXECUTED
from mockserver.verify.results import Meaning
from mockserver.verify.safety.limits import Mode
from tests.verify.targets import Answer, Asked, between, json_answer, passed_on, refusal, target

Change = Callable[[Answer], Answer]


def place_of(pointer: str) -> str:
    """Returns a place of the contract with the line that an editor shows."""
    path, method = (part.replace("~1", "/") for part in pointer.split("/")[2:4])
    rows = Settings().spec.read_text(encoding="utf-8").splitlines()
    line = rows.index(f"    {method}:", rows.index(f"  {path}:")) + 1
    return f"openapi.yaml:{line} {pointer}"


def status(code: int) -> Change:
    return lambda answer: refusal(code)


def body(value: Any, code: int = 200) -> Change:
    return lambda answer: json_answer(value, code)


WORDS: dict[str, tuple[str, Change, str, str, str]] = {
    "count": (
        "/ws/roles/count",
        body(999),
        "count_agrees_with_list",
        "999, while the list has 4",
        "the length of the list under the same filters",
    ),
    "server error": ("/ws/roles/count", status(500), "not_a_server_error", "500", "no server error, whatever is sent"),
    "undocumented status": (
        "/ws/roles/count",
        status(418),
        "status_code_conformance",
        "418",
        "200, 400, 401, 403, 500",
    ),
    "no JSON": (
        "/ws/roles/count",
        lambda answer: (200, answer[1], b"{"),
        "response_schema_conformance",
        "a body that is not JSON",
        "JSON, as its content-type says",
    ),
    "media type": (
        "/ws/roles/count",
        lambda answer: (200, {"content-type": "text/plain"}, answer[2]),
        "content_type_conformance",
        "text/plain",
        "application/json",
    ),
    "type of the body": (
        "/ws/roles/count",
        body("five"),
        "response_schema_conformance",
        'the body: a text ("five")',
        "a whole number",
    ),
    "member": (
        "/ws/roles",
        body(
            [
                {
                    "id": 1,
                    "name": 5,
                    "description": None,
                    "created_at": "2026-01-01T00:00:00Z",
                    "updated_at": "2026-01-01T00:00:00Z",
                }
            ]
        ),
        "response_schema_conformance",
        "name: a whole number (5)",
        "a text",
    ),
    "envelope": (
        "/ws/roles/count",
        body({"statusCode": 400, "detail": "x"}, 400),
        "errors_have_the_envelope",
        "without error, message",
        "{statusCode, error, message}",
    ),
    "error in another format": (
        "/ws/roles/count",
        lambda answer: (400, answer[1], b"{"),
        "errors_have_the_envelope",
        "no JSON",
        "{statusCode, error, message}",
    ),
    "error as a list": (
        "/ws/roles/count",
        body([], 400),
        "errors_have_the_envelope",
        "JSON of another type: list",
        "{statusCode, error, message}",
    ),
    "trace": (
        "/ws/roles/count",
        lambda answer: refusal(400, 'Traceback (most recent call last): File "a.py", line 3'),
        "errors_tell_nothing_of_the_inside",
        "a Python stack trace: Traceback (most recent call last)",
        "a message for the caller",
    ),
    "redirect": (
        "/ws/roles/count",
        lambda answer: json_answer({}, 302, location="http://127.0.0.2/"),
        "answers_stay_on_the_host",
        "a redirect to another host",
        "a response of this host",
    ),
}


@pytest.mark.parametrize(("path", "change", "promise", "received", "documented"), WORDS.values(), ids=WORDS)
def test_finding__says_what_was_received_and_documented(
    sandbox: Enspace,
    plan: Callable[..., Plan],
    path: str,
    change: Change,
    promise: str,
    received: str,
    documented: str,
) -> None:
    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        is_changed = asked.path.partition("?")[0] == path and answer[0] == 200
        return change(answer) if is_changed else answer

    with target(answering) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=("listRoles", "countRoles")))
    found = {(f.promise, f.received): (f.documented, f.reproduction) for f in results.findings}
    assert found[promise, received] == (documented, EXECUTED)


def test_promises_with_a_place__are_reported_under_these_names() -> None:
    sources = [path for path in Path(package.__file__).parent.rglob("*.py") if path.name != "contract_places.py"]
    names = {name for path in sources for name in re.findall(r'"([a-z_]+)"', path.read_text(encoding="utf-8"))}
    assert {*KINDS, *chain(*PARTS.values())} - names == set()


def test_findings_about_access__say_which_key_was_accepted(
    sandbox: Enspace, plan: Callable[..., Plan], credentials: Credentials
) -> None:
    def open_to_all(asked: Asked) -> Answer:
        return passed_on(sandbox.url, Asked(asked.method, asked.path, asked.headers | sandbox.headers, asked.body))

    with target(open_to_all) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("createRole", "createQuickTask", "countRoles")))
    assert {f.meaning for f in results.findings if f.promise == "weak_key_reads_only"} == {Meaning.BROKEN}
    assert {(f.documented, f.operation) for f in results.findings if "workspace_is" in f.promise} == {
        ("400 without a workspace", "countRoles"),
        ("400 without a workspace", "createRole"),
        ("400 without a workspace", "createQuickTask"),
        ("403 for a workspace of another key", "countRoles"),
        ("403 for a workspace of another key", "createRole"),
        ("403 for a workspace of another key", "createQuickTask"),
    }
    writes = [finding for finding in results.findings if finding.operation != "countRoles"]
    late = "400: this caller is let through, or looked at too late"
    assert {(f.promise, f.received, f.documented) for f in writes if "key" in f.promise} == {
        ("no_key_is_refused", late, "401 without a key"),
        ("wrong_key_is_refused", late, "401 for an unknown key"),
        ("expired_key_is_refused", late, "401 for an expired key"),
        ("weak_key_reads_only", "200", "403 for a read-only key"),
    }


def test_access_checks__send_a_body_where_the_operation_has_one(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    with target(lambda asked: passed_on(sandbox.url, asked)) as there:
        verify(plan(Mode.FULL, target=there.url, operations=("createRole", "deleteRole")))
    keyless = {(asked.method, asked.body) for asked in there.asked if "x-api-key" not in asked.headers}
    assert keyless == {("POST", b"{}"), ("DELETE", b"")}


@pytest.mark.parametrize(
    ("part", "operation", "depth"),
    [
        (f"_start={2**63}", "listRoles", Depth.QUICK),
        ("unknown-property=", "countRoles", Depth.NORMAL),  # a case of Schemathesis
    ],
)
def test_query_that_the_target_cannot_bear__is_sent(
    sandbox: Enspace, plan: Callable[..., Plan], part: str, operation: str, depth: Depth
) -> None:
    def overflowing(asked: Asked) -> Answer:
        return refusal(500) if part in asked.path else passed_on(sandbox.url, asked)

    with target(overflowing) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=(operation,), depth=depth))
    assert [(f.promise, f.received) for f in results.findings] == [("not_a_server_error", "500")]


def test_forbidden_value_that_is_accepted__is_named(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def careless(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        return json_answer([]) if answer[0] == 400 and "status_code=" in asked.path else answer

    chosen = {"operations": ("listRequestLogs",), "depth": Depth.NORMAL}
    with target(careless) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, **chosen))
    found = [(one.received, one.documented) for one in results.findings if one.promise == "invalid_value_is_refused"]
    assert found == [("200 for status_code=0.5", "400: the contract forbids this value")]


def test_keys_of_another_type__are_sent_a_few_times(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    with target(lambda asked: passed_on(sandbox.url, asked)) as there:
        verify(plan(Mode.READ_ONLY, target=there.url, operations=("getRole",), depth=Depth.NORMAL))
    keys = {asked.path.rpartition("/")[2] for asked in there.asked if asked.path.startswith("/ws/roles/")}
    texts = {key for key in keys if not re.fullmatch(r"-?[\d.]+(e-?\d+)?", key)}
    assert 0 < len(texts) <= MOST_KEYS


def test_item_in_a_flow__is_created_with_all_its_fields(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    verify(plan(Mode.FULL, operations=("listItems", "createItem", "getItem", "deleteItem")))
    calls = sandbox.journal.find("createItem", body={"form": 14}, limit=100)
    created = [call["request"]["body"]["data"] for call in calls if call["answer"]["status"] == 200]
    assert {len(data) for data in created} == {9}


def test_findings_of_a_kind__are_limited_to_three(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    members = cycle(["id", "name", "description", "created_at", "updated_at"])

    def spoil(roles: list[dict[str, Any]]) -> list[dict[str, Any]]:
        name = next(members)
        return [role | {name: []} for role in roles]

    with target(between(sandbox.url, "GET", "/ws/roles", spoil)) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=("listRoles",)))
    assert len([f for f in results.findings if f.promise == "response_schema_conformance"]) == 3


def test_summary__lists_findings_coverage_and_verdict(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    with target(between(sandbox.url, "GET", "/ws/roles/count", lambda count: 999)) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=("listRoles", "countRoles")))
    lines = list(terminal_report.lines(results))
    (number,) = (finding.request for finding in results.findings)
    assert lines[:4] == [
        f"target: {there.url} (mode read-only, depth quick)",
        f"date: {results.environment.started}",
        "verdict: broken",
        "cleanup: Nothing was created.",
    ]
    assert lines[4:10] == [
        "Broken promises: 1",
        "  countRoles: count_agrees_with_list",
        "    received: 999, while the list has 4",
        "    documented: the length of the list under the same filters",
        f"    contract: {place_of('/paths/~1ws~1roles~1count/get')}",
        f"    since request {number}",
    ]
    assert number > 0
    assert lines[11] == "    reproduction: executed: the fault showed again"
    assert lines[12].startswith("2 of 2 operations reached, ")
    assert lines[-1] == "verdict: broken (seed 0)"


def test_own_data__says_why_it_leaves_operations_out(plan: Callable[..., Plan]) -> None:
    reasons = {part.what: part.why for part in verify(plan(Mode.OWN_DATA, operations=("listRoles",))).not_tested}
    assert reasons["leaveWorkspace"] == "it would end the membership of the run's key"
    assert reasons["createMember"] == "it would send an invitation"
    assert reasons["createTask"] == "no DELETE removes the new record"
    assert reasons["updateMember"] == "this run creates no record that it could change"
    assert reasons["own_workspace_lives_as_promised"] == "it needs the mode full; this one is own-data"
