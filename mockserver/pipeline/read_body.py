"""Read the body: bytes of a bounded size, of the documented media type, as one JSON value.

Only for operations that take a body; what comes with the others is left unread, as HTTP allows.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any

from mockserver.contract.operations import JSON, Body
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.refusals import Refusal
from mockserver.pipeline.secrets import mask_text

_UTF8 = {"utf-8", "utf8", "us-ascii"}
# Beyond the limit we read on, so that the client gets to see the answer, but neither keep it nor read for ever.
_DRAIN_FACTOR = 64
# What is left of the body would be read as the next request.
_CLOSE = ((b"connection", b"close"),)


class ReadBody:
    """Reads and parses what an operation takes. `max_bytes` bounds its size, `seconds` the time until it is whole."""

    name = "read body"

    def __init__(self, max_bytes: int, seconds: float = 30) -> None:
        self._max_bytes, self._seconds = max_bytes, seconds

    def __call__(self, exchange: Exchange) -> Coroutine[Any, Any, None] | None:
        assert exchange.operation is not None
        body = exchange.operation.body
        return None if body is None else self._read(exchange, body)

    async def _read(self, exchange: Exchange, body: Body) -> None:
        raw = await self._read_in_time(exchange)
        if not raw and not body.required:
            return
        _check_media_type(exchange, body, is_empty=not raw)
        if not raw:
            raise Refusal(400, "Validation failed: body: received nothing, documented: a JSON body")
        exchange.raw_body = raw
        exchange.body = _parse(raw) if _is_json(body) else raw.decode("utf-8", "replace")

    async def _read_in_time(self, exchange: Exchange) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._read_bounded(exchange)
        except TimeoutError:
            message = f"Request Timeout: the body was not whole within {self._seconds} seconds"
            raise Refusal(408, message, headers=_CLOSE) from None

    async def _read_bounded(self, exchange: Exchange) -> bytes:
        message = await self._next(exchange)
        raw: bytes = message.get("body", b"")
        if message.get("more_body") or len(raw) > self._max_bytes:
            return await self._read_rest(exchange, raw, message.get("more_body", False))
        return raw

    async def _next(self, exchange: Exchange) -> Any:
        message = await exchange.receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "The client left before its body was whole")
        return message

    async def _read_rest(self, exchange: Exchange, first: bytes, more: bool) -> bytes:
        chunks, size = [first], len(first)
        while more and size <= self._max_bytes * _DRAIN_FACTOR:
            message = await self._next(exchange)
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size > self._max_bytes:
                chunks.clear()
            else:
                chunks.append(chunk)
        if size > self._max_bytes:
            received = f"{size} bytes" if not more else f"more than {size} bytes"
            message = f"Payload Too Large: body: received {received}, documented: at most {self._max_bytes}"
            raise Refusal(413, message, headers=_CLOSE if more else ())
        return b"".join(chunks)


def _is_json(body: Body) -> bool:
    return any(media_type == JSON or media_type.endswith("+json") for media_type in body.media_types)


def _check_media_type(exchange: Exchange, body: Body, *, is_empty: bool) -> None:
    received = exchange.headers.get(b"content-type", b"")
    if (received or not is_empty) and (fault := _fault_of(received, body.media_types)):
        raise Refusal(415, f"Unsupported Media Type: header content-type: {fault}")


@lru_cache(maxsize=256)
def _fault_of(header: bytes, documented: tuple[str, ...]) -> str | None:
    received = header.decode("latin-1")
    media_type, _, rest = received.partition(";")
    if media_type.strip().lower() not in documented:
        return f"received {received[:80]!r}, documented: {', '.join(documented)}"
    charset = re.search(r'charset\s*=\s*"?([^";\s]*)', rest, re.IGNORECASE)
    if charset and charset[1].lower() not in _UTF8:
        return f"received charset {charset[1][:40]!r}, documented: utf-8"
    return None


def _parse(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except JsonError as error:
        raise Refusal(400, f"Validation failed: body: {mask_text(str(error))}") from None
