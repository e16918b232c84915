"""Runs checks against a fake with one changed answer."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.credentials import Credentials
from mockserver.verify.reproducer import EXECUTED
from tests.verify.checks.check_run import CheckRun
from tests.verify.checks.faulty_answers import Broken
from tests.verify.targets import between, target

Promises = Callable[..., dict[str, str]]


@pytest.fixture
def promises(document: Document, sandbox: Enspace, credentials: Credentials) -> Promises:
    """Returns a function: the promises that checks find broken with a change between them and the fake.

    Each has the outcome of its reproduction, which shows nothing on the fake itself. `until` is the last one.
    """

    def run(change: Broken, *operations: str, files: tuple[ModuleType, ...], until: str = "") -> dict[str, str]:
        with target(change(between(sandbox.url, "GET", "", lambda body: body))) as there:
            checks = CheckRun(document, credentials, there.url)
            probe = checks.check(lambda operation: operation.id in operations, files, until)
            first = {broken.promise: broken for broken in reversed(probe.broken_promises)}
            assert EXECUTED not in {checks.reproduce(broken, sandbox.url) for broken in first.values()}
            return {name: checks.reproduce(broken, there.url) for name, broken in first.items()}

    return run
