"""Read the body: bytes of a bounded size, of the documented media type, as one JSON value.

Only for operations that take a body; what comes with the others is left unread, as HTTP allows.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any

from mockserver.contract.operations import Body
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt

_UTF8 = {"utf-8", "utf8", "us-ascii"}
# Beyond the limit we read on, so that the client gets to see the answer, but neither keep it nor read for ever.
_DRAIN_FACTOR = 64
# What is left of the body would be read as the next request.
_CLOSE = ((b"connection", b"close"),)


class ReadBody:
    """Reads and parses what an operation takes. `max_bytes` bounds its size; its time is bounded by the `protocol`."""

    name = "read body"

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def __call__(self, exchange: Exchange) -> Coroutine[Any, Any, None] | None:
        assert exchange.operation is not None
        body = exchange.operation.body
        return None if body is None else self._read(exchange, body)

    async def _read(self, exchange: Exchange, body: Body) -> None:
        message = await exchange.receive()
        raw: bytes = message.get("body", b"")
        if message["type"] == "http.disconnect" or message.get("more_body") or len(raw) > self._max_bytes:
            raw = await self._read_slowly(exchange, message)
        if not raw and not body.required:
            return
        _check_media_type(exchange, body, is_empty=not raw)
        if not raw:
            raise Refusal(400, "Validation failed: body: received nothing, documented: a JSON body")
        exchange.raw_body = raw
        exchange.body = _parse(raw) if body.is_json else raw.decode("utf-8", "replace")

    async def _read_slowly(self, exchange: Exchange, message: Any) -> bytes:
        """The body in several parts, of which `message` is the first."""
        chunks: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise Refusal(408, "Request Timeout: the client left, or its time was over, before its body was whole")
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size > self._max_bytes:
                chunks.clear()
            else:
                chunks.append(chunk)
            if not more or size > self._max_bytes * _DRAIN_FACTOR:
                break
            message = await exchange.receive()
        if size > self._max_bytes:
            received = f"{size} bytes" if not more else f"more than {size} bytes"
            told = f"Payload Too Large: body: received {received}, documented: at most {self._max_bytes}"
            raise Refusal(413, told, headers=_CLOSE if more else ())
        return b"".join(chunks)


def _check_media_type(exchange: Exchange, body: Body, *, is_empty: bool) -> None:
    received = exchange.headers.get(b"content-type", b"")
    if (received or not is_empty) and (fault := _fault_of(received, body.media_types)):
        raise Refusal(415, f"Unsupported Media Type: header content-type: {fault}")


@lru_cache(maxsize=256)
def _fault_of(header: bytes, documented: tuple[str, ...]) -> str | None:
    received = header.decode("latin-1")
    media_type, _, rest = received.partition(";")
    if media_type.strip().lower() not in documented:
        return f"received {excerpt(received, 80)!r}, documented: {', '.join(documented)}"
    charset = re.search(r'charset\s*=\s*"?([^";\s]*)', rest, re.IGNORECASE)
    if charset and charset[1].lower() not in _UTF8:
        return f"received charset {excerpt(charset[1], 40)!r}, documented: utf-8"
    return None


def _parse(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except JsonError as error:
        raise Refusal(400, f"Validation failed: body: {error}") from None
