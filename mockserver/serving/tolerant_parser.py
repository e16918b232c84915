"""HTTP parser that accepts any method and ignores upgrades, for uvicorn's httptools protocol."""

from __future__ import annotations

import re
from typing import Any

from httptools import HttpParserCallbackError, HttpParserError, HttpParserInvalidMethodError, HttpRequestParser

# httptools refuses methods that it does not know, so it parses this one in their place.
_SUBSTITUTE = b"SOURCE"
_METHOD = re.compile(rb"(?!SOURCE )[A-Za-z][A-Za-z-]*(?= )")
_UPGRADE = re.compile(rb"(?i)\r\nupgrade:")


class UpgradeRequested(Exception):
    """httptools would treat the body as bytes of another protocol."""


class TolerantParser:
    """An httptools parser. It parses a refused message again with a rewritten head.

    That requires the message from its first byte: a message that begins in the middle of a chunk of data is refused.
    """

    def __init__(self, callbacks: Any) -> None:
        self._callbacks = callbacks
        self._message = self._method = b""
        self._is_between_messages = True
        self.error = ""
        self._start()

    def _start(self) -> None:
        self._parser = HttpRequestParser(self._callbacks)
        # As in uvicorn: bytes behind a request with `Connection: close` are ignored.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.get_http_version, self.should_keep_alive = self._parser.get_http_version, self._parser.should_keep_alive

    def get_method(self) -> bytes:
        """Returns the method that the client sent. Called once for each message."""
        method, self._method = self._method, b""
        return method or bytes(self._parser.get_method())

    def should_upgrade(self) -> bool:
        """Returns False: uvicorn would hand the connection to another protocol."""
        return False

    def feed_data(self, data: bytes) -> None:
        """Parses the data; `HttpParserError` if it is not HTTP, with the reason in `error`."""
        if self._is_between_messages:
            self._message, self._method = data, b""
        elif self._message:
            self._message += data
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            cause = error.__context__ if isinstance(error, HttpParserCallbackError) else error
            self.error = str(cause)
            is_rewritable = isinstance(cause, (HttpParserInvalidMethodError, UpgradeRequested))
            if not (is_rewritable and self._message and self._parse_rewritten(self._message)):
                raise

    def _parse_rewritten(self, message: bytes) -> bool:
        head, end, body = message.partition(b"\r\n\r\n")
        method = _METHOD.match(head)
        rewritten = _UPGRADE.sub(b"\r\nignored-upgrade:", _METHOD.sub(_SUBSTITUTE, head, count=1) if method else head)
        if rewritten == head:
            return False
        self._start()
        self._is_between_messages, self._message = False, rewritten + end + body
        self._method = method[0] if method else self._method
        self._parser.feed_data(self._message)
        return True

    def on_message_begin(self) -> None:
        """Called by the protocol, as the following two."""
        self._is_between_messages = False

    def on_headers_complete(self) -> None:
        if self._parser.should_upgrade():
            raise UpgradeRequested
        self._message = b""

    def on_message_complete(self) -> None:
        self._is_between_messages = True
