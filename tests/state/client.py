"""Client that calls the server in its own thread: without thread switches, thousands of calls are cheap."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from mockserver import Settings
from mockserver.app import assemble


class Client:
    """Calls an app through HTTP as it would come from a socket, one call after the other."""

    def __init__(self, app: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost")

    def request(self, method: str, path: str, **call: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **call))

    def get(self, path: str, **call: Any) -> httpx.Response:
        return self.request("GET", path, **call)

    def post(self, path: str, **call: Any) -> httpx.Response:
        return self.request("POST", path, **call)

    def put(self, path: str, **call: Any) -> httpx.Response:
        return self.request("PUT", path, **call)

    def delete(self, path: str, **call: Any) -> httpx.Response:
        return self.request("DELETE", path, **call)

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


@contextmanager
def served(**settings: Any) -> Iterator[Client]:
    """Builds a server with these settings, and closes its store afterwards."""
    fake = assemble(Settings(**settings))
    client = Client(fake.app)
    try:
        yield client
    finally:
        client.close()
        fake.sandboxes.close()
