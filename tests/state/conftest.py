"""Client fixture on every kind of store; `IN_MEMORY` marks tests of input that no store sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.asgi_client import AsgiClient
from tests.conftest import Enspace, fresh_sandbox
from tests.state.database import PostgresServer, postgres_server

IN_MEMORY = pytest.mark.parametrize("enspace", ["memory"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests of this process."""
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


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def enspace(
    request: pytest.FixtureRequest, server: Callable[..., AsgiClient], stores: Callable[[str], str]
) -> Iterator[Enspace]:
    """A client in a fresh sandbox, once on each kind of store."""
    with fresh_sandbox(server(store=stores(request.param))) as client:
        yield client
