"""Trouble on the way to the target: counted by operation, an environment problem beyond a limit, and no finding."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.credentials import Credentials
from mockserver.verify.plan import Plan
from mockserver.verify.reports import html_report, json_report, junit_report, markdown_report, terminal_report
from mockserver.verify.results import ExitCode, Finding, Meaning, Results
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.watching.response_monitor import is_slow
from tests.verify.targets import Answer, Answering, Asked, between, passed_on, refusal, target

READS = ("listRoles", "countRoles")
RENDERERS = (html_report.render, json_report.render, junit_report.render, markdown_report.render)


@pytest.fixture(autouse=True)
def _no_pauses_before_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHORTEST_PAUSE", "DEFAULT_PAUSE"):
        monkeypatch.setattr(f"mockserver.verify.safety.limits.{name}", 0.001)


def numbered(url: str, answer: Callable[[int, Asked], Answer | None]) -> Answering:
    """Forwards to the fake what has no answer of its own; the answer depends on the number of the request."""
    numbers = count(1)
    return lambda asked: answer(next(numbers), asked) or passed_on(url, asked)


def every(number: int, failed: Answer) -> Callable[[int, Asked], Answer | None]:
    return lambda at, asked: failed if at % number == 0 else None


def texts_of(results: Results) -> list[str]:
    """All reports of a run, the terminal first."""
    return ["\n".join(terminal_report.lines(results)), *(render(results) for render in RENDERERS)]


def found(results: Results, meaning: Meaning) -> list[Finding]:
    return [finding for finding in results.findings if finding.meaning is meaning]


@pytest.mark.parametrize(("lost", "findings"), [(True, 0), (False, 1)])
def test_fault_that_does_not_show_again__counts_if_no_request_was_lost(
    sandbox: Enspace, plan: Callable[..., Plan], credentials: Credentials, lost: bool, findings: int
) -> None:
    numbers, key = count(), credentials.weak_key if lost else ""
    wrong_at_first = between(sandbox.url, "GET", "/ws/roles/count", lambda number: number + (next(numbers) < 4))

    def answering(asked: Asked) -> Answer:
        is_lost = key in asked.headers.values() and asked.path.startswith("/ws/roles?")
        return refusal(502) if is_lost else wrong_at_first(asked)

    with target(answering) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=READS))
    assert len(results.findings) == findings
    withdrawn = [one.what for one in results.not_tested if one.why == "it did not show again, and requests were lost"]
    assert withdrawn == (["count_agrees_with_list of countRoles"] if lost else [])


@pytest.mark.parametrize("mode", Mode)
def test_one_of_15_requests_answered_429__breaks_no_promise(
    sandbox: Enspace, plan: Callable[..., Plan], mode: Mode
) -> None:
    with target(numbered(sandbox.url, every(15, refusal(429, retry_after="0")))) as there:
        results = verify(plan(mode, target=there.url))
    assert results.findings == ()
    # Those of the cleanup are not counted.
    assert 0 < sum(trouble.kinds["429"] for trouble in results.troubles) <= len(there.asked) // 15
    assert all(f"{t.operation}: {t.share}" in texts_of(results)[0] for t in results.troubles if t.operation)


def test_trouble__is_in_every_report_with_its_share(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    with target(numbered(sandbox.url, every(15, refusal(503)))) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url, operations=READS))
    (trouble, *_) = [trouble for trouble in results.troubles if trouble.operation == "listRoles"]
    assert trouble.requests == sum(asked.path.partition("?")[0] == "/ws/roles" for asked in there.asked)
    terminal, page, data, junit, markdown = texts_of(results)
    assert all(f"listRoles: {trouble.share}" in text for text in (terminal, page, markdown))
    assert f"without a usable answer: {trouble.share}" in junit
    kinds = {one["operation"]: one["kinds"] for one in json.loads(data)["trouble"]}
    assert kinds["listRoles"] == {"503": trouble.kinds["503"]}


@pytest.mark.parametrize("connection", ["reset", "truncated"])
def test_lost_connection__is_no_finding(sandbox: Enspace, plan: Callable[..., Plan], connection: str) -> None:
    sandbox.fault("listRoles", connection=connection, after=5, times=2)
    results = verify(plan(Mode.READ_ONLY, operations=READS))
    assert results.findings == ()
    assert [(t.operation, sum(t.kinds.values())) for t in results.troubles] == [("listRoles", 2)]


def test_write__is_not_repeated_after_a_failing_gateway(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    """The first try may have created the record."""

    def losing(number: int, asked: Asked) -> Answer | None:
        return refusal(504) if asked.method == "POST" and b"mv" in asked.body else None

    with target(numbered(sandbox.url, losing)) as there:
        verify(plan(Mode.OWN_DATA, target=there.url))
    bodies = [asked.body for asked in there.asked if asked.method == "POST" and b"mv" in asked.body]
    assert bodies
    assert len(bodies) == len(set(bodies))


@pytest.mark.parametrize("every_nth", [2, 4])
def test_trouble_beyond_a_fifth_of_the_run__is_an_environment_problem(
    sandbox: Enspace, plan: Callable[..., Plan], every_nth: int
) -> None:
    limits = Limits(mode=Mode.READ_ONLY, busy_time=1e-9)
    with target(numbered(sandbox.url, every(every_nth, refusal(429)))) as there:
        results = verify(plan(limits=limits, target=there.url))
    assert {finding.promise for finding in results.findings} == {"trouble_is_rare"}
    assert "at most 20% of the requests; a lower --rate may help" in results.findings[0].documented
    assert results.exit_code is ExitCode.ENVIRONMENT


def test_trouble_beyond_half_of_an_operation__names_it(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    lists = count(1)

    def failing(number: int, asked: Asked) -> Answer | None:
        is_list = asked.path.startswith("/ws/roles?")
        return refusal(502) if is_list and next(lists) % 3 else None

    with target(numbered(sandbox.url, failing)) as there:
        results = verify(plan(Mode.FULL, target=there.url))
    finding = next(f for f in found(results, Meaning.ENVIRONMENT) if f.operation)
    assert (finding.operation, finding.promise) == ("listRoles", "trouble_is_rare")
    assert results.exit_code is ExitCode.ENVIRONMENT


@pytest.mark.parametrize("fault", [{"status": 504}, {"connection": "reset"}, {"connection": "timeout"}])
@pytest.mark.parametrize("operation", ["countRoles", "listTasks"])  # the first one that a run asks
def test_operation_that_never_answers__is_a_finding_with_a_curl_command(
    sandbox: Enspace, plan: Callable[..., Plan], fault: dict[str, Any], operation: str
) -> None:
    sandbox.fault(operation, **fault)
    limits = Limits(mode=Mode.READ_ONLY, request_time=0.5)
    results = verify(plan(limits=limits, operations=(*READS, operation)))
    (finding,) = results.findings
    assert (finding.operation, finding.promise, finding.meaning) == (operation, "operation_answers", Meaning.BROKEN)
    assert finding.curl.startswith(f"curl -X GET '{sandbox.url}" if "?" in finding.curl else "curl -X GET")
    assert results.exit_code is ExitCode.BROKEN
    assert sandbox.journal.count(operation=operation) <= 9


def test_operation_that_answers_again__is_no_finding(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    sandbox.fault("countRoles", status=502, times=6)
    results = verify(plan(Mode.READ_ONLY, operations=READS))
    assert results.findings == ()
    assert "countRoles has never answered" in results.guard.refused


def when_lost(sandbox: Enspace, plan: Callable[..., Plan], failed: Answer) -> Results:
    """A run whose first fault is real, and whose target then answers nothing else to the key of the run."""
    own = count(1)

    def failing(number: int, asked: Asked) -> Answer | None:
        is_own = asked.headers.get("x-api-key") == sandbox.api_key
        return failed if is_own and next(own) > 20 else None

    with (
        target(between(sandbox.url, "GET", "/ws/roles/count", lambda number: 999)) as broken,
        target(numbered(broken.url, failing)) as there,
    ):
        return verify(plan(Mode.READ_ONLY, target=there.url))


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        ((401, {"content-type": "application/json"}, b"{}"), "401 with the run's own key 10 times in a row"),
        ((200, {"content-type": "text/html"}, b"<html>Sign in"), "no usable answer 10 times in a row"),
    ],
)
def test_finding_that_an_expired_key_or_a_page_explains__is_withdrawn(
    sandbox: Enspace, plan: Callable[..., Plan], failed: Answer, reason: str
) -> None:
    results = when_lost(sandbox, plan, failed)
    assert [f.promise for f in found(results, Meaning.BROKEN)] == ["count_agrees_with_list"]
    (environment,) = found(results, Meaning.ENVIRONMENT)
    assert environment.received.startswith(reason)
    assert "withdrawn" in environment.received
    assert results.full_verdict == "environment, and 1 broken promise"
    suite = ElementTree.fromstring(junit_report.render(results))
    assert [(part.tag, part.get("type")) for part in suite.iter() if part.tag in ("failure", "error")] == [
        ("failure", "count_agrees_with_list"),
        ("error", "target_can_be_tested"),
    ]


@pytest.mark.parametrize("mode", [Mode.READ_ONLY, Mode.OWN_DATA])
def test_random_delays__break_no_promise(sandbox: Enspace, plan: Callable[..., Plan], mode: Mode) -> None:
    """Short delays in place of 3 s with the usual limit of 2 s: one of three responses is late."""
    sandbox.fault(delay={"from": 0, "to": 90})
    results = verify(plan(mode, slow=0.07))
    assert results.findings == ()
    assert max(row.latency.longest for row in results.coverage if row.latency) > 70


def test_write_that_is_always_late__is_repeated_until_there_are_enough_responses(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    sandbox.fault("removeRolePermission", delay=150)
    results = verify(plan(slow=0.1, operations=("listRolePermissions", "addRolePermission", "removeRolePermission")))
    assert [(one.operation, one.promise) for one in results.findings] == [
        ("removeRolePermission", "answers_come_in_time")
    ]
    assert results.cleanup.left == ()


@pytest.mark.parametrize(("late", "is_found"), [(1 / 3, False), (0.9, True)])
def test_slow_median__is_reported_unless_it_may_be_chance(late: float, is_found: bool) -> None:
    random = Random(5)
    runs = [[3.0 if random.random() < late else 1.0 for _ in range(60)] for _ in range(200)]
    assert sum(is_slow(times, 2.0) for times in runs) == pytest.approx(200 if is_found else 0, abs=10)
