"""Results of a run as plain values: every report is rendered from these alone.

All texts are redacted before they get here (`redaction`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from mockserver.text import count_of


class Meaning(StrEnum):
    """The side that has to change."""

    BROKEN = "broken"  # the target breaks a documented promise
    LEARN = "learn"  # the target contradicts an inferred part of the contract
    ENVIRONMENT = "environment"  # the target is down, busy, or refuses the key


class Severity(StrEnum):
    """How much a finding matters, in the order of reports."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class ExitCode(IntEnum):
    """Exit codes of the process."""

    KEPT = 0
    BROKEN = 1
    USAGE = 2
    ENVIRONMENT = 3
    STOPPED = 4
    LEFT = 5
    INTERRUPTED = 130


@dataclass(frozen=True)
class Provenance:
    """How certain a part of the contract is; `source` is the page that documents it."""

    status: str = "documented"
    source: str = ""


@dataclass(frozen=True)
class Finding:
    """A broken promise. `operation` is an operationId, or empty for the target as a whole."""

    operation: str
    promise: str
    meaning: Meaning
    severity: Severity
    received: str
    documented: str
    title: str = ""
    location: str = ""  # JSON pointer into the response
    contract: str = ""  # the place of the promise: `openapi.yaml:1234 /paths/…`
    request: int = 0  # number of the first request that showed it; 0 if it is about many
    status: int = 0  # of the response
    details: str = ""  # what only experts read: the schema as it is written
    cause: str = ""  # the same for consequences of one cause; empty for a finding with a cause of its own
    operation_provenance: Provenance = Provenance()
    property_provenance: Provenance | None = None
    curl: str = ""  # the last request
    reproduction: str = ""  # whether it was executed, and why there is none
    reproduce: str = ""  # source of a pytest file
    script: str = ""  # source of a shell script
    seed: int = 0

    @property
    def identity(self) -> str:
        """Identifies the same finding in other runs, for baselines and comparisons."""
        return f"{self.operation}/{self.promise}" + (f"/{self.location}" if self.location else "")


@dataclass(frozen=True)
class Trouble:
    """Requests without a usable answer, by kind (`429`, `timed out`). An empty operation stands for the whole run."""

    operation: str
    requests: int
    kinds: dict[str, int]
    curl: str = ""  # one of these requests

    @property
    def share(self) -> str:
        """Describes how many requests had which trouble: `3 of 40 requests: 429`."""
        total = f"{sum(self.kinds.values()):,} of {count_of(self.requests, 'request')}"
        if len(self.kinds) == 1:
            return f"{total}: {next(iter(self.kinds))}"
        kinds = [f"{count_of(count, 'time')} {kind}" for kind, count in self.kinds.items()]
        return f"{total}: {', '.join(kinds)}"


@dataclass(frozen=True)
class Latency:
    """Response times of one operation, in milliseconds."""

    count: int
    median: float
    p95: float
    longest: float


@dataclass(frozen=True)
class OperationCoverage:
    """Statuses of one operation: those that the contract documents, and how often each was seen."""

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
    """An operation or check that the run left out, with the reason."""

    what: str
    why: str


@dataclass(frozen=True)
class LeftRecord:
    """A record of this run that still exists, with the reason."""

    path: str
    why: str
    is_deletable: bool = True  # false if no operation of the contract removes it: only `full` creates such records


@dataclass(frozen=True)
class Cleanup:
    """Counts of the records that the run has created, and those that are left."""

    created: int = 0
    deleted: int = 0
    left: tuple[LeftRecord, ...] = ()
    ledger: str = ""
    deleted_others: tuple[str, ...] = ()  # paths of records of others, which only `full` deletes


@dataclass(frozen=True)
class GuardCounts:
    """Requests that were sent, and refused ones by reason."""

    sent: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    waited: float = 0.0  # seconds, before repeats of requests

    @property
    def refused_total(self) -> int:
        return sum(self.refused.values())


@dataclass(frozen=True)
class Environment:
    """Everything that is needed to repeat the run, without secrets."""

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
    """Everything that a run has found."""

    environment: Environment
    findings: tuple[Finding, ...] = ()
    coverage: tuple[OperationCoverage, ...] = ()
    not_tested: tuple[NotTested, ...] = ()
    cleanup: Cleanup = Cleanup()
    guard: GuardCounts = GuardCounts()
    patch: str = ""  # edits of inferred parts of the contract, as a unified diff
    known: tuple[str, ...] = ()  # identities of the baseline
    stopped: str = ""  # the guard's reason to end the run
    partial: str = ""  # the reason why only a part was tested
    interrupted: bool = False
    fail_on: Severity = Severity.ERROR
    troubles: tuple[Trouble, ...] = ()

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that are not in the baseline."""
        return tuple(finding for finding in self.findings if finding.identity not in self.known)

    @property
    def reached(self) -> int:
        """The number of operations that have answered."""
        return sum(bool(c.seen) for c in self.coverage)

    @property
    def exit_code(self) -> ExitCode:
        is_about_contract = self.ended_with in (ExitCode.KEPT, ExitCode.BROKEN)
        is_left = any(record.is_deletable for record in self.cleanup.left)
        # A run that was stopped or that lost its target has left records for that reason.
        return ExitCode.LEFT if is_about_contract and is_left else self.ended_with

    @property
    def ended_with(self) -> ExitCode:
        """The exit code of the tests alone, without that of the cleanup."""
        if self.stopped:
            return ExitCode.STOPPED
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if any(finding.meaning is Meaning.ENVIRONMENT for finding in self.findings):
            return ExitCode.ENVIRONMENT
        return ExitCode.BROKEN if self.failing else ExitCode.KEPT

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The new findings about the target that are severe enough for exit code 1."""
        severe = list(Severity)[: list(Severity).index(self.fail_on) + 1]
        return tuple(f for f in self.new if f.severity in severe and f.meaning is not Meaning.ENVIRONMENT)

    @property
    def verdict(self) -> str:
        return self.exit_code.name.lower()

    @property
    def full_verdict(self) -> str:
        """The verdict for people: the exit code, and what that hides."""
        verdict, left = self.ended_with.name.lower(), len(self.cleanup.left)
        is_about_contract = self.ended_with in (ExitCode.KEPT, ExitCode.BROKEN)
        if self.failing and not is_about_contract:
            verdict += f", and {count_of(len(self.failing), 'broken promise')}"
        if self.partial and is_about_contract:
            verdict += f", only a part was tested: {self.partial}"
        return f"{verdict}, {count_of(left, 'record')} left behind" if left else verdict
