"""The table of `make mutants`, and its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.verify.mutant import Mutant

MAY_BE_MISSED = 1


@dataclass(frozen=True)
class Row:
    """A mutant, and the outcome of each tool."""

    mutant: Mutant
    outcomes: dict[str, dict[str, Any]]

    def is_found(self, tool: str) -> bool:
        """By a finding that names an operation of the mutant."""
        return any(one["operation"] in self.mutant.operations for one in self.outcomes[tool]["findings"])

    def promises(self, tool: str) -> list[str]:
        """Returns the promises of those findings."""
        findings = self.outcomes[tool]["findings"]
        return sorted({one["promise"] for one in findings if one["operation"] in self.mutant.operations})


def markdown(rows: list[Row]) -> str:
    """One line for each mutant, and one for all."""
    tools = list(rows[0].outcomes) if rows else []
    head = ["mutant", "operation", "reading", *(part for tool in tools for part in (tool, "requests"))]
    lines = [
        _line(head),
        _line("---" for _ in head),
        *(_line(_cells(row)) for row in rows),
        _line(_totals(rows, tools)),
    ]
    return "\n".join([*lines, "", *_elsewhere(rows, tools)])


def verdict(rows: list[Row]) -> int:
    """0, if all but one are found in full, all that reading shows by reading alone, and nothing on the healthy fake."""
    missed = sum(not row.is_found("full") for row in rows if "full" in row.outcomes)
    unread = [row for row in rows if "read-only" in row.outcomes and row.mutant.shown_by_reading]
    ours = [row.outcomes[tool] for row in rows for tool in ("full", "read-only") if tool in row.outcomes]
    is_quiet = not any(outcome["healthy"]["findings"] or outcome["healthy"]["failed"] for outcome in ours)
    return 0 if missed <= MAY_BE_MISSED and all(row.is_found("read-only") for row in unread) and is_quiet else 1


def _cells(row: Row) -> Iterator[str]:
    yield from (row.mutant.name, row.mutant.operations[0], "yes" if row.mutant.shown_by_reading else "")
    for tool, outcome in row.outcomes.items():
        yield outcome["failed"].replace("\n", " ") or ", ".join(row.promises(tool)) or "missed"
        yield f"{outcome['requests']:,}"


def _totals(rows: list[Row], tools: list[str]) -> Iterator[str]:
    yield from (f"{len(rows)} in all", "", str(sum(row.mutant.shown_by_reading for row in rows)))
    for tool in tools:
        yield f"{sum(row.is_found(tool) for row in rows)} found"
        yield f"{sum(row.outcomes[tool]['requests'] for row in rows):,}"


def _elsewhere(rows: list[Row], tools: list[str]) -> Iterator[str]:
    """Findings that name another operation, and those of the healthy fake: what is wrong with the tool."""
    for row in rows:
        for tool in tools:
            for found in row.outcomes[tool]["findings"]:
                if found["operation"] not in row.mutant.operations:
                    yield f"- {row.mutant.name}, {tool}: {found['operation'] or 'no operation'}, {found['promise']}"
    healthy = {
        (tool, one["operation"], one["promise"]) for row in rows for tool in tools for one in _healthy(row, tool)
    }
    yield from (
        f"- healthy, {tool}: {operation or 'no operation'}, {promise}" for tool, operation, promise in sorted(healthy)
    )


def _healthy(row: Row, tool: str) -> list[dict[str, str]]:
    findings: list[dict[str, str]] = row.outcomes[tool]["healthy"]["findings"]
    return findings


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"
