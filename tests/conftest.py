"""Fixtures: `server(**settings)` builds a server and returns a client; `enspace` is a client in a new sandbox."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockServer, Settings
from mockserver.app import Fake, assemble
from mockserver.contract.document import Document, load_document
from mockserver.contract.lenient.reading import read_strictly
from mockserver.fixture_files.fixture_validator import load_world
from mockserver.state.world import World
from tests.asgi_client import AsgiClient

FULL_KEY = "en.DemoFullAccessCompanyAbc0000000001"
READ_ONLY_KEY = "en.DemoReadOnlyCompanyAbc000000000002"
EXPIRED_KEY = "en.DemoExpiredCompanyAbc0000000000003"
OTHER_WORKSPACE_KEY = "en.DemoFullAccessRhAbc000000000000004"
ANALYST_KEY = "en.DemoAnalystCompanyAbc0000000000005"
VIEWER_KEY = "en.DemoViewerCompanyAbc00000000000006"

FAKES: dict[Any, Fake] = {}  # by their apps

HEADERS = {"x-api-key": FULL_KEY, "en-workspace": "company-abc"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("starts_first") is None)


@pytest.fixture(scope="session", autouse=True)
def _shipped_files_are_read_once() -> Iterator[None]:
    """Caches the shipped fixtures and contract, copies of it too: most tests read them, and none changes them."""
    shipped = Settings()
    text, contract = shipped.spec.read_bytes(), cache(partial(load_document, shipped.spec))
    world = cache(lambda: load_world(shipped.fixtures, contract()))

    def document_of(path: Path) -> Document:
        is_shipped = path.is_file() and path.read_bytes() == text
        return replace(contract(), path=path) if is_shipped else load_document(path)

    def strictly(written: Document) -> Document:
        return written if written.raw is contract().raw else read_strictly(written)

    def world_of(folder: Path, document: Document) -> World:
        is_shipped = folder == shipped.fixtures and document.raw is contract().raw
        return world().fork() if is_shipped else load_world(folder, document)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.contract.lenient.reading.load_document", document_of)
        patch.setattr("mockserver.contract.lenient.reading.read_strictly", strictly)
        patch.setattr("mockserver.app.load_world", world_of)
        yield


@pytest.fixture(scope="session", autouse=True)
def _signals_reach_the_commands() -> None:
    """Below `nohup`, or in the background of a script, every child would ignore these signals."""
    for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(scope="session")
def server() -> Callable[..., AsgiClient]:
    """Builds a server with the given settings, one for equal settings, and a client with the full demo key."""

    @cache
    def build(**settings: Any) -> AsgiClient:
        fake = assemble(Settings(**settings))
        FAKES[fake.app] = fake
        return AsgiClient(fake.app, headers=HEADERS)

    return build


@pytest.fixture(scope="session")
def running() -> Iterator[MockServer]:
    """A server in a thread of this process, for tests that do not stop it and write in sandboxes of their own."""
    server = MockServer(seed=1).start()
    yield server
    server.stop()


class Enspace(AsgiClient):
    """A client in one sandbox, with the key of the owner of company-abc; `as_user` gives one with another key."""

    def as_user(self, email: str, workspace: str = "company-abc", **key: Any) -> Enspace:
        """Creates a key for the user, and returns a client with it in the same sandbox."""
        made = self.post("/_mock/keys", json={"user": email, **key}).json()
        return self.beside({"x-api-key": made["key"], "en-workspace": workspace})

    def beside(self, headers: dict[str, str]) -> Enspace:
        """Returns another client of the same server."""
        return Enspace(self.app, headers=headers)

    def world(self) -> World:
        """Returns the world of the sandbox, for comparisons that a dump of all records would make slow."""
        found = FAKES[self.app].sandboxes.find("api_keys", self.headers["x-api-key"].encode())
        assert found is not None
        return found[0].world

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Returns all records of the sandbox by collection, as dumped by the control API."""
        records: dict[str, list[dict[str, Any]]] = self.get("/_mock/state").json()
        return records


@pytest.fixture
def enspace(server: Callable[..., AsgiClient]) -> Iterator[Enspace]:
    """A client in a fresh sandbox, which it may change."""
    with fresh_sandbox(server()) as client:
        yield client


@contextmanager
def fresh_sandbox(running: AsgiClient) -> Iterator[Enspace]:
    """Creates a sandbox for one client, and deletes it afterwards."""
    made = running.post("/_mock/sandboxes", json={}).json()
    client = Enspace(running.app, headers={"x-api-key": made["api_key"], "en-workspace": "company-abc"})
    yield client
    running.delete(f"/_mock/sandboxes/{made['name']}")


@pytest.fixture
def contract(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a small contract: the given YAML, `paths` and more, below a fixed head. Returns its path."""

    def write(text: str) -> Path:
        path = tmp_path / "contract.yaml"
        path.write_text(f"openapi: 3.0.3\ninfo: {{title: Small, version: '1'}}\n{text}", encoding="utf-8")
        return path

    return write
