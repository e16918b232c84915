"""Comparison of a run with a fake that has the same contract and, at first, the same records."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation, base_path, read_operations
from mockserver.contract.promises import Effect, Referrers, promises_of
from mockserver.enspace.handlers import is_enspace
from mockserver.errors import StartError
from mockserver.settings import Settings
from mockserver.traffic.replay import open_replay
from mockserver.traffic.shown_times import ShownTimes
from mockserver.verify.checks.access.tenancy_checks import UNLISTED
from mockserver.verify.checks.promised.effect_checks import BEYOND
from mockserver.verify.checks.records.agreement_checks import PROMISE as AGREEMENT
from mockserver.verify.checks.records.record_checks import READING
from mockserver.verify.checks.writes.bystanders import ONE_RECORD
from mockserver.verify.comparison.blame import Blame, BlamedDoubt
from mockserver.verify.comparison.doubt_words import PROMISE, broken_promise
from mockserver.verify.comparison.doubts import Doubts
from mockserver.verify.comparison.fake_target import FakeTarget
from mockserver.verify.judging.finding_list import FindingList
from mockserver.verify.probe import BrokenPromise
from mockserver.verify.results import NotTested
from mockserver.verify.watching.exchange_log import ExchangeLog
from mockserver.verify.watching.run_calls import RunCalls

# Of a read with such a finding, the fake does not know which records there are, and how many.
UNSURE = ("response_schema_conformance", "records_belong_to_their_parent")


class FakeComparison:
    """Repeats the calls of a run at its end. The fake knows the rules of Enspace's contract only.

    `is_alone`: nobody else changes the target, so that all its records are compared.
    """

    def __init__(
        self, document: Document, target: str, keys: dict[str, str], calls: RunCalls, *, is_alone: bool
    ) -> None:
        self._document, self._keys, self._calls, self._is_alone = document, keys, calls, is_alone
        self._prefix = urlsplit(target).path + base_path(document)
        self.is_possible = is_enspace(document)
        self.fake: FakeTarget | None = None  # once a run was compared
        self.not_tested: list[NotTested] = []

    def broken_promises(
        self, log: ExchangeLog, findings: FindingList, is_over: Callable[[], bool]
    ) -> list[BrokenPromise]:
        """Returns a fault for each operation without a finding; `log` has the requests of the run.

        Of two answers that contradict each other, the fake knows the wrong one: findings about the other are withdrawn.
        """
        try:
            wrong = [finding for finding in findings if finding.request]
            # A record that only a wrong answer shows may be one of another workspace.
            odd = [one for one in wrong if one.promise == UNLISTED or isinstance(self._calls.answer(one.request), dict)]
            self._calls.left_out = {log.entries[finding.request - 1].request.url for finding in odd}
            doubts = self._doubts(is_over)
            for finding in [one for one in findings if one.promise == AGREEMENT and doubts.confirms(one.operation)]:
                findings.withdraw(finding)
            return [broken_promise(one, log, self._keys) for one in self._faults(doubts, findings)]
        except StartError as error:
            self._leave_out(str(error))
        except Exception as error:  # no response of a target, however odd, may end the run
            self._leave_out(f"a response that it could not read ({type(error).__name__}: {error})")
        return []

    def _faults(self, doubts: Doubts, findings: FindingList) -> list[BlamedDoubt]:
        """Returns the doubts that are faults, and do not follow from a finding."""
        faulty = {finding.operation for finding in findings}
        reaching = {finding.operation for finding in findings if finding.promise == ONE_RECORD}
        beyond = {finding.operation for finding in findings if finding.promise in BEYOND}
        reached = {name: self._reached_tables(name, doubts) for name in beyond}
        reads = {one.id: one for one in read_operations(self._document) if one.method == "GET"}
        is_whole = not any(one.promise in UNSURE and one.operation in reads for one in findings)
        changing = [reads[one.operation] for one in findings if one.promise == READING and one.operation in reads]
        tables = {table for one in changing for table in self._tables_read(one, doubts)}
        return Blame(doubts, self._calls.answer, tables, is_whole=is_whole).faults(faulty, reaching, reached)

    def _tables_read(self, read: Operation, doubts: Doubts) -> set[str]:
        """Returns the collection of the records that an operation shows."""
        lists = [one for one in read_operations(self._document) if one.method == "GET"]
        return {doubts.table_of(one) for one in lists if one.path in (read.path, read.path.rpartition("/")[0])} - {""}

    def _reached_tables(self, operation: str, doubts: Doubts) -> set[str]:
        """Returns the collections of other records that an operation changes, by the promises."""
        operations = {one.id: one for one in read_operations(self._document)}
        promises = promises_of(self._document).get(operation, ())
        changed = [operations[one.of].path for one in promises if isinstance(one, Referrers)]
        added = [operations[one.shows_in].path for one in promises if isinstance(one, Effect) and one.each]
        lists = [one for one in operations.values() if one.method == "GET" and one.path in (*changed, *added)]
        return {doubts.table_of(one) for one in lists}

    def _doubts(self, is_over: Callable[[], bool]) -> Doubts:
        settings, times = Settings(spec=self._document.path), ShownTimes()
        replay = open_replay([self._calls], self._document, settings, self._prefix, has_fixtures=False, times=times)
        limited = frozenset(key for name, key in self._keys.items() if name != "key")
        doubts = Doubts(replay, self._calls.foreign, limited, is_alone=self._is_alone)
        doubts.collect(is_over)
        self.fake = FakeTarget(replay, self._document)
        if self._is_alone and not doubts.is_alone:
            self._leave_out("the fake lacks something that the target has; only new records count")
        return doubts

    def _leave_out(self, reason: str) -> None:
        self.not_tested.append(NotTested(PROMISE, reason))
