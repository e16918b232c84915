"""Findings of a run, as they come: which of them count, and which a failing key or gateway explains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.verify.results import Finding, Severity

MOST_OF_A_KIND = 3  # findings per operation and promise: more of them say nothing new
# A record that is found below another parent names its own one there.
SAME_FAULT = {"records_belong_to_their_parent": "record_is_only_below_its_parent"}


class FindingList:
    """Findings by identity: one per operation, promise and location, and the first few per operation and promise."""

    def __init__(self) -> None:
        self._findings: dict[str, Finding] = {}
        self._explained_since = 0  # number of the first response that an expired key or a failing gateway explains

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings.values())

    @property
    def by_severity(self) -> list[Finding]:
        """The findings, most severe ones first."""
        return sorted(self, key=lambda finding: list(Severity).index(finding.severity))

    def add(self, findings: Iterable[Finding]) -> None:
        """Adds findings, unless they are known or explained."""
        for finding in findings:
            kind = (finding.operation, finding.promise)
            alike = sum((other.operation, other.promise) == kind for other in self)
            is_explained = finding.request >= self._explained_since > 0
            if (
                not (is_explained or self._is_known(finding))
                and finding.identity not in self._findings
                and alike < MOST_OF_A_KIND
            ):
                self._findings[finding.identity] = finding

    def _is_known(self, finding: Finding) -> bool:
        same = finding.operation, SAME_FAULT.get(finding.promise)
        return any((one.operation, one.promise) == same for one in self)

    def update(self, finding: Finding) -> None:
        """Puts a finding in place of an earlier one with the same identity."""
        self._findings[finding.identity] = finding

    def withdraw(self, finding: Finding) -> None:
        """Withdraws one finding."""
        del self._findings[finding.identity]

    def withdraw_since(self, number: int) -> int:
        """Withdraws the findings since this response and returns how many; later ones are not added any more."""
        explained = [finding.identity for finding in self if finding.request >= number > 0]
        for identity in explained:
            del self._findings[identity]
        self._explained_since = number
        return len(explained)
