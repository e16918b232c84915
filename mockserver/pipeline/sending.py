"""How an answer leaves: whole and at once, or late and damaged as a fault has it."""

from __future__ import annotations

import asyncio
import socket
import struct
from functools import lru_cache
from typing import Any, TypeAlias

from starlette.types import Scope, Send

from mockserver.pipeline.exchange import Damage, Exchange
from mockserver.pipeline.preferences import NO_PREFERENCES

# Under this name the protocol tells the transport of a connection, which an answer is damaged with.
TRANSPORT = "mockserver.transport"

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

# The longest that a client is kept waiting for an answer that never comes, in seconds.
LONGEST_SILENCE = 300.0
_DROPS = 20


async def send_answer(send: Send, exchange: Exchange, scope: Scope) -> None:
    """Sends the answer of the exchange, unless its fault keeps it from being sent."""
    answer, preferences, damage = exchange.answer, exchange.preferences, exchange.damage
    assert answer is not None
    operation = exchange.operation.id if exchange.operation is not None else None
    headers = _usual_headers(len(answer.body), answer.status, answer.media_type, answer.source, operation)
    if answer.headers:
        headers += answer.headers
    if (
        preferences is not None
        and preferences is not NO_PREFERENCES
        and answer.source != "refused"
        and (applied := str(preferences))
    ):
        headers += ((b"preference-applied", applied.encode("latin-1")),)
        if preferences.delay:
            await asyncio.sleep(preferences.delay / 1000)
    if b"explain" in exchange.headers.get(b"prefer", b""):  # also where no stage came to read the wishes
        headers += ((b"link", b'</_mock/journal/%d>; rel="describedby"' % exchange.number),)
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    body = b"" if exchange.method == "HEAD" else answer.body
    if damage is not None:
        await _send_damaged(send, exchange, scope, damage, start, body)
        return
    await send(start)
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=1024)
def _usual_headers(size: int, status: int, media_type: str, source: str, operation: str | None) -> Headers:
    told = [(b"content-type", media_type.encode())] if size else []
    if size or status != 204:
        told.append((b"content-length", b"%d" % size))
    told.append((b"x-mock-source", source.encode()))
    if operation is not None:
        told.append((b"x-mock-operation", operation.encode()))
    return tuple(told)


async def _send_damaged(
    send: Send, exchange: Exchange, scope: Scope, damage: Damage, start: dict[str, Any], body: bytes
) -> None:
    if damage.delay:
        await _wait(exchange, damage.delay / 1000)
    match damage.how:
        case "reset":
            await _break(exchange, scope, is_reset=True)
        case "timeout":
            await _wait(exchange, LONGEST_SILENCE)
            await _break(exchange, scope)
        case "truncated":
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await _break(exchange, scope)
        case "malformed":
            await send(start)
            await send({"type": "http.response.body", "body": _malformed(body)})
        case "drip":
            await send(start)
            await _drip(send, body, damage.seconds)
        case _:
            await send(start)
            await send({"type": "http.response.body", "body": body})


async def _wait(exchange: Exchange, seconds: float) -> None:
    """So long, or until the client leaves."""
    await asyncio.sleep(0)  # from here on this is a task, which a timeout is for
    try:
        async with asyncio.timeout(seconds):
            while (await exchange.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass


async def _break(exchange: Exchange, scope: Scope, *, is_reset: bool = False) -> None:
    """Ends the connection; for a client without one, which calls us in its own process, by an error."""
    transport = scope.get("extensions", {}).get(TRANSPORT, {}).get("transport")
    if transport is None:
        raise ConnectionResetError("a fault ends this connection")
    if is_reset:
        # To linger for no time makes the system send a reset in place of an orderly end.
        with socket.socket(fileno=socket.dup(transport.get_extra_info("socket").fileno())) as twin:
            twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


def _malformed(body: bytes) -> bytes:
    """As many bytes, which are no JSON."""
    half = len(body) // 2
    return body[:half] + b"#" * (len(body) - half)


async def _drip(send: Send, body: bytes, seconds: float) -> None:
    size = max(-(-len(body) // _DROPS), 1)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _DROPS)
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})
