"""HTTP on the wire: uvicorn's protocol, where it keeps too much or gives up too early for a fake that all may call."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Coroutine
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import unquote

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpRequestParser,
    parse_url,
)
from uvicorn._types import ASGI3Application, ASGIReceiveEvent, ASGISendEvent, HTTPResponseStartEvent, HTTPScope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mockserver.eager import begin
from mockserver.heads import find_head, remember_head
from mockserver.pipeline.envelope import refused
from mockserver.pipeline.refusals import Refusal
from mockserver.pipeline.sending import TRANSPORT
from mockserver.turn import turn_of

LONGEST_HEAD = 65_536

_log = logging.getLogger("uvicorn.error")

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

# The parser knows the methods of a list; where it meets another one, it is told this one and the pipeline the other.
_STAND_IN = b"SOURCE"
_METHOD = re.compile(rb"(?!SOURCE )[A-Za-z][A-Za-z-]*(?= )")
_SPECIAL = {b"connection", b"transfer-encoding"}
_UPGRADE = re.compile(rb"(?i)\r\nupgrade:")


class _NoUpgrade(Exception):
    """The parser takes what follows for another protocol, the body included."""


class Protocol(HttpToolsProtocol):
    """A head is bounded, any method reaches the pipeline, an upgrade is ignored, and trailers are no headers.

    A message that is no HTTP is answered with a 400 in the usual shape, one that is not whole in time with a 408, and
    the connection ends; so does one that stays silent. `patience` is half of the longest time. `_received` are the
    bytes since the head began, unless `_begins_here` says that others stand before it. Paths `outside` of the pipeline
    are answered by apps that want a task.
    """

    outside: tuple[str, ...] = ()

    patience = 15.0  # seconds
    _head, _method, _begins_here = b"", "", True
    _seen: HTTPScope | None = None
    _is_reading = False
    _ready: Coroutine[Any, Any, None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        HttpToolsProtocol.connection_made(self, transport)
        self.turn = turn_of(self.loop)
        # What the requests of one connection have in common.
        self._common: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "extensions": {TRANSPORT: {"transport": transport}},
        }
        self._next_look = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        HttpToolsProtocol.connection_lost(self, exc)

    def _look(self) -> None:
        """Ends the connection if the client has not gone on since the last look. So no request needs a timer."""
        if self._waits_for_client and self.scope is self._seen:
            if self._is_receiving:
                self._refuse(408, f"received only a part of the request within {self.patience:g} seconds")
            else:
                self.transport.close()
            return
        self._seen = self.scope if self._waits_for_client else None
        self._next_look = self.loop.call_later(self.patience, self._look)

    @property
    def _waits_for_client(self) -> bool:
        """True if it is for the client to go on: with a request, or with the rest of one."""
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete or self.cycle.more_body)

    @property
    def _is_receiving(self) -> bool:
        """True if a part of a request is there."""
        if self.scope is None:
            return False
        return "method" not in self.scope or not self.cycle.response_complete

    def on_response_complete(self) -> None:
        """As uvicorn has it, without its timer: `_look` ends what stays silent from now on."""
        if self.pipeline or self.transport.is_closing():
            HttpToolsProtocol.on_response_complete(self)
            return
        self.server_state.total_requests += 1
        self._seen = None
        if self.flow.read_paused:
            self.flow.resume_reading()

    def shutdown(self) -> None:
        """What was read is answered, and what is answered leaves, before the connection ends."""
        self.turn.end()
        HttpToolsProtocol.shutdown(self)

    def data_received(self, data: bytes) -> None:
        self._is_reading = True
        if not self._reads_known(data):
            self._read_anew(data)
        self._is_reading = False
        if self._ready is not None:
            self.turn.begin(self._begin)

    def _begin(self) -> None:
        work, self._ready = self._ready, None
        if work is not None and (task := begin(self.loop, work)) is not None:
            self._keep(task)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """A request begins when all that came in the same turn is read; most are then answered without a wait."""
        path = cycle.scope["path"]
        if self._is_reading and not path.startswith(self.outside) and path != "/":
            self._ready = cycle.run_asgi(app)
        else:
            HttpToolsProtocol._start_asgi_task(self, cycle, app)

    def _keep(self, task: asyncio.Task[None]) -> None:
        """As uvicorn does it: it waits for its tasks when it stops."""
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _reads_known(self, data: bytes) -> bool:
        """True if this was one whole request whose head came before, byte for byte: no parser has to read it again."""
        before = self.cycle
        if self._head or not (before is None or (before.response_complete and not before.more_body)):
            return False
        known = find_head(data)
        if known is None:
            return False
        said, body = known
        self.expect_100_continue = False
        self.scope = {**self._common, **said, "state": self.app_state.copy()}  # type: ignore[typeddict-item]
        self.cycle = Cycle(self, keep_alive=True)
        self.cycle.body, self.cycle.more_body = body, False  # type: ignore[assignment]  # it is only read
        self._start_asgi_task(self.cycle, self.app)
        return True

    def _read_anew(self, data: bytes) -> None:
        parser, before, is_new = self.parser, self.cycle, not self._head
        self._read(data)
        cycle = self.cycle
        is_one = is_new and not self._head and cycle is not before and not self.pipeline and not cycle.more_body
        # Where the parser was told something else, or more than an answer is due, it reads again each time.
        if is_one and parser is self.parser and cycle.keep_alive and not self.expect_100_continue:
            remember_head(data, cycle.scope, cycle.body)

    def _read(self, data: bytes) -> None:
        if not self._head:
            self._begins_here = self.cycle is None or not self.cycle.more_body
        self._received = self._head + data
        try:
            self.parser.feed_data(data)
        except HttpParserError as error:
            self._mend_or_refuse(error)
        if self.scope is not None and "method" not in self.scope:
            self._head = self._received
            if len(self._head) > LONGEST_HEAD:
                size = f"received more than {LONGEST_HEAD} bytes, documented: at most {LONGEST_HEAD}"
                self._refuse(431, f"header: {size}")
        elif self._head:
            self._head = b""

    def on_message_begin(self) -> None:
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self.scope = {**self._common, "headers": self.headers, "state": self.app_state.copy()}  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        """As uvicorn has it, without its upgrades and its limit of connections."""
        parser, scope = self.parser, self.scope
        if parser.should_upgrade():
            raise _NoUpgrade
        scope["method"], self._method = self._method or parser.get_method().decode("ascii"), ""
        scope["http_version"] = version = parser.get_http_version()
        url = parse_url(self.url)
        path = url.path.decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"], scope["query_string"] = url.path, url.query or b""
        before, self.cycle = self.cycle, Cycle(self, keep_alive=version != "1.0" and parser.should_keep_alive())
        self._begins_here = False
        self.headers = []  # the request keeps its own; trailers, which may name a key, go to this one
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _mend_or_refuse(self, error: HttpParserError) -> None:
        cause = error.__context__ if isinstance(error, HttpParserCallbackError) else error
        can_be_mended = isinstance(cause, (HttpParserInvalidMethodError, _NoUpgrade)) and self._begins_here
        if can_be_mended and self._reads_mended():
            return
        _log.warning("Invalid HTTP request received.")
        reason = str(cause) if isinstance(cause, HttpParserError) else "not understood"
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
        self._read(mended + end + body)
        return True

    def _refuse(self, status: int, message: str) -> None:
        phrase = HTTPStatus(status).phrase
        body = refused(Refusal(status, f"{phrase}: {message}")).body
        head = f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()


class Cycle(RequestResponseCycle):
    """One request and its answer. A body that came whole is given without a wait, and an answer that comes whole leaves
    in one piece: its head is put together once for all answers that have it.
    """

    # How each one begins. Most never wait, and share an event that nobody waits for.
    logger, access_log = _log, False
    disconnected = response_started = response_complete = False
    more_body, chunked_encoding, expected_content_length = True, None, 0
    message_event = _unawaited = asyncio.Event()
    _is_given = False
    _start: HTTPResponseStartEvent | None = None

    def __init__(self, protocol: Protocol, *, keep_alive: bool) -> None:
        self.scope, self.transport, self.flow = protocol.scope, protocol.transport, protocol.flow
        self.default_headers, self.turn = protocol.server_state.default_headers, protocol.turn
        self.keep_alive, self.waiting_for_100_continue = keep_alive, protocol.expect_100_continue
        self.on_response = protocol.on_response_complete
        self.body = bytearray()

    async def receive(self) -> ASGIReceiveEvent:
        if not (self.more_body or self._is_given or self.disconnected or self.response_complete):
            self._is_given = True
            return {"type": "http.request", "body": bytes(self.body), "more_body": False}
        if self.message_event is self._unawaited:
            self.message_event = asyncio.Event()
            if self.body and not self._is_given:
                self.message_event.set()
        message = await RequestResponseCycle.receive(self)
        self._is_given = not message.get("more_body")
        return message

    async def send(self, message: ASGISendEvent) -> None:
        if message["type"] == "http.response.start" and self._start is None and not self.response_started:
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            if self._sends_whole(start, message):
                return
            await RequestResponseCycle.send(self, start)
        await RequestResponseCycle.send(self, message)

    def _sends_whole(self, start: HTTPResponseStartEvent, message: ASGISendEvent) -> bool:
        """False if anything is not as usual: uvicorn then knows what to do."""
        if message["type"] != "http.response.body":
            return False
        body = message.get("body", b"")
        if not self.keep_alive or self.disconnected or self.flow.write_paused or message.get("more_body"):
            return False
        head = _head(start["status"], tuple(start["headers"]), len(body))
        if head is None or self.scope["method"] == "HEAD":
            return False
        self.turn.write(self.transport, b"".join((head, _lines(tuple(self.default_headers)), b"\r\n", body)))
        self.response_started = self.response_complete = True
        if self.message_event is not self._unawaited:
            self.message_event.set()
        self.on_response()
        return True


@lru_cache(maxsize=1024)
def _head(status: int, headers: Headers, size: int) -> bytes | None:
    """The first line and the headers; None if they say more than how long the body is."""
    if (b"content-length", b"%d" % size) not in headers or any(name in _SPECIAL for name, _ in headers):
        return None
    return STATUS_LINE[status] + _lines(headers)


@lru_cache(maxsize=8)
def _lines(headers: Headers) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
