"""What a run has found, as plain values: every report is made of these and of nothing else.

All texts are redacted before they get here (`redaction`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any


class Meaning(StrEnum):
    """Whose fault a finding is."""

    BROKEN = "broken"  # the target does not keep a documented promise
    LEARN = "learn"  # an inferred part of the contract guessed wrong
    ENVIRONMENT = "environment"  # the target is down, refuses the key, asks for patience


class Severity(StrEnum):
    """How much it matters; the order of the members is the order in reports."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class ExitCode(IntEnum):
    """What the process says when it ends."""

    KEPT = 0
    BROKEN = 1
    USAGE = 2
    ENVIRONMENT = 3
    STOPPED = 4
    INTERRUPTED = 130


VERDICTS = {
    ExitCode.KEPT: "kept",
    ExitCode.BROKEN: "broken",
    ExitCode.USAGE: "usage",
    ExitCode.ENVIRONMENT: "environment",
    ExitCode.STOPPED: "stopped",
    ExitCode.INTERRUPTED: "interrupted",
}


@dataclass(frozen=True)
class Provenance:
    """How sure the contract is of a part; `source` is the page that documents it."""

    status: str = "documented"
    source: str = ""


@dataclass(frozen=True)
class Finding:
    """A promise that was not kept. `operation` is an operationId, or empty for the target as a whole."""

    operation: str
    promise: str
    meaning: Meaning
    severity: Severity
    received: str
    documented: str
    title: str = ""
    location: str = ""  # where in the answer or the contract, as a JSON pointer
    operation_provenance: Provenance = Provenance()
    property_provenance: Provenance | None = None
    curl: str = ""
    reproduce: str = ""  # the text of a pytest file
    proposal: str = ""  # a unified diff of the contract
    seed: int = 0

    @property
    def identity(self) -> str:
        """What stays the same from run to run, for baselines and comparisons."""
        return f"{self.operation}/{self.promise}" + (f"/{self.location}" if self.location else "")


@dataclass(frozen=True)
class Latency:
    """How long the answers of an operation took, in milliseconds."""

    count: int
    median: float
    p95: float
    longest: float


@dataclass(frozen=True)
class Coverage:
    """One operation: which statuses the contract documents, and which came how often."""

    operation: str
    method: str
    path: str
    tag: str
    documented: tuple[int, ...]
    seen: dict[int, int]
    latency: Latency | None = None

    @property
    def never_seen(self) -> tuple[int, ...]:
        return tuple(status for status in self.documented if status not in self.seen)

    @property
    def undocumented(self) -> tuple[int, ...]:
        return tuple(sorted(status for status in self.seen if status not in self.documented))


@dataclass(frozen=True)
class NotTested:
    """Something that the run left out, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Left:
    """A record of this run that is still there."""

    path: str
    why: str


@dataclass(frozen=True)
class Cleanup:
    """What became of the records that the run made."""

    created: int = 0
    deleted: int = 0
    left: tuple[Left, ...] = ()
    ledger: str = ""


@dataclass(frozen=True)
class GuardCounts:
    """What crossed the wire, and what was not let through, by reason."""

    sent: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    waited: float = 0.0  # seconds, for a target that had no time

    @property
    def refused_in_all(self) -> int:
        return sum(self.refused.values())


@dataclass(frozen=True)
class Environment:
    """What it takes to run the same again. Never a secret."""

    target: str
    mode: str
    depth: str
    seed: int
    contract: str
    mark: str
    started: str
    seconds: float
    versions: dict[str, str]


@dataclass(frozen=True)
class Results:
    """A whole run."""

    environment: Environment
    findings: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    not_tested: tuple[NotTested, ...] = ()
    cleanup: Cleanup = Cleanup()
    guard: GuardCounts = GuardCounts()
    known: tuple[str, ...] = ()  # identities that the baseline forgives
    stopped: str = ""  # why the guard ended the run
    partial: str = ""  # why only a part was tested
    interrupted: bool = False
    fail_on: Severity = Severity.ERROR

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that no baseline forgives."""
        return tuple(finding for finding in self.findings if finding.identity not in self.known)

    @property
    def exit_code(self) -> ExitCode:
        if self.stopped:
            return ExitCode.STOPPED
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if any(finding.meaning is Meaning.ENVIRONMENT for finding in self.findings):
            return ExitCode.ENVIRONMENT
        order = list(Severity)
        failing = (order.index(finding.severity) <= order.index(self.fail_on) for finding in self.new)
        return ExitCode.BROKEN if any(failing) else ExitCode.KEPT

    @property
    def verdict(self) -> str:
        return VERDICTS[self.exit_code]

    @property
    def judgement(self) -> str:
        """The verdict as a person should hear it: of a part, it says so."""
        is_judged = self.exit_code in (ExitCode.KEPT, ExitCode.BROKEN)
        return f"{self.verdict}, only a part was tested: {self.partial}" if self.partial and is_judged else self.verdict


def by_meaning(findings: Sequence[Finding]) -> dict[Meaning, list[Finding]]:
    """The findings in the order of reports."""
    order = list(Severity)
    ranked = sorted(findings, key=lambda f: (order.index(f.severity), f.operation, f.promise, f.location))
    grouped = {meaning: [finding for finding in ranked if finding.meaning is meaning] for meaning in Meaning}
    return {meaning: group for meaning, group in grouped.items() if group}


def plain(value: Any) -> Any:
    """A result as JSON would say it."""
    from dataclasses import fields, is_dataclass

    if is_dataclass(value):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value
