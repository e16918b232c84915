"""Read the body: bytes of a bounded size, of a documented media type, decoded if it is JSON, XML or a form.

Only for operations that document a body; the body of any other request is left unread, as HTTP allows.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from mockserver.contract.document import Document, Schema
from mockserver.contract.form_bodies import NO_SEPARATORS, Field, decode_form
from mockserver.contract.media_types import Kind, bare, find_match, is_json, kind_of
from mockserver.contract.operations import Body
from mockserver.contract.parameters import scalar_decoder
from mockserver.contract.walk import is_scalar
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.refusals import Refusal
from mockserver.pipeline.xml_reader import XmlError, read_xml
from mockserver.secrets import excerpt

MAX_FIELDS = 1_000
_UTF8 = {"utf-8", "utf8", "us-ascii"}
_CHARSET = re.compile(r'charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
# A larger body is read on and thrown away, so that the client sees the answer; up to this multiple, not for ever.
_DRAIN_FACTOR = 64
# The rest of the body would be read as the next request.
_CLOSE = ((b"connection", b"close"),)


class ReadBody:
    """Fills in `raw_body`, `media_type` and `body`. `max_bytes` bounds the size; the HTTP protocol bounds the time."""

    name = "read body"

    def __init__(self, document: Document, max_bytes: int) -> None:
        self._document, self._max_bytes = document, max_bytes

    async def __call__(self, exchange: Exchange) -> str:
        assert exchange.operation is not None
        body = exchange.operation.body
        if body is None:
            return "no body documented"
        await read_raw_body(exchange, self._max_bytes)
        raw = exchange.raw_body
        if not raw and not body.required:
            return "empty"
        _check_encoding(exchange.headers.get(b"content-encoding", b""))
        received = exchange.headers.get(b"content-type", b"").decode("latin-1")
        documented = _find_media_type(received, body, is_empty=not raw)
        if not raw:
            wanted = "a JSON body" if is_json(documented) else f"a body of the type {documented}"
            raise Refusal(400, f"Validation failed: body: received nothing, documented: {wanted}")
        kind, schema = kind_of(received), body.schemas[documented]
        text = _as_text(received, raw) if kind in ("text", "opaque") else None
        if kind == "opaque" or not self._is_decoded(kind, schema, text):
            exchange.decoded_body = text
            return f"{len(raw)} bytes, not decoded"
        exchange.media_type = documented
        if kind == "json":
            exchange.body = _parse(raw)
        elif kind == "xml":
            exchange.body = _parse_xml(self._document, schema, raw)
        elif kind == "text":
            exchange.body = scalar_decoder(self._document, schema)(raw.decode())
        else:
            fields = await (_read_parts(received, raw) if kind == "multipart" else _read_pairs(raw))
            separators = body.separators.get(documented, NO_SEPARATORS)
            exchange.body = decode_form(self._document, schema, fields, separators)
        exchange.decoded_body = exchange.body if kind != "json" else None
        return f"{len(raw)} bytes"

    def _is_decoded(self, kind: Kind, schema: Schema, text: str | None) -> bool:
        """Whether a schema describes what a body says: a text is no object, and a form nothing else."""
        if kind == "text":
            return text is not None and is_scalar(self._document, schema)
        return kind not in ("urlencoded", "multipart") or not is_scalar(self._document, schema)


async def read_raw_body(exchange: Exchange, max_bytes: int) -> None:
    """Reads the body into `raw_body`, unless it has been read. Raises a 408 or a 413."""
    if exchange.is_body_read:
        return
    chunks: list[bytes] = []
    size, has_more = 0, True
    while has_more and size <= max_bytes * _DRAIN_FACTOR:
        message = await exchange.receive()
        if message["type"] == "http.disconnect":
            raise Refusal(408, "Request Timeout: received an incomplete body")
        chunk, has_more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= max_bytes:
            chunks.append(chunk)
    if size > max_bytes:
        received = f"more than {size} bytes" if has_more else f"{size} bytes"
        text = f"Payload Too Large: body: received {received}, documented: at most {max_bytes}"
        raise Refusal(413, text, headers=_CLOSE if has_more else ())
    exchange.raw_body, exchange.is_body_read = b"".join(chunks), True


def _check_encoding(header: bytes) -> None:
    encoding = header.decode("latin-1")
    if encoding.strip().lower() not in ("", "identity"):
        raise _unsupported("content-encoding", f"received {excerpt(encoding, 40)!r}, documented: none, or identity")


def _find_media_type(received: str, body: Body, *, is_empty: bool) -> str:
    """Returns the documented media type that the body has, JSON if it has none itself."""
    documented = tuple(body.schemas)
    if not received:
        if not is_empty:
            raise _unsupported("content-type", f"received '', documented: {', '.join(documented)}")
        return documented[0]
    found = find_match(received, documented)
    if found is None:
        raise _unsupported("content-type", f"received {excerpt(received, 80)!r}, documented: {', '.join(documented)}")
    charset = _CHARSET.search(received)
    if charset and charset[1].lower() not in _UTF8 and kind_of(received) == "json":
        raise _unsupported("content-type", f"received charset {excerpt(charset[1], 40)!r}, documented: utf-8")
    return found


async def _read_pairs(raw: bytes) -> list[Field]:
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Refusal(400, f"Validation failed: body: not readable as a form: {error}") from None
    return [Field(name, text) for name, text in pairs]


async def _read_parts(received: str, raw: bytes) -> list[Field]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw
        yield b""

    headers = Headers({"content-type": received})
    try:
        # Without a boundary Starlette fails with a `KeyError`.
        form = await MultiPartParser(headers, stream(), max_fields=MAX_FIELDS, max_files=MAX_FIELDS).parse()
    except (MultiPartException, KeyError) as error:
        reason = "Missing boundary in multipart." if isinstance(error, KeyError) else error.message
        raise Refusal(400, f"Validation failed: body: not readable as a multipart form: {reason}") from None
    fields = []
    for name, part in form.multi_items():
        # The schema of a file is a text of the format `binary`.
        text = part if isinstance(part, str) else (await part.read()).decode("latin-1")
        fields.append(Field(name, text))
    await form.close()
    return fields


def _unsupported(header: str, detail: str) -> Refusal:
    return Refusal(415, f"Unsupported Media Type: header {header}: {detail}")


def _as_text(media_type: str, raw: bytes) -> str | None:
    """The body as text; None if its type is not one of texts, or its bytes are not UTF-8."""
    try:
        return raw.decode() if bare(media_type).startswith("text/") else None
    except UnicodeDecodeError:
        return None


def _parse_xml(document: Document, schema: Schema, raw: bytes) -> Any:
    try:
        return read_xml(document, schema, raw)
    except XmlError as error:
        raise Refusal(400, f"Validation failed: body: {error}") from None


def _parse(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except JsonError as error:
        raise Refusal(400, f"Validation failed: body: {error}") from None
