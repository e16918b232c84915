"""Requests that the guard lets pass: reads in read-only, own records in own-data, no other host in any mode."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.checks.writes.samples import KINDS
from mockserver.verify.contract_run import verify
from mockserver.verify.plan import Plan
from mockserver.verify.safety.cleanup import Cleaner
from mockserver.verify.safety.creations import find_creations
from mockserver.verify.safety.ledger import Announcement, Ledger, OwnRecord, read_ledger
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.own_workspaces import OwnWorkspaces
from mockserver.verify.safety.protected_requests import ProtectedRequests
from mockserver.verify.safety.request_guard import REFUSED, RequestGuard
from tests.verify.conftest import ROLES
from tests.verify.targets import Answer, Asked, between, json_answer, refusal, target

MARK = "mv12345678"


def send(guard: RequestGuard, method: str, url: str, **options: Any) -> str:
    """Why the guard has not sent it; empty if it has."""
    with guard.session() as session:
        answer = session.request(method, url, **options)
    return answer.headers.get(REFUSED, "")


def guard_of(
    document: Document, url: str, mode: Mode, protects: Callable[..., str] = lambda request, path: "", **limits: Any
) -> RequestGuard:
    ledger = Ledger(None, url, MARK)
    number = ledger.announce(Announcement("/ws/roles", ("name",)))
    ledger.record_created(number, OwnRecord("/ws/roles/8", "/ws/roles", {"roleId": "8"}))
    return RequestGuard(url, Limits(mode=mode, **limits), ledger, find_creations(document), protects)


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("GET", "/ws/roles/5", None, ""),
        ("PUT", "/ws/roles/8", {"description": "any"}, ""),
        ("PUT", "/ws/roles/8", {"name": "any"}, "a change that removes the mark"),
        ("DELETE", "/ws/roles/8", None, ""),
        ("POST", "/ws/roles/8/permissions", {"area": "items"}, ""),
        ("POST", "/ws/roles", {"name": f"{MARK} role"}, ""),
        ("POST", "/ws/roles", {"name": "Gestor"}, "a creation without the mark"),
        ("PUT", "/ws/roles/5", {"name": "any"}, "PUT on a record that is not ours"),
        ("DELETE", "/ws/roles/88", None, "DELETE on a record that is not ours"),
        ("PATCH", "/ws/roles", None, "PATCH on a record that is not ours"),
        ("DELETE", "/ws/roles/8/permissions/77", None, "DELETE on a record that is not ours"),
        ("POST", "/ws/leave", None, "POST on a record that is not ours"),
        ("DELETE", "/ws", None, "DELETE on a record that is not ours"),
        ("POST", "/ws/roles/5/permissions", {"area": "items"}, "a creation below a record that is not ours"),
        ("DELETE", "/ws/roles/8/..%2F5", None, "a write to an ambiguous path"),
        ("DELETE", "/ws/roles/8//", None, "a write to an ambiguous path"),
    ],
)
def test_own_data__writes_only_on_own_records(
    document: Document, method: str, path: str, body: Any, reason: str
) -> None:
    with target(lambda asked: json_answer(OURS if asked.path == "/ws/roles/8" else {"id": 9})) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        assert send(guard, method, there.url + path, json=body) == reason
        # A write to the record is sent only after it was read and proved to be ours.
        is_proof = not reason and path.startswith("/ws/roles/8") and method != "GET"
        assert [asked.method for asked in there.asked] == ["GET"] * is_proof + ([] if reason else [method])


OURS = {"id": 8, "name": f"{MARK} role", "created_at": "2999-01-01T00:00:00.000Z"}


@pytest.mark.parametrize("seen", ["/ws/roles/8", "/ws/roles", ""])
def test_proof__is_one_request_per_record_and_none_if_it_was_read(document: Document, seen: str) -> None:
    """Two changes of the record: at most one GET of it before them."""
    with target(lambda asked: json_answer([OURS] if asked.path == "/ws/roles" else OURS)) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        if seen:
            send(guard, "GET", there.url + seen)
        for text in ("a", "b"):
            assert send(guard, "PUT", there.url + "/ws/roles/8", json={"description": text}) == ""
    assert [asked.method for asked in there.asked] == ["GET", "PUT", "PUT"]


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (OURS | {"name": "Gestor"}, "the mark of the run is not in name"),
        (OURS | {"name": "Gestor", "description": MARK}, "the mark of the run is not in name"),
        (
            OURS | {"created_at": "2024-12-02T11:54:37.520Z"},
            "its created_at 2024-12-02T11:54:37.520000+00:00 is before",
        ),
        (OURS | {"created_at": "2024-12-02"}, "its created_at 2024-12-02T00:00:00+00:00 is before"),
        (OURS | {"created_at": None}, "its created_at is 'None'"),
        (OURS | {"id": 5}, "a record with another key is there: /ws/roles/5"),
        ([], "no record is there"),
    ],
)
def test_record_that_is_not_proved__gets_no_write_and_stops_the_run(document: Document, shown: Any, why: str) -> None:
    with target(lambda asked: json_answer(shown)) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        guard.ledger.started = datetime(2026, 3, 12, tzinfo=UTC)
        reason = send(guard, "DELETE", there.url + "/ws/roles/8")
    assert why in reason
    assert f"POST /ws/roles was answered with /ws/roles/8, which is not proved to be a record of this run: {why}" in (
        guard.stopped
    )
    assert there.methods == {"GET"}
    assert guard.ledger.own == {}
    assert guard.ledger.open_intents == {1: "/ws/roles"}


@pytest.mark.parametrize(
    ("shown", "is_foreign"),
    [
        ({"slug": f"{MARK}-1", "name": MARK, "created_at": "2999-01-01T00:00:00.000Z"}, False),
        ({"slug": "contratos", "name": "Contratos", "created_at": "2024-12-02T13:01:15.204Z"}, True),
    ],
)
def test_record_that_is_read__is_foreign_unless_a_lost_creation_may_have_created_it(
    document: Document, shown: dict[str, Any], is_foreign: bool
) -> None:
    path = f"/ws/types/{shown['slug']}"
    with target(lambda asked: refusal(500) if asked.method == "POST" else json_answer(shown)) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        send(guard, "POST", there.url + "/ws/types", json={"name": MARK, "slug": f"{MARK}-1"})
        send(guard, "GET", there.url + path)
    assert (path in guard.ownership.foreign) == is_foreign


def test_lost_creation__is_no_record_that_was_listed_before(document: Document) -> None:
    row = OURS | {"id": 9}
    with target(lambda asked: refusal(500) if asked.method == "POST" else json_answer([row])) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        guard.ledger.record_deleted("/ws/roles/8")
        send(guard, "GET", there.url + "/ws/roles")
        send(guard, "POST", there.url + "/ws/roles", json={"name": MARK})
        assert Cleaner(guard, OwnWorkspaces()).clean().left == ()
    assert there.methods == {"GET", "POST"}


def test_cleanup__has_a_time_of_its_own(document: Document) -> None:
    with target(lambda asked: json_answer([])) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA, cleanup_time=0)
        with guard.overtime():
            assert send(guard, "GET", there.url + "/ws/roles") == "out of time"
        assert send(guard, "GET", there.url + "/ws/roles") == ""


def test_record_created_again_at_its_path__is_proved_again(document: Document) -> None:
    """Another record may have got the key in between."""
    shown = [OURS, OURS | {"name": "Gestor"}]
    with target(lambda asked: json_answer(shown[0])) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        assert send(guard, "DELETE", there.url + "/ws/roles/8") == ""
        send(guard, "POST", there.url + "/ws/roles", json={"name": MARK})
        shown.pop(0)
        assert "not proved to be ours" in send(guard, "DELETE", there.url + "/ws/roles/8")


def test_own_record__gets_no_write_in_another_workspace(document: Document) -> None:
    with target(lambda asked: json_answer(OURS)) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        elsewhere = {"en-workspace": "another"}
        reason = send(guard, "DELETE", there.url + "/ws/roles/8", headers=elsewhere)
    assert reason == "a write in another workspace"
    assert not there.asked


@pytest.mark.parametrize("status", [401, 429, 500])
def test_record_that_cannot_be_read__gets_no_write_for_now(document: Document, status: int) -> None:
    with target(lambda asked: refusal(status)) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA, busy_time=0)
        assert f"a GET answered {status}" in send(guard, "DELETE", there.url + "/ws/roles/8")
    assert list(guard.ledger.own) == ["/ws/roles/8"]
    assert guard.stopped == ""


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("PUT", "/ws/members/17", "it would change the member of a key of the run"),
        ("DELETE", "/ws/members/17", "it would change the member of a key of the run"),
        ("GET", "/ws/members/17", ""),
        ("PUT", "/ws/members/19", "it would change the member of a key of the run"),
        ("PUT", "/ws/members/18", ""),
        ("DELETE", "/ws/roles/3", ""),
        ("DELETE", "/ws", "it would delete the workspace of the run"),
        ("POST", "/ws/leave", "it would end the membership of the run's key"),
    ],
)
def test_full__does_not_end_its_own_access(document: Document, method: str, path: str, reason: str) -> None:
    members = {"/ws/context": (17, 200), "/ws/context?failing": (18, 500), "/ws/stats": (18, 200)}
    members["/ws/context?with=another-key"] = (19, 200)

    def answering(asked: Asked) -> Answer:
        id, status = members.get(asked.path, (0, 200))
        return json_answer({"member": {"id": id}}, status)

    with target(answering) as there:
        protected = ProtectedRequests(OwnWorkspaces())
        guard = guard_of(document, there.url, Mode.FULL, protected.objection)
        with guard.session() as session:
            for answer in [session.get(there.url + shown) for shown in members]:
                protected.observe(answer.request, answer)
        assert send(guard, method, there.url + path, json={}) == reason


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_read_only__sends_no_other_method(document: Document, method: str) -> None:
    with target(lambda asked: json_answer({})) as there:
        guard = guard_of(document, there.url, Mode.READ_ONLY)
        assert send(guard, method, there.url + "/ws/roles/8") == f"{method} in read-only"
        assert not there.asked
        assert guard.refused == {f"{method} in read-only": 1}


def test_read_only__sends_no_header_that_changes_the_method(document: Document) -> None:
    with target(lambda asked: json_answer({})) as there:
        guard = guard_of(document, there.url, Mode.READ_ONLY)
        reason = send(guard, "GET", there.url, headers={"X-HTTP-Method-Override": "DELETE"})
        assert reason == "a header that changes the method"
        assert not there.asked


@pytest.mark.parametrize("mode", Mode)
def test_redirect_to_another_host__is_not_followed(document: Document, mode: Mode) -> None:
    with target(lambda asked: json_answer({})) as other:
        away = other.url + "/ws/roles"
        with target(lambda asked: (302, {"location": away}, b"")) as there:
            assert send(guard_of(document, there.url, mode), "GET", there.url + "/ws/roles") == "another host"
        assert not other.asked


def test_plain_http__does_not_leave_loopback_without_a_flag(document: Document) -> None:
    url = "http://staging.example.invalid"
    assert send(guard_of(document, url, Mode.READ_ONLY), "GET", url) == "plain http beyond loopback"
    with pytest.raises(requests.ConnectionError):
        send(guard_of(document, url, Mode.READ_ONLY, allow_http=True), "GET", url)


@pytest.mark.parametrize(
    ("created", "stopped"),
    [
        ({"name": "no id"}, "created a record, but the response does not name it"),
        ({"id": 5, "name": "of others"}, "was answered with a record that was there before"),
    ],
)
def test_creation_without_a_working_delete__stops_the_run(document: Document, created: Any, stopped: str) -> None:
    with target(lambda asked: json_answer([{"id": 5}] if asked.method == "GET" else created)) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        send(guard, "GET", there.url + "/ws/roles")
        send(guard, "POST", there.url + "/ws/roles", json={"name": MARK})
        assert stopped in guard.stopped
        assert send(guard, "GET", there.url + "/ws/roles") == "the run has been stopped"


def test_ledger_that_cannot_be_written__lets_nothing_be_created(document: Document, tmp_path: Path) -> None:
    with target(lambda asked: json_answer({"id": 9})) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        guard.ledger.file = tmp_path / "nowhere" / "ledger.jsonl"
        with pytest.raises(Exception, match="the ledger cannot be written"):
            send(guard, "POST", there.url + "/ws/roles", json={"name": MARK})
        assert not there.asked
        assert guard.stopped


def test_ledger__lists_a_creation_before_it_is_sent(document: Document, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    seen: list[str] = []

    def answer(asked: Asked) -> Answer:
        seen.append(file.read_text())
        return json_answer({"id": 9})

    with target(answer) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        guard.ledger.file = file
        send(guard, "POST", there.url + "/ws/roles", json={"name": MARK})
    assert [json.loads(line)["event"] for line in seen[0].splitlines()] == ["run", "announced"]
    assert [json.loads(line)["event"] for line in file.read_text().splitlines()][2:] == ["created"]


def test_refused_creation__is_settled_in_the_ledger(document: Document, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with target(lambda asked: refusal(400)) as there:
        guard = guard_of(document, there.url, Mode.OWN_DATA)
        guard.ledger.file = file
        send(guard, "POST", there.url + "/ws/roles", json={"name": MARK})
    assert [json.loads(line)["event"] for line in file.read_text().splitlines()] == ["run", "announced", "refused"]
    assert read_ledger(file).open_intents == {}


def test_name__with_a_secret_is_not_in_the_ledger(document: Document, tmp_path: Path) -> None:
    file, name = tmp_path / "ledger.jsonl", f"{MARK}-en.SecretSecret"
    with target(lambda asked: json_answer({"id": 9, "slug": name})) as there:
        ledger, creations = Ledger(file, there.url, MARK, lambda text: "Secret" in text), find_creations(document)
        guard = RequestGuard(there.url, Limits(mode=Mode.FULL), ledger, creations, lambda request, path: "")
        send(guard, "POST", there.url + "/ws/types", json={"name": MARK})
        refused = send(guard, "POST", f"{there.url}/ws/types/{name}/fields", json={"name": MARK})
        send(guard, "DELETE", f"{there.url}/ws/types/{name}")
    assert refused == "a creation below a name that contains a secret"
    assert list(guard.ledger.own) == [f"/ws/types/{name}"]
    assert "Secret" not in file.read_text()
    assert read_ledger(file).open_intents == {1: "/ws/types"}


def test_read_only_run__sends_only_get(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    before = sandbox.state()
    with target(between(sandbox.url, "GET", "", lambda body: body)) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url))
    assert there.methods == {"GET"}
    assert len(there.asked) == results.guard.sent
    assert sandbox.state() == before


def test_own_data_run__marks_what_it_creates_and_leaves_everything_as_it_was(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    before, made = sandbox.state(), plan(Mode.OWN_DATA)
    results = verify(made)
    assert sandbox.state() == before
    assert results.cleanup.created == results.cleanup.deleted >= 3
    assert results.cleanup.left == ()
    assert {part.what for part in results.not_tested}.isdisjoint(ROLES)
    created = [call["request"]["body"] for call in sandbox.journal.last(1000, operation="createRole", status=200)]
    assert created
    assert all(made.mark in body["name"] for body in created)


def test_example_that_names_a_record_of_others__is_sent_to_an_own_record(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    """The example of the contract updates `contratos`, a link of the creation the new type: both reach the new type."""
    made = plan(Mode.OWN_DATA, operations=("createType", "updateType"))
    assert verify(made).findings == ()
    updates = sandbox.journal.last(1000, operation="updateType", status=200)
    paths = [call["request"]["path"] for call in updates]
    assert [path for path in paths if "contratos" in path] == [f"/ws/types/{made.mark}-contratos"] * 2
    assert all(path.startswith(f"/ws/types/{made.mark}-") for path in paths)


def test_environment__gives_no_password_and_no_proxy(
    sandbox: Enspace, plan: Callable[..., Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither our own session nor those of Schemathesis."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with target(between(sandbox.url, "GET", "", lambda body: body)) as there:
        verify(plan(Mode.OWN_DATA, target=there.url, operations=("listRoles", "createRole")))
    assert {asked.headers["user-agent"].partition("/")[0] for asked in there.asked} > {"schemathesis"}
    assert not any("authorization" in asked.headers for asked in there.asked)


def test_refusal__is_counted_and_no_finding(document: Document) -> None:
    with target(lambda asked: refusal(404)) as there:
        guard = guard_of(document, there.url, Mode.READ_ONLY)
        for _ in range(3):
            send(guard, "POST", there.url + "/ws/roles")
        assert guard.sent == 0
        assert guard.refused.total() == 3


def test_ledger__read_again_is_the_one_that_was_written(tmp_path: Path) -> None:
    written = Ledger(tmp_path / "ledger.jsonl", "http://127.0.0.1:1", MARK)
    written.started = datetime(2026, 3, 12, tzinfo=UTC)
    intents = [written.announce(Announcement("/ws/roles", ("title",), written.started)) for _ in range(5)]
    for number in intents[:4]:
        written.record_created(number, OwnRecord(f"/ws/roles/{number}", "/ws/roles", {"roleId": str(number)}))
    written.record_disowned("/ws/roles/1")
    written.record_claimed("/ws/roles/2")
    written.record_deleted("/ws/roles/3")
    written.record_refused(5, 400)
    read = vars(read_ledger(tmp_path / "ledger.jsonl"))
    assert read == vars(written) | {"holds_secret": read["holds_secret"]}
    assert (list(written.own), written.open_intents) == (["/ws/roles/2", "/ws/roles/4"], {1: "/ws/roles"})
    assert (written.claimed, written.created, written.deleted) == ({"/ws/roles/2"}, 3, 1)


def test_own_data__gives_the_type_of_its_items_fields_with_the_mark(
    sandbox: Enspace, plan: Callable[..., Plan]
) -> None:
    results = verify(plan(operations=("listItems", "createItem", "getItem", "updateItem", "deleteItem")))
    assert sandbox.journal.count(operation="createField", status=200) == len(KINDS)
    assert "a creation without the mark" not in results.guard.refused
    assert results.findings == ()
