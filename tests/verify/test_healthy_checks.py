"""Checks of whole workspaces against the healthy fake; `tests/long` has the others, which may be sent to any target."""

from __future__ import annotations

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.probe import Credentials
from tests.verify.check_run import CheckRun


def test_checks_of_workspaces__find_nothing_and_leave_nothing_out(
    document: Document, sandbox: Enspace, credentials: Credentials
) -> None:
    probe = CheckRun(document, credentials, sandbox.url).check(lambda operation: operation.tag == "Workspaces")
    assert (probe.broken_promises, probe.failures, probe.not_tested) == ([], [], [])
