"""Our own checks against one target, and the reproductions of what they find."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.verify import engine
from mockserver.verify.checks import CHECKS
from mockserver.verify.checks.writes.samples import next_number
from mockserver.verify.credentials import Credentials
from mockserver.verify.judging.placeholders import Names
from mockserver.verify.probe import BrokenPromise, Probe
from mockserver.verify.redaction import Redactor
from mockserver.verify.reproducer import Reproducer
from mockserver.verify.resources import Contract
from mockserver.verify.results import Finding, Meaning, Severity
from mockserver.verify.safety.creations import find_creations
from mockserver.verify.safety.ledger import Ledger
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import RequestGuard
from mockserver.verify.watching.exchange_log import ExchangeLog

MARK = "mv12345678"


class CheckRun:
    """A run in mode `full`, without Schemathesis."""

    def __init__(self, document: Document, credentials: Credentials, url: str) -> None:
        self._document, self._credentials, self._url = document, credentials, url
        self._contract, self._creations = Contract(document), find_creations(document)
        self._log = ExchangeLog(url, self._creations)

    def check(
        self,
        wanted: Callable[[Operation], bool] = lambda operation: True,
        files: tuple[ModuleType, ...] = (),
        until: str = "",
    ) -> Probe:
        """Runs the checks of these files, by default of all, until one finds this promise broken."""
        guard = self._guard_of(self._url)
        guard.observers.append(self._log.observe)
        config = engine.configuration(self._url, {}, guard.limits, engine.Depth.QUICK, 0)
        schema = engine.load(self._document.raw, config, guard, [])
        names = [file.__name__ for file in files]
        with guard.session() as session:
            probe = Probe(self._contract, schema, session, self._credentials, Mode.FULL, MARK, wanted, self._log)
            for check in CHECKS:
                if not files or check.run.__module__ in names:
                    check.run(probe)
                if until in [broken.promise for broken in probe.broken_promises]:
                    break
        return probe

    def reproduce(self, broken: BrokenPromise, url: str) -> str:
        """Returns the outcome of the reproduction of a broken promise at this or another target."""
        keys = {"key": self._credentials.key}
        names = Names(MARK, self._credentials.workspace, keys, self._contract.references)
        reproducer = Reproducer(self._guard_of(url), self._log, names, next_number, Redactor([], []))
        finding = Finding(broken.operation, broken.promise, Meaning.BROKEN, Severity.ERROR, "", "")
        return reproducer.complete(finding, broken.expectation).reproduction

    def _guard_of(self, url: str) -> RequestGuard:
        limits, ledger = Limits(mode=Mode.FULL), Ledger(None, url, MARK)
        headers = self._credentials.headers()
        return RequestGuard(url, limits, ledger, self._creations, lambda request, path: "", headers)
