"""Bounded transport: responses of limited time, size and nesting, however slowly or densely they arrive.

The timeout of `requests` bounds each single read. A target that sends a byte a second, or an endless `100 Continue`,
never exceeds it; so a watchdog shuts the connection down when the time for the whole request is over.
"""

from __future__ import annotations

import io
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import accumulate
from threading import Event, Lock, Thread
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CUT = "x-guard-cut"
TOO_SLOW = "slower than the time for a request"
MOST_LEVELS = 100  # of nested JSON: parsers and checks are recursive
GRACE = 0.5  # seconds; a single read that gets nothing times out first, with its own message
LOOK = 0.1  # seconds from one look at the requests to the next
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKETS = re.compile(rb"[][{}]")


class BoundedAdapter(HTTPAdapter):
    """Transport adapter of `requests` whose connections can be shut down while they are read."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Makes the pools note each socket; a pool hands out a connection only after its response has begun."""
        super().init_poolmanager(*arguments, **options)
        sockets: WeakSet[socket.socket] = WeakSet()

        class Connection(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class SecureConnection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        self._sockets = sockets
        self._ends: dict[Event, float] = {}  # of the requests under way
        self._lock, self._is_watched = Lock(), False
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}

    @contextmanager
    def watchdog(self, seconds: float) -> Iterator[Event]:
        """Shuts all connections down after this time; the event says whether it has."""
        late = Event()
        try:  # from here on: what is never taken out would shut down every later connection
            self._ends[late] = time.monotonic() + seconds
            with self._lock:
                if not self._is_watched:
                    Thread(target=self._watch, daemon=True).start()
                    self._is_watched = True
            yield late
        finally:
            self._ends.pop(late, None)

    def _watch(self) -> None:
        # One thread looks at all requests: to start or to wake one for each request takes as long as a request.
        while self._has_requests():
            time.sleep(LOOK)
            for late, end in self._ends.copy().items():
                if end <= time.monotonic():
                    late.set()
                    self._shut_down()  # at each look, since a connection may be made only after the time is over

    def _has_requests(self) -> bool:
        with self._lock:
            self._is_watched = bool(self._ends)
        return self._is_watched

    def _shut_down(self) -> None:
        for one in list(self._sockets):
            with suppress(OSError):
                # The method of the class: that of a TLS socket would also drop its state under the reader.
                socket.socket.shutdown(one, socket.SHUT_RDWR)


def read_body(response: requests.Response, most: int, late: Event) -> None:
    """Reads the body into `response.content`; one that exceeds a limit is cut, and a header says so."""
    body, cut = bytearray(), ""
    try:
        while not cut and (chunk := response.raw.read1(65_536, decode_content=True)):
            body += chunk
            cut = f"more than {most} bytes" if len(body) > most else TOO_SLOW if late.is_set() else ""
    except Exception as error:
        response.close()
        if not late.is_set():
            raise requests.exceptions.ChunkedEncodingError(f"the body broke off: {type(error).__name__}") from error
    cut = cut or (TOO_SLOW if late.is_set() else "")
    if not cut and _is_too_deep(bytes(body)):
        cut, body = f"more than {MOST_LEVELS} levels of nested JSON", bytearray()
    if cut:
        response.close()  # the rest of the body is still on the connection
        for headers in (response.headers, response.raw.headers):  # Schemathesis reads the raw ones
            headers[CUT] = cut
    _load_content(response, bytes(body[:most]))


def parse_json(raw: Any) -> Any:
    """Parses a body; None if it is no JSON."""
    try:
        return json.loads(raw)
    except (TypeError, ValueError, RecursionError):
        return None


def _is_too_deep(body: bytes) -> bool:
    """True for JSON with too many levels; a page of HTML may have any number of brackets."""
    if body.lstrip()[:1] not in (b"[", b"{") or body.count(b"[") + body.count(b"{") <= MOST_LEVELS:
        return False
    steps = (1 if bracket in b"[{" else -1 for bracket in _BRACKETS.findall(_TEXT.sub(b"", body)))
    return max(accumulate(steps), default=0) > MOST_LEVELS


def _load_content(response: requests.Response, body: bytes) -> None:
    """Makes `response.content` return this body: it is read from `raw` once and kept by `requests`."""
    raw, response.raw = response.raw, io.BytesIO(body)
    _ = response.content
    response.raw = raw
