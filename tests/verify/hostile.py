"""Targets that could make a run harm others: the fake behind a proxy that lies about its records, or breaks off.

Each row of `HOSTILE` names the exit code and a text of the summary. A proxy changes nothing by itself: what happens to
the records of others is what the run has asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.results import ExitCode, Results
from tests.verify.targets import Answer, Answering, Asked, json_answer, passed_on, refusal

State = dict[str, Any]
FOREIGN = 4  # a role of others in the workspace of the run
OF_ANOTHER_WORKSPACE = 7
PERMISSION = 201  # of that role
ANOTHER, MIXED = "rh-abc", "x-mixed"
MARK = re.compile(rb"mv[0-9a-f]{8}")


@dataclass(frozen=True)
class Proxy:
    """A misbehaviour: it gets a request and a function that asks the fake."""

    misbehave: Callable[[Asked, Callable[[Asked], Answer]], Answer]
    exit_code: ExitCode
    says: str

    def in_front_of(self, sandbox: Enspace) -> Answering:
        """A server that may mix workspaces: such a request gets a key that is valid in the other one."""
        key = next(key["key"] for key in sandbox.keys if key["workspaces"] == [ANOTHER])

        def ask(asked: Asked) -> Answer:
            mixed = {"en-workspace": ANOTHER, "x-api-key": key} if MIXED in asked.headers else {}
            return passed_on(sandbox.url, replace(asked, headers=asked.headers | mixed))

        return lambda asked: self.misbehave(asked, ask)


Ask = Callable[[Asked], Answer]
Misbehave = Callable[[Asked, Ask], Answer]


def path_of(asked: Asked) -> str:
    return asked.path.partition("?")[0]


def is_creation(asked: Asked, answer: Answer) -> bool:
    return asked.method == "POST" and path_of(asked) == "/ws/roles" and answer[0] == 200


def changed(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    status, headers, body = answer
    return (status, headers, json.dumps(change(json.loads(body))).encode()) if status == 200 else answer


def answers_id(key: Any, every: int = 1, keyed: str = "id") -> Misbehave:
    """Answers each creation, or every third one, with this id; the record is created under another one."""
    numbers = count(1)

    def misbehave(asked: Asked, ask: Ask) -> Answer:
        answer = ask(asked)
        if is_creation(asked, answer) and next(numbers) % every == 0:
            return changed(answer, lambda record: record | {keyed: key})
        return answer

    return misbehave


def hides(role: int, misbehave: Misbehave) -> Misbehave:
    """A record that no GET shows, and that a write would change."""

    def hiding(asked: Asked, ask: Ask) -> Answer:
        answer = misbehave(asked, ask)
        if asked.method == "GET" and path_of(asked) == f"/ws/roles/{role}":
            return refusal(404)
        if asked.method == "GET" and path_of(asked) == "/ws/roles":
            return changed(answer, lambda rows: [row for row in rows if row["id"] != role])
        return answer

    return hiding


def mixes_workspaces(misbehave: Misbehave) -> Misbehave:
    """Requests for a role of another workspace reach it from the first write on, whatever the header names."""
    writes: list[Asked] = []

    def mixing(asked: Asked, ask: Ask) -> Answer:
        if asked.method == "POST":
            writes.append(asked)
        is_there = bool(writes) and path_of(asked).startswith(f"/ws/roles/{OF_ANOTHER_WORKSPACE}")
        return misbehave(replace(asked, headers=asked.headers | {MIXED: "yes"}) if is_there else asked, ask)

    return mixing


def shows_mark(misbehave: Misbehave, name: str = "name") -> Misbehave:
    """Every row contains the mark of the run, since the first request that has one."""
    marks = [b""]

    def showing(asked: Asked, ask: Ask) -> Answer:
        if found := MARK.search(asked.body):
            marks[:] = [found[0]]
        answer = misbehave(asked, ask)
        if asked.method != "GET" or not path_of(asked).startswith("/ws/roles") or path_of(asked).endswith("count"):
            return answer
        return changed(answer, lambda body: [marked(row) for row in body] if isinstance(body, list) else marked(body))

    def marked(row: Any) -> Any:
        return row | {name: f"{row[name]} {marks[0].decode()}"}

    return showing


def loses_creations(asked: Asked, ask: Ask) -> Answer:
    """Creates the record, and answers as a failing server."""
    answer = ask(asked)
    return refusal(500) if is_creation(asked, answer) else answer


def redirects_creations(asked: Asked, ask: Ask) -> Answer:
    """Creates the record, and redirects to the list."""
    answer = ask(asked)
    return (303, {"location": "/ws/roles"}, b"") if is_creation(asked, answer) else answer


def redirects_writes(asked: Asked, ask: Ask) -> Answer:
    """Answers each change of a role with a redirect, with its method and body, to one of others."""
    is_change = asked.method in ("PUT", "PATCH", "DELETE") and path_of(asked).startswith("/ws/roles/")
    return (307, {"location": f"/ws/roles/{FOREIGN}"}, b"") if is_change else ask(asked)


def keeps_deleted(status: int) -> Misbehave:
    """Deletes nothing."""

    def misbehave(asked: Asked, ask: Ask) -> Answer:
        done = json_answer({"data": True, "message": "Role deleted successfully"})
        failed = done if status == 200 else refusal(status)
        return failed if asked.method == "DELETE" else ask(asked)

    return misbehave


def from_call(number: int, failed: Answer) -> Misbehave:
    """Answers everything this way from the call with this number on."""
    numbers = count(1)
    return lambda asked, ask: failed if next(numbers) >= number else ask(asked)


def expires(asked: Asked, ask: Ask, has_expired: list[bool]) -> Answer:
    """The key of the run expires with its first creation."""
    answer = refusal(401) if has_expired else ask(asked)
    if is_creation(asked, answer):
        has_expired.append(True)
    return answer


def expiring() -> Misbehave:
    has_expired: list[bool] = []
    return lambda asked, ask: expires(asked, ask, has_expired)


def answers_below(kind: str, keyed: str, foreign: Any, parent: str) -> Misbehave:
    """Answers creations below a record with a record of another parent; requests for it never look at the parent."""
    place = re.compile(rf".*/{kind}/{foreign}\b")

    def misbehave(asked: Asked, ask: Ask) -> Answer:
        answer = ask(replace(asked, path=place.sub(f"{parent}/{kind}/{foreign}", asked.path)))
        is_below = asked.method == "POST" and path_of(asked).endswith(f"/{kind}") and answer[0] == 200
        return changed(answer, lambda record: record | {keyed: foreign}) if is_below else answer

    return misbehave


GATEWAY = (502, {"content-type": "text/html"}, b"<html><h1>502 Bad Gateway</h1></html>")
STOPPED, LEFT, BROKEN = ExitCode.STOPPED, ExitCode.LEFT, ExitCode.BROKEN
NOT_PROVED = f"POST /ws/roles was answered with /ws/roles/{FOREIGN}, which is not proved to be a record of this run"
SEEN_BEFORE = "POST /ws/roles was answered with a record that was there before"
LOST = "a creation without a response, and the list cannot be read"
NO_KEY = "the response does not name it, so it cannot be deleted"

# Functions, because some proxies count their calls.
HOSTILE: dict[str, Callable[[], Proxy]] = {
    "a listed id, always": lambda: Proxy(answers_id(FOREIGN), STOPPED, SEEN_BEFORE),
    "a listed id, every third time": lambda: Proxy(answers_id(FOREIGN, 3), STOPPED, SEEN_BEFORE),
    "a hidden id, always": lambda: Proxy(hides(FOREIGN, answers_id(FOREIGN)), STOPPED, NOT_PROVED),
    "a hidden id, every third time": lambda: Proxy(hides(FOREIGN, answers_id(FOREIGN, 3)), STOPPED, NOT_PROVED),
    "an id of another workspace": lambda: Proxy(
        mixes_workspaces(answers_id(OF_ANOTHER_WORKSPACE)), STOPPED, "the mark of the run is not in name"
    ),
    "an id of another workspace, every third time": lambda: Proxy(
        mixes_workspaces(answers_id(OF_ANOTHER_WORKSPACE, 3)), STOPPED, "the mark of the run is not in name"
    ),
    "a foreign id and the mark in foreign names": lambda: Proxy(
        shows_mark(mixes_workspaces(answers_id(OF_ANOTHER_WORKSPACE))), STOPPED, "is before"
    ),
    "a path as id": lambda: Proxy(answers_id(f"../roles/{FOREIGN}"), STOPPED, NO_KEY),
    "the parent as id": lambda: Proxy(answers_id(".."), STOPPED, NO_KEY),
    "true as id": lambda: Proxy(answers_id(True), STOPPED, NO_KEY),
    "false as id, every third time": lambda: Proxy(answers_id(False, 3), STOPPED, NO_KEY),
    "the mark in foreign names": lambda: Proxy(shows_mark(answers_id(0, 10**9)), BROKEN, "none left"),
    "the mark in foreign names, and creations are lost": lambda: Proxy(
        shows_mark(loses_creations), BROKEN, "none left"
    ),
    "the mark in foreign descriptions, and creations are lost": lambda: Proxy(
        shows_mark(loses_creations, "description"), BROKEN, "none left"
    ),
    "writes are redirected": lambda: Proxy(redirects_writes, LEFT, "writes_are_not_redirected"),
    "creations are redirected": lambda: Proxy(redirects_creations, BROKEN, "none left"),
    "deletions fail": lambda: Proxy(keeps_deleted(500), LEFT, "the DELETE answered 500"),
    "deletions are refused": lambda: Proxy(keeps_deleted(403), LEFT, "the DELETE answered 403"),
    "deletions do nothing": lambda: Proxy(keeps_deleted(200), LEFT, "still there after a DELETE that answered 200"),
    "the key expires": lambda: Proxy(expiring(), ExitCode.ENVIRONMENT, "left behind"),
    "the gateway fails from call 40 on": lambda: Proxy(
        from_call(40, GATEWAY), ExitCode.ENVIRONMENT, "no usable answer 10 times in a row (502)"
    ),
    "the gateway fails when records exist": lambda: Proxy(
        from_call(150, GATEWAY), ExitCode.ENVIRONMENT, "records left behind"
    ),
}


BELOW = {
    "an item of another type": lambda: Proxy(
        answers_below("items", "reference", "NYus60ys7wST4XBy", "/ws/types/fornecedores"), STOPPED, "is before"
    ),
    "a permission of another role": lambda: Proxy(
        answers_below("permissions", "id", PERMISSION, f"/ws/roles/{FOREIGN}"), STOPPED, "not proved"
    ),
}


def changed_rows(before: State, after: State) -> list[Any]:
    """The records of others, of all workspaces, that are no longer as they were."""
    return [row for name, rows in before.items() for row in rows if row not in after[name]]


def unreported(before: State, after: State, results: Results) -> list[str]:
    """The new roles that the report does not name, and that no creation without a response stands for."""
    ids = {row["id"] for row in before["roles"]}
    new = {f"/ws/roles/{row['id']}" for row in after["roles"] if row["id"] not in ids}
    named = {path for left in results.cleanup.left for path in re.findall(r"/ws/roles/\d+", f"{left.path} {left.why}")}
    lost = [left.path for left in results.cleanup.left].count("/ws/roles")
    return sorted(new - named)[lost:]
