"""Everything that watches the requests of a run: the guard in front of them, and the observers behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import requests

from mockserver.contract.operations import Operation
from mockserver.verify.comparison.fake_comparison import FakeComparison
from mockserver.verify.credentials import NO_SUCH_WORKSPACE
from mockserver.verify.plan import Plan
from mockserver.verify.redaction import Redactor
from mockserver.verify.resources import Contract
from mockserver.verify.safety.creations import find_creations
from mockserver.verify.safety.ledger import Ledger
from mockserver.verify.safety.limits import Mode
from mockserver.verify.safety.own_workspaces import OwnWorkspaces
from mockserver.verify.safety.protected_requests import ProtectedRequests, mode_limits
from mockserver.verify.safety.request_guard import RequestGuard
from mockserver.verify.watching.exchange_log import ExchangeLog
from mockserver.verify.watching.response_monitor import ResponseMonitor, WriteAccess
from mockserver.verify.watching.run_calls import RunCalls
from mockserver.verify.watching.run_recorder import RunRecorder
from mockserver.verify.watching.trouble_log import TroubleLog


class Watch:
    """The guard and the observers of one run. `left_out` is what its mode does not test.

    With the `ledger` of a killed run, they only watch its cleanup.
    """

    def __init__(self, plan: Plan, contract: Contract, redactor: Redactor, ledger: Ledger | None = None) -> None:
        self._plan, self._contract = plan, contract
        credentials = plan.credentials
        creations = find_creations(plan.document)
        self.creations, self.left_out = mode_limits(plan.limits.mode, creations, contract)
        # The killed run may have had another mode. Cleanup creates nothing.
        self.creations = creations if ledger else self.creations
        self.workspaces = OwnWorkspaces(credentials.workspace, credentials.foreign_workspace)
        protected = ProtectedRequests(self.workspaces)
        # A read-only run creates nothing, so it leaves no ledger file behind.
        file = None if plan.limits.mode is Mode.READ_ONLY else plan.ledger
        self.ledger = ledger or Ledger(file, plan.target, plan.mark, redactor.changes)
        rules = (self.creations, protected.objection, credentials.headers())
        self.guard = RequestGuard(plan.target, plan.limits, self.ledger, *rules)
        self.recorder = RunRecorder(plan.document, plan.target, plan.record) if plan.record else None
        if self.recorder is not None:
            self.guard.recorders.append(self.recorder.record)
        self.log = ExchangeLog(plan.target, self.creations)
        watched = (credentials.key, plan.target, plan.slow, plan.mark, self.log)
        self.monitor = ResponseMonitor(contract, redactor, *watched)
        self.write_access = WriteAccess(credentials.headers())
        self.calls = RunCalls(frozenset((credentials.foreign_workspace, NO_SUCH_WORKSPACE)))
        is_alone = plan.limits.mode is Mode.FULL
        self.comparison = FakeComparison(plan.document, plan.target, credentials.keys, self.calls, is_alone=is_alone)
        self._protective = [protected.observe, self.workspaces.observe]
        # The log comes first: the monitor refers to its entries.
        tests = [self.log.observe, self.write_access.observe, self.monitor.observe, self.calls.observe]
        self.guard.observers += [*self._protective, *tests]
        self.trouble = TroubleLog(self._operation_of)
        self.guard.attempt_observers.append(self.trouble.observe)
        self.guard.objections.append(self.trouble.objection)

    @contextmanager
    def besides_the_tests(self) -> Iterator[None]:
        """Within it, requests are no tests: what protects the target sees them, and the fake, since they may write.

        Afterwards, the number of a response is again its place in the log, which has the tests alone.
        """
        guard, keep = self.guard, partial(self.calls.observe, is_test=False)
        observers, guard.observers = guard.observers, [*self._protective, keep]
        attempts, guard.attempt_observers = guard.attempt_observers, []
        answered = guard.answered
        try:
            yield
        finally:
            guard.observers, guard.attempt_observers = observers, attempts
            guard.answered = answered

    def _operation_of(self, request: requests.PreparedRequest) -> Operation | None:
        path = urlsplit(request.url or "").path.removeprefix(urlsplit(self._plan.target).path)
        return self._contract.match(request.method or "", path)
