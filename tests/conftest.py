"""Two fixtures: `server(**settings)` builds a fake and returns a client for it; `enspace` is a client in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver import Settings, create_app
from mockserver.contract.document import Document, load_document
from mockserver.fixture_files.fixture_validator import load_world
from mockserver.state.world import World

FULL_KEY = "en.DemoFullAccessCompanyAbc0000000001"
READ_ONLY_KEY = "en.DemoReadOnlyCompanyAbc000000000002"
EXPIRED_KEY = "en.DemoExpiredCompanyAbc0000000000003"
OTHER_WORKSPACE_KEY = "en.DemoFullAccessRhAbc000000000000004"
ANALYST_KEY = "en.DemoAnalystCompanyAbc0000000000005"
VIEWER_KEY = "en.DemoViewerCompanyAbc00000000000006"

HEADERS = {"x-api-key": FULL_KEY, "en-workspace": "company-abc"}


@pytest.fixture(scope="session", autouse=True)
def _shipped_files_are_read_once() -> Iterator[None]:
    """Caches the shipped contract and fixtures: many tests build a server from them, and none changes them."""
    shipped = Settings()
    contract = cache(partial(load_document, shipped.spec))
    world = cache(lambda: load_world(shipped.fixtures, contract()))

    def document_of(path: Path) -> Document:
        return contract() if path == shipped.spec else load_document(path)

    def world_of(folder: Path, document: Document) -> World:
        is_shipped = folder == shipped.fixtures and document is contract()
        return world().fork() if is_shipped else load_world(folder, document)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.app.load_document", document_of)
        patch.setattr("mockserver.app.load_world", world_of)
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[..., TestClient]]:
    """A client for a fake with these settings, carrying the full demo key. Equal settings share one fake."""
    with ExitStack() as stack:

        @cache
        def build(**settings: Any) -> TestClient:
            client = TestClient(create_app(Settings(**settings)), headers=HEADERS, raise_server_exceptions=True)
            return stack.enter_context(client)

        yield build


class Enspace(TestClient):
    """A client in one sandbox, with the key of the owner of company-abc unless it is `as_user` somebody else."""

    def as_user(self, email: str, workspace: str = "company-abc", **key: Any) -> Enspace:
        """A client in the same sandbox with a new key of this user."""
        made = self.post("/_mock/keys", json={"user": email, **key}).json()
        return self.beside({"x-api-key": made["key"], "en-workspace": workspace})

    def beside(self, headers: dict[str, str]) -> Enspace:
        """Another client of the same server, in the same thread: one for each request would take its time."""
        client = Enspace(self.app, headers=headers)
        client.portal = self.portal
        return client

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """All records of the sandbox by collection, as the control API returns them."""
        records: dict[str, list[dict[str, Any]]] = self.get("/_mock/state").json()
        return records


@pytest.fixture
def enspace(server: Callable[..., TestClient]) -> Iterator[Enspace]:
    """A client in a fresh sandbox, which it may change."""
    with fresh_sandbox(server()) as client:
        yield client


@contextmanager
def fresh_sandbox(running: TestClient) -> Iterator[Enspace]:
    """Creates a sandbox for one client, and deletes it afterwards."""
    made = running.post("/_mock/sandboxes", json={}).json()
    client = Enspace(running.app, headers={"x-api-key": made["api_key"], "en-workspace": "company-abc"})
    client.portal = running.portal
    yield client
    running.delete(f"/_mock/sandboxes/{made['name']}")


@pytest.fixture
def contract(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a small contract: the given YAML of `paths` (and what else it likes) below the usual head."""

    def write(text: str) -> Path:
        path = tmp_path / "contract.yaml"
        path.write_text(f"openapi: 3.0.3\ninfo: {{title: Small, version: '1'}}\n{text}", encoding="utf-8")
        return path

    return write
