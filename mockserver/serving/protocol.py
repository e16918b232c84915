"""HTTP/1.1 protocol: uvicorn's, extended where clients of a fake notice the difference.

Any method reaches the application, which answers 405; `Upgrade` is ignored, so that the body is not lost; trailers are
not headers; bytes that are not HTTP get the error envelope; heads, incomplete requests and idle connections are
bounded.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.pipeline.envelope import render_refusal
from mockserver.pipeline.refusals import Refusal
from mockserver.pipeline.send import TRANSPORT
from mockserver.serving.tolerant_parser import TolerantParser

MAX_HEAD = 65_536  # bytes


class Protocol(HttpToolsProtocol):
    """One connection. It ends when the client does not continue for `patience` to twice `patience`.

    An incomplete request is answered 408 then.
    """

    patience = 15.0  # seconds

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self.parser: Any = TolerantParser(self)
        self._head_size = 0
        self._checked_scope: Any = self.scope
        self._pending_refusal: Refusal | None = None
        self._next_check = self.loop.call_later(self.patience, self._check_progress)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_check.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._pending_refusal is not None:
            return
        super().data_received(data)
        self._head_size = self._head_size + len(data) if self._is_head_incomplete else 0
        if self._head_size > MAX_HEAD:
            self._refuse(431, f"header: received more than {MAX_HEAD} bytes, documented: at most {MAX_HEAD}")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.parser.on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}

    def on_headers_complete(self) -> None:
        self.parser.on_headers_complete()
        super().on_headers_complete()
        self.headers = []  # for trailers: a key in a trailer must not authenticate

    def on_message_complete(self) -> None:
        self.parser.on_message_complete()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._pending_refusal is not None and not self._is_answering:
            self._send_refusal(self._pending_refusal)

    def send_400_response(self, msg: str) -> None:
        """Replaces uvicorn's text/plain answer to bytes that are not HTTP."""
        self._refuse(400, f"received bytes that are not HTTP ({self.parser.error[:120]})")

    def _check_progress(self) -> None:
        """Ends the connection if the client has not continued since the last check. One timer serves all requests."""
        is_waiting = not self._is_answering or (not self.pipeline and self.cycle.more_body)
        if not is_waiting or self.scope is not self._checked_scope:
            self._checked_scope = self.scope if is_waiting else None
            self._next_check = self.loop.call_later(self.patience, self._check_progress)
        elif self._is_head_incomplete or self._is_answering:
            self._refuse(408, f"received an incomplete request within {self.patience:g} seconds")
        else:
            self.transport.close()

    @property
    def _is_head_incomplete(self) -> bool:
        return self.scope is not None and "method" not in self.scope

    @property
    def _is_answering(self) -> bool:
        return bool(self.pipeline) or (self.cycle is not None and not self.cycle.response_complete)

    def _refuse(self, status: int, detail: str) -> None:
        """Answers in the envelope and closes, after the answers to the requests before."""
        refusal = Refusal(status, f"{HTTPStatus(status).phrase}: {detail}")
        if self._is_answering and not self.cycle.more_body:
            self._pending_refusal = refusal
        else:
            self._send_refusal(refusal)

    def _send_refusal(self, refusal: Refusal) -> None:
        body = render_refusal(refusal).body
        head = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\ncontent-type: application/json\r\n"
        self.transport.write(f"{head}connection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()
