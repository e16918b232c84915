"""Access to the control API: open, or only with the token that the server was started with."""

from __future__ import annotations

import hmac

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = "x-mock-token"


def guarded(app: ASGIApp, token: str) -> ASGIApp:
    """An app that answers 401 to requests without the token; without a token, the app itself."""
    if not token:
        return app
    expected = token.encode()

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            received = dict(scope["headers"]).get(HEADER.encode(), b"")
            # In constant time, so that the token cannot be guessed byte by byte.
            if not hmac.compare_digest(received, expected):
                await _REFUSAL(scope, receive, send)
                return
        await app(scope, receive, send)

    return guard


_REFUSAL = JSONResponse(
    {"status": 401, "title": "Unauthorized", "detail": f"the control API needs its token in the header {HEADER}"},
    status_code=401,
    media_type="application/problem+json",
)
