"""Recording proxy: forwards each request to one target as it is, and hands each call to a recorder.

The client is httpcore: it changes no path, keeps no cookies, follows no redirects and adds no headers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpcore

from mockserver.traffic.har_entries import MOST_BODY, ForwardedCall, Headers
from mockserver.traffic.target_connections import ask
from mockserver.traffic.target_trust import describe_silence

READS = ("GET", "HEAD", "OPTIONS")
# Headers of one connection (RFC 9110, section 7.6.1) are not those of the next.
OF_CONNECTION = {
    *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization"),
    *(b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect"),
}
_ENCODINGS = (b"gzip", b"deflate", b"identity")  # those that a recording can be read from
_TIMEOUTS = {"connect": 10.0, "read": 300.0, "write": 60.0, "pool": 60.0}  # seconds; streams may be silent for long

Record = Callable[[ForwardedCall], None]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]


class RecordingProxy:
    """ASGI application. `names` are the hosts that it answers for, all if empty.

    Requests that change something are refused unless `allow_writes`.
    """

    def __init__(
        self,
        target: str,
        record: Record,
        names: frozenset[str],
        pool: httpcore.AsyncConnectionPool,
        *,
        allow_writes: bool,
    ) -> None:
        address = urlsplit(target)
        self._prefix = address.path.rstrip("/")
        self._host, self._origin = host_of(target), origin_of(target)
        self._record, self._names, self._allow_writes = record, names, allow_writes
        self._pool = pool

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif refusal := self._refusal(scope):
            await _answer(send, *refusal)
        else:
            await self._forward(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    def _refusal(self, scope: dict[str, Any]) -> tuple[int, str] | None:
        """The status and the reason for a request that is not forwarded."""
        headers = dict(scope["headers"])
        if b"websocket" in headers.get(b"upgrade", b"").lower():
            return 501, "websockets are not recorded"
        name = urlsplit("//" + headers.get(b"host", b"").decode("latin-1")).hostname or ""
        # A request for another host, or of a web page whose name was pointed here, must not reach the target.
        if self._names and name not in self._names:
            return 421, f"received host {name[:60]!r}, documented: {' or '.join(sorted(self._names))}"
        if scope["method"] not in READS and not self._allow_writes:
            return (
                405,
                f"{scope['method']} is not forwarded: the target is not on loopback. Fix: --allow-writes.",
            )
        return None

    async def _forward(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        call = ForwardedCall(
            started=datetime.now(UTC),
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            request_headers=list(scope["headers"]),
        )
        is_left = asyncio.Event()
        exchange = asyncio.create_task(self._exchange(call, _Body(receive, is_left, call), send))
        leaving = asyncio.create_task(is_left.wait())
        try:
            await asyncio.wait((exchange, leaving), return_when=asyncio.FIRST_COMPLETED)
            if exchange.done():
                await exchange
        finally:
            for task in (exchange, leaving):
                task.cancel()
                with suppress(asyncio.CancelledError, httpcore.NetworkError, httpcore.TimeoutException):
                    await task
            self._end(call)

    def _end(self, call: ForwardedCall) -> None:
        """Records a call once, before the client sees its end: then the call is in the file."""
        if call.status and not call.milliseconds:
            call.milliseconds = (time.perf_counter() - call.begin) * 1000
            self._record(call)

    async def _exchange(self, call: ForwardedCall, body: _Body, send: Send) -> None:
        try:
            await self._stream(call, body, send)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            if call.status:
                # The head is sent already: only a broken connection says that the rest is missing.
                raise
            await _answer(send, 502, f"the target did not answer ({describe_silence(error)})")

    async def _stream(self, call: ForwardedCall, body: _Body, send: Send) -> None:
        scheme, host, port = self._origin
        target = f"{self._prefix}{call.path}" + (f"?{call.query}" if call.query else "")
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=target.encode("latin-1"))
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in call.request_headers)
        request = httpcore.Request(
            call.method,
            url,
            headers=request_headers(call.request_headers, self._host),
            content=body.chunks() if has_body else b"",
            extensions={"timeout": _TIMEOUTS},
        )
        watch = None if has_body else asyncio.create_task(body.drain())
        # A write may have taken place, and a body is read only once.
        response = await ask(self._pool, request, is_repeatable=call.method in READS and not has_body)
        try:
            watch = watch or asyncio.create_task(body.drain())
            call.status = response.status
            call.response_headers = [(n, v) for n, v in response.headers if n.lower() not in OF_CONNECTION]
            head = {"type": "http.response.start", "status": response.status, "headers": call.response_headers}
            await send(head)
            async for chunk in response.aiter_stream():
                call.response_size += len(chunk)
                call.response_body = _appended(call.response_body, chunk)
                if call.response_size == _length(call):
                    self._end(call)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            self._end(call)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if watch:
                watch.cancel()
            await response.aclose()


class _Body:
    """The body of a request as it arrives, and whether the client has left."""

    def __init__(self, receive: Receive, is_left: asyncio.Event, call: ForwardedCall) -> None:
        self._receive, self._is_left, self._call = receive, is_left, call

    async def chunks(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._is_left.set()
                return
            more = message.get("more_body", False)
            self._call.request_body = _appended(self._call.request_body, message.get("body", b""))
            yield message.get("body", b"")

    async def drain(self) -> None:
        """Waits until the client leaves."""
        while not self._is_left.is_set():
            if (await self._receive())["type"] == "http.disconnect":
                self._is_left.set()


def origin_of(target: str) -> tuple[bytes, bytes, int | None]:
    """Returns scheme, host and port of an address, as httpcore takes them."""
    address = urlsplit(target)
    return address.scheme.encode(), (address.hostname or "").encode("idna"), address.port


def host_of(target: str) -> bytes:
    """Returns the header `host` for an address."""
    name = urlsplit(target).netloc
    return name.encode("ascii" if name.isascii() else "idna")


def request_headers(received: Headers, host: bytes) -> Headers:
    """Returns the headers to forward: all but those of one connection (RFC 9110, section 7.6.1)."""
    named = {
        part.strip().lower() for name, value in received if name.lower() == b"connection" for part in value.split(b",")
    }
    headers = [(b"host", host)]
    for name, value in received:
        if name.lower() == b"accept-encoding":
            offered = [part.strip() for part in value.split(b",")]
            kept = [part for part in offered if part.split(b";")[0].strip().lower() in _ENCODINGS]
            headers.append((name, b", ".join(kept) or b"identity"))
        elif name.lower() not in OF_CONNECTION | named | {b"host"}:
            headers.append((name, value))
    if any(name.lower() == b"transfer-encoding" for name, _ in received):
        headers.append((b"transfer-encoding", b"chunked"))
    return headers


def _length(call: ForwardedCall) -> int:
    """The announced length of an answer; -1 without one."""
    announced = (value for name, value in call.response_headers if name.lower() == b"content-length")
    return next((int(value) for value in announced if value.isdigit()), -1)


def _appended(body: bytes | None, chunk: bytes) -> bytes | None:
    """The body with a chunk more; None once it is too long to be recorded."""
    return None if body is None or len(body) + len(chunk) > MOST_BODY else body + chunk


async def _answer(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"statusCode": status, "error": "mockserver record", "message": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
