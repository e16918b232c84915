"""A fake over a socket, a sandbox of its own for each test, and a plan to verify it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.contract.document import Document, load_document
from mockserver.settings import Settings
from mockserver.testing.enspace_client import Enspace
from mockserver.testing.mock_server import MockServer
from mockserver.verify.contract_run import Plan
from mockserver.verify.engine import Depth
from mockserver.verify.probe import Credentials
from mockserver.verify.safety.limits import Limits, Mode

ROLES = ("listRoles", "countRoles", "createRole", "getRole", "updateRole", "deleteRole")
NAMED = {"Mobile App": "weak_key", "ERP Integration (expired)": "expired_key"}


@pytest.fixture(scope="session")
def document() -> Document:
    return load_document(Settings().spec)


@pytest.fixture(scope="session")
def live() -> Iterator[MockServer]:
    server = MockServer().start()
    yield server
    server.stop()


@pytest.fixture
def sandbox(live: MockServer) -> Iterator[Enspace]:
    made = live.sandbox()
    yield made
    made.close()


@pytest.fixture
def credentials(sandbox: Enspace) -> Credentials:
    others = {NAMED[key["description"]]: key["key"] for key in sandbox.keys if key["description"] in NAMED}
    return Credentials(sandbox.api_key, sandbox.workspace, foreign_workspace="rh-abc", **others)


@pytest.fixture
def plan(document: Document, sandbox: Enspace, credentials: Credentials, tmp_path: Any) -> Callable[..., Plan]:
    """A quick plan of the roles against the sandbox, unless it is told otherwise."""

    def make(mode: Mode = Mode.OWN_DATA, **changed: Any) -> Plan:
        limits = changed.pop("limits", Limits(mode=mode, max_time=120))
        usual = {"depth": Depth.QUICK, "operations": ROLES, "ledger": tmp_path / "ledger.jsonl", "target": sandbox.url}
        return Plan(**({"document": document, "credentials": credentials, "limits": limits} | usual | changed))

    return make
