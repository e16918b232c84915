"""Cleanup: records of a run are deleted, and left ones are listed, even if the target lies or loses responses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import Run, verify
from mockserver.verify.engine import Depth
from mockserver.verify.plan import Plan
from mockserver.verify.reports.markdown_report import describe_cleanup
from mockserver.verify.results import Cleanup, ExitCode
from mockserver.verify.safety.limits import Limits, Mode
from tests.invocation import invoke
from tests.verify.independent import misbehaviour
from tests.verify.independent.server import Target
from tests.verify.others import SECOND
from tests.verify.targets import Answer, Asked, json_answer, passed_on, refusal, target

UNSETTLED = "0 records created, 0 deleted, 1 left.\n  left: /ws/types/a/fields (a creation without a response"
WITHOUT_DELETE = ("createTask", "getTask", "listTasks", "createIntegration", "listIntegrations", "listStages")


def test_delete_that_does_nothing__is_listed_as_left(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def lying(asked: Asked) -> Answer:
        done = json_answer({"data": True, "message": "Done"})
        return done if asked.method == "DELETE" else passed_on(sandbox.url, asked)

    before = sandbox.state()
    with target(lying) as there:
        results = verify(plan(Mode.OWN_DATA, target=there.url))
    state, paths = sandbox.state(), {"roles": "/ws/roles", "quick_tasks": "/c-quick-tasks"}
    left = {f"{path}/{one['id']}" for name, path in paths.items() for one in state[name] if one not in before[name]}
    assert {record.path for record in results.cleanup.left} == left
    assert results.cleanup.left[0].why == "still there after a DELETE that answered 200"
    assert results.cleanup.ledger.endswith("ledger.jsonl")


def test_redirect__does_not_count_as_deleted(tmp_path: Path) -> None:
    """The record is looked up twice in vain, then found with the mark of the run, deleted, and gone."""
    away = (302, {"location": "/elsewhere"}, b"")
    role = {"id": 8, "name": "mv00 role", "created_at": "2026-03-12T20:55:53.111Z"}
    looks = iter([away, away, json_answer(role), refusal(404)])
    with target(lambda asked: next(looks) if asked.method == "GET" else json_answer({})) as there:
        own = {"path": "/ws/roles/8", "collection": "/ws/roles", "keys": {"roleId": "8"}}
        lines = [
            {"event": "run", "target": there.url, "mark": "mv00"},
            {"event": "announced", "number": 1, "path": "/ws/roles"},
            {"event": "created", "number": 1, **own},
            {"event": "claimed", "path": "/ws/roles/8"},
        ]
        (tmp_path / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = invoke("verify", "--clean", str(tmp_path / "ledger.jsonl"))
    assert done.output == "1 record created, 1 deleted, none left.\n"
    assert [asked.method for asked in there.asked] == ["GET", "GET", "GET", "DELETE", "GET"]


def test_record_that_is_answered_as_null__is_gone_if_its_list_lacks_it(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    def empty(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        return json_answer(None) if asked.method == "GET" and answer[0] == 404 else answer

    with target(empty) as there:
        results = verify(plan(Mode.OWN_DATA, target=there.url))
    assert results.cleanup.created == results.cleanup.deleted > 0
    assert (results.cleanup.left, results.exit_code) == ((), ExitCode.BROKEN)


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
        done = invoke("verify", "--clean", str(tmp_path / "ledger.jsonl"))
    assert done.output.startswith(outcome)


ROLE = {"path": "/ws/roles/8", "collection": "/ws/roles", "keys": {"roleId": "8"}}
RIGHT = {
    "path": "/ws/roles/8/permissions/3",
    "collection": "/ws/roles/{roleId}/permissions",
    "keys": {"roleId": "8", "permissionId": "3"},
}
DELETED = "1 record created, 1 deleted, none left.\n"
LEFT = "1 record created, 0 deleted, 1 left.\n  left: {} ({})\n"
NEW = "2999-01-01T00:00:00Z"
OURS = {"id": 8, "name": "mv00 role", "created_at": NEW}
# Before and after the DELETE; a permission has no name and no GET of its own.
ROLE_READ = {"GET /ws/roles/8": json_answer(OURS)}
REFUSING = ROLE_READ | {"DELETE /ws/roles/8": refusal(403)}
RIGHT_READ = {
    "GET /ws/roles/8/permissions/3": refusal(405),
    "GET /ws/roles/8/permissions": json_answer([{"id": 3, "created_at": NEW}]),
}
LISTED = json_answer([{"id": 3, "created_at": NEW}, 5, {"id": None}])
STILL = "still there after a DELETE that answered 200"


@pytest.mark.parametrize(
    ("own", "before", "after", "outcome"),
    [
        (ROLE, ROLE_READ, {"GET /ws/roles/8": refusal(404)}, DELETED),
        (ROLE, ROLE_READ | {"DELETE /ws/roles/8": refusal(404)}, {"GET /ws/roles/8": refusal(410)}, DELETED),
        (
            ROLE,
            REFUSING,
            REFUSING,
            LEFT.format("/ws/roles/8", "the DELETE answered 403"),
        ),
        (ROLE, ROLE_READ, ROLE_READ, LEFT.format("/ws/roles/8", STILL)),
        (RIGHT, RIGHT_READ, RIGHT_READ | {"GET /ws/roles/8/permissions": json_answer([{"id": 4}])}, DELETED),
        (RIGHT, RIGHT_READ, RIGHT_READ | {"GET /ws/roles/8/permissions": refusal(404)}, DELETED),
        (RIGHT, RIGHT_READ, RIGHT_READ | {"GET /ws/roles/8/permissions": LISTED}, LEFT.format(RIGHT["path"], STILL)),
    ],
)
def test_own_record__counts_as_deleted_when_it_is_gone(
    tmp_path: Path, own: dict[str, Any], before: dict[str, Answer], after: dict[str, Answer], outcome: str
) -> None:
    deletions: list[str] = []

    def answering(asked: Asked) -> Answer:
        answers = after if deletions else before
        if asked.method == "DELETE":
            deletions.append(asked.path)
        return answers.get(f"{asked.method} {asked.path.partition('?')[0]}", json_answer({}))

    assert _clean(tmp_path, answering, own) == outcome
    assert deletions


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"GET /ws/roles/8": refusal(404)}, DELETED),
        (
            {"GET /ws/roles/8": json_answer(OURS | {"name": "of others"})},
            LEFT.format(
                "/ws/roles/8",
                "reported as deleted, and now a record of somebody else: the mark of the run is not in name or title",
            ),
        ),
        (
            {"GET /ws/roles/8": refusal(500)},
            LEFT.format("/ws/roles/8", "not deleted, because it is not proved to be ours: a GET answered 500"),
        ),
    ],
)
def test_own_record__that_was_reported_as_deleted_is_only_looked_for(
    tmp_path: Path, answers: dict[str, Answer], outcome: str
) -> None:
    asked_for = []

    def answering(asked: Asked) -> Answer:
        asked_for.append(asked.method)
        return answers.get(f"{asked.method} {asked.path.partition('?')[0]}", json_answer({}))

    assert _clean(tmp_path, answering, ROLE, {"event": "claimed", "path": ROLE["path"]}) == outcome
    assert "DELETE" not in asked_for


ROLE_STAYS = f"\n  left: {ROLE['path']} (the DELETE answered 403)"


@pytest.mark.parametrize(
    ("is_role_deleted", "rights", "outcome"),
    [
        (True, LISTED, "2 records created, 2 deleted, none left."),
        (False, json_answer([]), f"2 records created, 1 deleted, 1 left.{ROLE_STAYS}"),
        (False, LISTED, f"2 records created, 0 deleted, 2 left.{ROLE_STAYS}\n  left: {RIGHT['path']} ({STILL})"),
    ],
)
def test_record_below_an_own_record__is_looked_up_if_that_one_stays(
    tmp_path: Path, is_role_deleted: bool, rights: Answer, outcome: str
) -> None:
    deleted: set[str] = set()

    def answering(asked: Asked) -> Answer:
        if asked.method == "DELETE":
            deleted.add(asked.path)
            return json_answer({}) if is_role_deleted or asked.path != ROLE["path"] else refusal(403)
        if asked.path == ROLE["path"]:
            return refusal(404) if is_role_deleted and ROLE["path"] in deleted else json_answer(OURS)
        listed = rights if RIGHT["path"] in deleted else LISTED
        return refusal(405) if asked.path == RIGHT["path"] else listed

    below = [
        {"event": "announced", "number": 2, "path": "/ws/roles/8/permissions", "names": []},
        {"event": "created", "number": 2, **RIGHT},
    ]
    assert _clean(tmp_path, answering, ROLE, *below).startswith(outcome)


def _clean(folder: Path, answering: Callable[[Asked], Answer], own: dict[str, Any], *more: dict[str, Any]) -> str:
    """Cleans up after a run that created this record and then what `more` says; returns what the command prints."""
    names = ["name", "title"] if own is ROLE else []
    with target(answering) as there:
        lines = [
            {"event": "run", "target": there.url, "mark": "mv00"},
            {"event": "announced", "number": 1, "path": own["path"].rpartition("/")[0], "names": names},
            {"event": "created", "number": 1, **own},
            *more,
        ]
        (folder / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return invoke("verify", "--clean", str(folder / "ledger.jsonl")).output


BROKEN_OFF: Answer = (200, {"content-length": "9", "connection": "close"}, b"")


@pytest.mark.parametrize("lost", [refusal(500), BROKEN_OFF])
def test_creation_whose_answer_is_lost__is_found_by_its_mark(
    sandbox: Enspace, plan: Callable[..., Plan], lost: Answer
) -> None:
    def losing(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        return lost if asked.method == "POST" and answer[0] == 200 else answer

    before = sandbox.state()["roles"]
    with target(losing) as there:
        results = verify(plan(Mode.OWN_DATA, target=there.url))
    assert sandbox.state()["roles"] == before
    assert results.cleanup.created == results.cleanup.deleted > 0


NEW, OLD = "2026-03-12T21:00:00.000Z", "2026-03-12T20:00:00.000Z"


def role(id: int, created_at: str = NEW, name: str = "mv00 role", description: str = "any") -> dict[str, Any]:
    return {"id": id, "name": name, "description": description, "created_at": created_at}


@pytest.mark.parametrize(
    ("rows", "printed"),
    [
        ([role(8), role(5, OLD, "Gestor")], "1 record created, 1 deleted, none left."),
        ([role(5, NEW, "Gestor", "for mv00"), role(6, OLD, "Leitor", "mv00")], "Nothing was created."),
        ([role(5, OLD)], "left: /ws/roles (a creation without a usable response; may be: /ws/roles/5)"),
        (
            [role(8), role(9)],
            "left: /ws/roles (a creation without a usable response; may be: /ws/roles/8, /ws/roles/9)",
        ),
        ([role(8), role(5, OLD)], "1 record created, 1 deleted, none left."),
    ],
)
def test_lost_creation__is_adopted_by_a_name_and_a_time(tmp_path: Path, rows: list[Any], printed: str) -> None:
    """One creation at 20:59 has no response; the list shows these roles."""
    rows = list(rows)

    def answering(asked: Asked) -> Answer:
        path, _, number = asked.path.partition("?")[0].partition("/ws/roles/")
        found = [row for row in rows if str(row["id"]) == number]
        if asked.method == "DELETE":
            rows.remove(*found)
        return json_answer(rows if path else found[0]) if path or found else refusal(404)

    with target(answering) as there:
        lines = [
            {"event": "run", "target": there.url, "mark": "mv00", "started": "2026-03-12T20:58:00+00:00"},
            {
                "event": "announced",
                "number": 1,
                "path": "/ws/roles",
                "names": ["name"],
                "at": "2026-03-12T20:59:00+00:00",
            },
        ]
        (tmp_path / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = invoke("verify", "--clean", str(tmp_path / "ledger.jsonl"))
    assert printed in done.output
    assert (done.exit_code == ExitCode.LEFT) == ("left:" in printed)
    assert [asked.path for asked in there.asked if asked.method == "DELETE"] == ["/ws/roles/8"] * ("1 del" in printed)


def test_full__lists_records_without_a_delete(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    before = sandbox.state()
    results = verify(plan(Mode.FULL, operations=WITHOUT_DELETE))
    assert results.findings == ()
    state = sandbox.state()
    left = {f"/c-flow-tasks/{task['id']}" for task in state["tasks"] if task not in before["tasks"]}
    known = [one["id"] for one in before["integrations"]]
    left |= {f"/integrations/{one['id']}" for one in state["integrations"] if one["id"] not in known}
    assert {record.path for record in results.cleanup.left} == left
    assert len(results.cleanup.left) == len(left) > 1
    assert results.cleanup.left[0].why == "no DELETE removes it"
    assert results.exit_code is ExitCode.KEPT
    assert results.full_verdict == f"kept, {len(left)} records left behind"


def test_full__names_records_of_others_that_it_has_deleted(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    before = {role["id"] for role in sandbox.state()["roles"]}
    results = verify(plan(Mode.FULL, operations=("listRoles", "createRole", "deleteRole")))
    gone = before - {role["id"] for role in sandbox.state()["roles"]}
    assert set(results.cleanup.deleted_others) == {f"/ws/roles/{id}" for id in gone} != set()
    assert f" of the target deleted: {results.cleanup.deleted_others[0]}" in describe_cleanup(results)


def test_record_that_a_creation_only_changes__is_not_left_behind(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    existing = {f"/integrations/{one['id']}" for one in sandbox.state()["integrations"]}
    results = verify(plan(Mode.FULL, operations=("listIntegrations", "createIntegration")))
    left = {record.path for record in results.cleanup.left}
    assert existing
    assert not left & existing
    assert results.cleanup.created == len(left) > 0


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
        done = invoke(*arguments)
    assert done.exit_code == ExitCode.STOPPED, done.output
    assert "stopped by the request guard: POST /ws/roles created a record" in done.stdout
    assert "verdict: stopped" in done.stdout
    assert "a target that can be tested" not in done.stdout
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
            run.watch.guard.deadline = 0
        return answer

    with target(answering) as there:
        run = Run(plan(Mode.OWN_DATA, target=there.url))
        results = run.execute()
    assert results.full_verdict == "kept, only a part was tested: out of time"
    assert results.cleanup == Cleanup(created=1, deleted=1)
    assert [asked.method for asked in there.asked if asked.method not in ("GET", "HEAD")][-2:] == ["POST", "DELETE"]
    assert sandbox.state() == before


def test_cleanup__ends_in_time_when_deletions_hang(plan: Callable[..., Plan]) -> None:
    """Each of them would take the whole time of a request."""
    limits = Limits(mode=Mode.OWN_DATA, request_time=0.3, cleanup_time=0.4)
    operations = ("listTypes", "createType", "getType", "updateType", "deleteType")
    with Target(misbehaviour.only("DELETE", misbehaviour.silent())) as there:
        results = verify(plan(target=there.url, credentials=SECOND, operations=operations, limits=limits))
    types = there.records.workspaces[SECOND.workspace].types
    assert results.exit_code is ExitCode.LEFT
    # Records below the types are left with them.
    left_types = {left.path for left in results.cleanup.left if left.path.count("/") == 3}
    assert left_types == {f"/ws/types/{slug}" for slug in types if "mv" in slug}
    assert "the time for the cleanup is over" in {left.why for left in results.cleanup.left}


def test_rate__is_kept(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    limits = Limits(mode=Mode.READ_ONLY, rate=500)
    results = verify(plan(operations=("countRoles",), limits=limits))
    assert results.environment.seconds >= (results.guard.sent - 1) / 500 - 0.1


def test_own_workspace__is_deleted_and_counted(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    before = sandbox.state()["workspaces"]
    operations = ("createWorkspace", "deleteWorkspace", "leaveWorkspace", "getWorkspaceContext")
    results = verify(plan(Mode.FULL, depth=Depth.NORMAL, operations=operations))
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


def test_record_of_a_refused_creation__is_deleted(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def careless(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        return refusal(400) if asked.method == "POST" and answer[0] == 200 else answer

    before = sandbox.state()["roles"]
    with target(careless) as there:
        results = verify(plan(Mode.OWN_DATA, target=there.url, operations=("listRoles", "createRole", "getRole")))
    assert sandbox.state()["roles"] == before
    assert results.cleanup.created == results.cleanup.deleted > 0


def test_record_for_a_foreign_workspace__that_lands_in_the_own_one_is_deleted(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    def careless(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        own = {"en-workspace": sandbox.workspace}
        is_foreign = answer[0] == 403 and (asked.method, asked.path) == ("POST", "/ws/roles")
        return passed_on(sandbox.url, replace(asked, headers=asked.headers | own)) if is_foreign else answer

    with target(careless) as there:
        results = verify(plan(Mode.FULL, target=there.url))
    assert ([one for one in results.cleanup.left if one.is_deletable], results.exit_code) == ([], ExitCode.BROKEN)
    assert not [role for role in sandbox.state()["roles"] if results.environment.mark in role["name"]]


def test_record_in_a_foreign_workspace__is_listed_as_left(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    def open_to_all(asked: Asked) -> Answer:
        is_foreign = asked.headers.get("en-workspace") == "rh-abc"
        return json_answer(role(777)) if is_foreign and asked.method == "POST" else passed_on(sandbox.url, asked)

    with target(open_to_all) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("listRoles", "createRole")))
    assert [(one.path, one.why) for one in results.cleanup.left] == [
        ("/ws/roles/777", "created in the workspace rh-abc")
    ]


def test_name_that_is_accepted_although_invalid__is_set_back(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    """A later cleanup, of a killed run, recognises the record by its name."""

    def naming(asked: Asked) -> Answer:
        is_named = asked.method == "PUT" and asked.sent.get("name") == 7
        body = json.dumps(asked.sent | {"name": "seven"}).encode()
        return passed_on(sandbox.url, replace(asked, body=body) if is_named else asked)

    with target(naming) as there:
        results = verify(plan(target=there.url, operations=("listRoles", "createRole", "updateRole")))
    assert [one.received for one in results.findings] == ["200 for name 7"]
    updates = [(asked.path, asked.sent) for asked in there.asked if asked.method == "PUT" and "name" in asked.sent]
    place = next(place for place, (_, sent) in enumerate(updates) if sent["name"] == 7)
    (path, _), (next_path, sent) = updates[place : place + 2]
    assert next_path == path
    assert results.environment.mark in sent["name"]
