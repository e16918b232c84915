"""An HTTP client for an ASGI app in this process: each request runs to its end on one event loop.

Starlette's `TestClient` hands every request to another thread several times, which takes most of its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from starlette.types import ASGIApp

LOOP = asyncio.new_event_loop()
_THREAD = ThreadPoolExecutor(1)


def _run(coroutine: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return LOOP.run_until_complete(coroutine)
    # While a browser is open, the loop of Playwright runs in this thread.
    return _THREAD.submit(LOOP.run_until_complete, coroutine).result()


class AsgiTransport(httpx.BaseTransport):
    """Calls the app. With `raises`, an exception that leaves it is raised in the test."""

    def __init__(self, app: ASGIApp, *, raises: bool) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=raises)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return _run(self._respond(request))

    async def _respond(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = await self._transport.handle_async_request(request)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


class AsgiClient(httpx.Client):
    """A client of one app, which follows redirects."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] | None = None, *, raises: bool = True) -> None:
        transport = AsgiTransport(app, raises=raises)
        super().__init__(transport=transport, base_url="http://127.0.0.1", headers=headers, follow_redirects=True)
        self.app: Any = app
