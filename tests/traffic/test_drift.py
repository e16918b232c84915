"""`mockserver drift`: each deviation of a recording is one row, and one patch ends the drift."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from tests.traffic.conftest import Entry, Recorder, changed

Change = Callable[[dict[str, Any]], Any]

# The path, what is changed in each record, and the rows.
DEVIATIONS: dict[str, tuple[str, Change, list[str]]] = {
    "a new text": ("/ws/roles", lambda r: r.update(color="red"), ["Role.color: received a member: string"]),
    "a new date or null": (
        "/ws/roles",
        lambda r: r.update(archived_at=None if r["id"] % 2 else "2026-01-02T03:04:05.678Z"),
        ["Role.archived_at: received a member: null or string"],
    ),
    "a new object": (
        "/ws/mgroups",
        lambda r: r.update(owner={"id": 7, "name": "x"}),
        ["MemberGroup.owner: received a member: object"],
    ),
    "a new list of objects": (
        "/ws/types",
        lambda r: r.update(labels=[{"id": 1}, {"id": 2}]),
        ["Type.labels: received a member: array"],
    ),
    "a member inside a member": (
        "/c-quick-tasks",
        lambda r: r["user"].update(avatar="a.png"),
        ["User.avatar: received a member: string"],
    ),
    "null": ("/ws/roles", lambda r: r.update(name=None), ["Role.name: received null, documented: string"]),
    "null for a choice": ("/c-quick-tasks", lambda r: r.update(kind=None), ["QuickTask.kind: received null"]),
    "null for a record": ("/c-quick-tasks", lambda r: r.update(user=None), ["QuickTask.user: received null"]),
    "a text for a number": ("/ws/roles", lambda r: r.update(id=str(r["id"])), ["Role.id: received string"]),
    "a number for a text": ("/ws/mgroups", lambda r: r.update(name=5), ["MemberGroup.name: received integer"]),
    "a fraction": ("/c-quick-tasks", lambda r: r.update(points=1.5), ["QuickTask.points: received number"]),
    "seconds for a timestamp": (
        "/ws/roles",
        lambda r: r.update(created_at=1774008000),
        ["Role.created_at: received integer"],
    ),
    "a missing member": ("/ws/roles", lambda r: r.pop("description"), ["Role.description: received no such member"]),
    "two missing members": (
        "/ws/roles",
        lambda r: (r.pop("description"), r.pop("updated_at")),
        ["Role.description: received no such member", "Role.updated_at: received no such member"],
    ),
    "another name": (
        "/ws/roles",
        lambda r: r.update(title=r.pop("name")),
        ["Role.name: received no such member", "Role.title: received a member: string"],
    ),
    "another choice": (
        "/c-quick-tasks",
        lambda r: r.update(status="paused"),
        ["QuickTask.status: received paused, documented: pending, in_progress, completed, canceled"],
    ),
    "another pattern": (
        "/items",
        lambda r: r.update(reference="short"),
        ["Item.reference: received other values, documented: pattern ^[A-Za-z0-9]{16}$"],
    ),
    "a lower number": ("/c-quick-tasks", lambda r: r.update(points=-3), ["QuickTask.points: received other values"]),
}


def rows(output: str) -> list[str]:
    return [line[8:] for line in output.splitlines() if line.startswith(("error ", "warning ", "note "))]


def test_own_traffic__has_no_drift(recorder: Recorder) -> None:
    result = recorder.drift(recorder.write(recorder.har()))
    assert result.stdout.splitlines()[-1] == "no drift"
    assert result.exit_code == 0


# No two of one group change the same member, so that each row needs an edit of its own.
SECOND, THIRD = {"null for a record", "two missing members", "a lower number"}, {"a text for a number", "another name"}
GROUPS = (DEVIATIONS.keys() - SECOND - THIRD, SECOND, THIRD)


@pytest.mark.parametrize("names", GROUPS, ids=["first", "second", "third"])
def test_deviations_at_once__are_one_row_each_and_end_with_one_patch(
    recorder: Recorder, names: Collection[str]
) -> None:
    har, patch, expected = recorder.har(), recorder.folder / "learned.patch", list[str]()
    for name, (path, change, starts) in DEVIATIONS.items():
        if name in names:
            har, expected = changed(har, path, change), sorted([*expected, *starts])
    file = recorder.write(har)
    result = recorder.drift(file, "--patch", patch, "--also-documented")
    found = sorted(rows(result.stdout))
    assert [row[: len(start)] for row, start in zip(found, expected, strict=True)] == expected
    assert f"settles {len(expected)} of {len(expected)}" in result.stdout
    assert result.exit_code == 1
    recorder.apply(patch)
    assert recorder.lint() == "0 finding(s)\n"
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"


def test_row_of_many_operations__names_two_and_counts_the_others(recorder: Recorder) -> None:
    recorder.enspace.post("/ws/roles", json={"name": "Compras"})
    har = recorder.har()
    for path in ("/ws/roles", "/ws/roles/5"):
        har = changed(har, path, lambda role: role.update(color="red"))
    assert "; createRole, getRole and 1 more\n" in recorder.drift(recorder.write(har)).stdout


def test_long_answer__that_the_journal_has_left_out_is_no_evidence(recorder: Recorder) -> None:
    recorder.enspace.get("/c-schedule-tasks?_limit=1000")
    har = recorder.enspace.get("/_mock/journal?form=har").json()
    assert "text" not in har["log"]["entries"][-1]["response"]["content"]
    drift = recorder.drift(recorder.write(har))
    assert "set aside: 1 the recording has left the body out" in drift.stdout
    assert drift.exit_code == 3


def test_empty_text__of_a_body_with_a_size_is_no_evidence(recorder: Recorder) -> None:
    har = recorder.har()
    for entry in har["log"]["entries"]:
        entry["response"]["content"]["text"] = ""
    assert "no drift" in recorder.drift(recorder.write(har)).stdout


def test_patch__keeps_all_other_lines(recorder: Recorder) -> None:
    har, patch = recorder.write(changed(recorder.har(), *DEVIATIONS["null"][:2])), recorder.folder / "learned.patch"
    recorder.drift(har, "--patch", patch)
    lines = [line for line in patch.read_text().splitlines() if line[0] in "+-"]
    assert lines == ["--- a/openapi.yaml", "+++ b/openapi.yaml", "+          nullable: true"]


def test_documented_part__is_an_error_that_a_patch_leaves(recorder: Recorder) -> None:
    har = recorder.write(changed(recorder.har(), "/ws/roles", lambda r: r.update(created_at="01/02/2026")))
    result = recorder.drift(har, "--patch", recorder.folder / "learned.patch", "--fail-on", "error")
    assert "error   CreatedAt: received other values, documented: format date-time" in result.stdout
    assert "the contract documents it (--also-documented)" in result.stdout
    assert result.exit_code == 1


def test_choice_that_is_no_word__is_a_row_without_its_text(recorder: Recorder) -> None:
    """It may be personal."""
    har = recorder.write(changed(recorder.har(), "/c-quick-tasks", lambda r: r.update(status="with Joana Prado")))
    result = recorder.drift(har, "--patch", recorder.folder / "learned.patch")
    assert [row.partition(", documented")[0] for row in rows(result.stdout)] == [
        "QuickTask.status: received other values"
    ]
    assert "texts that are no words, need a person" in result.stdout
    assert "Joana" not in result.stdout


def test_answer_seen_once__is_a_note(recorder: Recorder) -> None:
    har = recorder.har()
    once = next(e for e in har["log"]["entries"] if e["request"]["url"].endswith("/ws/roles/5"))
    record = json.loads(once["response"]["content"]["text"]) | {"name": None}
    once["response"]["content"]["text"] = json.dumps(record)
    result = recorder.drift(recorder.write(har), "--patch", recorder.folder / "learned.patch")
    assert rows(result.stdout) == ["Role.name: received null, documented: string"]
    assert result.stdout.splitlines()[1].startswith("note")
    assert result.stdout.endswith("null: seen in one answer only\n")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"content": {"mimeType": "text/html", "text": "<h1>Sign in</h1>"}}, "an answer of something else"),
        ({"content": {"mimeType": "application/json", "text": '{"ok": true}'}}, "an answer of something else"),
        ({"content": {"mimeType": "application/json", "text": '{"id": 5, "na'}}, "a body that is no JSON or was cut"),
        ({"content": {"mimeType": "application/json", "size": 20}}, "the recording has left the body out"),
        *[({"status": status}, "429 or 5xx") for status in (429, 501)],
        *[({"status": status}, "another API") for status in (0, 304)],
        ({"status": 302}, "a redirect, such as to a sign-in page"),
        ({"headers": [{"name": "X-Mock-Source", "value": "fault"}]}, "made by a fault"),
    ],
)
def test_answer_that_proves_nothing__is_set_aside(recorder: Recorder, change: Entry, reason: str) -> None:
    har = recorder.har()
    spoilt = [e for e in har["log"]["entries"] if e["request"]["url"].endswith("/ws/roles/5")]
    for entry in spoilt:
        entry["response"] |= change
    result = recorder.drift(recorder.write(har))
    assert f"set aside: {len(spoilt)} {reason}" in result.stdout
    assert result.exit_code == 0


@pytest.mark.parametrize("query", ["_limit=many", "_limit=1&_limit=2", "colour=red", "_sort=color:UP"])
def test_refusal_of_an_invalid_query__proves_nothing(recorder: Recorder, query: str) -> None:
    har = recorder.har()
    for entry in har["log"]["entries"]:
        if entry["request"]["url"].endswith("/ws/roles"):
            entry["request"]["url"] += f"?{query}"
            entry["response"]["status"] = 422
    result = recorder.drift(recorder.write(har))
    assert "set aside: 2 a refusal of a request that breaks the contract" in result.stdout
    assert rows(result.stdout) == []


def test_refusal_of_an_undocumented_media_type__proves_nothing(recorder: Recorder) -> None:
    recorder.enspace.post("/ws/roles", json={"name": "Auditoria"})
    har = recorder.har()
    post = har["log"]["entries"][-1]
    post["request"]["postData"]["mimeType"], post["response"]["status"] = "text/plain", 415
    result = recorder.drift(recorder.write(har))
    assert "a refusal of a request that breaks the contract" in result.stdout
    assert rows(result.stdout) == []


@pytest.mark.parametrize("query", ["", "?_limit=3&_sort=name:ASC", "?_q=a"])
def test_refusal_of_a_valid_query__is_a_row(recorder: Recorder, query: str) -> None:
    har = recorder.har()
    for entry in har["log"]["entries"]:
        if entry["request"]["url"].endswith("/ws/roles"):
            entry["request"]["url"] += query
            entry["response"]["status"] = 422
    assert rows(recorder.drift(recorder.write(har)).stdout)[0].startswith("GET /ws/roles 422: received 422")


def test_undocumented_status__is_learned_with_its_schema(recorder: Recorder) -> None:
    for name in ("Auditoria", "Compras"):
        recorder.enspace.post("/ws/roles", json={"name": name, "description": "x"})
    har, patch = recorder.har(), recorder.folder / "learned.patch"
    for entry in har["log"]["entries"]:
        if entry["request"]["method"] == "POST" and entry["request"]["url"].endswith("/ws/roles"):
            entry["response"]["status"] = 201
    file = recorder.write(har)
    assert rows(recorder.drift(file, "--patch", patch).stdout)[0].startswith("POST /ws/roles 201: received 201")
    recorder.apply(patch)
    assert "schema: {$ref: '#/components/schemas/Role'}" in patch.read_text()
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"


def test_key_of_another_form__is_no_record(recorder: Recorder) -> None:
    """`/ws/roles/summary` is an operation that the contract does not have, not the role `summary`."""
    har = recorder.har()
    for entry in har["log"]["entries"]:
        entry["request"]["url"] = entry["request"]["url"].replace("/ws/roles/5", "/ws/roles/summary")
    result = recorder.drift(recorder.write(har))
    assert rows(result.stdout) == ["GET /ws/roles/summary: received an answer, documented: no such operation"]


def test_evidence__counts_a_recording_once_in_any_order(recorder: Recorder) -> None:
    one = recorder.write(changed(recorder.har(), *DEVIATIONS["null"][:2]), "one.har")
    two = recorder.write(recorder.har(), "two.har")
    first, second = recorder.folder / "first.json", recorder.folder / "second.json"
    for file in (one, two, one):
        recorder.drift(file, "--evidence", first)
    recorder.drift(two, one, "--evidence", second)
    assert first.read_text() == second.read_text()
    assert "Administrador" not in first.read_text()
    assert rows(recorder.drift("--evidence", first).stdout) == ["Role.name: received null, documented: string"]


def test_baseline__hides_known_rows(recorder: Recorder) -> None:
    har, baseline = recorder.write(changed(recorder.har(), *DEVIATIONS["null"][:2])), recorder.folder / "known.txt"
    baseline.write_text("components/schemas/Role/properties/name: null\n")
    assert recorder.drift(har, "--baseline", baseline).exit_code == 0


def forms(text: str) -> dict[str, bytes]:
    """The same recording as different programs write it."""
    har = json.loads(text)
    for entry in har["log"]["entries"]:
        content = entry["response"]["content"]
        content |= {"text": base64.b64encode(content["text"].encode()).decode(), "encoding": "base64"}
    har["log"]["comment"] = "\u2028"
    return {
        "a byte order mark": b"\xef\xbb\xbf" + text.encode(),
        "base64 and a line separator": json.dumps(har, ensure_ascii=False).encode(),
        "wrong sizes": text.replace('"bodySize": -1', '"bodySize": 999999').encode(),
        "cut off": text[: text.rindex('{"startedDateTime"') + 40].encode(),
    }


@pytest.mark.parametrize("form", ["a byte order mark", "base64 and a line separator", "wrong sizes", "cut off"])
def test_recording__of_another_program_gives_the_same_rows(recorder: Recorder, form: str) -> None:
    file = recorder.write(changed(recorder.har(), *DEVIATIONS["null"][:2]))
    expected = rows(recorder.drift(file).stdout)
    file.write_bytes(forms(file.read_text())[form])
    result = recorder.drift(file)
    assert rows(result.stdout) == expected
    assert ("cut off; what is there was read" in result.stdout) == (form == "cut off")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "it cannot be read: No such file or directory"),
        ("", "received no HAR file"),
        ("<html>", "received no HAR file (lexical error: invalid char in json text.)"),
        ('{"log": {"entries": []}}', "received no entries, documented: HAR 1.2 with log.entries"),
        ('{"log": {"entries": "x"}}', "received no entries"),
    ],
)
def test_file__that_is_no_recording(recorder: Recorder, content: str | None, says: str) -> None:
    file = recorder.folder / "calls.har"
    if content is not None:
        file.write_text(content)
    result = recorder.drift(file)
    assert says in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("option", "name", "says"),
    [
        *[("--evidence", name, "this is no evidence. Fix: name a file that") for name in ("deep", "list", "part")],
        ("--evidence", "old", "received form 1, documented: 2. Fix: delete the file."),
        ("--evidence", "", "the evidence cannot be read: Is a directory"),
        ("--evidence", "none/new", "the evidence cannot be written: No such file or directory"),
        ("--baseline", "odd", "the baseline cannot be read: 'utf-8' codec"),
        ("--patch", "", "the patch cannot be written: Is a directory"),
    ],
)
def test_file_of_an_option__that_cannot_be_used(
    recorder: Recorder, option: str, name: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "odd").write_bytes(b"\xff\xfe[1")
    texts = {"old": '{"form": 1}', "deep": "[" * 5000, "list": "[]", "part": '{"form": 2, "recordings": 5}'}
    for written, text in texts.items():
        (tmp_path / written).write_text(text)
    result = recorder.drift(recorder.write(recorder.har()), option, tmp_path / name)
    assert f"mockserver: {tmp_path / name}: {says}" in result.stderr
    assert result.exit_code == 2


def test_recording_of_another_api__is_no_success(recorder: Recorder) -> None:
    har = recorder.har()
    for entry in har["log"]["entries"]:
        entry["request"]["url"] = "https://fonts.example.com/css?family=Inter"
    result = recorder.drift(recorder.write(har))
    assert "0 used" in result.stdout
    assert result.exit_code == 3


def test_nothing_to_compare__is_a_usage_error(recorder: Recorder) -> None:
    assert "nothing to compare" in recorder.drift().stderr
    assert recorder.drift().exit_code == 2


def test_list_of_something_else__is_set_aside(recorder: Recorder) -> None:
    har = recorder.har()
    spoilt = [e for e in har["log"]["entries"] if e["request"]["url"].endswith("/ws/roles")]
    for entry in spoilt:
        entry["response"]["content"] = {"mimeType": "application/json", "text": '[{"ok": true}]'}
    result = recorder.drift(recorder.write(har))
    assert f"set aside: {len(spoilt)} an answer of something else" in result.stdout
    assert rows(result.stdout) == []


def test_patch__describes_a_new_text_by_its_type_alone(recorder: Recorder) -> None:
    patch = recorder.folder / "learned.patch"
    recorder.drift(recorder.write(changed(recorder.har(), *DEVIATIONS["a new text"][:2])), "--patch", patch)
    assert "+        color: {type: string, example: text}" in patch.read_text().splitlines()


def test_object_in_all_places_of_a_shared_schema__is_learned_with_its_members(recorder: Recorder) -> None:
    har, patch = recorder.har(), recorder.folder / "learned.patch"
    for entry in har["log"]["entries"]:
        content = entry["response"]["content"]
        content["text"] = re.sub(r'"created_at": ?"[^"]+"', '"created_at":{"seconds":5}', content["text"])
    file = recorder.write(har)
    result = recorder.drift(file, "--patch", patch, "--also-documented")
    assert rows(result.stdout) == ["CreatedAt: received object, documented: string"]
    recorder.apply(patch)
    assert "seconds: {type: integer" in patch.read_text()
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"
