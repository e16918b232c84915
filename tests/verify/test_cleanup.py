"""Cleanup: records of a run are deleted, and left ones are listed, even if the target lies or loses responses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.__main__ import main
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import Plan, Run, verify
from mockserver.verify.results import Cleanup, ExitCode
from mockserver.verify.safety.limits import Limits, Mode
from tests.verify.targets import Answer, Asked, json_answer, passed_on, refusal, target

UNSETTLED = "0 records created, 0 deleted, 1 left.\n  left: /ws/types/a/fields (a creation without a response"
WITHOUT_DELETE = ("createTask", "getTask", "listTasks", "createIntegration", "listIntegrations", "listStages")


def test_delete_that_does_nothing__is_listed_as_left(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def lying(asked: Asked) -> Answer:
        done = json_answer({"data": True, "message": "Done"})
        return done if asked.method == "DELETE" else passed_on(sandbox.url, asked)

    before = sandbox.state()["roles"]
    with target(lying) as there:
        results = verify(plan(Mode.OWN_DATA, target=there.url))
    left = {f"/ws/roles/{role['id']}" for role in sandbox.state()["roles"] if role not in before}
    assert {record.path for record in results.cleanup.left} == left
    assert results.cleanup.left[0].why == "still there after a DELETE that answered 200"
    assert results.cleanup.ledger.endswith("ledger.jsonl")


def test_redirect__does_not_count_as_deleted(tmp_path: Path) -> None:
    """The record is looked up twice in vain, then found with the mark of the run, deleted, and gone."""
    away = (302, {"location": "/elsewhere"}, b"")
    looks = iter([away, away, json_answer({"id": 8, "name": "mv00 role"}), refusal(404)])
    with target(lambda asked: next(looks) if asked.method == "GET" else json_answer({})) as there:
        own = {"path": "/ws/roles/8", "collection": "/ws/roles", "keys": {"roleId": "8"}}
        lines = [
            {"event": "run", "target": there.url, "mark": "mv00"},
            {"event": "announced", "number": 1, "path": "/ws/roles"},
            {"event": "created", "number": 1, **own},
            {"event": "claimed", "path": "/ws/roles/8"},
        ]
        (tmp_path / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = CliRunner().invoke(main, ["verify", "--clean", str(tmp_path / "ledger.jsonl")])
    assert done.output == "1 records created, 1 deleted, none left.\n"
    assert [asked.method for asked in there.asked] == ["GET", "GET", "GET", "DELETE", "GET"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (refusal(404), "Nothing was created.\n"),
        (refusal(410), "Nothing was created.\n"),
        (json_answer([]), "Nothing was created.\n"),
        (refusal(500), UNSETTLED),
        (refusal(401), UNSETTLED),
        (json_answer([], 500), UNSETTLED),
        ((302, {"location": "/elsewhere"}, b""), UNSETTLED),
    ],
)
def test_creation_without_an_answer__whose_collection_is_gone_is_settled(
    tmp_path: Path, answer: Answer, outcome: str
) -> None:
    with target(lambda asked: answer) as there:
        lines = [
            {"event": "run", "target": there.url, "mark": "mv00"},
            {"event": "announced", "number": 1, "path": "/ws/types/a/fields"},
        ]
        (tmp_path / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = CliRunner().invoke(main, ["verify", "--clean", str(tmp_path / "ledger.jsonl")])
    assert done.output.startswith(outcome)


ROLE = {"path": "/ws/roles/8", "collection": "/ws/roles", "keys": {"roleId": "8"}}
RIGHT = {
    "path": "/ws/roles/8/permissions/3",
    "collection": "/ws/roles/{roleId}/permissions",
    "keys": {"roleId": "8", "permissionId": "3"},
}
DELETED = "1 records created, 1 deleted, none left.\n"
LEFT = "1 records created, 0 deleted, 1 left.\n  left: {} ({})\n"
NO_GET = {"GET /ws/roles/8/permissions/3": refusal(405)}
LISTED = json_answer([{"id": 3}, 5, {"id": None}])


@pytest.mark.parametrize(
    ("own", "is_claimed", "answers", "outcome"),
    [
        (ROLE, False, {"GET /ws/roles/8": refusal(404)}, DELETED),
        (ROLE, False, {"GET /ws/roles/8": refusal(410), "DELETE /ws/roles/8": refusal(404)}, DELETED),
        (ROLE, False, {"DELETE /ws/roles/8": refusal(403)}, LEFT.format("/ws/roles/8", "the DELETE answered 403")),
        (
            ROLE,
            False,
            {"GET /ws/roles/8": json_answer({"name": "mv00 role"})},
            LEFT.format("/ws/roles/8", "still there after a DELETE that answered 200"),
        ),
        (ROLE, True, {"GET /ws/roles/8": refusal(404)}, DELETED),
        (
            ROLE,
            True,
            {"GET /ws/roles/8": json_answer({"name": "of others"})},
            LEFT.format("/ws/roles/8", "reported as deleted, and now a record without the mark of the run"),
        ),
        (
            ROLE,
            True,
            {"GET /ws/roles/8": refusal(500)},
            LEFT.format("/ws/roles/8", "reported as deleted, and it cannot be read"),
        ),
        (RIGHT, False, NO_GET | {"GET /ws/roles/8/permissions": json_answer([{"id": 4}])}, DELETED),
        (RIGHT, False, NO_GET | {"GET /ws/roles/8/permissions": refusal(404)}, DELETED),
        (
            RIGHT,
            False,
            NO_GET | {"GET /ws/roles/8/permissions": LISTED},
            LEFT.format(RIGHT["path"], "still there after a DELETE that answered 200"),
        ),
        (
            RIGHT,
            True,
            NO_GET | {"GET /ws/roles/8/permissions": json_answer({"no": "list"})},
            LEFT.format(RIGHT["path"], "reported as deleted, and it cannot be read"),
        ),
    ],
)
def test_own_record__counts_as_deleted_when_it_is_gone(
    tmp_path: Path, own: dict[str, Any], is_claimed: bool, answers: dict[str, Answer], outcome: str
) -> None:
    def answering(asked: Asked) -> Answer:
        return answers.get(f"{asked.method} {asked.path.partition('?')[0]}", json_answer({}))

    with target(answering) as there:
        lines = [
            {"event": "run", "target": there.url, "mark": "mv00"},
            {"event": "announced", "number": 1, "path": own["path"].rpartition("/")[0]},
            {"event": "created", "number": 1, **own},
            *([{"event": "claimed", "path": own["path"]}] if is_claimed else []),
        ]
        (tmp_path / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = CliRunner().invoke(main, ["verify", "--clean", str(tmp_path / "ledger.jsonl")])
    assert done.output == outcome
    is_sent = "DELETE" in there.methods
    assert is_sent is not is_claimed


@pytest.mark.parametrize("lost", [refusal(500), (200, {"content-length": "9"}, b"")])
def test_creation_whose_answer_is_lost__is_found_by_its_mark(
    sandbox: Enspace, plan: Callable[..., Plan], lost: Answer
) -> None:
    def losing(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        return lost if asked.method == "POST" and answer[0] == 200 else answer

    before = sandbox.state()["roles"]
    with target(losing) as there:
        results = verify(plan(Mode.OWN_DATA, target=there.url, limits=Limits(mode=Mode.OWN_DATA, request_time=1)))
    assert sandbox.state()["roles"] == before
    assert results.cleanup.created == results.cleanup.deleted > 0


def test_full__lists_records_without_a_delete(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    results = verify(plan(Mode.FULL, operations=WITHOUT_DELETE))
    assert results.findings == ()
    assert [record.path for record in results.cleanup.left] == ["/c-flow-tasks", "/integrations"]
    assert "no DELETE removes them" in results.cleanup.left[0].why


def test_creation_that_is_not_named__stops_the_run_with_4(
    sandbox: Enspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless(asked: Asked) -> Answer:
        return json_answer({"message": "Done"}) if asked.method == "POST" else passed_on(sandbox.url, asked)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", sandbox.api_key)
    monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", sandbox.workspace)
    with target(nameless) as there:
        arguments = ["verify", there.url, "--depth", "quick", "--operations", "listRoles,createRole", "--report", "out"]
        done = CliRunner().invoke(main, arguments)
    assert done.exit_code == ExitCode.STOPPED, done.output
    assert "stopped by the request guard: POST /ws/roles created a record" in done.stdout
    assert "verdict: stopped" in done.stdout
    assert "Stopped by the request guard" in (tmp_path / "out" / "verify.html").read_text()


def test_target_that_becomes_busy__is_an_environment_problem(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    asked_before: list[Asked] = []

    def tired(asked: Asked) -> Answer:
        asked_before.append(asked)
        return refusal(429) if len(asked_before) > 20 else passed_on(sandbox.url, asked)

    with target(tired) as there:
        results = verify(plan(target=there.url, limits=Limits(mode=Mode.READ_ONLY, busy_time=0.1)))
    assert results.exit_code is ExitCode.ENVIRONMENT
    assert results.guard.sent < 60


def test_target_that_is_busy_from_the_start__is_an_environment_problem(plan: Callable[..., Plan]) -> None:
    with target(lambda asked: refusal(503)) as there:
        results = verify(plan(target=there.url, limits=Limits(mode=Mode.READ_ONLY, busy_time=0.1)))
    assert results.exit_code is ExitCode.ENVIRONMENT
    (finding,) = results.findings
    assert (finding.received, finding.documented) == ("503 for 0.1 s", "a target that is not busy")


def test_run_out_of_time__still_deletes_what_it_has_created(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    """The time limit passes as soon as the first role exists."""
    before = sandbox.state()

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        if asked.method == "POST" and answer[0] == 200:
            run.guard.deadline = 0
        return answer

    with target(answering) as there:
        run = Run(plan(Mode.OWN_DATA, target=there.url))
        results = run.execute()
    assert results.full_verdict == "kept, only a part was tested: out of time"
    assert results.cleanup == Cleanup(created=1, deleted=1)
    assert [asked.method for asked in there.asked if asked.method not in ("GET", "HEAD")][-2:] == ["POST", "DELETE"]
    assert sandbox.state() == before


def test_rate__is_kept(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    limits = Limits(mode=Mode.READ_ONLY, rate=500)
    results = verify(plan(operations=("countRoles",), limits=limits))
    assert results.environment.seconds >= (results.guard.sent - 1) / 500 - 0.1


def test_own_workspace__is_deleted_and_counted(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    before = sandbox.state()["workspaces"]
    operations = ("createWorkspace", "deleteWorkspace", "leaveWorkspace", "getWorkspaceContext")
    results = verify(plan(Mode.FULL, operations=operations))
    assert results.findings == ()
    assert results.cleanup == Cleanup(created=results.cleanup.created, deleted=results.cleanup.created)
    assert results.cleanup.created > 0
    assert sandbox.state()["workspaces"] == before


@pytest.mark.parametrize("slug", ["company-abc", "rh-abc"])
def test_creation_answered_with_a_foreign_workspace__does_not_make_it_ours(
    sandbox: Enspace, plan: Callable[..., Plan], slug: str
) -> None:
    before = sandbox.state()["workspaces"]

    def lying(asked: Asked) -> Answer:
        is_creation = (asked.method, asked.path) == ("POST", "/ws")
        return json_answer(before[0] | {"slug": slug}) if is_creation else passed_on(sandbox.url, asked)

    with target(lying) as there:
        verify(plan(Mode.FULL, target=there.url, operations=("listWorkspaces", "createWorkspace", "deleteWorkspace")))
    assert ("DELETE", slug) not in {(asked.method, asked.headers.get("en-workspace")) for asked in there.asked}
    assert sandbox.state()["workspaces"] == before
