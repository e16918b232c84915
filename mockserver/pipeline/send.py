"""Send: the answer leaves whole and at once, or delayed and damaged by a fault."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from starlette.types import Send

from mockserver.pipeline.exchange import Answer, Damage, Exchange
from mockserver.pipeline.preferences import NO_PREFERENCES

# The key of the extension with which the HTTP protocol passes its transport; faults damage the connection through it.
TRANSPORT = "mockserver.transport"

Headers: TypeAlias = list[tuple[bytes, bytes]]

# Seconds after which a fault of kind `timeout` closes the connection.
MAX_SILENCE = 300.0
_DRIP_PARTS = 20
# A client would read a body as the beginning of the next answer (RFC 9110, section 6.4.1).
_WITHOUT_BODY = frozenset({*range(100, 200), 204, 304})


async def send_answer(exchange: Exchange, send: Send, record: Callable[[], None] | None = None) -> None:
    """Sends the answer of the exchange, unless its fault prevents that. `record` is called before."""
    answer, preferences = exchange.answer, exchange.preferences
    assert answer is not None
    body = b"" if exchange.method == "HEAD" or answer.status in _WITHOUT_BODY else answer.body
    exchange.results["send"] = f"{answer.status}, {len(body)} bytes"
    if record is not None:
        record()
    start = {"type": "http.response.start", "status": answer.status, "headers": _headers(exchange, answer)}
    if preferences.delay and answer.source != "refused":
        await asyncio.sleep(preferences.delay / 1000)
    if exchange.damage is not None:
        await _send_damaged(send, exchange, exchange.damage, start, body)
        return
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _headers(exchange: Exchange, answer: Answer) -> Headers:
    headers: Headers = [(b"x-mock-source", answer.source.encode())]
    has_body = answer.status not in _WITHOUT_BODY
    if answer.body and has_body:
        headers.append((b"content-type", answer.media_type.encode()))
    if has_body:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    if exchange.operation is not None:
        headers.append((b"x-mock-operation", exchange.operation.id.encode()))
    if answer.headers:  # these replace headers of the same name, such as the content-type of a fault
        given = {name for name, _ in answer.headers}
        headers = [header for header in headers if header[0] not in given] + [*answer.headers]
    if exchange.preferences is not NO_PREFERENCES:
        headers += _preference_headers(exchange, answer)
    return headers


def _preference_headers(exchange: Exchange, answer: Answer) -> Headers:
    headers: Headers = []
    if answer.source != "refused" and (applied := exchange.preferences.render()):
        headers.append((b"preference-applied", applied.encode("latin-1")))
    if exchange.preferences.explain and exchange.number:  # 0 if it could not be recorded
        headers.append((b"link", b'</_mock/journal/%d>; rel="describedby"' % exchange.number))
    return headers


async def _send_damaged(send: Send, exchange: Exchange, damage: Damage, start: dict[str, Any], body: bytes) -> None:
    if damage.kind is not None:
        exchange.results["send"] = f"{damage.kind}, as the fault asks for"
    if damage.delay:
        await _wait(exchange, damage.delay / 1000)
    match damage.kind:
        case "reset":
            await _break_connection(exchange, is_reset=True)
        case "timeout":
            await _wait(exchange, MAX_SILENCE)
            await _break_connection(exchange)
        case "truncated":
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await _break_connection(exchange)
        case "malformed":
            await send(start)
            await send({"type": "http.response.body", "body": _malform(body)})
        case "drip":
            await send(start)
            await _drip(send, body, damage.seconds)
        case _:
            await send(start)
            await send({"type": "http.response.body", "body": body})


async def _wait(exchange: Exchange, seconds: float) -> None:
    """Waits for so long, or until the client disconnects."""
    try:
        async with asyncio.timeout(seconds):
            while (await exchange.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass


async def _break_connection(exchange: Exchange, *, is_reset: bool = False) -> None:
    """Ends the connection; a client in this process has none and gets a `ConnectionResetError`."""
    transport = exchange.scope.get("extensions", {}).get(TRANSPORT, {}).get("transport")
    if transport is None:
        raise ConnectionResetError("a fault ends this connection")
    if is_reset:
        # With a linger time of zero the system sends a reset instead of an orderly end.
        with socket.socket(fileno=socket.dup(transport.get_extra_info("socket").fileno())) as twin:
            twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


def _malform(body: bytes) -> bytes:
    """Returns as many bytes that are not JSON."""
    half = len(body) // 2
    return body[:half] + b"#" * (len(body) - half)


async def _drip(send: Send, body: bytes, seconds: float) -> None:
    size = max(-(-len(body) // _DRIP_PARTS), 1)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _DRIP_PARTS)
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})
