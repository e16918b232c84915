"""Fixtures: the fake over a socket, a sandbox in its initial state for each test, and ways to verify it.

The tests in `tests/long` and `tests/thorough` import them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import read_contract
from mockserver.settings import Settings
from mockserver.testing.enspace_client import Enspace
from mockserver.testing.mock_server import MockServer
from mockserver.verify.credentials import Credentials
from mockserver.verify.engine import Depth
from mockserver.verify.plan import Plan
from mockserver.verify.safety.limits import Limits, Mode
from tests.invocation import invoke
from tests.verify.command_run import CommandRun
from tests.verify.compared_calls import ComparedCalls
from tests.verify.independent import records
from tests.verify.targets import target

ROLES = ("listRoles", "countRoles", "createRole", "getRole", "updateRole", "deleteRole")
NAMED = {
    "Mobile App": "weak_key",
    "ERP Integration (expired)": "expired_key",
    "Analyst app": "limited_key",
    "Viewer app": "viewer_key",
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits before it is repeated: cleanups, lost requests, and searches that do not find a record.

    The ledger is not flushed to the disk, which takes a tenth of a run: no test cuts the power.
    """
    monkeypatch.setattr("mockserver.verify.safety.ledger.os.fsync", lambda file: None)
    monkeypatch.setattr("mockserver.verify.checks.lists.query_steps.INDEX_DELAY", 0.0)
    monkeypatch.setattr("mockserver.verify.safety.cleanup.PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr("mockserver.verify.safety.limits.PAUSE_AFTER_LOSS", 0.0)


@pytest.fixture(autouse=True)
def _compared_where_marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison with the fake takes seconds of each run, and most tests are about something else."""
    if request.node.get_closest_marker("compared") is None:
        monkeypatch.setattr("mockserver.verify.comparison.fake_comparison.is_enspace", lambda document: False)


@pytest.fixture(scope="session")
def document() -> Document:
    return read_contract(Settings().spec)


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Enspace]:
    with MockServer() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Enspace) -> Enspace:
    """The shared sandbox in its initial state, without faults and journal entries of other tests."""
    shared_sandbox.reset()
    shared_sandbox.clear_faults()
    shared_sandbox.journal.clear()
    return shared_sandbox


@pytest.fixture
def credentials(sandbox: Enspace) -> Credentials:
    others = {NAMED[key["description"]]: key["key"] for key in sandbox.keys if key["description"] in NAMED}
    return Credentials(sandbox.api_key, sandbox.workspace, foreign_workspace="rh-abc", **others)


@pytest.fixture
def plan(document: Document, sandbox: Enspace, credentials: Credentials, tmp_path: Path) -> Callable[..., Plan]:
    """Returns a function that makes plans: by default a quick one of the roles of the sandbox."""

    def make(mode: Mode = Mode.OWN_DATA, **changed: Any) -> Plan:
        limits = changed.pop("limits", Limits(mode=mode))
        usual = {"depth": Depth.QUICK, "operations": ROLES, "ledger": tmp_path / "ledger.jsonl", "target": sandbox.url}
        return Plan(**({"document": document, "credentials": credentials, "limits": limits} | usual | changed))

    return make


@pytest.fixture
def calls(sandbox: Enspace, document: Document) -> Iterator[ComparedCalls]:
    """Calls whose answers a test changes, with the records of the sandbox already read."""
    made = ComparedCalls(sandbox, document)
    with target(made.answer) as there:
        made.start(there.url)
        for path in ("/ws/context", "/ws/mgroups", "/ws/roles", "/ws/members", "/c-quick-tasks?_limit=1000"):
            made.call("GET", path)
        yield made


@pytest.fixture
def run_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CommandRun]:
    """Returns a function that runs the command with the key of the second target, or with another one."""
    monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", records.WORKSPACE)

    def run(url: str, *options: str, key: str = records.FULL_KEY) -> CommandRun:
        monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", key)
        return CommandRun(tmp_path, url, *options)

    return run


@pytest.fixture
def left_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Returns a function that runs the command and returns all output and files so far."""
    monkeypatch.chdir(tmp_path)
    printed = []

    def run(url: str, key: str, workspace: str, *options: str) -> str:
        monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", key)
        monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", workspace)
        printed.append(invoke("verify", url, "--depth", "quick", *options).output)
        written = [f"{path} {path.read_text()}" for path in tmp_path.rglob("*") if path.is_file()]
        return unquote("\n".join([*printed, *written]))

    return run
