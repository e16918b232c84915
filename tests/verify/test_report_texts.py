"""The reports of one run word for word, and the verdict that its findings give."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from mockserver.verify.reports import json_report, junit_report, markdown_report, terminal_report
from mockserver.verify.reports.json_report import OldReportError
from mockserver.verify.results import (
    Cleanup,
    Environment,
    ExitCode,
    Finding,
    GuardCounts,
    LeftRecord,
    Meaning,
    NotTested,
    OperationCoverage,
    Results,
    Severity,
    Trouble,
)

URL = "http://127.0.0.1:1"
BROKEN = Finding(
    "listRoles",
    "sorted",
    Meaning.BROKEN,
    Severity.ERROR,
    "ids\n [2, 1]",
    "sorted",
    location="/*/id",
    contract="openapi.yaml:12 /paths",
    request=1234,
)
GUESS = Finding("getForm", "schema", Meaning.LEARN, Severity.WARNING, "5", "a text", curl=f"curl {URL}")
ENVIRONMENT = Finding("", "reachable", Meaning.ENVIRONMENT, Severity.ERROR, "nothing", "a response")
RESULTS = Results(
    Environment(URL, "own-data", "quick", 7, "openapi.yaml", "mv00", "2026-03-01T10:00:00Z", 2.5, {}),
    (GUESS, BROKEN, ENVIRONMENT),
    (
        OperationCoverage("listRoles", "GET", "/ws/roles", "Roles", (200, 400, 500), {200: 3, 418: 1}, None),
        OperationCoverage("getForm", "GET", "/c-forms/{id}", "Forms", (200, 404), {}, None),
    ),
    (NotTested("getForm", "there is none"),),
    Cleanup(3, 2, (LeftRecord("/ws/roles/8", "still there"),), "out/ledger.jsonl"),
    GuardCounts(40, {"PUT on a record that is not ours": 2, "another host": 1}, 1.5),
    troubles=(Trouble("listRoles", 40, {"429": 3}),),
)


def test_terminal__says_everything_in_order() -> None:
    assert list(terminal_report.lines(RESULTS)) == [
        f"target: {URL} (mode own-data, depth quick)",
        "date: 2026-03-01T10:00:00Z",
        "verdict: environment, and 1 broken promise, 1 record left behind",
        "cleanup: 3 records created, 2 deleted, 1 left.",
        "Broken promises: 1",
        "  listRoles: sorted at /*/id",
        "    received: ids [2, 1]",
        "    documented: sorted",
        "    contract: openapi.yaml:12 /paths",
        "    since request 1,234",
        "Contradicted guesses of the contract: 1",
        "  getForm: schema (warning)",
        "    received: 5",
        "    documented: a text",
        f"    curl {URL}",
        "Environment problems: 1",
        "  the target: reachable",
        "    received: nothing",
        "    documented: a response",
        "Requests without a usable answer:",
        "  listRoles: 3 of 40 requests: 429",
        "1 of 2 operations reached, 1 of 4 documented statuses seen",
        "1 part not tested; the reports list the reasons",
        "40 requests in 2.5 s; 3 records created, 2 deleted, 1 left.",
        "  waited 1.5 s for a busy target (429, 503) or a lost one",
        "  left: /ws/roles/8 (still there)",
        "  fix: mockserver verify --clean out/ledger.jsonl",
        "  not sent: 2 times: PUT on a record that is not ours",
        "  not sent: 1 time: another host",
        "verdict: environment, and 1 broken promise, 1 record left behind (seed 7)",
    ]


def test_terminal__of_a_run_without_findings_is_short() -> None:
    kept = replace(RESULTS, findings=(), not_tested=(), cleanup=Cleanup(), guard=GuardCounts(40, {}), troubles=())
    assert list(terminal_report.lines(kept))[2:] == [
        "verdict: kept",
        "cleanup: Nothing was created.",
        "1 of 2 operations reached, 1 of 4 documented statuses seen",
        "40 requests in 2.5 s; Nothing was created.",
        "verdict: kept (seed 7)",
    ]


def test_terminal__names_what_stopped_the_run() -> None:
    stopped = replace(RESULTS, stopped="a creation without a name")
    assert list(terminal_report.cleanup_lines(stopped))[-1] == "stopped by the request guard: a creation without a name"
    assert list(terminal_report.lines(stopped))[-2:] == [
        "stopped by the request guard: a creation without a name",
        "verdict: stopped, and 1 broken promise, 1 record left behind (seed 7)",
    ]


@pytest.mark.parametrize(("count", "rest"), [(20, []), (21, ["  and 1 more"])])
def test_terminal__lists_twenty_findings_of_a_kind(count: int, rest: list[str]) -> None:
    lines = list(terminal_report.lines(replace(RESULTS, findings=(BROKEN,) * count)))
    assert lines.count("  listRoles: sorted at /*/id") == 20
    assert [line for line in lines if line.endswith(" more")] == rest


def test_terminal__lists_twenty_troubles_with_their_kinds() -> None:
    trouble = Trouble("listRoles", 40, {"429": 3, "timed out": 1})
    lines = list(terminal_report.lines(replace(RESULTS, troubles=(trouble,) * 21)))
    assert lines.count("  listRoles: 4 of 40 requests: 3 times 429, 1 time timed out") == 20
    assert "  and 1 more operation" in lines


@pytest.mark.parametrize(("count", "rest"), [(30, []), (31, ["and 1 more."])])
def test_markdown__lists_thirty_findings_of_a_kind(count: int, rest: list[str]) -> None:
    text = markdown_report.render(replace(RESULTS, findings=(BROKEN,) * count))
    assert f"### Broken promises ({count})" in text
    assert text.count("\n| listRoles |") == 30
    assert [line for line in text.splitlines() if line.endswith(" more.")] == rest


def test_markdown__says_everything_in_order() -> None:
    lines = markdown_report.render(RESULTS).splitlines()
    assert lines[0] == f"## Contract against {URL}: environment, and 1 broken promise, 1 record left behind"
    assert lines[2] == (
        "2026-03-01T10:00:00Z, mode own-data, depth quick, seed 7: 40 requests in 2.5 s, 3 not sent. "
        "3 records created, 2 deleted, 1 left."
    )
    assert [line for line in lines if line.startswith(("#", "| ", "- "))][1:] == [
        "### Broken promises (1)",
        "| operation | promise | received | documented | contract | since request |",
        "| listRoles | sorted | ids &#91;2, 1&#93; | sorted | openapi.yaml:12 /paths | 1,234 |",
        "### Contradicted guesses of the contract (1)",
        "| operation | promise | received | documented | contract | since request |",
        "| getForm | schema | 5 | a text |  |  |",
        "### Environment problems (1)",
        "| operation | promise | received | documented | contract | since request |",
        "| the target | reachable | nothing | a response |  |  |",
        "### Requests without a usable answer",
        "- listRoles: 3 of 40 requests: 429",
        "### Records left behind (1)",
        "- /ws/roles/8: still there",
        "- getForm: there is none",
    ]
    assert "1 of 2 operations reached." in lines


def test_junit__has_a_case_for_each_operation_and_one_for_the_target() -> None:
    suite = ElementTree.fromstring(junit_report.render(replace(RESULTS, known=(GUESS.identity,), partial="late")))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "4",
        "failures": "1",
        "errors": "2",
        "skipped": "0",
        "time": "2.5",
    }
    assert [case.get("name") for case in suite.iter("testcase")] == ["listRoles", "getForm", "the target", "cleanup"]
    assert {part.get("name"): part.get("value") for part in suite.iter("property")} == {
        "target": f"{URL} (mode own-data, depth quick)",
        "date": "2026-03-01T10:00:00Z",
        "verdict": "environment, and 1 broken promise, 1 record left behind",
        "cleanup": "3 records created, 2 deleted, 1 left.",
        "partial": "late",
    }
    (troubled,) = (case for case in suite.iter("testcase") if case.find("system-out") is not None)
    assert troubled.get("name") == "listRoles"
    assert troubled.findtext("system-out") == "without a usable answer: 3 of 40 requests: 429"
    assert [(part.get("type"), part.get("message")) for part in suite.iter("failure")] == [
        ("sorted", "error: ids\n [2, 1]")
    ]
    unreached = ElementTree.fromstring(junit_report.render(replace(RESULTS, findings=(), not_tested=())))
    assert [part.get("message") for part in unreached.iter("skipped")] == ["no request reached it"]


def test_json__conforms_to_its_schema() -> None:
    schema = json.loads(json_report.SCHEMA.read_text())
    jsonschema_rs.validator_for(schema).validate(json.loads(json_report.render(RESULTS)))


def test_json__shows_letters_with_accents_as_they_are() -> None:
    finding = replace(BROKEN, received="the name Ação")
    assert '"received": "the name Ação"' in json_report.render(replace(RESULTS, findings=(finding,)))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"findings": [5]}', '{"findings": [{}]}'])
def test_comparison__with_a_file_that_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "old.json").write_text(text)
    with pytest.raises(OldReportError, match=r"old\.json: this is no report\. Fix: name a verify\.json"):
        json_report.identities(tmp_path / "old.json")


@pytest.mark.parametrize(
    ("changed", "code", "verdict"),
    [
        ({"findings": ()}, ExitCode.KEPT, "kept"),
        ({"findings": (), "partial": "late"}, ExitCode.KEPT, "kept, only a part was tested: late"),
        ({"findings": (GUESS,)}, ExitCode.KEPT, "kept"),
        ({"findings": (GUESS,), "fail_on": Severity.WARNING}, ExitCode.BROKEN, "broken"),
        ({"findings": (GUESS, BROKEN), "partial": "late"}, ExitCode.BROKEN, "broken, only a part was tested: late"),
        ({"findings": (BROKEN,), "known": (BROKEN.identity,)}, ExitCode.KEPT, "kept"),
        ({"findings": (BROKEN, ENVIRONMENT)}, ExitCode.ENVIRONMENT, "environment, and 1 broken promise"),
        ({"findings": (ENVIRONMENT,), "partial": "late"}, ExitCode.ENVIRONMENT, "environment"),
        ({"findings": (), "interrupted": True, "partial": "late"}, ExitCode.INTERRUPTED, "interrupted"),
        (
            {"interrupted": True, "stopped": "a creation without a name"},
            ExitCode.STOPPED,
            "stopped, and 1 broken promise",
        ),
    ],
)
def test_verdict__depends_on_the_gravest_event(changed: dict[str, Any], code: ExitCode, verdict: str) -> None:
    results = replace(RESULTS, cleanup=Cleanup(), **changed)
    assert (results.exit_code, results.full_verdict) == (code, verdict)


@pytest.mark.parametrize(
    ("changed", "code", "verdict"),
    [
        ({"findings": ()}, ExitCode.LEFT, "kept, 1 record left behind"),
        ({"findings": (BROKEN,)}, ExitCode.LEFT, "broken, 1 record left behind"),
        ({"findings": (ENVIRONMENT,)}, ExitCode.ENVIRONMENT, "environment, 1 record left behind"),
    ],
)
def test_verdict__says_that_records_are_left(changed: dict[str, Any], code: ExitCode, verdict: str) -> None:
    results = replace(RESULTS, **changed)
    assert (results.exit_code, results.full_verdict) == (code, verdict)
