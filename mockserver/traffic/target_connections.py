"""Connections to a real Enspace, which are kept open between requests."""

from __future__ import annotations

from pathlib import Path

import httpcore

# Shorter than most servers keep an idle connection: a request on one that is being closed is lost.
_LONGEST_IDLE = 2.0  # seconds


def open_pool(authority: Path | None) -> httpcore.AsyncConnectionPool:
    """Returns connections that trust the usual authorities and one more."""
    context = httpcore.default_ssl_context()
    if authority is not None:
        context.load_verify_locations(authority)
    return httpcore.AsyncConnectionPool(ssl_context=context, max_connections=100, keepalive_expiry=_LONGEST_IDLE)


async def ask(
    pool: httpcore.AsyncConnectionPool, request: httpcore.Request, *, is_repeatable: bool
) -> httpcore.Response:
    """Sends a request; a repeatable one again if its connection breaks before the answer.

    A target may close an idle connection at the moment at which it is used again.
    """
    try:
        return await pool.handle_async_request(request)
    except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError):
        if not is_repeatable:
            raise
        return await pool.handle_async_request(request)
