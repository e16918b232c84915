"""HTTP on the wire: uvicorn's protocol, where it keeps too much or gives up too early for a fake that all may call."""

from __future__ import annotations

import re
import sys
from http import HTTPStatus

from httptools import HttpParserCallbackError, HttpParserError, HttpParserInvalidMethodError, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.pipeline.envelope import refused
from mockserver.pipeline.refusals import Refusal

LONGEST_HEAD = 65_536

# The parser knows the methods of a list; where it meets another one, it is told this one and the pipeline the other.
_STAND_IN = b"SOURCE"
_METHOD = re.compile(rb"(?!SOURCE )[A-Za-z][A-Za-z-]*(?= )")
_UPGRADE = re.compile(rb"(?i)\r\nupgrade:")


class _NoUpgrade(Exception):
    """The parser takes what follows for another protocol, the body included."""


class Protocol(HttpToolsProtocol):
    """A head is bounded, any method reaches the pipeline, an upgrade is ignored, and trailers are no headers.

    A message that is no HTTP is answered with a 400 in the usual shape, and the connection ends. `_received` are the
    bytes since the head began, unless `_begins_here` says that others stand before it.
    """

    _head, _method, _begins_here = b"", "", True

    def data_received(self, data: bytes) -> None:
        if not self._head:
            self._begins_here = self.cycle is None or not self.cycle.more_body
        self._received = self._head + data
        HttpToolsProtocol.data_received(self, data)
        if self.scope is not None and "method" not in self.scope:
            self._head = self._received
            if len(self._head) > LONGEST_HEAD:
                size = f"received more than {LONGEST_HEAD} bytes, documented: at most {LONGEST_HEAD}"
                self._refuse(431, f"header: {size}")
        elif self._head:
            self._head = b""

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            raise _NoUpgrade
        HttpToolsProtocol.on_headers_complete(self)
        self._begins_here = False
        self.headers = []  # the request keeps its own; trailers, which may name a key, go to this one
        if self._method:
            self.scope["method"], self._method = self._method, ""

    def send_400_response(self, msg: str) -> None:
        error = sys.exception()
        cause = error.__context__ if isinstance(error, HttpParserCallbackError) else error
        can_be_mended = isinstance(cause, (HttpParserInvalidMethodError, _NoUpgrade)) and self._begins_here
        if can_be_mended and self._reads_mended():
            return
        reason = str(cause) if isinstance(cause, HttpParserError) else msg.rstrip(".")
        self._refuse(400, f"received bytes that are not HTTP ({reason[:120]})")

    def _reads_mended(self) -> bool:
        """Reads the message once more, with a method that the parser knows and without an upgrade."""
        head, end, body = self._received.partition(b"\r\n\r\n")
        method = _METHOD.match(head)
        mended = _UPGRADE.sub(b"\r\nignored-upgrade:", _METHOD.sub(_STAND_IN, head, count=1) if method else head)
        if mended == head:
            return False
        self._method, self._head = method[0].decode() if method else "", b""
        self.parser = HttpRequestParser(self)
        self.data_received(mended + end + body)
        return True

    def _refuse(self, status: int, message: str) -> None:
        phrase = HTTPStatus(status).phrase
        body = refused(Refusal(status, f"{phrase}: {message}")).body
        head = f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()
