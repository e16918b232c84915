"""The table of `make mutants`: what counts as found, and the verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.verify.mutants import MUTANTS
from tests.verify.report import Row, markdown, verdict
from tests.verify.tools import ReportedFinding, read_schemathesis, read_verify

FOUND_BY_READING = next(mutant for mutant in MUTANTS if mutant.name == "id-is-a-text")
FOUND_BY_WRITING = next(mutant for mutant in MUTANTS if mutant.name == "update-not-kept")


def outcome(*found: tuple[str, str], healthy: tuple[str, ...] = (), failed: str = "") -> dict[str, Any]:
    findings = [{"operation": operation, "promise": promise} for operation, promise in found]
    quiet = {"findings": [{"operation": "getRole", "promise": promise} for promise in healthy], "failed": ""}
    return {"findings": findings, "requests": 12, "failed": failed, "healthy": quiet}


def test_table__shows_what_found_a_mutant_what_named_another_operation_and_why_a_run_failed() -> None:
    broken = outcome(("getType", "response_schema"), ("listRoles", "sorted"))
    table = markdown([Row(FOUND_BY_READING, {"full": broken, "st": outcome()})])
    assert "| id-is-a-text | getType | yes | response_schema | 12 | missed | 12 |" in table
    assert "| 1 in all |  | 1 | 1 found | 12 | 0 found | 12 |" in table
    assert "- id-is-a-text, full: listRoles, sorted" in table
    failed = markdown([Row(FOUND_BY_READING, {"full": outcome(failed="exit code 3: no\nanswer")})])
    assert "| exit code 3: no answer |" in failed


def test_verdict__requires_all_but_one_all_that_reading_shows_and_no_finding_on_the_healthy_fake() -> None:
    found = Row(FOUND_BY_READING, {"full": outcome(("getType", "a")), "read-only": outcome(("getType", "a"))})
    unread = Row(FOUND_BY_READING, {"full": outcome(("getType", "a")), "read-only": outcome()})
    missed = Row(FOUND_BY_WRITING, {"full": outcome(), "read-only": outcome()})
    noisy = Row(FOUND_BY_READING, {"full": outcome(("getType", "a"), healthy=("sorted",))})
    assert [verdict(rows) for rows in ([found, missed], [found, unread], [found, missed, missed])] == [0, 1, 1]
    assert verdict([noisy]) == 1


def test_findings__are_read_from_both_reports(tmp_path: Path) -> None:
    failure = {"operation": "GET /ws/types/{slug}", "title": "Response violates schema"}
    checks = {"case": [{"status": "success"}, {"status": "failure", "failure_info": {"failure": failure}}]}
    event = {"ScenarioFinished": {"recorder": {"label": "Stateful tests", "checks": checks}}}
    (tmp_path / "events.ndjson").write_text(f"{json.dumps({'Initialize': {}})}\n{json.dumps(event)}\n")
    finding = {"operation": "getType", "promise": "updated_at_moves"}
    (tmp_path / "results.json").write_text(json.dumps({"findings": [finding]}))

    assert list(read_schemathesis(tmp_path)) == [ReportedFinding("getType", "Response violates schema")]
    assert list(read_verify(tmp_path)) == [ReportedFinding("getType", "updated_at_moves")]


@pytest.mark.parametrize("tool", ["full", "read-only"])
def test_verdict__is_bad_when_the_healthy_fake_cannot_be_tested(tool: str) -> None:
    broken = outcome(("getType", "a"))
    broken["healthy"]["failed"] = "exit code 3"

    assert verdict([Row(FOUND_BY_READING, {tool: broken})]) == 1
