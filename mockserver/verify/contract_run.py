"""A verification from its first request to its verdict: look at the target, check, let Schemathesis search, clean up.

The page to read first in this folder.
"""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.verify import engine, preflight
from mockserver.verify.checks import CHECKS, Check
from mockserver.verify.engine import Depth
from mockserver.verify.judging.findings import Judge
from mockserver.verify.probe import Access, Probe
from mockserver.verify.redaction import Redactor, write_only_names
from mockserver.verify.resources import Contract
from mockserver.verify.results import (
    Cleanup,
    Environment,
    Finding,
    GuardCounts,
    NotTested,
    Results,
    Severity,
)
from mockserver.verify.rights import Rights
from mockserver.verify.safety.cleanup import Cleaner
from mockserver.verify.safety.ledger import Ledger, LedgerError
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.own_workspaces import OwnWorkspaces
from mockserver.verify.safety.request_guard import Guard
from mockserver.verify.safety.spared import Spared, mode_limits
from mockserver.verify.safety.steer import Steer
from mockserver.verify.safety.undo import creations
from mockserver.verify.watch import Watch

MOST_IN_A_ROW = 10
MOST_OF_A_KIND = 3
OUT_OF_TIME = "out of time"
MAY_NOT_WRITE = "the key may not write: 403 to all that it wanted to change"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What a run is asked for. `operations` and `tags` are empty for all."""

    target: str
    document: Document = field(repr=False)
    access: Access = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    depth: Depth = Depth.NORMAL
    seed: int = 0
    operations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    slow: float = 2.0
    fail_on: Severity = Severity.ERROR
    known: tuple[str, ...] = ()
    ledger: Path | None = None
    mark: str = field(default_factory=lambda: f"mv{secrets.token_hex(4)}")

    def wants(self, operation: Operation) -> bool:
        """True for an operation that is to be tested."""
        if not self.operations and not self.tags:
            return True
        return operation.id in self.operations or operation.tag in self.tags


class Run:
    """One run; `results` are complete after `go`, whatever ended it."""

    def __init__(self, plan: Plan, progress: Progress = lambda line: None) -> None:
        self.plan, self._tell = plan, progress
        self._contract = Contract(plan.document)
        access = plan.access
        known = (access.key, access.weak_key, access.expired_key)
        self.redactor = Redactor(filter(None, known), write_only_names(plan.document))
        self._creations, self._not_tested = mode_limits(plan.limits.mode, creations(plan.document), self._contract)
        self._workspaces = OwnWorkspaces(access.workspace, access.foreign_workspace)
        self._spared = Spared(self._workspaces)
        writes = plan.limits.mode is not Mode.READ_ONLY
        self.ledger = Ledger(plan.ledger if writes else None, plan.target, plan.mark, self.redactor.changes)
        self.guard = Guard(plan.target, plan.limits, self.ledger, self._creations, self._spared)
        self.watch = Watch(self._contract, self.redactor, access.key, plan.target, plan.slow)
        self._rights = Rights(access.headers())
        self.guard.watchers += [self._spared.learn, self._workspaces.learn, self._rights, self.watch]
        self._judge = Judge(self._contract, plan.target, plan.seed, self.redactor)
        self._findings: dict[str, Finding] = {}
        self._trouble, self._partial, self._interrupted = "", "", False
        self._begun, self._started = time.monotonic(), datetime.now(UTC)
        self._cleanup = Cleanup()

    def go(self) -> Results:
        """Runs to the end. Ctrl-C and crashes end the testing, not the cleaning."""
        with self.guard.installed():
            try:
                self._test()
            except KeyboardInterrupt:
                self._interrupted = True
                self._not_tested.append(NotTested("the rest of the run", "it was interrupted"))
            except LedgerError as error:
                self._not_tested.append(NotTested("the rest of the run", str(error)))
            finally:
                self._clean()
        return self.results()

    def results(self) -> Results:
        """What is known so far, redacted."""
        findings = tuple(self._findings.values())
        wanted = [operation for operation in self._contract.operations if self.plan.wants(operation)]
        results = Results(
            environment=self._environment(),
            findings=findings,
            coverage=self.watch.coverage(wanted),
            not_tested=tuple(dict.fromkeys(self._not_tested)),
            cleanup=self._cleanup,
            guard=GuardCounts(self.guard.sent, dict(self.guard.refused), self.guard.patience.waited),
            known=self.plan.known,
            stopped=self.guard.stopped,
            partial=self._partial,
            interrupted=self._interrupted,
            fail_on=self.plan.fail_on,
        )
        redacted: Results = self.redactor.all(results)
        return redacted

    def _test(self) -> None:
        plan = self.plan
        config = engine.configuration(plan.target, plan.access.headers(), plan.limits, plan.depth, plan.seed, plan.slow)
        everything = engine.load(plan.document.raw, config, lambda operation: True)
        self.guard.begin()
        self._progress("looking at the target")
        if reason := preflight.look(self._contract, plan.target, plan.access.headers(), self.guard):
            self._add([self._judge.environment(*reason)])
            self._not_tested.append(NotTested("everything", "the target could not be tested"))
            return
        probe = Probe(self._contract, everything, plan.access, plan.limits.mode, plan.mark, plan.wants)
        self.redactor.learn(*probe.planted_secrets())
        self._check(probe)
        self._search(config)
        self._end()

    def _check(self, probe: Probe) -> None:
        """Our own checks; what one of them cannot do does not keep the others from running."""
        try:
            for check in CHECKS:
                if self._has_to_end():
                    break
                if self.plan.limits.mode not in check.modes:
                    why = f"it needs the mode {' or '.join(check.modes)}; this one is {self.plan.limits.mode.value}"
                    self._not_tested.append(NotTested(check.name, why))
                    continue
                self._progress(f"check {check.name.replace('_', ' ')}")
                self._run_check(check, probe)
        finally:
            probe.close()
            self._add(map(self._judge.of_violation, probe.violations))
            self._add(map(self._judge.of_failure, probe.failures))
        for missing in (name for name, value in _optional(self.plan.access).items() if not value):
            self._not_tested.append(NotTested(f"what needs {missing}", "none was given"))

    def _run_check(self, check: Check, probe: Probe) -> None:
        try:
            check.run(probe)
        except (LedgerError, KeyboardInterrupt):
            raise
        except Exception as error:  # no answer of a target, however odd, may end the run
            why = f"an answer that it could not read ({type(error).__name__}: {error})"
            self._not_tested.append(NotTested(check.name, why))

    def _search(self, config: Any) -> None:
        if self._has_to_end():
            return
        unwanted = self._contract.by_id
        schema = engine.load(
            self.plan.document.raw, config, lambda written: self.plan.wants(unwanted[written["operationId"]])
        )
        leads = self.plan.limits.mode is Mode.OWN_DATA
        steer = Steer(self.plan.document, self.ledger, self._creations, leads=leads)
        with engine.hooks(steer):
            for told in engine.run(schema, self._has_to_end, self._tell_phase):
                if isinstance(told, engine.Failed):
                    self._add([self._judge.of_failure(told)])
                elif finding := self._judge.of_trouble(told):
                    self._add([finding])
                elif not self._has_to_end():
                    self._not_tested.append(NotTested(told.operation, told.title))

    def _progress(self, doing: str) -> None:
        left = max(0, int(self.guard.deadline - time.monotonic()))
        self._tell(f"{self.guard.sent} requests, {len(self._findings)} findings, {left} s left: {doing}")

    def _tell_phase(self, phase: str, operation: str) -> None:
        self._progress(f"{phase.lower()} {operation}")

    def _has_to_end(self) -> bool:
        """True when going on makes no sense; says why once."""
        if not self._trouble:
            self._trouble = self._reason_to_end()
        return bool(self._trouble)

    def _reason_to_end(self) -> str:
        if self.guard.stopped:
            return self.guard.stopped
        if self.guard.is_out_of_time:
            return OUT_OF_TIME
        if self.guard.failures_in_a_row >= MOST_IN_A_ROW:
            return f"no answer {MOST_IN_A_ROW} times in a row ({self.guard.last_failure})"
        if self.watch.refused_keys_in_a_row >= MOST_IN_A_ROW:
            return f"401 with the run's own key {MOST_IN_A_ROW} times in a row"
        if self.watch.busy_in_a_row >= MOST_IN_A_ROW:
            return f"429 or 503 {MOST_IN_A_ROW} times in a row"
        return ""

    def _end(self) -> None:
        """What can be said only at the end."""
        self._trouble = self._lost() or self._trouble
        if self._trouble in ("", OUT_OF_TIME):
            self.watch.slow()
        elif not self.guard.stopped:
            self._add([self._judge.environment(self._trouble, "a target that can be tested to the end")])
        if self._trouble:
            self._not_tested.append(NotTested("the rest of the run", self._trouble))
        forbidden = MAY_NOT_WRITE if self._rights.may_not_write else ""
        if forbidden:
            self._not_tested.append(NotTested("everything that writes", forbidden))
        self._partial = self._trouble or forbidden

    def _lost(self) -> str:
        """Why the target cannot be asked any more, if its last answer has not come or was that it has no time."""
        is_doubtful = self.guard.failures_in_a_row or self.watch.busy_in_a_row
        if not is_doubtful or self._trouble not in ("", OUT_OF_TIME):
            return ""
        with self.guard.on_top():
            reason = preflight.look(self._contract, self.plan.target, self.plan.access.headers(), self.guard)
        return f"{reason[0]} at the end" if reason else ""

    def _clean(self) -> None:
        self._add(map(self._judge.of_violation, self.watch.violations))
        self._progress("cleaning up")
        headers = self.plan.access.headers()
        cleaner = Cleaner(self.plan.target, headers, self.guard, self.ledger, self._creations, self._workspaces)
        try:
            self._cleanup = cleaner.clean()
        except KeyboardInterrupt:  # a second one: the ledger tells what is left
            with suppress(KeyboardInterrupt):
                self._cleanup = cleaner.outcome()

    def _add(self, findings: Iterable[Finding]) -> None:
        """One finding for each operation, promise and place; of one promise of an operation the first few."""
        for finding in findings:
            alike = sum(f.operation == finding.operation and f.promise == finding.promise for f in self._all())
            if finding.identity not in self._findings and alike < MOST_OF_A_KIND:
                self._findings[finding.identity] = finding

    def _all(self) -> Iterable[Finding]:
        return self._findings.values()

    def _environment(self) -> Environment:
        plan = self.plan
        return Environment(
            target=plan.target,
            mode=plan.limits.mode.value,
            depth=plan.depth.value,
            seed=plan.seed,
            contract=plan.document.path.name,
            mark=plan.mark,
            started=self._started.isoformat(timespec="seconds").replace("+00:00", "Z"),
            seconds=round(time.monotonic() - self._begun, 1),
            versions={
                "mockserver": version("enspace-mockserver"),
                "schemathesis": version("schemathesis"),
                "python": platform.python_version(),
            },
        )


def verify(plan: Plan, progress: Progress = lambda line: None) -> Results:
    """Runs the contract against the target of the plan."""
    return Run(plan, progress).go()


def finish(plan: Plan, ledger: Ledger) -> Results:
    """Does what a killed run could not do: deletes what its ledger names."""
    run = Run(replace(plan, mark=ledger.mark))
    run.ledger = run.guard.ledger = ledger
    with run.guard.installed():
        run._clean()
    return run.results()


def _optional(access: Access) -> dict[str, str]:
    return {
        "a second key with fewer rights": access.weak_key,
        "an expired key": access.expired_key,
        "a foreign workspace": access.foreign_workspace,
    }
