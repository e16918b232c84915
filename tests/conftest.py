"""One fixture: `server(**settings)` builds the fake and answers a client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver import Settings, create_app

FULL_KEY = "en.DemoFullAccessCompanyAbc0000000001"
READ_ONLY_KEY = "en.DemoReadOnlyCompanyAbc000000000002"
EXPIRED_KEY = "en.DemoExpiredCompanyAbc0000000000003"
OTHER_WORKSPACE_KEY = "en.DemoFullAccessRhAbc000000000000004"

HEADERS = {"x-api-key": FULL_KEY, "en-workspace": "company-abc"}


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[..., TestClient]]:
    """A client for a fake with these settings, carrying the full demo key. Equal settings share one fake."""
    with ExitStack() as stack:

        @cache
        def build(**settings: Any) -> TestClient:
            app = create_app(Settings(**settings))
            client = TestClient(app, headers=HEADERS, raise_server_exceptions=True)
            return stack.enter_context(client)

        yield build


@pytest.fixture
def contract(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a small contract: the given YAML of `paths` (and what else it likes) below the usual head."""

    def write(text: str) -> Path:
        path = tmp_path / "contract.yaml"
        path.write_text(f"openapi: 3.0.3\ninfo: {{title: Small, version: '1'}}\n{text}", encoding="utf-8")
        return path

    return write
