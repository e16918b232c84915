"""The conclusion of a run: findings about the run as a whole, and the reason if only a part was tested."""

from __future__ import annotations

from mockserver.text import count_of
from mockserver.verify.checks.promised.promised_records import repeat_write
from mockserver.verify.judging.finding_classifier import FindingClassifier
from mockserver.verify.judging.finding_list import FindingList
from mockserver.verify.plan import Plan
from mockserver.verify.probe import Probe
from mockserver.verify.results import NotTested
from mockserver.verify.run_end import RunEnd
from mockserver.verify.safety.limits import BUSY, READS, WRITING, is_trouble
from mockserver.verify.watching.exchange_log import SentRequest
from mockserver.verify.watching.response_monitor import FEW
from mockserver.verify.watching.watch import Watch

NO_WRITE_ACCESS = "the key has no write access: every write was answered with 403"


class Conclusion:
    """Adds findings to those of a run. `partial` is why only a part was tested, `not_tested` what that has left out."""

    def __init__(
        self, plan: Plan, watch: Watch, end: RunEnd, classifier: FindingClassifier, findings: FindingList
    ) -> None:
        self._plan, self._watch, self._end = plan, watch, end
        self._classifier, self._findings = classifier, findings
        self.partial = ""
        self.not_tested: list[NotTested] = []

    def draw(self, probe: Probe) -> None:
        """Looks at the target again, then adds what times, trouble and access show."""
        self._end.look_at_target()
        # A run that ended early for another reason has too few response times for a median.
        if self._end.is_in_time_only:
            self._report_trouble(probe)
            self._repeat_late_requests(probe)
            self._watch.monitor.report_slow_operations()
        elif not self._watch.guard.stopped:
            received = self._end.reason + self._withdraw_explained()
            self._findings.add([self._classifier.environment(received, "a target that can be tested")])
        if self._end.reason:
            self.not_tested.append(NotTested("the rest of the run", self._end.reason))
        forbidden = NO_WRITE_ACCESS if self._watch.write_access.is_missing else ""
        if forbidden:
            self.not_tested.append(NotTested("everything that writes", forbidden))
        self.partial = self._end.reason or forbidden

    def _withdraw_explained(self) -> str:
        """Withdraws the findings since the key or the gateway began to fail, and describes that."""
        self._findings.add(map(self._classifier.of_broken_promise, self._watch.monitor.broken_promises))
        since = self._watch.monitor.refused_since or self._watch.trouble.streak.since
        explained = self._findings.withdraw_since(since)
        are = "is" if explained == 1 else "are"
        return f"; {count_of(explained, 'finding')} since then {are} withdrawn" if explained else ""

    def _report_trouble(self, probe: Probe) -> None:
        """Adds operations that never answer as broken, and too much trouble on the way as environment."""
        trouble = self._watch.trouble
        self._findings.add(map(self._classifier.of_trouble, trouble.excess))
        for name, request in trouble.silent.items():
            operation = probe.contract.by_id[name]
            if self._plan.selects(operation) and not self._answers_now(request):
                self._findings.add([self._classifier.of_silence(operation, trouble.of(name), request)])

    def _answers_now(self, request: SentRequest) -> bool:
        """Repeats a read: it may have failed only for as long as the whole target did."""
        guard = self._watch.guard
        if request.method not in READS or guard.is_out_of_time:
            return False
        with guard.overtime():
            response = guard.call("GET", request.url.removeprefix(self._plan.target))
            if response is not None and response.status_code in BUSY:  # every second request may meet the load
                response = guard.call("GET", request.url.removeprefix(self._plan.target))
        return response is not None and not is_trouble(response.status_code, response.content)

    def _repeat_late_requests(self, probe: Probe) -> None:
        """Asks again where all of a few responses were late, until one is in time or there are enough."""
        for _ in range(FEW):  # a repeated request may be refused, and brings no response time then
            for operation, url in self._watch.monitor.late_operations():
                if url:
                    self._watch.guard.call("GET", url.removeprefix(self._plan.target))
                elif self._plan.limits.mode in WRITING:
                    repeat_write(probe, operation)
