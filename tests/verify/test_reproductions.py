"""Reproductions: executed before they are reported, and files that fail on the broken target alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import Run, verify
from mockserver.verify.credentials import Credentials
from mockserver.verify.judging.assertions import ReceivedAnswer, has_status
from mockserver.verify.judging.derivation import Derivation
from mockserver.verify.judging.placeholders import Names
from mockserver.verify.judging.reproductions import BY_EARLIER, Expectation, Sender
from mockserver.verify.plan import Plan
from mockserver.verify.redaction import Redactor
from mockserver.verify.reports import write
from mockserver.verify.reproducer import EXECUTED, NOT_SHOWN, Reproducer
from mockserver.verify.resources import Contract
from mockserver.verify.results import Finding, Meaning, Severity
from mockserver.verify.safety.creations import Creations, find_creations
from mockserver.verify.safety.ledger import Ledger
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import RequestGuard, number_of
from mockserver.verify.watching.exchange_log import ExchangeLog
from mockserver.verify.watching.watch import Watch
from tests.verify.checks.faulty_answers import sending, with_head, with_text_reset
from tests.verify.reproduction_file import exit_code
from tests.verify.targets import Answer, Answering, Asked, between, json_answer, passed_on, refusal, target

MARK, COUNTED = "mv12345678", ("listRoles", "countRoles")


def dropping(url: str) -> Answering:
    """Answers an update with what was sent, and keeps nothing."""

    def answering(asked: Asked) -> Answer:
        if asked.method != "PUT":
            return passed_on(url, asked)
        status, _, body = passed_on(url, Asked("GET", asked.path, asked.headers, b""))
        return json_answer(json.loads(body) | asked.sent, status)

    return answering


@pytest.mark.parametrize(
    ("breaking", "operations", "promise"),
    [
        (dropping, ("listRoles", "updateRole"), "update_is_kept"),
        (
            lambda url: between(url, "GET", "/ws/roles/count", lambda number: number + 1),
            COUNTED,
            "count_agrees_with_list",
        ),
        (lambda url: between(url, "GET", "/ws/roles", lambda roles: roles[::-1]), COUNTED, "list_is_in_order"),
        # The key that is lost contains the mark of the run.
        (
            lambda url: sending("PUT", "/items/", with_text_reset)(partial(passed_on, url)),
            ("listItems", "createItem", "updateItem", "getItem"),
            "update_keeps_other_keys",
        ),
    ],
)
def test_files__fail_on_the_broken_target_and_pass_on_the_healthy_one(
    sandbox: Enspace,
    plan: Callable[..., Plan],
    credentials: Credentials,
    tmp_path: Path,
    breaking: Callable[[str], Answering],
    operations: tuple[str, ...],
    promise: str,
) -> None:
    with target(breaking(sandbox.url)) as there:
        results = verify(plan(target=there.url, operations=operations))
        write(results, tmp_path)
        files = sorted((tmp_path / "reproduce").glob(f"*{promise}*"))
        broken, healthy = ({exit_code(file, url, credentials) for file in files} for url in (there.url, sandbox.url))
    assert (len(files), broken, healthy) == (2, {1}, {0})
    assert {finding.reproduction for finding in results.findings} == {EXECUTED}
    assert results.cleanup.left == ()


def elsewhere(url: str, asked: Asked) -> Answer:
    """Shows the quick tasks of another workspace of the key."""
    named = {"en-workspace": "financeiro-abc"} if asked.path.startswith("/c-quick-tasks") else {}
    return passed_on(url, Asked(asked.method, asked.path, asked.headers | named, asked.body))


def careless(url: str, asked: Asked) -> Answer:
    """Finds types under a key in upper case."""
    path = asked.path.lower() if asked.path.startswith("/ws/types/") else asked.path
    return passed_on(url, Asked(asked.method, path, asked.headers, asked.body))


def clinging(url: str, asked: Asked) -> Answer:
    """Shows quick tasks with an item that has been deleted."""
    status, headers, body = passed_on(url, asked)
    fits = asked.method == "GET" and asked.path.startswith("/c-quick-tasks/") and status == 200
    return json_answer(json.loads(body) | {"item": {"id": 1}}) if fits else (status, headers, body)


@pytest.mark.parametrize(
    ("answering", "mode", "operations", "promise"),
    [
        (elsewhere, Mode.READ_ONLY, ("listQuickTasks",), "workspaces_are_separate"),
        (careless, Mode.READ_ONLY, ("listTypes", "getType"), "missing_record_is_404"),
        (
            clinging,
            Mode.FULL,
            ("listQuickTasks", "createQuickTask", "getQuickTask", "listItems", "createItem", "deleteItem"),
            "deletion_reaches_referrers",
        ),
    ],
)
def test_broken_promise__shows_again_when_it_is_reproduced(
    sandbox: Enspace,
    plan: Callable[..., Plan],
    answering: Callable[[str, Asked], Answer],
    mode: Mode,
    operations: tuple[str, ...],
    promise: str,
) -> None:
    with target(partial(answering, sandbox.url)) as there:
        results = verify(plan(mode, target=there.url, operations=operations))
    assert {finding.promise: finding.reproduction for finding in results.findings}[promise] == EXECUTED


def test_reproduction__of_a_row_of_the_run_creates_it(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def wrong(rows: list[Any]) -> list[Any]:
        return [row | {"description": 7} if row["name"].startswith("mv") else row for row in rows]

    with target(between(sandbox.url, "GET", "/ws/roles", wrong)) as there:
        results = verify(plan(target=there.url, operations=("listRoles", "createRole")))
    (finding,) = results.findings
    assert finding.reproduction == EXECUTED
    assert "'POST', '/ws/roles'" in finding.reproduce


@pytest.mark.compared
def test_reproduction__of_a_call_in_a_log_is_none(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    with target(between(sandbox.url, "GET", "/user-request-logs", with_head)) as there:
        (finding,) = verify(plan(Mode.READ_ONLY, target=there.url, operations=("listRequestLogs",))).findings
    assert finding.received == 'method: "HEAD"'
    assert finding.reproduction == f"none: {BY_EARLIER.gap}"


def test_fault_that_does_not_show_again__has_no_file(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    numbers = count()
    wrong_at_first = between(sandbox.url, "GET", "/ws/roles/count", lambda number: number + (next(numbers) < 4))
    with target(wrong_at_first) as there:
        (finding,) = verify(plan(Mode.READ_ONLY, target=there.url, operations=COUNTED)).findings
    assert finding.reproduction == NOT_SHOWN
    assert (finding.reproduce, finding.script) == ("", "")
    assert finding.curl.startswith("curl -X GET")


def test_reproduction__whose_earlier_request_ends_otherwise_shows_nothing(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    """The update without an effect is refused once it is repeated: the record that stays as it was proves nothing."""
    shown: list[str] = []

    def answering(asked: Asked) -> Answer:
        is_repeated = any("reproducing" in line for line in shown)
        return refusal(400) if is_repeated and asked.method == "PUT" else dropping(sandbox.url)(asked)

    with target(answering) as there:
        results = Run(plan(target=there.url, operations=("listRoles", "updateRole")), shown.append).execute()
    assert {one.promise: one.reproduction for one in results.findings}["update_is_kept"] == NOT_SHOWN


def test_run_out_of_time__still_executes_reproductions(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    """The time for tests passes as soon as the fault has shown."""

    def wrong(number: int) -> str:
        run.watch.guard.deadline = 0
        return str(number)

    with target(between(sandbox.url, "GET", "/ws/roles/count", wrong)) as there:
        run = Run(plan(Mode.READ_ONLY, target=there.url, operations=COUNTED))
        results = run.execute()
    assert [finding.reproduction for finding in results.findings] == [EXECUTED]
    assert results.full_verdict.endswith("out of time")


FINDING = Finding("listRoles", "p", Meaning.BROKEN, Severity.ERROR, "200", "404")


def complete(
    sandbox: Enspace,
    method: str = "GET",
    path: str = "/ws/roles",
    body: str | None = None,
    gap: str = "",
    begin_at_fake: Callable[[], Sender] | None = None,
    confirm_at_fake: Callable[[], Sender] | None = None,
    **limits: Any,
) -> Finding:
    """Reproduces one request of which the promise, a 404, is broken, with these limits of the guard."""
    log, ledger = ExchangeLog(sandbox.url), Ledger(None, sandbox.url, MARK)
    headers = {"x-api-key": sandbox.api_key, "en-workspace": sandbox.workspace, "content-type": "application/json"}
    sent = requests.Request(method, sandbox.url + path, headers, data=body).prepare()
    log.observe(sent, requests.Session().send(sent, timeout=30))
    guard = RequestGuard(sandbox.url, Limits(**limits), ledger, Creations(), lambda request, path: "", headers)
    names = Names(MARK, sandbox.workspace, {"key": sandbox.api_key})
    reproducer = Reproducer(guard, log, names, count(1000).__next__, Redactor([sandbox.api_key], []))
    reproducer.begin_at_fake = begin_at_fake
    finding = reproducer.complete(FINDING, Expectation(has_status, log.entries[0].request, ("404",), gap=gap))
    reproducer.begin_at_fake = confirm_at_fake
    return reproducer.confirm(finding)


@pytest.mark.parametrize("when", ["begin_at_fake", "confirm_at_fake"])
@pytest.mark.parametrize(("status", "outcome"), [(404, EXECUTED), (200, f"none: {BY_EARLIER.gap}")])
def test_reproduced_promise__has_to_be_kept_by_the_fake(sandbox: Enspace, when: str, status: int, outcome: str) -> None:
    def send(method: str, path: str, headers: dict[str, str], content: bytes) -> ReceivedAnswer:
        return ReceivedAnswer(status if (method, path) == ("GET", "/ws/roles") else 500, {}, "", [])

    at_fake: dict[str, Any] = {when: lambda: send}
    finding = complete(sandbox, **at_fake)
    assert (finding.reproduction, bool(finding.reproduce)) == (outcome, status == 404)


@pytest.mark.parametrize(
    ("request_of", "outcome"),
    [
        ({}, EXECUTED),
        ({"max_time": 0.0}, "not executed: out of time"),
        ({"method": "POST", "body": '{"name": "mv12345678 1"}'}, "not executed: POST in read-only"),
    ],
)
def test_outcome__is_that_of_the_guard(sandbox: Enspace, request_of: dict[str, Any], outcome: str) -> None:
    finding = complete(sandbox, **request_of)
    assert finding.reproduction == outcome
    assert sandbox.api_key not in finding.reproduce + finding.script
    assert "os.getenv('MOCKSERVER_VERIFY_KEY', '')" in finding.reproduce
    assert "${MOCKSERVER_VERIFY_KEY:?}" in finding.script
    assert ("--data-binary" in finding.script) == ("body" in request_of)


@pytest.mark.parametrize(
    ("request_of", "why"),
    [
        ({"gap": "no assertion expresses it"}, "no assertion expresses it"),
        (
            {"method": "PUT", "path": "/ws/roles/6", "body": '{"description": "x"}'},
            "it would change a record that the run has not created",
        ),
    ],
)
def test_finding_without_a_sequence__has_the_reason_and_no_files(
    sandbox: Enspace, request_of: dict[str, Any], why: str
) -> None:
    finding = complete(sandbox, **request_of)
    assert finding.reproduction == f"none: {why}"
    assert (finding.reproduce, finding.script) == ("", "")


def test_sequence__writes_to_its_own_records_or_to_a_new_one(document: Document, sandbox: Enspace) -> None:
    log, names = ExchangeLog(sandbox.url, find_creations(document)), Names(MARK, sandbox.workspace, {})

    def send(method: str, path: str, **body: Any) -> Any:
        sent = requests.Request(method, sandbox.url + path, sandbox.headers, json=body).prepare()
        answer = requests.Session().send(sent, timeout=30)
        log.observe(sent, answer)
        return answer.json()["id"]

    first, second = (send("POST", "/ws/roles", name=f"{MARK} {number}") for number in (1000, 1001))
    for method, id in (("PUT", second), ("PUT", first), ("GET", first)):
        send(method, f"/ws/roles/{id}", description="x")
    send("GET", "/ws/roles/3")
    own, other = (Expectation(has_status, entry.request, ("200",)) for entry in log.entries[-2:])
    assert Derivation(log, own, names).optional == [4]
    paths = [step.path for step in Derivation(log, other, names, is_fresh=True).sequence().steps]
    assert paths == ["/ws/roles", "/ws/roles/<<id_1>>", "/ws/roles/<<id_1>>"]


def test_number__names_only_records_of_its_kind(document: Document, sandbox: Enspace) -> None:
    log = ExchangeLog(sandbox.url, find_creations(document))
    names = Names(MARK, sandbox.workspace, {}, Contract(document).references)
    made = requests.post(f"{sandbox.url}/ws/roles", headers=sandbox.headers, json={"name": f"{MARK} 1000"}, timeout=30)
    log.observe(made.request, made)
    for path in ("/ws/members?role=", "/c-flow-tasks?stage="):
        listed = requests.get(f"{sandbox.url}{path}{made.json()['id']}", headers=sandbox.headers, timeout=30)
        log.observe(listed.request, listed)
    promises = [Expectation(has_status, entry.request, ("200",)) for entry in log.entries[1:]]
    own, other = ([step.path for step in Derivation(log, one, names).sequence().steps] for one in promises)
    assert own == ["/ws/roles", "/ws/members?role=<<id_1>>", "/ws/roles/<<id_1>>"]
    assert other == [f"/c-flow-tasks?stage={made.json()['id']}"]


def test_files__name_the_workspace_once_since_it_may_be_another_one(
    sandbox: Enspace, plan: Callable[..., Plan], tmp_path: Path
) -> None:
    with target(between(sandbox.url, "GET", "/ws/roles/count", lambda number: number + 1)) as there:
        write(verify(plan(Mode.READ_ONLY, target=there.url, operations=COUNTED)), tmp_path)
    files = [*(tmp_path / "reproduce").glob("*count_agrees_with_list*")]
    assert [file.read_text().count(sandbox.workspace) for file in files] == [1, 1]


def test_number_of_a_response__counts_no_request_of_a_reproduction(
    document: Document, sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    """Schemathesis names its failures by it, and the log has no reproductions."""
    watch, url = Watch(plan(), Contract(document), Redactor([], [])), f"{sandbox.url}/ws/roles"
    with watch.guard.session() as session:
        with watch.besides_the_tests():
            session.get(url, headers=sandbox.headers)
        response = session.get(url, headers=sandbox.headers)
    assert number_of(response) == len(watch.log.entries) == 1
