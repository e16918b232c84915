"""`mockserver drift --report`: the same rows in four files."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.traffic.conftest import Recorder, changed

NULL_NAME = "components/schemas/Role/properties/name: null"


@pytest.fixture
def folder(recorder: Recorder) -> Path:
    """The reports of a recording with a null, a new operation with markup in its path, and a row seen once."""
    har = changed(recorder.har(), "/ws/roles", lambda role: role.update(name=None))
    for entry in har["log"]["entries"]:
        entry["request"]["url"] = entry["request"]["url"].replace("/ws/roles/5", "/ws/roles/<b>|x")
    once = next(e for e in har["log"]["entries"] if e["request"]["url"].endswith("/ws/mgroups"))
    groups = json.loads(once["response"]["content"]["text"])
    once["response"]["content"]["text"] = json.dumps([group | {"name": None} for group in groups])
    recorder.drift(recorder.write(har), "--report", recorder.folder / "reports")
    return recorder.folder / "reports"


def test_json__has_all_rows(folder: Path) -> None:
    report = json.loads((folder / "drift.json").read_text())
    rows = {row["identity"]: row for row in report["rows"]}
    assert rows.keys() > {NULL_NAME, "components/schemas/MemberGroup/properties/name: null"}
    assert {name: rows[NULL_NAME][name] for name in ("severity", "received", "fails", "operations")} == {
        "severity": "warning",
        "received": "null",
        "fails": True,
        "operations": ["listRoles"],
    }
    assert report["first_day"] == report["last_day"] != ""


def test_junit__fails_for_rows_and_skips_notes(folder: Path) -> None:
    suite = ElementTree.parse(folder / "drift.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "2", "1")
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert NULL_NAME in failed


def test_texts_of_a_recording__are_no_markup(folder: Path) -> None:
    page, table = (folder / "drift.html").read_text(), (folder / "drift.md").read_text()
    assert "/ws/roles/&lt;b&gt;|x" in page
    assert "<b>" not in page + table
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert [line.count("|") for line in rows] == [8, 8, 8, 8]


def test_no_drift__is_one_passed_case(recorder: Recorder) -> None:
    folder = recorder.folder / "reports"
    recorder.drift(recorder.write(recorder.har()), "--report", folder)
    suite = ElementTree.parse(folder / "drift.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    assert json.loads((folder / "drift.json").read_text())["verdict"] == "no drift"


def test_folder__that_cannot_be_written_is_a_usage_error(recorder: Recorder) -> None:
    result = recorder.drift(recorder.write(recorder.har()), "--report", "/proc/reports")
    assert "reports cannot be written there" in result.stderr
    assert result.exit_code == 2
