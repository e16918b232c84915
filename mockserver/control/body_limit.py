"""The limit for the bodies of requests to the control API, which Connexion reads as a whole."""

from __future__ import annotations

from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.control.problems import problem

# Bytes, ten times the shipped fixtures. Decoding a larger body would keep the event loop busy for too long.
MAX_BODY = 2_097_152


class BodyLimit:
    """Connexion middleware that raises a 413 for a body beyond the limit, and states the length of the others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[MutableMapping[str, Any]] = []
        size, has_more = 0, scope["type"] == "http"
        while has_more and size <= MAX_BODY:
            messages.append(await receive())
            size += len(messages[-1].get("body", b""))
            has_more = messages[-1].get("more_body", False)
        if size > MAX_BODY:
            detail = f"body: received more than {MAX_BODY} bytes, documented: at most {MAX_BODY}"
            raise problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        if size and Headers(scope=scope).get("content-length") is None:
            # Connexion takes a body in chunks for none.
            scope = {**scope, "headers": [*scope["headers"], (b"content-length", b"%d" % size)]}
        unread = iter(messages)

        async def receive_again() -> MutableMapping[str, Any]:
            message = next(unread, None)
            return await receive() if message is None else message

        await self._app(scope, receive_again, send)
