"""Findings in the order of reports: by meaning and severity, the consequences of one cause under its first finding.

Findings have one cause if they are shown by server errors of one operation, or by its refusals with one undocumented
status, if they contradict the same part of a schema that several operations refer to (a member; the names of all
members), if they are about the pages of one list, or if they are one promise about keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockserver.text import count_of
from mockserver.verify.results import Finding, Meaning, Severity

# Promises about the status itself, which explain whatever else its answer breaks.
_OF_STATUS = ("not_a_server_error", "status_code_conformance")


@dataclass(frozen=True)
class Cause:
    """A finding, and the others that have the same cause."""

    finding: Finding
    consequences: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (self.finding, *self.consequences)


def by_meaning(findings: Sequence[Finding]) -> dict[Meaning, list[Cause]]:
    """Groups findings by cause and by the meaning of its first finding, in the order of reports."""
    groups: dict[str, list[Finding]] = {}
    for number, finding in enumerate(sorted(findings, key=_rank)):
        groups.setdefault(finding.cause or str(number), []).append(finding)
    causes = [_cause_of(group) for group in groups.values()]
    grouped = {meaning: [cause for cause in causes if cause.finding.meaning is meaning] for meaning in Meaning}
    return {meaning: of_meaning for meaning, of_meaning in grouped.items() if of_meaning}


def count_causes(causes: Sequence[Cause]) -> str:
    """Returns the number of causes, and that of their findings if those are more."""
    findings = sum(len(cause.findings) for cause in causes)
    return str(len(causes)) if findings == len(causes) else f"{len(causes)} ({count_of(findings, 'finding')})"


def _rank(finding: Finding) -> tuple[int, str, str, str]:
    """Sorts the most severe first, then by operation."""
    return list(Severity).index(finding.severity), finding.operation, finding.promise, finding.location


def _cause_of(findings: list[Finding]) -> Cause:
    """The first finding is the most severe; of those one about the status, even if noticed later, else the earliest."""
    order = list(Severity)
    head = min(findings, key=lambda f: (order.index(f.severity), f.promise not in _OF_STATUS, f.request))
    return Cause(head, tuple(finding for finding in findings if finding is not head))
