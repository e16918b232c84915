"""Client that calls the server in its own thread: without thread switches, thousands of calls are cheap."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle
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


class Spread:
    """An app that passes each request to the next of several apps, as a load balancer does."""

    def __init__(self, apps: Iterable[Any]) -> None:
        self._apps = cycle(apps)

    async def __call__(self, *call: Any) -> None:
        await next(self._apps)(*call)


@contextmanager
def served(processes: int = 1, **settings: Any) -> Iterator[Client]:
    """Builds servers with these settings, between which the calls are spread, and closes their store afterwards."""
    fakes = [assemble(Settings(**settings)) for _ in range(processes)]
    client = Client(Spread(fake.app for fake in fakes))
    try:
        yield client
    finally:
        client.close()
        for fake in fakes:
            fake.sandboxes.close()
