"""A run from the canary to the verdict: preflight, our own checks, Schemathesis, cleanup. Read this page first."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any

from mockserver.text import count_of
from mockserver.verify import engine, preflight
from mockserver.verify.canary import Way, check_guard
from mockserver.verify.checks import CHECKS, PromiseCheck
from mockserver.verify.checks.writes.samples import next_number
from mockserver.verify.comparison import EXPLORATION
from mockserver.verify.comparison.explored_reads import look_around
from mockserver.verify.conclusion import Conclusion
from mockserver.verify.credentials import Credentials
from mockserver.verify.excuses import Excuses
from mockserver.verify.judging.contract_learner import patch_of_run
from mockserver.verify.judging.finding_classifier import FindingClassifier
from mockserver.verify.judging.finding_list import FindingList
from mockserver.verify.judging.placeholders import Names
from mockserver.verify.plan import Plan
from mockserver.verify.probe import Probe, planted_secret
from mockserver.verify.progress import TimeEstimate
from mockserver.verify.redaction import Redactor, write_only_names
from mockserver.verify.reproducer import NOT_SHOWN, Reproducer
from mockserver.verify.resources import Contract
from mockserver.verify.results import Cleanup, Environment, GuardCounts, Meaning, NotTested, Results
from mockserver.verify.run_end import OUT_OF_TIME, RunEnd
from mockserver.verify.safety.case_steering import CaseSteering
from mockserver.verify.safety.cleanup import Cleaner
from mockserver.verify.safety.ledger import Ledger, LedgerError
from mockserver.verify.safety.limits import Mode
from mockserver.verify.safety.request_guard import CANARY
from mockserver.verify.watching.watch import Watch

Progress = Callable[[str], None]


class Run:
    """One run; `results` are complete after `execute`, whatever has ended it."""

    def __init__(self, plan: Plan, progress: Progress = lambda line: None, ledger: Ledger | None = None) -> None:
        self.plan, self._show = plan, progress
        self._contract = Contract(plan.document)
        self._headers = plan.credentials.headers()
        self._redactor = Redactor(plan.credentials.keys.values(), write_only_names(plan.document))
        self.watch = Watch(plan, self._contract, self._redactor, ledger)
        self._session = self.watch.guard.session()
        self._not_tested = list(self.watch.left_out)
        self._findings, self._end = FindingList(), RunEnd(self.watch, self._find_obstacle)
        keys = plan.credentials.keys
        self._classifier = FindingClassifier(self._contract, plan.target, plan.seed, self._redactor, keys)
        names = Names(plan.mark, plan.credentials.workspace, keys, self._contract.references)
        self._reproducer = Reproducer(self.watch.guard, self.watch.log, names, next_number, self._redactor)
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
                if self.watch.recorder is not None:
                    self.watch.recorder.finish()
        return self.results()

    def execute_cleanup(self) -> Results:
        """Deletes only the records of the ledger. `UnguardedError` before any request."""
        check_guard(self._ways())
        with self._session:
            self._clean_up()
        return self.results()

    def _ways(self, *schemas: Any) -> Iterator[Way]:
        """Yields every way to the wire that this run uses, with a function that sends a canary by it."""
        headers = {CANARY: self.watch.guard.canary}
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
            coverage=self.watch.monitor.coverage(selected),
            not_tested=tuple(dict.fromkeys(self._not_tested)),
            cleanup=self._cleanup,
            guard=GuardCounts(self.watch.guard.sent, dict(self.watch.guard.refused), self.watch.guard.retries.waited),
            known=self.plan.known,
            stopped=self.watch.guard.stopped,
            partial=self._partial,
            interrupted=self._interrupted,
            fail_on=self.plan.fail_on,
            troubles=self.watch.trouble.troubles(),
        )
        redacted: Results = self._redactor.redact(results)
        # Words of the contract that are masked elsewhere would keep the patch from applying.
        return replace(redacted, patch=self._redactor.mask_known(self._patch()))

    def _patch(self) -> str:
        """Returns the diff that ends all contradictions to guessed parts of the contract; empty without any."""
        is_needed = any(finding.meaning is Meaning.LEARN for finding in self._findings)
        return patch_of_run(self.plan.document, self.plan.target, self.watch.calls).diff if is_needed else ""

    def _load(self, excluded: list[str]) -> Any:
        plan = self.plan
        config = engine.configuration(plan.target, self._headers, plan.limits, plan.depth, plan.seed)
        return engine.load(plan.document.raw, config, self.watch.guard, excluded)

    def _test(self, everything: Any, selected: Any) -> None:
        plan = self.plan
        self.watch.guard.start_clock()
        self._progress("looking at the target")
        if obstacle := preflight.find_obstacle(self._contract, self._session, self._headers, self.watch.guard):
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
            self.watch.log,
        )
        self._probe = probe
        # From now on a response that contains it breaks a promise.
        self._redactor.add(planted_secret(plan.mark))
        if self.watch.comparison.is_possible:
            look_around(probe)
        # Our checks come first: they leave records that the generated cases can change.
        self._run_checks(probe)
        self._reproduce()  # generated cases change records
        self._run_schemathesis(selected)
        self._compare_with_fake()
        conclusion = Conclusion(plan, self.watch, self._end, self._classifier, self._findings)
        conclusion.draw(probe)
        self._partial = conclusion.partial
        self._not_tested += conclusion.not_tested

    def _run_checks(self, probe: Probe) -> None:
        """Runs our own checks; what they have found counts whatever ends them."""
        checks = (*CHECKS, *(EXPLORATION if self.watch.comparison.is_possible else ()))
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
            self._findings.add(map(self._classifier.of_broken_promise, self.watch.monitor.broken_promises))
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
        if self._end.is_reached() or not self.watch.comparison.is_possible:
            return
        self._progress("comparing with the fake")
        broken = self.watch.comparison.broken_promises(
            self.watch.log, self._findings, lambda: self.watch.guard.is_out_of_time
        )
        selected = [one for one in broken if self.plan.selects(self._contract.by_id[one.operation])]
        self._findings.add(map(self._classifier.of_broken_promise, selected))
        self._not_tested += self.watch.comparison.not_tested
        fake = self.watch.comparison.fake
        self._reproducer.begin_at_fake = fake.begin if fake else None
        for finding in self._findings.by_severity:
            self._findings.update(self._reproducer.confirm(finding))

    def _run_schemathesis(self, schema: Any) -> None:
        if self._end.is_reached():
            return
        # `full` tests the paths as they were generated, whoever owns the records.
        redirects = self.plan.limits.mode is Mode.OWN_DATA
        steering = CaseSteering(self.plan.document, self.watch.ledger, self.watch.creations, redirects=redirects)
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
        rest = self._estimate.describe(time.monotonic() - self._began, self.watch.guard.deadline - time.monotonic())
        return f"{count_of(self.watch.guard.sent, 'request')}, {count_of(found, 'finding')}{rest}: {self._activity}"

    def _find_obstacle(self) -> preflight.Obstacle | None:
        """Looks at the target again, whatever the guard refuses now."""
        with self.watch.guard.overtime():
            return preflight.find_obstacle(self._contract, self._session, self._headers, self.watch.guard)

    def _clean_up(self) -> None:
        """Deletes the records of the ledger; a second Ctrl-C ends that, and the ledger lists what is left."""
        # Only now: the monitor observes requests of both kinds of tests. What cleanup meets is no finding.
        self._findings.add(map(self._classifier.of_broken_promise, self.watch.monitor.broken_promises))
        self._reproduce()
        self._withdraw_doubtful()
        self._progress("cleaning up")
        cleaner = Cleaner(self.watch.guard, self.watch.workspaces)
        try:
            self._cleanup = cleaner.clean()
        except KeyboardInterrupt:
            with suppress(KeyboardInterrupt):
                self._cleanup = cleaner.outcome()

    def _reproduce(self) -> None:
        """Executes the reproductions of new findings; Ctrl-C and a full disk end that, not the cleanup."""
        reason = self._end.reason or ("the run was interrupted" if self._interrupted else "")
        reason = "" if reason == OUT_OF_TIME else reason  # some time is kept for them
        is_stopped = suppress(KeyboardInterrupt, LedgerError)
        with self.watch.besides_the_tests(), is_stopped, self.watch.guard.until_the_end():
            # The time may suffice for the most severe ones only.
            for finding in self._findings.by_severity:
                if not finding.reproduction:
                    self._progress(f"reproducing {finding.identity}")
                    expectation = self._classifier.expectations.get(finding.identity)
                    self._findings.update(self._reproducer.complete(finding, expectation, reason))

    def _withdraw_doubtful(self) -> None:
        """Withdraws what did not show again, if requests were lost: a check may have missed one of its answers."""
        for finding in [one for one in self._findings if self.watch.guard.lost and one.reproduction == NOT_SHOWN]:
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
