"""Read the body: bytes of a bounded size, of a documented media type, parsed as one JSON value.

Only for operations that document a body; the body of any other request is left unread, as HTTP allows.
"""

from __future__ import annotations

import re
from typing import Any

from mockserver.contract.operations import Body
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt

_UTF8 = {"utf-8", "utf8", "us-ascii"}
_CHARSET = re.compile(r'charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
# A larger body is read on and thrown away, so that the client sees the answer; up to this multiple, not for ever.
_DRAIN_FACTOR = 64
# The rest of the body would be read as the next request.
_CLOSE = ((b"connection", b"close"),)


class ReadBody:
    """Fills in `raw_body` and `body`. `max_bytes` bounds the size; the HTTP protocol bounds the time."""

    name = "read body"

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    async def __call__(self, exchange: Exchange) -> str:
        assert exchange.operation is not None
        body = exchange.operation.body
        if body is None:
            return "no body documented"
        raw = await self._read(exchange)
        if not raw and not body.required:
            return "empty"
        _check_encoding(exchange.headers.get(b"content-encoding", b""))
        _check_media_type(exchange.headers.get(b"content-type", b""), body, is_empty=not raw)
        if not raw:
            raise Refusal(400, "Validation failed: body: received nothing, documented: a JSON body")
        exchange.raw_body = raw
        exchange.body = _parse(raw) if body.is_json else raw.decode("utf-8", "replace")
        return f"{len(raw)} bytes"

    async def _read(self, exchange: Exchange) -> bytes:
        chunks: list[bytes] = []
        size, has_more = 0, True
        while has_more and size <= self._max_bytes * _DRAIN_FACTOR:
            message = await exchange.receive()
            if message["type"] == "http.disconnect":
                raise Refusal(408, "Request Timeout: received an incomplete body")
            chunk, has_more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size <= self._max_bytes:
                chunks.append(chunk)
        if size > self._max_bytes:
            received = f"more than {size} bytes" if has_more else f"{size} bytes"
            documented = f"at most {self._max_bytes}"
            text = f"Payload Too Large: body: received {received}, documented: {documented}"
            raise Refusal(413, text, headers=_CLOSE if has_more else ())
        return b"".join(chunks)


def _check_encoding(header: bytes) -> None:
    encoding = header.decode("latin-1")
    if encoding.strip().lower() not in ("", "identity"):
        raise _unsupported("content-encoding", f"received {excerpt(encoding, 40)!r}, documented: none, or identity")


def _check_media_type(header: bytes, body: Body, *, is_empty: bool) -> None:
    if is_empty and not header:
        return
    received = header.decode("latin-1")
    media_type, _, parameters = received.partition(";")
    if media_type.strip().lower() not in body.media_types:
        documented = ", ".join(body.media_types)
        raise _unsupported("content-type", f"received {excerpt(received, 80)!r}, documented: {documented}")
    charset = _CHARSET.search(parameters)
    if charset and charset[1].lower() not in _UTF8:
        raise _unsupported("content-type", f"received charset {excerpt(charset[1], 40)!r}, documented: utf-8")


def _unsupported(header: str, detail: str) -> Refusal:
    return Refusal(415, f"Unsupported Media Type: header {header}: {detail}")


def _parse(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except JsonError as error:
        raise Refusal(400, f"Validation failed: body: {error}") from None
