"""The summary of a run over regressions: found, missed, wrong operation and exit code for each kind, then names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.verify.regressions.regression import KINDS, Regression


@dataclass(frozen=True)
class Verdict:
    """A regression, and the outcome of one tool on it without the findings on the healthy fake."""

    regression: Regression
    outcome: dict[str, Any]

    @property
    def is_found(self) -> bool:
        """By a finding that names one of its operations."""
        return any(one["operation"] in self.regression.operations for one in self.outcome["findings"])

    @property
    def elsewhere(self) -> list[str]:
        """The findings that name an unrelated operation, each as operation and promise."""
        near = (*self.regression.operations, *self.regression.related)
        found = [one for one in self.outcome["findings"] if one["operation"] not in near]
        return [f"{one['operation'] or 'no operation'}: {one['promise']}" for one in found]

    @property
    def is_exit_code_right(self) -> bool:
        return self.outcome["exit_code"] in self.regression.exit_codes


def summary(tool: str, verdicts: list[Verdict]) -> str:
    """Renders a Markdown table by kind, and each regression by name that has not the expected verdict."""
    kinds = [kind for kind in KINDS if any(verdict.regression.kind == kind for verdict in verdicts)]
    rows = [_row(kind, (one for one in verdicts if one.regression.kind == kind)) for kind in kinds]
    head = ["| kind | regressions | found | missed | wrong operation | wrong exit code |", "|---|---|---|---|---|---|"]
    return "\n".join([f"{tool}:", "", *head, *rows, _row("all", verdicts), "", *_deviations(verdicts)])


def _row(kind: str, verdicts: Iterable[Verdict]) -> str:
    known = list(verdicts)
    found = sum(one.is_found for one in known)
    wrong = sum(bool(one.elsewhere) for one in known), sum(not one.is_exit_code_right for one in known)
    return f"| {kind} | {len(known)} | {found} | {len(known) - found} | {wrong[0]} | {wrong[1]} |"


def _deviations(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        regression, outcome = verdict.regression, verdict.outcome
        name = f"- {regression.name} ({regression.kind}, {regression.subject}; {' '.join(regression.operations)})"
        if outcome["failed"]:
            yield f"{name}: no verdict, {' '.join(outcome['failed'].split())}"
        elif not verdict.is_found:
            yield f"{name}: missed: {regression.breaks}"
        if verdict.elsewhere:
            yield f"{name}: wrong operation: {'; '.join(verdict.elsewhere)}"
        if not verdict.is_exit_code_right:
            expected = " or ".join(str(code) for code in sorted(regression.exit_codes))
            yield f"{name}: exit code {outcome['exit_code']}, expected {expected}"
