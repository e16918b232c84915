"""Client fixture on every kind of store; `IN_MEMORY` marks tests of input that no store sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from mockserver import Settings
from mockserver.app import assemble
from tests.asgi_client import AsgiClient
from tests.conftest import FAKES, HEADERS, Enspace, fresh_sandbox
from tests.state.client import Client, Spread, served
from tests.state.database import PostgresServer, postgres_server

IN_MEMORY = pytest.mark.parametrize("enspace", ["memory"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests of this process."""
    server = postgres_server()
    yield server
    server.stop()


@pytest.fixture
def mortal_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for one test, which may kill it."""
    server = postgres_server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Returns the value of `--store` for a kind of store, the same for the same kind."""
    made: dict[str, str] = {"memory": "memory"}

    def store(kind: str) -> str:
        if kind not in made and kind == "sqlite":
            made[kind] = f"sqlite:///{tmp_path_factory.mktemp('store') / 'state.db'}"
        elif kind not in made:
            made[kind] = request.getfixturevalue("postgres").new_database()
        return made[kind]

    return store


@pytest.fixture(scope="session")
def three_processes(stores: Callable[[str], str]) -> AsgiClient:
    """A client whose calls are spread over three servers on one PostgreSQL."""
    fakes = [assemble(Settings(store=stores("postgresql"))) for _ in range(3)]
    client = AsgiClient(Spread(fake.app for fake in fakes), headers=HEADERS)
    FAKES[client.app] = fakes[0]
    return client


@pytest.fixture(params=["memory", "sqlite", "postgresql", "three processes"])
def enspace(
    request: pytest.FixtureRequest, server: Callable[..., AsgiClient], stores: Callable[[str], str]
) -> Iterator[Enspace]:
    """A client in a fresh sandbox, once on each kind of store."""
    is_spread = request.param == "three processes"
    running = request.getfixturevalue("three_processes") if is_spread else server(store=stores(request.param))
    with fresh_sandbox(running) as client:
        yield client


@pytest.fixture(params=["sqlite", "postgresql", "three processes"])
def fake_on_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractContextManager[Client]]:
    """Starts a server on an empty store, and each time it is called again, another one on the same store."""
    store = f"sqlite:///{tmp_path / 'state.db'}"
    if request.param != "sqlite":
        store = request.getfixturevalue("postgres").new_database()
    return partial(served, processes=3 if request.param == "three processes" else 1, store=store)
