"""Targets that cannot be tested, or that fail on the way: a clear verdict, in bounded time, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.checks import PromiseCheck
from mockserver.verify.conclusion import NO_WRITE_ACCESS
from mockserver.verify.contract_run import Run, verify
from mockserver.verify.engine import Depth
from mockserver.verify.plan import Plan
from mockserver.verify.results import ExitCode, Results
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import NUMBER
from tests.certificates import self_signed
from tests.verify.command_run import CommandRun
from tests.verify.independent import misbehaviour, records
from tests.verify.independent.server import Target
from tests.verify.targets import Answer, Answering, Asked, between, json_answer, passed_on, refusal, target


@pytest.mark.parametrize("status", [302, 307])
def test_redirect_to_another_host__is_not_followed(run_command: Callable[..., CommandRun], status: int) -> None:
    with Target() as other, Target(misbehaviour.redirected_to(other.url, status)) as there:
        done = run_command(there.url)
    assert "nothing, because the guard did not send the request (another host)" in done.output
    assert done.exit_code == ExitCode.ENVIRONMENT
    assert other.seen == []


@pytest.mark.parametrize(
    ("key", "exit_code", "says"),
    [
        ("en.WrongWrongWrongWrong0000000000009", 3, "401 with the given key"),
        (records.EXPIRED_KEY, 3, "401 with the given key"),
        (records.FOREIGN_KEY, 3, "403 with the given key"),
        (records.READ_ONLY_KEY, 0, "verdict: kept, only a part was tested: the key has no write access"),
    ],
)
def test_key_with_too_few_rights__is_reported(
    run_command: Callable[..., CommandRun], key: str, exit_code: int, says: str
) -> None:
    with Target() as there:
        done = run_command(there.url, key=key)
    assert says in done.output
    assert done.exit_code == exit_code, done.output
    assert "Nothing was created." in done.output
    assert there.records.dump() == records.Records().dump()


def test_key_that_may_only_create_and_delete__has_write_access(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    with target(lambda asked: refusal(403) if asked.method == "PUT" else passed_on(sandbox.url, asked)) as there:
        results = verify(plan(target=there.url))
    assert not any(part.why == NO_WRITE_ACCESS for part in results.not_tested)


@contextmanager
def with_tls(folder: Path) -> Iterator[str]:
    with Target(certificate=self_signed(folder)) as there:
        yield there.url


@contextmanager
def without_tls(folder: Path) -> Iterator[str]:
    with Target() as there:
        yield there.url.replace("http:", "https:")


@contextmanager
def unreachable(folder: Path) -> Iterator[str]:
    with misbehaviour.unreachable() as url:
        yield url


@pytest.mark.parametrize(
    ("way", "says"),
    [
        (unreachable, "no response (Connection refused)"),
        (with_tls, "a TLS certificate that is not trusted (self-signed certificate)"),
        (without_tls, "no TLS"),
    ],
)
def test_target_without_a_connection__is_the_environment(
    run_command: Callable[..., CommandRun],
    tmp_path: Path,
    way: Callable[[Path], AbstractContextManager[str]],
    says: str,
) -> None:
    with way(tmp_path) as url:
        done = run_command(url)
    assert f"received: {says}\n" in done.output
    assert done.exit_code == ExitCode.ENVIRONMENT


@pytest.mark.parametrize("way", ["option", "environment"])
def test_certificate__can_be_trusted(
    run_command: Callable[..., CommandRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The variable is the only one of `requests` that a run reads."""
    certificate = str(tmp_path / "self-signed.pem")
    if way == "environment":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    with with_tls(tmp_path) as url:
        options = ("--ca", certificate) if way == "option" else ()
        assert run_command(url, "--operations", "countTypes", "--tags", "", *options).exit_code == ExitCode.KEPT


@pytest.mark.parametrize(
    ("after", "says"),
    [(0, "received: no response (timed out)\n"), (60, "received: no usable answer 2 times in a row (timed out)")],
)
def test_target_that_never_answers__ends_the_run_by_its_options(
    run_command: Callable[..., CommandRun], monkeypatch: pytest.MonkeyPatch, after: int, says: str
) -> None:
    monkeypatch.setattr("mockserver.verify.watching.trouble_log.MOST_IN_A_ROW", 2)
    with Target(misbehaviour.silent(after)) as there:
        done = run_command(there.url, "--request-time", "1s", "--mode", "read-only")
    assert says in done.output
    assert done.exit_code == ExitCode.ENVIRONMENT
    assert done.seconds < 25
    assert there.records.dump() == records.Records().dump()


def test_target_that_never_answers__ends_the_run_at_its_time(run_command: Callable[..., CommandRun]) -> None:
    """No creation gets an answer; the cleanup finds in the lists that none was done."""
    with Target(misbehaviour.only("POST", misbehaviour.silent())) as there:
        done = run_command(there.url, "--request-time", "1s", "--max-time", "2s")
    assert done.report["partial"] == "out of time"
    assert done.seconds < 25
    assert done.report["cleanup"]["left"] == []


def verdict_on(answering: Answering, plan: Callable[..., Plan], **changed: Any) -> Results:
    with target(answering) as there:
        return verify(plan(target=there.url, **changed))


def test_key_that_expires_during_the_run__ends_it_and_lists_what_is_left(
    plan: Callable[..., Plan], sandbox: Enspace
) -> None:
    before, has_expired = sandbox.state()["roles"], False

    def expiring(asked: Asked) -> Answer:
        nonlocal has_expired
        answer = refusal(401) if has_expired else passed_on(sandbox.url, asked)
        has_expired = has_expired or (asked.method == "POST" and answer[0] == 200)
        return answer

    results = verdict_on(expiring, plan)
    assert results.exit_code is ExitCode.ENVIRONMENT
    left = [f"/ws/roles/{role['id']}" for role in sandbox.state()["roles"] if role not in before]
    assert [record.path for record in results.cleanup.left] == left
    assert results.cleanup.left[0].why.endswith("not proved to be ours: a GET answered 401")


def test_target_that_is_lost_at_the_end__is_an_environment_problem(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    limits, reads = Limits(mode=Mode.READ_ONLY, busy_time=0.1), ("listRoles", "countRoles")
    number_of_all = verify(plan(limits=limits, operations=reads)).guard.sent
    asked_before: list[Asked] = []

    def tired(asked: Asked) -> Answer:
        asked_before.append(asked)
        return refusal(503) if len(asked_before) > number_of_all - 3 else passed_on(sandbox.url, asked)

    results = verdict_on(tired, plan, limits=limits, operations=reads)
    assert ("503 for 0.1 s at the end", ExitCode.ENVIRONMENT) in [
        (f.received, results.exit_code) for f in results.findings
    ]
    assert results.partial == "503 for 0.1 s at the end"


def test_key_that_is_accepted_again__is_counted_from_zero(plan: Callable[..., Plan]) -> None:
    run = Run(plan())
    request = requests.Request("GET", f"{run.plan.target}/ws/roles", {"x-api-key": run.plan.credentials.key}).prepare()
    counts = []
    for number, status in enumerate((401, 401, 200, 401, 429, 200), 1):
        answer = requests.Response()
        answer.url, answer.status_code, answer.raw = f"{run.plan.target}/ws/roles", status, BytesIO(b"[]")
        answer.headers[NUMBER] = str(number)
        run.watch.monitor.observe(request, answer)
        counts.append((run.watch.monitor.refused_keys_in_a_row, run.watch.monitor.refused_since))
    assert counts == [(1, 1), (2, 1), (0, 0), (1, 4), (0, 0), (0, 0)]


def test_lost_connection__leaves_nothing_behind(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    before = sandbox.state()
    sandbox.fault("createRole", connection="truncated", times=1)
    results = verify(plan(Mode.OWN_DATA))
    assert sandbox.state() == before
    assert not results.cleanup.left


def test_time__ends_a_phase_of_the_run(plan: Callable[..., Plan]) -> None:
    def show(progress: str) -> None:
        if ": coverage " in progress:
            run.watch.guard.deadline = 0

    run = Run(plan(Mode.READ_ONLY, depth=Depth.NORMAL, operations=("listRoles", "countRoles")), show)
    results = run.execute()
    assert ("the rest of the run", "out of time") in [(part.what, part.why) for part in results.not_tested]
    assert results.exit_code is ExitCode.KEPT
    assert results.full_verdict == "kept, only a part was tested: out of time"


SECRETS = {
    "api_key": "sk-planted-in-a-member-1",
    "password": "hunter2-planted-2",
    "message": "token=planted-in-a-text-3",
    "nested": {"access_token": "planted-nested-4", "authorization": "Bearer planted.bearer.5"},
}


def test_secret__is_in_no_result(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    passing = between(sandbox.url, "GET", "/ws/roles/count", lambda count: SECRETS | {"echo": sandbox.api_key})
    results = verdict_on(passing, plan, mode=Mode.READ_ONLY)
    text = str(results)
    assert "secrets_never_come_back" in text
    assert sandbox.api_key not in text
    assert "planted" not in text


HTML = "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("answer", "received", "documented"),
    [
        (refusal(401), "401 with the given key", "a key that is valid in the given workspace"),
        (refusal(403), "403 with the given key", "a key that is valid in the given workspace"),
        (refusal(404), "404 for every path that was tried", "the API of the contract at this address"),
        (
            (200, {"content-type": HTML}, b"\n<html>"),
            "text/html instead of JSON (200)",
            "the API, not a page in front of it",
        ),
        ((302, {"location": "/ws/roles"}, b""), "redirects without an end", "a response"),
    ],
)
def test_target_that_is_not_the_api__is_the_environment(
    plan: Callable[..., Plan], answer: Answer, received: str, documented: str
) -> None:
    results = verdict_on(lambda asked: answer, plan)
    assert [(f.received, f.documented) for f in results.findings] == [(received, documented)]
    assert results.exit_code is ExitCode.ENVIRONMENT
    assert results.guard.sent < 60


def test_first_path__that_is_missing_does_not_end_the_run(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    def lacking(asked: Asked) -> Answer:
        return refusal(404) if asked.path.startswith("/c-") else passed_on(sandbox.url, asked)

    assert verdict_on(lacking, plan, mode=Mode.READ_ONLY).exit_code is ExitCode.KEPT


@pytest.mark.parametrize("again", [False, True])
def test_interrupted_run__deletes_what_it_has_created_unless_it_is_interrupted_again(
    plan: Callable[..., Plan], sandbox: Enspace, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    def interrupt(line: str) -> None:
        if run.watch.ledger.created and "cleaning up" not in line:
            raise KeyboardInterrupt

    def sleep(seconds: float) -> None:
        if again:
            raise KeyboardInterrupt

    monkeypatch.setattr("mockserver.verify.safety.cleanup.time", SimpleNamespace(sleep=sleep))
    before = sandbox.state()
    run = Run(plan(), interrupt)
    results = run.execute()
    assert ("the rest of the run", "it was interrupted") in [(part.what, part.why) for part in results.not_tested]
    assert results.exit_code is ExitCode.INTERRUPTED
    left = results.cleanup.created - results.cleanup.deleted
    assert [record.why for record in results.cleanup.left] == ["not tried"] * left
    assert (results.cleanup.created > 0, left > 0, sandbox.state() != before) == (True, again, again)


def test_check_that_fails__is_listed_as_not_tested(plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(probe: Any) -> None:
        raise KeyError("x")

    monkeypatch.setattr("mockserver.verify.contract_run.CHECKS", (PromiseCheck(failing),))
    reasons = {part.what: part.why for part in verify(plan(Mode.READ_ONLY, operations=("countRoles",))).not_tested}
    assert reasons["failing"] == "a response that it could not read (KeyError: 'x')"


def test_list__of_values_that_are_no_records_breaks_no_check(plan: Callable[..., Plan]) -> None:
    rows = [{"id": None}, 5, None, {"slug": []}]
    results = verdict_on(lambda asked: json_answer(rows), plan, mode=Mode.READ_ONLY)
    assert results.exit_code is ExitCode.BROKEN


def test_check_that_cannot_read_a_response__does_not_stop_the_others(
    plan: Callable[..., Plan], sandbox: Enspace
) -> None:
    odd = between(sandbox.url, "GET", "/ws/roles", lambda roles: [{"id": {}, "name": []}, {"id": [1]}])
    results = verdict_on(odd, plan, mode=Mode.READ_ONLY)
    assert results.exit_code is ExitCode.BROKEN
    assert any(finding.promise == "response_schema_conformance" for finding in results.findings)
