"""A run from the canary to the verdict: preflight, our own checks, Schemathesis, cleanup. Read this page first."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.text import count_of
from mockserver.verify import engine, preflight
from mockserver.verify.canary import Way, check_guard
from mockserver.verify.checks import CHECKS, PromiseCheck
from mockserver.verify.checks.promised.promised_records import repeat_write
from mockserver.verify.checks.writes.samples import next_number
from mockserver.verify.comparison import EXPLORATION
from mockserver.verify.comparison.explored_reads import look_around
from mockserver.verify.comparison.fake_comparison import FakeComparison
from mockserver.verify.engine import Depth
from mockserver.verify.exchange_log import ExchangeLog, SentRequest
from mockserver.verify.excuses import Excuses
from mockserver.verify.finding_list import FindingList
from mockserver.verify.judging.contract_learner import ContractLearner
from mockserver.verify.judging.finding_classifier import FindingClassifier
from mockserver.verify.judging.placeholders import Names
from mockserver.verify.probe import Credentials, Probe, planted_secret
from mockserver.verify.progress import TimeEstimate
from mockserver.verify.redaction import Redactor, write_only_names
from mockserver.verify.reproducer import NOT_SHOWN, Reproducer
from mockserver.verify.resources import Contract
from mockserver.verify.response_monitor import FEW, ResponseMonitor, WriteAccess
from mockserver.verify.results import (
    Cleanup,
    Environment,
    GuardCounts,
    NotTested,
    Results,
    Severity,
)
from mockserver.verify.run_end import OUT_OF_TIME, RunEnd
from mockserver.verify.run_recorder import RunRecorder
from mockserver.verify.safety.case_steering import CaseSteering
from mockserver.verify.safety.cleanup import Cleaner
from mockserver.verify.safety.creations import find_creations
from mockserver.verify.safety.ledger import Ledger, LedgerError
from mockserver.verify.safety.limits import WRITING, Limits, Mode, is_trouble
from mockserver.verify.safety.own_workspaces import OwnWorkspaces
from mockserver.verify.safety.protected_requests import ProtectedRequests, mode_limits
from mockserver.verify.safety.request_guard import CANARY, READS, RequestGuard
from mockserver.verify.trouble_log import TroubleLog

NO_WRITE_ACCESS = "the key has no write access: every write was answered with 403"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """The options of a run. Empty `operations` and `tags` select everything; `target` has no slash at its end."""

    target: str
    document: Document = field(repr=False)
    credentials: Credentials = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    depth: Depth = Depth.NORMAL
    seed: int = 0
    operations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    slow: float = 2.0
    fail_on: Severity = Severity.ERROR
    known: tuple[str, ...] = ()
    ledger: Path | None = None
    record: Path | None = None
    mark: str = field(default_factory=lambda: f"mv{secrets.token_hex(4)}")

    def selects(self, operation: Operation) -> bool:
        """True for an operation that is to be tested."""
        if not self.operations and not self.tags:
            return True
        return operation.id in self.operations or operation.tag in self.tags


class Run:
    """One run; `results` are complete after `execute`, whatever has ended it."""

    def __init__(self, plan: Plan, progress: Progress = lambda line: None, ledger: Ledger | None = None) -> None:
        self.plan, self._show = plan, progress
        self._contract = Contract(plan.document)
        credentials = plan.credentials
        self._headers = credentials.headers()
        self.redactor = Redactor(credentials.keys.values(), write_only_names(plan.document))
        creations = find_creations(plan.document)
        self._creations, self._not_tested = mode_limits(plan.limits.mode, creations, self._contract)
        # The killed run may have had another mode. Cleanup creates nothing.
        self._creations = creations if ledger else self._creations
        self._workspaces = OwnWorkspaces(credentials.workspace, credentials.foreign_workspace)
        protected = ProtectedRequests(self._workspaces)
        # A read-only run creates nothing, so it leaves no ledger file behind.
        file = None if plan.limits.mode is Mode.READ_ONLY else plan.ledger
        self.ledger = ledger or Ledger(file, plan.target, plan.mark, self.redactor.changes)
        rules = (self._creations, protected.objection, self._headers)
        self.guard = RequestGuard(plan.target, plan.limits, self.ledger, *rules)
        self._recorder = RunRecorder(plan.document, plan.target, plan.record) if plan.record else None
        if self._recorder is not None:
            self.guard.recorders.append(self._recorder.record)
        self._session = self.guard.session()
        self._log = ExchangeLog(plan.target, self._creations)
        watched = (credentials.key, plan.target, plan.slow, plan.mark, self._log)
        self.monitor = ResponseMonitor(self._contract, self.redactor, *watched)
        self._write_access = WriteAccess(self._headers)
        self._protective = [protected.observe, self._workspaces.observe]
        self._learner = ContractLearner(plan.document, plan.target)
        # The log comes first: the monitor refers to its entries.
        watching = [self._log.observe, self._write_access.observe, self.monitor.observe, self._learner.observe]
        is_alone = plan.limits.mode is Mode.FULL
        self._comparison = FakeComparison(plan.document, plan.target, credentials, is_alone=is_alone)
        watching.append(self._comparison.observe)
        self.guard.observers += [*self._protective, *watching]
        self.trouble = TroubleLog(self._operation_of)
        self.guard.attempt_observers.append(self.trouble.observe)
        self.guard.objections.append(self.trouble.objection)
        self._classifier = FindingClassifier(self._contract, plan.target, plan.seed, self.redactor, credentials.keys)
        names = Names(plan.mark, credentials.workspace, credentials.keys, self._contract.references)
        self._reproducer = Reproducer(self.guard, self._log, names, next_number, self.redactor)
        self._findings = FindingList()
        self._end = RunEnd(self.guard, self.monitor, self.trouble, self._find_obstacle)
        self._partial, self._interrupted = "", False
        self._activity, self._estimate = "", TimeEstimate(plan.depth)
        self._probe: Probe | None = None
        self._began, self._started = time.monotonic(), datetime.now(UTC)
        self._cleanup = Cleanup()

    def execute(self) -> Results:
        """Runs to the end. Ctrl-C and crashes end the tests, not the cleanup. `UnguardedError` before any request."""
        # Our own checks also call operations that are not selected: a record may need a parent.
        everything = self._load([])
        selected = self._load(
            [operation.id for operation in self._contract.operations if not self.plan.selects(operation)]
        )
        check_guard(self._ways(everything, selected))
        # The guard has refused every canary: from here on requests are sent.
        with self._session:
            try:
                self._test(everything, selected)
            except KeyboardInterrupt:
                self._interrupted = True
                self._not_tested.append(NotTested("the rest of the run", "it was interrupted"))
            except LedgerError as error:
                self._not_tested.append(NotTested("the rest of the run", str(error)))
            finally:
                self._clean_up()
                if self._recorder is not None:
                    self._recorder.finish()
        return self.results()

    def execute_cleanup(self) -> Results:
        """Deletes only the records of the ledger. `UnguardedError` before any request."""
        check_guard(self._ways())
        with self._session:
            self._clean_up()
        return self.results()

    def _ways(self, *schemas: Any) -> Iterator[Way]:
        """Yields every way to the wire that this run uses, with a function that sends a canary by it."""
        headers = {CANARY: self.guard.canary}
        timeout = self.plan.limits.request_time
        own = partial(self._session.get, self.plan.target, headers=headers, timeout=timeout, allow_redirects=False)
        yield "our own session", own
        for schema in schemas:
            yield from engine.canaries(schema, headers)

    def results(self) -> Results:
        """Returns what is known so far, redacted."""
        selected = [operation for operation in self._contract.operations if self.plan.selects(operation)]
        results = Results(
            environment=self._environment(),
            findings=tuple(self._findings),
            coverage=self.monitor.coverage(selected),
            not_tested=tuple(dict.fromkeys(self._not_tested)),
            cleanup=self._cleanup,
            guard=GuardCounts(self.guard.sent, dict(self.guard.refused), self.guard.retries.waited),
            known=self.plan.known,
            stopped=self.guard.stopped,
            partial=self._partial,
            interrupted=self._interrupted,
            fail_on=self.plan.fail_on,
            troubles=self.trouble.troubles(),
        )
        redacted: Results = self.redactor.redact(results)
        # Words of the contract that are masked elsewhere would keep the patch from applying.
        return replace(redacted, patch=self.redactor.mask_known(self._learner.patch().diff))

    def _load(self, excluded: list[str]) -> Any:
        plan = self.plan
        config = engine.configuration(plan.target, self._headers, plan.limits, plan.depth, plan.seed)
        return engine.load(plan.document.raw, config, self.guard, excluded)

    def _test(self, everything: Any, selected: Any) -> None:
        plan = self.plan
        self.guard.start_clock()
        self._progress("looking at the target")
        if obstacle := preflight.find_obstacle(self._contract, self._session, self._headers, self.guard):
            self._findings.add([self._classifier.environment(obstacle.received, obstacle.documented)])
            self._not_tested.append(NotTested("everything", "the target could not be tested"))
            return
        probe = Probe(
            self._contract,
            everything,
            self._session,
            plan.credentials,
            plan.limits.mode,
            plan.mark,
            plan.selects,
            self._log,
        )
        self._probe = probe
        # From now on a response that contains it breaks a promise.
        self.redactor.add(planted_secret(plan.mark))
        if self._comparison.is_possible:
            look_around(probe)
        # Our checks come first: they leave records that the generated cases can change.
        self._run_checks(probe)
        self._reproduce()  # generated cases change records
        self._run_schemathesis(selected)
        self._compare_with_fake()
        self._conclude(probe)

    def _run_checks(self, probe: Probe) -> None:
        """Runs our own checks; what they have found counts whatever ends them."""
        checks = (*CHECKS, *(EXPLORATION if self._comparison.is_possible else ()))
        try:
            for number, check in enumerate(checks):
                self._estimate.note_check(number, len(checks))
                if self._end.is_reached():
                    break
                if self.plan.limits.mode not in check.modes:
                    reason = f"it needs the mode {' or '.join(check.modes)}; this one is {self.plan.limits.mode.value}"
                    self._not_tested.append(NotTested(check.name, reason))
                    continue
                self._progress(f"check {check.name.replace('_', ' ')}")
                self._run_check(check, probe)
        finally:
            self._findings.add(map(self._classifier.of_broken_promise, probe.broken_promises))
            self._findings.add(map(self._classifier.of_failed_check, probe.failures))
            self._findings.add(map(self._classifier.of_broken_promise, self.monitor.broken_promises))
            self._not_tested += probe.not_tested
            self._probe = None
        for missing in (name for name, value in _optional(self.plan.credentials).items() if not value):
            self._not_tested.append(NotTested(f"what needs {missing}", "none was given"))

    def _run_check(self, check: PromiseCheck, probe: Probe) -> None:
        try:
            check.run(probe)
        except (LedgerError, KeyboardInterrupt):
            raise
        except Exception as error:  # no response of a target, however odd, may end the run
            reason = f"a response that it could not read ({type(error).__name__}: {error})"
            self._not_tested.append(NotTested(check.name, reason))

    def _compare_with_fake(self) -> None:
        """Adds what differs from the answers of a fake to the same requests."""
        if self._end.is_reached() or not self._comparison.is_possible:
            return
        self._progress("comparing with the fake")
        broken = self._comparison.broken_promises(self._log, self._findings, lambda: self.guard.is_out_of_time)
        selected = [one for one in broken if self.plan.selects(self._contract.by_id[one.operation])]
        self._findings.add(map(self._classifier.of_broken_promise, selected))
        self._not_tested += self._comparison.not_tested
        fake = self._comparison.fake
        self._reproducer.begin_at_fake = fake.begin if fake else None
        for finding in self._findings.by_severity:
            self._findings.update(self._reproducer.confirm(finding))

    def _run_schemathesis(self, schema: Any) -> None:
        if self._end.is_reached():
            return
        # `full` tests the paths as they were generated, whoever owns the records.
        redirects = self.plan.limits.mode is Mode.OWN_DATA
        steering = CaseSteering(self.plan.document, self.ledger, self._creations, redirects=redirects)
        with engine.hooks(steering, Excuses(self.plan.document)):
            for event in engine.run(schema, self._end.is_reached, self._show_phase):
                if isinstance(event, engine.FailedCheck):
                    self._findings.add([self._classifier.of_failed_check(event)])
                elif not self._end.is_reached():
                    self._not_tested.append(NotTested(event.operation, event.title))

    def _progress(self, activity: str) -> None:
        self._activity = activity
        self._show(self.describe_progress())

    def _show_phase(self, phase: str, operation: str) -> None:
        self._estimate.note_case(phase, operation, len(self._contract.operations))
        self._progress(f"{phase.lower()} {operation}")

    def describe_progress(self) -> str:
        """Describes in a line what has been done, what is being done, and how long the rest may take."""
        probe = self._probe  # its faults become findings when all checks are done
        found = len(self._findings) + len(probe.broken_promises if probe else ())
        rest = self._estimate.describe(time.monotonic() - self._began, self.guard.deadline - time.monotonic())
        return f"{count_of(self.guard.sent, 'request')}, {count_of(found, 'finding')}{rest}: {self._activity}"

    def _find_obstacle(self) -> preflight.Obstacle | None:
        """Looks at the target again, whatever the guard refuses now."""
        with self.guard.overtime():
            return preflight.find_obstacle(self._contract, self._session, self._headers, self.guard)

    def _conclude(self, probe: Probe) -> None:
        """Adds the findings about the run as a whole, and the reason if only a part was tested."""
        self._end.look_at_target()
        # A run that ended early for another reason has too few response times for a median.
        if self._end.is_in_time_only:
            self._report_trouble()
            self._repeat_late_requests(probe)
            self.monitor.report_slow_operations()
        elif not self.guard.stopped:
            received = self._end.reason + self._withdraw_explained()
            self._findings.add([self._classifier.environment(received, "a target that can be tested")])
        if self._end.reason:
            self._not_tested.append(NotTested("the rest of the run", self._end.reason))
        forbidden = NO_WRITE_ACCESS if self._write_access.is_missing else ""
        if forbidden:
            self._not_tested.append(NotTested("everything that writes", forbidden))
        self._partial = self._end.reason or forbidden

    def _withdraw_explained(self) -> str:
        """Withdraws the findings since the key or the gateway began to fail, and describes that."""
        self._findings.add(map(self._classifier.of_broken_promise, self.monitor.broken_promises))
        since = self.monitor.refused_since or self.trouble.streak.since
        explained = self._findings.withdraw_since(since)
        are = "is" if explained == 1 else "are"
        return f"; {count_of(explained, 'finding')} since then {are} withdrawn" if explained else ""

    def _report_trouble(self) -> None:
        """Adds operations that never answer as broken, and too much trouble on the way as environment."""
        self._findings.add(map(self._classifier.of_trouble, self.trouble.excess))
        for name, request in self.trouble.silent.items():
            operation = self._contract.by_id[name]
            if self.plan.selects(operation) and not self._answers_now(request):
                self._findings.add([self._classifier.of_silence(operation, self.trouble.of(name), request)])

    def _repeat_late_requests(self, probe: Probe) -> None:
        """Asks again where all of a few responses were late, until one is in time or there are enough."""
        for _ in range(FEW):  # a repeated request may be refused, and brings no response time then
            for operation, url in self.monitor.late_operations():
                if url:
                    self.guard.call("GET", url.removeprefix(self.plan.target))
                elif self.plan.limits.mode in WRITING:
                    repeat_write(probe, operation)

    def _answers_now(self, request: SentRequest) -> bool:
        """Repeats a read: it may have failed only for as long as the whole target did."""
        if request.method not in READS or self.guard.is_out_of_time:
            return False
        with self.guard.overtime():
            response = self.guard.call("GET", request.url.removeprefix(self.plan.target))
        return response is not None and not is_trouble(response.status_code, response.content)

    def _operation_of(self, request: requests.PreparedRequest) -> Operation | None:
        path = urlsplit(request.url or "").path.removeprefix(urlsplit(self.plan.target).path)
        return self._contract.match(request.method or "", path)

    def _clean_up(self) -> None:
        """Deletes the records of the ledger; a second Ctrl-C ends that, and the ledger lists what is left."""
        # Only now: the monitor observes requests of both kinds of tests. What cleanup meets is no finding.
        self._findings.add(map(self._classifier.of_broken_promise, self.monitor.broken_promises))
        self._reproduce()
        self._withdraw_doubtful()
        self._progress("cleaning up")
        cleaner = Cleaner(self.guard, self._workspaces)
        try:
            self._cleanup = cleaner.clean()
        except KeyboardInterrupt:
            with suppress(KeyboardInterrupt):
                self._cleanup = cleaner.outcome()

    def _reproduce(self) -> None:
        """Executes the reproductions of new findings; Ctrl-C and a full disk end that, not the cleanup."""
        reason = self._end.reason or ("the run was interrupted" if self._interrupted else "")
        reason = "" if reason == OUT_OF_TIME else reason  # some time is kept for them
        # What is sent now is no test.
        compare = partial(self._comparison.observe, is_test=False)
        observers, self.guard.observers = self.guard.observers, [*self._protective, compare]
        attempts, self.guard.attempt_observers = self.guard.attempt_observers, []
        with suppress(KeyboardInterrupt, LedgerError), self.guard.until_the_end():
            # The time may suffice for the most severe ones only.
            for finding in self._findings.by_severity:
                if not finding.reproduction:
                    self._progress(f"reproducing {finding.identity}")
                    expectation = self._classifier.expectations.get(finding.identity)
                    self._findings.update(self._reproducer.complete(finding, expectation, reason))
        self.guard.observers, self.guard.attempt_observers = observers, attempts

    def _withdraw_doubtful(self) -> None:
        """Withdraws what did not show again, if requests were lost: a check may have missed one of its answers."""
        for finding in [one for one in self._findings if self.guard.lost and one.reproduction == NOT_SHOWN]:
            self._findings.withdraw(finding)
            reason = "it did not show again, and requests were lost"
            self._not_tested.append(NotTested(f"{finding.promise} of {finding.operation}", reason))

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
            seconds=round(time.monotonic() - self._began, 1),
            versions={
                "mockserver": version("enspace-mockserver"),
                "schemathesis": version("schemathesis"),
                "python": platform.python_version(),
            },
        )


def verify(plan: Plan, progress: Progress = lambda line: None) -> Results:
    """Runs the contract against the target of the plan."""
    return Run(plan, progress).execute()


def finish(plan: Plan, ledger: Ledger) -> Results:
    """Deletes the records in the ledger of a killed run."""
    return Run(replace(plan, mark=ledger.mark), ledger=ledger).execute_cleanup()


def _optional(credentials: Credentials) -> dict[str, str]:
    return {
        "a second key with fewer rights": credentials.weak_key,
        "an expired key": credentials.expired_key,
        "a key of a member with a role": credentials.limited_key,
        "a key of a viewer": credentials.viewer_key,
        "a foreign workspace": credentials.foreign_workspace,
    }
