"""Records that a run leaves behind: in each report one by one, in the verdict, and with an exit code of their own."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mockserver.verify.reports import RENDERERS, terminal_report
from mockserver.verify.results import Cleanup, ExitCode, Finding, LeftRecord, Meaning, Results, Severity
from tests.verify.test_hostile_texts import RESULTS

PATHS = [f"/ws/roles/{number}" for number in (8, 9)]
KEPT = Results(RESULTS.environment)
LEFT = replace(KEPT, cleanup=Cleanup(3, 1, tuple(LeftRecord(path, "the DELETE answered 500") for path in PATHS)))
UNDELETABLE = replace(KEPT, cleanup=Cleanup(0, 0, (LeftRecord("/tasks/1", "no DELETE removes it", False),)))


def finding(meaning: Meaning) -> Finding:
    return Finding("listRoles", "any", meaning, Severity.ERROR, "a", "b")


@pytest.mark.parametrize("name", RENDERERS)
def test_report__lists_each_left_record(name: str) -> None:
    report = RENDERERS[name](LEFT)
    assert all(path in report for path in PATHS)
    assert all(path not in RENDERERS[name](KEPT) for path in PATHS)


def test_terminal__lists_the_first_left_records() -> None:
    many = tuple(LeftRecord(f"/ws/roles/{number}", "no response") for number in range(25))
    lines = list(terminal_report.lines(replace(LEFT, cleanup=Cleanup(25, 0, many))))
    assert sum(line.startswith("  left: /ws/roles/") for line in lines) == 20
    assert "  and 5 more left; the reports list them" in lines
    assert lines[-1] == "verdict: kept, 25 records left behind (seed 1)"


@pytest.mark.parametrize(
    ("results", "exit_code", "verdict"),
    [
        (LEFT, ExitCode.LEFT, "kept, 2 records left behind"),
        (UNDELETABLE, ExitCode.KEPT, "kept, 1 record left behind"),
        (replace(LEFT, findings=(finding(Meaning.BROKEN),)), ExitCode.LEFT, "broken, 2 records left behind"),
        (
            replace(LEFT, findings=(finding(Meaning.ENVIRONMENT),)),
            ExitCode.ENVIRONMENT,
            "environment, 2 records left behind",
        ),
        (replace(LEFT, stopped="any"), ExitCode.STOPPED, "stopped, 2 records left behind"),
        (
            replace(LEFT, partial="out of time"),
            ExitCode.LEFT,
            "kept, only a part was tested: out of time, 2 records left behind",
        ),
    ],
)
def test_left_records__change_the_verdict(results: Results, exit_code: ExitCode, verdict: str) -> None:
    assert results.exit_code is exit_code
    assert results.full_verdict == verdict
    assert json.loads(RENDERERS["verify.json"](results))["exit_code"] == exit_code
