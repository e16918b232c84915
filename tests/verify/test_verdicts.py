"""Verdicts on targets that keep their promises, and on targets that break them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import pytest
import requests

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.engine import Depth
from mockserver.verify.judging.contract_learner import patch_of_run
from mockserver.verify.judging.reproductions import BY_EARLIER
from mockserver.verify.plan import Plan
from mockserver.verify.reproducer import EXECUTED
from mockserver.verify.results import ExitCode, Finding, Meaning, Severity
from mockserver.verify.safety.limits import Mode
from mockserver.verify.watching.run_calls import RunCalls
from tests.verify.checks.faulty_answers import Broken, changing
from tests.verify.targets import Answer, Asked, between, json_answer, passed_on, refusal, target

READS = ("listRoles", "countRoles")


def test_write_only_member_in_a_response__is_named(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    returning = between(sandbox.url, "POST", "/ws/members", lambda member: member | {"v1_compatibility": False})
    with target(returning) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("createMember", "listMembers")))
    finding = found(results, "createMember")["write_only_is_never_told"]
    assert (finding.received, finding.meaning) == ("the member v1_compatibility", Meaning.BROKEN)


def test_secret_in_the_answer_to_a_repeated_creation__is_reproduced_by_two(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    def with_secret(one: dict[str, Any]) -> dict[str, Any]:
        is_new = one["created_at"] == one["updated_at"]
        return one if is_new else one | {"data": one["data"] | {"api_key": "abc"}}

    with target(between(sandbox.url, "POST", "/integrations", with_secret)) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("createIntegration",)))
    finding = found(results, "createIntegration")["write_only_is_never_told"]
    assert (finding.reproduction, finding.reproduce.count("'POST', '/integrations'")) == (EXECUTED, 2)


def test_call_with_a_wrong_row_in_the_log__is_described_by_that_row(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    def hiding(rows: list[Any]) -> list[Any]:
        return [row | {"workspace": None} if row["status_code"] == 404 else row for row in rows]

    with target(between(sandbox.url, "GET", "/user-request-logs", hiding)) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("listRequestLogs",)))
    received = found(results, "listRequestLogs")["call_is_logged"].received
    assert re.fullmatch(r"the row \d+ with workspace null", received)


def test_record_below_another_parent__is_one_finding(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def answering(asked: Asked) -> Answer:
        answer, path = passed_on(sandbox.url, asked), re.sub("/types/[^/]+", "/types/contratos", asked.path)
        is_missing = asked.method == "GET" and "/items/" in asked.path and answer[0] == 404
        return passed_on(sandbox.url, replace(asked, path=path)) if is_missing else answer

    with target(answering) as there:
        results = verify(plan(target=there.url, operations=("listItems", "getItem")))
    assert [*found(results, "getItem")] == ["record_is_only_below_its_parent"]


@pytest.mark.compared
def test_answer_that_only_a_fake_contradicts__is_found_and_reproduced(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    rows = requests.get(f"{sandbox.url}/ws/roles/3/permissions", headers=sandbox.headers, timeout=30).json()
    granting = between(sandbox.url, "GET", "/ws/context", lambda context: context | {"permissions": rows[:1]})
    with target(granting) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("getWorkspaceContext",)))
    (finding,) = results.findings
    without = f"permissions without {rows[0]['id']}"
    assert (finding.promise, finding.documented.partition(",")[0]) == ("answers_as_the_fake", without)
    assert (finding.reproduction, results.exit_code) == (EXECUTED, ExitCode.BROKEN)


@pytest.mark.compared
def test_answers_that_contradict_each_other__are_at_fault_as_the_fake_decides(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    bare = between(sandbox.url, "GET", "/c-flow-stages", lambda rows: [row | {"tasks": []} for row in rows])
    with target(bare) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("listStages", "getStage")))
    assert {(one.operation, one.promise) for one in results.findings} == {("listStages", "answers_as_the_fake")}


@pytest.mark.compared
def test_foreign_workspace_that_one_operation_lets_in__is_no_right_of_the_key(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    def careless(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        return json_answer(0) if answer[0] == 403 and asked.path.startswith("/ws/roles/count") else answer

    with target(careless) as there:
        results = verify(plan(Mode.FULL, target=there.url))
    assert {(one.operation, one.promise) for one in results.findings} == {
        ("countRoles", "foreign_workspace_is_refused")
    }


def unheard_of(members: list[Any]) -> list[Any]:
    return [row | {"type": "admin"} if row["type"] == "full" else row for row in members]


@pytest.mark.compared
def test_value_that_depends_on_earlier_records__is_not_asserted_without_them(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    """The fake puts a field behind those that other checks have created; a new type would have none."""

    def misplacing(asked: Asked) -> Answer:
        is_meant = asked.method == "POST" and asked.sent.get("active") is False and "position" not in asked.sent
        if not is_meant:
            return passed_on(sandbox.url, asked)
        rows = json.loads(passed_on(sandbox.url, replace(asked, method="GET", body=b""))[2])
        far = max((row["position"] for row in rows), default=-1) + 2
        return passed_on(sandbox.url, replace(asked, body=json.dumps(asked.sent | {"position": far}).encode()))

    with target(misplacing) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("createField", "listFields", "getType")))
    found = {(one.operation, one.promise): one.reproduction for one in results.findings}
    assert found == {("createField", "answers_as_the_fake"): f"none: {BY_EARLIER.gap}"}


@pytest.mark.compared
@pytest.mark.parametrize(
    ("change", "operations"),
    [
        # Members that the fake cannot have.
        (changing("GET", "/ws/members?", unheard_of), ("listMembers", "countMembers", "getMember", "updateMember")),
        # Records that the fake has to guess.
        (changing("GET", "/integrations", lambda rows: {"data": rows}), ("listIntegrations", "createIntegration")),
        (
            changing("POST", "/ws/mgroups", lambda one: one | {"name": f"{one['name']} (1)"} if "name" in one else one),
            ("createMemberGroup", "listMemberGroups", "updateMemberGroup", "addMemberGroupUsers"),
        ),
        (
            changing("GET", "/c-quick-tasks/", lambda task: task | {"created_at": "05/02/2026 10:14"}),
            ("getQuickTask", "createQuickTask", "updateQuickTask"),
        ),
    ],
)
def test_fault_of_one_operation__is_found_there_alone(
    sandbox: Enspace, plan: Callable[..., Plan], change: Broken, operations: tuple[str, ...]
) -> None:
    with target(change(partial(passed_on, sandbox.url))) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=operations))
    assert {one.operation for one in results.findings} == {operations[0]}


def test_equal_rows_of_a_nested_list__are_in_the_promised_order(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def by_name(answer: Any) -> Any:
        if "fields" not in answer:
            return answer
        return answer | {"fields": sorted(answer["fields"], key=lambda row: (row["position"], row["name"]))}

    with target(changing("GET", "/ws/types/mv", by_name)(partial(passed_on, sandbox.url))) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("getType", "createField", "updateField")))
    assert "list_is_in_order" in found(results, "getType")


IN_ONE_ANSWER: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "times_are_instants": ("POST /ws/roles", lambda role: role | {"created_at": "2026-01-01T00:00:00"}, "createRole"),
    "updated_is_not_before_created": (
        "POST /ws/mgroups",
        lambda group: group | {"updated_at": "2001-01-01T00:00:00Z"},
        "createMemberGroup",
    ),
    "members_are_equal": (
        "GET /ws/types/contratos/fields",
        lambda fields: [field | {"order": 99} for field in fields],
        "listFields",
    ),
    "only_visible_is_listed": (
        "GET /c-forms/create",
        lambda forms: [form | {"status": "inactive"} for form in forms],
        "listCreateForms",
    ),
    "sum_is_right": ("GET /ws/stats", lambda stats: stats | {"members_by_type": {"owner": 1}}, "getWorkspaceStats"),
    "list_is_in_order": ("GET /user-request-logs", lambda calls: calls[50:] + calls[:50], "listRequestLogs"),
    "record_is_listed_once": ("GET /ws/types", lambda types: [*types, types[0]], "listTypes"),
    "record_is_the_one_asked_for": ("GET /c-flow-tasks/71", lambda task: task | {"id": 72}, "getTask"),
    "records_belong_to_their_parent": (
        "GET /ws/types/contratos/items",
        lambda items: [item | {"item_type": item["item_type"] | {"slug": "foreign"}} for item in items],
        "listItems",
    ),
    "answers_are_bounded": (
        "GET /ws/roles",
        lambda roles: json.loads("[" * 101 + "]" * 101),
        "listRoles",
    ),
    "answers_agree": ("GET /c-flows/9", lambda flow: flow | {"name": "another"}, "getFlow"),
    "nested_record_agrees": ("GET /c-flow-stages/31", lambda stage: stage | {"tasks": []}, "getStage"),
}


def test_promises_of_single_answers__are_found_broken(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    changes = {line: change for line, change, _ in IN_ONE_ANSWER.values()}

    def answering(asked: Asked) -> Answer:
        change = changes.get(f"{asked.method} {asked.path.partition('?')[0]}", lambda body: body)
        status, headers, body = passed_on(sandbox.url, asked)
        return json_answer(change(json.loads(body))) if status == 200 else (status, headers, body)

    names = [operation for _, _, operation in IN_ONE_ANSWER.values()]
    with target(answering) as there:
        results = verify(
            plan(target=there.url, operations=(*names, "listFlows", "listStages", "listTasks", "listMemberGroups"))
        )
    broken = {(one.promise, one.operation): one.reproduction for one in results.findings}
    wanted = {(promise, operation): EXECUTED for promise, (_, _, operation) in IN_ONE_ANSWER.items()}
    wanted["answers_are_bounded", "listRoles"] = "none: the response has no end"
    assert wanted.items() - broken.items() == set()
    assert ("response_schema_conformance", "listRoles") not in broken, "half a body proves nothing"
    assert found(results, "getWorkspaceStats")["sum_is_right"].contract.endswith("/x-promises/1")
    assert {one.promise: one.documented for one in results.findings}.items() >= {
        "answers_are_bounded": "one within the limits of size and time",
        "list_is_in_order": "the list by created_at:DESC",
        "answers_agree": '"Aprovação de contrato", as listTasks shows it',
        "members_are_equal": "position and order with the same value",
        "only_visible_is_listed": 'only records with status "active"',
        "sum_is_right": "the same number",
        "times_are_instants": "a date and time with an offset or Z",
        "updated_is_not_before_created": "a later time",
    }.items()


@pytest.fixture
def miscounting(sandbox: Enspace) -> Iterator[str]:
    """The address of a fake whose count of roles is wrong."""
    with target(between(sandbox.url, "GET", "/ws/roles/count", lambda count: 999)) as there:
        yield there.url


def undescribed(roles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Contradicts the contract, which infers that a description is a text."""
    return [role | {"description": 5} for role in roles]


def found(results: Any, operation: str) -> dict[str, Finding]:
    return {finding.promise: finding for finding in results.findings if finding.operation == operation}


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ({"operations": ["getRole"], "status": 418}, "status_code_conformance"),
        ({"operations": ["listRoles"], "status": 404, "body": {"no": "envelope"}}, "errors_have_the_envelope"),
        # The schema of an error is certain, whatever the contract infers about a success.
        ({"operations": ["listForms"], "status": 403, "body": {"no": "envelope"}}, "response_schema_conformance"),
        # These promises hold for every API; the contract only infers `listForms`.
        ({"operations": ["listForms"], "status": 500}, "not_a_server_error"),
        ({"operations": ["listForms"], "connection": "malformed"}, "response_schema_conformance"),
    ],
)
def test_broken_promise__is_named_with_its_operation(
    sandbox: Enspace, plan: Callable[..., Plan], fault: dict[str, Any], promise: str
) -> None:
    sandbox.fault(**fault)
    results = verify(plan(Mode.READ_ONLY, operations=(*READS, "getRole", "listForms")))
    assert found(results, fault["operations"][0])[promise].meaning is Meaning.BROKEN
    assert results.exit_code is ExitCode.BROKEN


# The last one has too few responses for a median, unless it is asked again.
TIMED = (*READS, "listApiKeys")


@pytest.mark.parametrize(("slow", "operations"), [(0.00001, set(TIMED)), (20.0, set[str]())])
def test_median_response_time__above_the_limit_is_named(
    plan: Callable[..., Plan], slow: float, operations: set[str]
) -> None:
    results = verify(plan(Mode.READ_ONLY, operations=TIMED, slow=slow))
    late = {finding.operation: finding for finding in results.findings}
    assert late.keys() & set(TIMED) == operations
    assert all(finding.promise == "answers_come_in_time" for finding in late.values())
    assert all(re.fullmatch(r"a median of \d+ ms in \d+ responses", one.received) for one in late.values())
    assert all(row.latency is not None and row.latency.count > 0 for row in results.coverage if row.operation in READS)


def test_finding__can_be_reproduced(miscounting: str, plan: Callable[..., Plan]) -> None:
    finding = found(verify(plan(Mode.READ_ONLY, operations=READS, target=miscounting)), "countRoles")[
        "count_agrees_with_list"
    ]
    assert finding.received.startswith("999, while the list has")
    assert finding.operation_provenance.status == "partly-documented"
    assert finding.curl.startswith(f"curl -X GET {miscounting}/ws/roles/count")
    assert "$MOCKSERVER_VERIFY_KEY" in finding.curl


def test_contradicted_guess__comes_with_a_proposed_change_and_fails_on_request(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    with target(between(sandbox.url, "GET", "/ws/roles", undescribed)) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=("listRoles",), fail_on=Severity.WARNING))
    learn = [finding for finding in results.findings if finding.meaning is Meaning.LEARN]
    assert learn
    assert learn[0].severity is Severity.WARNING
    assert results.exit_code is ExitCode.BROKEN
    assert replace(results, fail_on=Severity.ERROR).exit_code is ExitCode.KEPT
    assert results.patch.startswith("--- a/openapi.yaml\n+++ b/openapi.yaml")
    assert "{type: integer, example: 1}" in results.patch


def test_same_seed__finds_the_same_which_fails_no_run_that_knows_it(
    miscounting: str, plan: Callable[..., Plan]
) -> None:
    first = verify(plan(Mode.READ_ONLY, operations=READS, target=miscounting, seed=5))
    known = tuple(finding.identity for finding in first.findings)
    again = verify(plan(Mode.READ_ONLY, operations=READS, target=miscounting, seed=5, known=known))
    assert known == tuple(finding.identity for finding in again.findings) != ()
    assert (first.exit_code, again.exit_code) == (ExitCode.BROKEN, ExitCode.KEPT)
    assert first.guard.sent == again.guard.sent
    assert all(run.environment.seconds == round(run.environment.seconds, 1) for run in (first, again))


def test_part_that_was_not_tested__is_listed_with_its_reason(plan: Callable[..., Plan]) -> None:
    reasons = {part.what: part.why for part in verify(plan(Mode.READ_ONLY, operations=READS)).not_tested}
    assert reasons["createRole"] == "read-only sends only GET and HEAD"
    assert reasons["record_lives_as_promised"] == "it needs the mode own-data or full; this one is read-only"


def test_wrong_count_of_an_inferred_operation__is_broken(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    tasks = ("listQuickTasks", "countQuickTasks")
    with target(between(sandbox.url, "GET", "/c-quick-tasks/count", lambda count: count + 1)) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=tasks))
    assert found(results, "countQuickTasks")["count_agrees_with_list"].meaning is Meaning.BROKEN
    assert results.exit_code is ExitCode.BROKEN


def test_count_of_another_shape__contradicts_a_guess(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    """The operation is documented in part, its body is inferred."""
    with target(between(sandbox.url, "GET", "/ws/roles/count", str)) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=("countRoles",)))
    assert found(results, "countRoles")["response_schema_conformance"].meaning is Meaning.LEARN
    assert results.exit_code is ExitCode.KEPT


@pytest.mark.parametrize(
    ("member", "promise", "code"),
    [
        ({"nickname": "x"}, "members_are_declared", ExitCode.KEPT),
        ({"password_hash": "x"}, "secrets_are_not_shown", ExitCode.BROKEN),
        ({"cvv": "x"}, "secrets_are_not_shown", ExitCode.BROKEN),
        ({"note": "$2b$12$abcdefghijklmnop"}, "secrets_are_not_shown", ExitCode.BROKEN),
    ],
)
def test_undeclared_member__is_a_fault_only_if_it_may_be_a_secret(
    sandbox: Enspace, plan: Callable[..., Plan], member: dict[str, str], promise: str, code: ExitCode
) -> None:
    with target(between(sandbox.url, "GET", "/ws/roles", lambda roles: [role | member for role in roles])) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=("listRoles",)))
    assert promise in found(results, "listRoles")
    assert results.exit_code is code


@pytest.mark.parametrize(
    ("answer", "promise", "documented"),
    [
        (
            (200, {"content-type": "application/json; charset=iso-8859-1"}, b"[]"),
            "json_is_utf_8",
            "UTF-8, as JSON always is",
        ),
        (
            (200, {"content-type": "application/json"}, b"\xef\xbb\xbf[]"),
            "json_is_strict",
            "JSON that every client reads",
        ),
        ((200, {"content-type": "application/json"}, b"[NaN]"), "json_is_strict", "JSON that every client reads"),
        (
            json_answer({"statusCode": 400, "error": "Bad", "message": "No"}, 404),
            "envelope_has_the_status",
            "statusCode 404",
        ),
        (refusal(404, "app.rb:12:in `find'"), "errors_tell_nothing_of_the_inside", "a message for the caller"),
        (refusal(404, "panicked at src/main.rs:4"), "errors_tell_nothing_of_the_inside", "a message for the caller"),
        (
            refusal(404, "No at Object.find (/srv/roles.js:42:13)"),
            "errors_tell_nothing_of_the_inside",
            "a message for the caller",
        ),
    ],
)
def test_answer_that_shows_the_inside_or_another_form__is_named(
    sandbox: Enspace, plan: Callable[..., Plan], answer: Answer, promise: str, documented: str
) -> None:
    def answering(asked: Asked) -> Answer:
        return answer if asked.path.startswith("/ws/roles/count") else passed_on(sandbox.url, asked)

    with target(answering) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=("countRoles",)))
    finding = found(results, "countRoles")[promise]
    assert (finding.meaning, finding.documented, finding.reproduction) == (Meaning.BROKEN, documented, EXECUTED)


def test_allow_without_a_documented_method__is_named(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def answering(asked: Asked) -> Answer:
        status, headers, body = passed_on(sandbox.url, asked)
        return status, headers | {"allow": "POST"} if status == 405 else headers, body

    with target(answering) as there:
        results = verify(plan(Mode.FULL, target=there.url, depth=Depth.NORMAL, operations=("listRoles",)))
    assert "allow_is_complete" in found(results, "listRoles")


def test_update_of_a_missing_record__is_tried_with_a_body(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        return json_answer({}) if asked.method == "PUT" and asked.body and answer[0] == 404 else answer

    with target(answering) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("updateRole",)))
    assert found(results, "updateRole")["absent_is_404"].received == "200 for a missing record"


def test_list_that_still_shows_a_deleted_record__is_at_fault(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    rows: dict[int, Any] = {}

    def remembered(roles: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows.update({role["id"]: role for role in roles})
        return list(rows.values())

    with target(between(sandbox.url, "GET", "/ws/roles", remembered)) as there:
        results = verify(plan(Mode.FULL, target=there.url))
    assert "deleted_is_not_listed" in found(results, "listRoles")
    assert found(results, "deleteRole") == {}


def answering_otherwise(
    url: str, is_meant: Callable[[int, Asked], bool], change: Callable[[Answer], Answer]
) -> Callable[[Asked], Answer]:
    """Forwards everything to the fake, and changes the answers to some requests, by their number."""
    numbers = count(1)

    def answering(asked: Asked) -> Answer:
        answer = passed_on(url, asked)
        return change(answer) if is_meant(next(numbers), asked) else answer

    return answering


def in_seconds(answer: Answer) -> Answer:
    """Returns an answer whose times have whole seconds."""
    status, headers, body = answer
    return status, headers, re.sub(rb"(T[0-9:]{8})\.[0-9]{3}Z", rb"\1Z", body)


@pytest.mark.compared
@pytest.mark.parametrize(
    "operations",
    [("listRoles", "createRole", "getRole", "updateRole"), ("listTasks", "createTask", "listStages", "listFlows")],
)
def test_times_in_whole_seconds__break_no_promise(
    sandbox: Enspace, plan: Callable[..., Plan], operations: tuple[str, ...]
) -> None:
    with target(answering_otherwise(sandbox.url, lambda number, asked: True, in_seconds)) as there:
        assert verify(plan(Mode.FULL, target=there.url, operations=operations)).findings == ()


@pytest.mark.parametrize(("name", "is_learned"), [("own", False), ("minItems", False), ("priority", True)])
def test_undeclared_name_that_the_run_has_sent__is_not_learned(
    document: Document, sandbox: Enspace, name: str, is_learned: bool
) -> None:
    calls = RunCalls()
    for method, body in (("PUT", {"options": {name: 1}}), ("GET", None), ("GET", None)):
        url = f"{sandbox.url}/ws/types/contratos/fields/307"
        sent = requests.Request(method, url, sandbox.headers, json=body).prepare()
        calls.observe(sent, requests.Session().send(sent, timeout=30))
    assert bool(patch_of_run(document, sandbox.url, calls).diff) == is_learned
