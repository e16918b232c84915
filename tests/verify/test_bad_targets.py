"""Targets that cannot be tested, or that get in the way: a clear verdict, in bounded time, and nothing left behind."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.enspace_client import Enspace
from mockserver.verify.limits import Limits, Mode
from mockserver.verify.results import ExitCode, Results
from mockserver.verify.run import Plan, verify
from tests.verify.targets import Answer, Answering, Asked, between, refusal, target, told

HASTE = Limits(mode=Mode.READ_ONLY, max_time=2, request_time=0.5)


def verdict_on(answering: Answering, plan: Callable[..., Plan], **changed: Any) -> Results:
    with target(answering) as there:
        return verify(plan(target=there.url, **({"limits": HASTE} | changed)))


def html(asked: Asked) -> Answer:
    return 200, {"content-type": "text/html"}, b"<!doctype html><title>Sign in</title>"


def loop(asked: Asked) -> Answer:
    return 302, {"location": asked.path}, b""


@pytest.mark.parametrize(
    ("answering", "received"),
    [
        (html, "text/html instead of JSON (200)"),
        (loop, "redirects without an end"),
        (lambda asked: refusal(401), "401 with the given key"),
        (lambda asked: refusal(403), "403 with the given key"),
        (lambda asked: refusal(404), "404 for every path that was asked"),
        (lambda asked: refusal(503), "503 for"),
        (lambda asked: refusal(429, retry_after="1"), "429 for"),
        (lambda asked: (302, {"location": "http://127.0.0.1:1/"}, b""), "nothing, because the guard sent nothing"),
    ],
)
def test_target_that_cannot_be_tested__is_told_as_the_environment(
    plan: Callable[..., Plan], answering: Answering, received: str
) -> None:
    results = verdict_on(answering, plan)
    assert results.exit_code is ExitCode.ENVIRONMENT
    assert results.findings[0].received.startswith(received)
    assert [part.what for part in results.not_tested if part.why == "the target could not be tested"] == ["everything"]


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_target_that_does_not_answer__is_told_as_the_environment(plan: Callable[..., Plan], scheme: str) -> None:
    results = verify(plan(target=f"{scheme}://127.0.0.1:{closed_port()}", limits=HASTE))
    assert results.exit_code is ExitCode.ENVIRONMENT
    assert results.findings[0].received == "no answer (ConnectionError)"


def test_https__to_a_plain_server_is_told(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    results = verify(plan(target=sandbox.url.replace("http:", "https:"), limits=HASTE))
    assert results.exit_code is ExitCode.ENVIRONMENT
    assert "TLS" in results.findings[0].received or "no answer" in results.findings[0].received


def test_target_that_is_busy_for_a_while__is_waited_for(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    passing = between(sandbox.url, "GET", "", lambda told: told)
    refusals = iter([refusal(429, retry_after="0"), refusal(503)])
    results = verdict_on(lambda asked: next(refusals, None) or passing(asked), plan, limits=Limits(max_time=60))
    assert results.exit_code is ExitCode.KEPT


def test_key_that_expires_on_the_way__ends_the_run_and_tells_what_is_left(
    plan: Callable[..., Plan], sandbox: Enspace
) -> None:
    passing, before = between(sandbox.url, "GET", "", lambda told: told), sandbox.state()["roles"]

    def expiring(asked: Asked) -> Answer:
        has_made_one = len(sandbox.state()["roles"]) > len(before)
        return refusal(401) if has_made_one else passing(asked)

    results = verdict_on(expiring, plan, limits=Limits(mode=Mode.OWN_DATA, max_time=60))
    assert results.exit_code is ExitCode.ENVIRONMENT
    left = [f"/ws/roles/{role['id']}" for role in sandbox.state()["roles"] if role not in before]
    assert [record.path for record in results.cleanup.left] == left
    assert results.cleanup.left[0].why == "the DELETE answered 401"


def test_body_without_an_end__is_cut(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    endless = between(sandbox.url, "GET", "/ws/roles", lambda roles: roles * 2000)
    results = verdict_on(endless, plan, limits=Limits(max_body=20_000, max_time=60), operations=("listRoles",))
    (finding,) = [finding for finding in results.findings if finding.promise == "answers_are_bounded"]
    assert finding.received == "an answer of more than 20000 bytes"


def test_connection_that_is_lost__is_told_and_everything_is_cleaned(
    plan: Callable[..., Plan], sandbox: Enspace
) -> None:
    before = sandbox.state()
    sandbox.fault("createRole", connection="truncated", times=1)
    results = verify(plan(Mode.OWN_DATA))
    assert sandbox.state() == before
    assert not results.cleanup.left


def test_time__ends_the_run(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    results = verify(plan(limits=Limits(max_time=0.5), operations=()))
    assert ("the rest of the run", "out of time") in [(part.what, part.why) for part in results.not_tested]


def test_path_that_the_target_does_not_have__is_a_finding(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    passing = between(sandbox.url, "GET", "", lambda told: told)
    results = verdict_on(
        lambda asked: refusal(404) if asked.path.startswith("/ws/roles") else passing(asked),
        plan,
        limits=Limits(max_time=60),
    )
    assert ("listRoles", "status_code_conformance") in {(f.operation, f.promise) for f in results.findings}


def test_key_without_the_right_to_write__leaves_nothing(
    plan: Callable[..., Plan], sandbox: Enspace, access: Any
) -> None:
    weak = type(access)(access.weak_key, access.workspace)
    results = verify(plan(Mode.OWN_DATA, access=weak))
    assert results.cleanup.created == 0
    assert results.exit_code is ExitCode.KEPT


SECRETS = {
    "api_key": "sk-planted-in-a-member-1",
    "password": "hunter2-planted-2",
    "message": "token=planted-in-a-text-3",
    "nested": {"access_token": "planted-nested-4", "authorization": "Bearer planted.bearer.5"},
}


def test_secret__stands_in_no_result(plan: Callable[..., Plan], sandbox: Enspace) -> None:
    passing = between(sandbox.url, "GET", "/ws/roles/count", lambda count: SECRETS | {"echo": sandbox.api_key})
    results = verdict_on(passing, plan, limits=Limits(max_time=60))
    told_all = str(results)
    assert "secrets_never_come_back" in told_all
    assert sandbox.api_key not in told_all
    assert "planted" not in told_all


def test_list_of_another_kind__breaks_no_check(plan: Callable[..., Plan]) -> None:
    results = verdict_on(lambda asked: told([{"id": None}, 5, None, {"slug": []}]), plan, limits=Limits(max_time=30))
    assert results.exit_code is ExitCode.BROKEN


def test_check_that_stumbles_over_an_answer__keeps_no_other_from_running(
    plan: Callable[..., Plan], sandbox: Enspace
) -> None:
    odd = between(sandbox.url, "GET", "/ws/roles", lambda roles: [{"id": {}, "name": []}, {"id": [1]}])
    results = verdict_on(odd, plan, limits=Limits(max_time=60))
    assert results.exit_code is ExitCode.BROKEN
    assert any(finding.promise == "response_schema_conformance" for finding in results.findings)
