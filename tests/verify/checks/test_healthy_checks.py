"""Checks that only `full` makes, against the healthy fake; `tests/long` has runs of all others in the other modes."""

from __future__ import annotations

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.credentials import Credentials
from tests.verify.checks.check_run import CheckRun

IN_FULL = ("Workspaces", "Members", "Tasks", "Integrations")  # tags with writes that `own-data` leaves out


def test_checks__find_nothing_and_leave_nothing_out(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    probe = CheckRun(document, credentials, sandbox.url).check(lambda operation: operation.tag in IN_FULL)
    # A check that fails on an answer is not tested, so that no answer, however odd, stops a run.
    assert (probe.broken_promises, probe.failures, probe.not_tested) == ([], [], [])
