"""Our own checks against the healthy fake, with every operation: each can read all answers, and keeps quiet."""

from __future__ import annotations

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify import engine
from mockserver.verify.checks import CHECKS
from mockserver.verify.probe import Credentials, Probe
from mockserver.verify.resources import Contract
from mockserver.verify.safety.ledger import Ledger
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import RequestGuard

MARK = "mv12345678"


def test_checks__find_nothing_and_leave_nothing_out(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    limits = Limits(mode=Mode.FULL)
    config = engine.configuration(sandbox.url, {}, limits, engine.Depth.QUICK, 0)
    guard = RequestGuard(sandbox.url, limits, Ledger(None, sandbox.url, MARK), {}, lambda request, path: "")
    schema = engine.load(document.raw, config, guard, [])
    with guard.session() as session:
        probe = Probe(Contract(document), schema, session, credentials, Mode.FULL, MARK, lambda operation: True)
        for check in CHECKS:
            check.run(probe)
    # A check that fails on an answer is not tested, so that no answer, however odd, stops a run.
    assert (probe.broken_promises, probe.failures, probe.not_tested) == ([], [], [])
