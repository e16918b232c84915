"""Our own checks against the healthy fake, with every operation: each can read all answers, and keeps quiet."""

from __future__ import annotations

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.probe import Credentials
from tests.verify.check_run import CheckRun


def test_checks__find_nothing_and_leave_nothing_out(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    probe = CheckRun(document, credentials, sandbox.url).check()
    # A check that fails on an answer is not tested, so that no answer, however odd, stops a run.
    assert (probe.broken_promises, probe.failures, probe.not_tested) == ([], [], [])
