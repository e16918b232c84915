"""The summary of a run over regressions: counts by kind, and names with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.verify.regressions.half_a import HALF_A
from tests.verify.regressions.regression import Regression
from tests.verify.regressions.summary import Verdict, summary


def regression(**changed: Any) -> Regression:
    usual = {"name": "first", "operations": ("listRoles",), "kind": "schema", "meaning": "broken"}
    return replace(HALF_A[0], **(usual | changed))


def verdict_of(one: Regression, *operations: str, exit_code: int = 1, failed: str = "") -> Verdict:
    findings = [{"operation": operation, "promise": "sorted"} for operation in operations]
    return Verdict(one, {"findings": findings, "exit_code": exit_code, "failed": failed})


def test_summary__counts_by_kind() -> None:
    found = verdict_of(regression(), "listRoles")
    missed = verdict_of(regression(kind="sense"), exit_code=0)

    text = summary("full", [found, missed])
    assert "| schema | 1 | 1 | 0 | 0 | 0 |" in text
    assert "| sense | 1 | 0 | 1 | 0 | 1 |" in text
    assert "| all | 2 | 1 | 1 | 0 | 1 |" in text


def test_summary__names_what_was_missed_or_attributed_to_another_operation() -> None:
    missed = verdict_of(regression(name="second"), "getRole", exit_code=0)

    ended = verdict_of(regression(name="third"), exit_code=3, failed="exit code 3: no\nanswer")
    text = summary("full", [verdict_of(regression(), "listRoles"), missed, ended])
    assert "first" not in text
    assert "no verdict, exit code 3: no answer" in text
    assert "second (schema, shape; listRoles): missed" in text
    assert "wrong operation: getRole: sorted" in text
    assert "exit code 0, expected 1" in text


def test_summary__of_a_finding_for_a_related_operation() -> None:
    one = verdict_of(regression(related=("countRoles",)), "listRoles", "countRoles")

    assert one.is_found
    assert one.elsewhere == []


def test_exit_codes__of_a_guessed_shape() -> None:
    learned = verdict_of(regression(meaning="learn"), "listRoles", exit_code=0)
    either = regression(meaning="either")

    assert learned.is_exit_code_right
    assert either.exit_codes == {0, 1}
