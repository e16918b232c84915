"""Client fixture on both kinds of stores; `IN_MEMORY` marks tests of input that no store sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.asgi_client import AsgiClient
from tests.conftest import Enspace, fresh_sandbox

IN_MEMORY = pytest.mark.parametrize("enspace", ["memory"], indirect=True)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "state.db"


@pytest.fixture(params=["memory", "sqlite"])
def enspace(request: pytest.FixtureRequest, server: Callable[..., AsgiClient], database: Path) -> Iterator[Enspace]:
    """A client in a fresh sandbox, once in memory and once in a database."""
    store = "memory" if request.param == "memory" else f"sqlite:///{database}"
    with fresh_sandbox(server(store=store)) as client:
        yield client
