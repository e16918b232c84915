"""Misbehaviours of the second target: each may answer a request instead of it, and returns whether it has."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from tests.verify.independent.rules import Refused
from tests.verify.independent.server import Handler, Misbehaviour

PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>"


@contextmanager
def unreachable() -> Iterator[str]:
    """An address without a listener; its port stays reserved."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def html(handler: Handler) -> bool:
    """Every request meets a sign-in page."""
    handler.write(200, PAGE, {"Content-Type": "text/html; charset=utf-8"})
    return True


def endless(handler: Handler) -> bool:
    """A body that never ends: the client has to stop reading."""
    _head(handler, {"Content-Type": "application/json"})
    handler.wfile.write(b'[{"id":1,"name":"')
    while not handler.target.is_over.is_set():
        handler.wfile.write(b"a" * 65_536)
    return True


def only(method: str, misbehave: Misbehaviour) -> Misbehaviour:
    """Limits a misbehaviour to requests of one method."""
    return lambda handler: handler.command == method and misbehave(handler)


def huge(handler: Handler, size: int = 10_000_000) -> bool:
    """Every read is answered with ten megabytes of JSON."""
    if handler.command != "GET":
        return False
    handler.write(200, json.dumps([{"id": 1, "name": "a" * size}]).encode(), {})
    return True


def drip(handler: Handler, pause: float = 0.5) -> bool:
    """Sends a byte now and then, so that no read ever times out."""
    _head(handler, {"Content-Type": "application/json", "Content-Length": "100000"})
    while not handler.target.is_over.wait(pause):
        handler.wfile.write(b" ")
    return True


def drip_head(handler: Handler, pause: float = 0.1) -> bool:
    """Sends a header without an end, a byte now and then."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.target.is_over.wait(pause):
        handler.wfile.write(b"a")
    return True


def endless_continue(handler: Handler) -> bool:
    """Announces a response again and again, and sends none."""
    handler.close_connection = True
    while not handler.target.is_over.wait(0.001):
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return True


def compressed(handler: Handler, size: int = 200_000_000, layers: int = 2) -> bool:
    """Answers with a few kilobytes that unpack to 200 megabytes."""
    if handler.command != "GET":
        return False
    body = b"".join(_gzipped(size))
    for _ in range(layers - 1):
        body = gzip.compress(body)
    handler.write(200, body, {"Content-Encoding": ", ".join(["gzip"] * layers)})
    return True


def _gzipped(size: int) -> Iterator[bytes]:
    packer, zeros = zlib.compressobj(wbits=31), b"0" * 1_000_000
    yield packer.compress(b"[")
    yield from (packer.compress(zeros) for _ in range(size // len(zeros)))
    yield packer.flush()


def nested(handler: Handler, levels: int = 200_000) -> bool:
    """Every read is answered with JSON of many levels."""
    if handler.command != "GET":
        return False
    handler.write(200, b'{"data":' + b"[" * levels + b"]" * levels + b"}", {})
    return True


def wrong_length(difference: int) -> Misbehaviour:
    """The declared length of each body is too long or too short."""

    def misbehave(handler: Handler) -> bool:
        body = json.dumps([{"id": 1, "name": "any"}]).encode()
        handler.close_connection = True
        handler.write(200, body, {"Content-Length": str(len(body) + difference)})
        return True

    return misbehave


def redirected_to(other: str, status: int = 307) -> Misbehaviour:
    """Every request is redirected to another host, with its method and body."""

    def misbehave(handler: Handler) -> bool:
        handler.write(status, b"{}", {"Location": f"{other}{handler.path}"})
        return True

    return misbehave


def redirected_in_circles(handler: Handler) -> bool:
    """Every request is redirected to its own path, forth and back."""
    path = urlsplit(handler.path).path
    handler.write(302, b"{}", {"Location": f"{path}?again" if "?" not in handler.path else path})
    return True


def no_key_is_good(handler: Handler) -> bool:
    """A 401 for everything."""
    _refuse(handler, Refused(401, "Invalid or missing API key"))
    return True


def busy(status: int, times: int, retry_after: int = 1, after: int = 0) -> Misbehaviour:
    """Answers some requests with 429 or 503, and all others normally."""
    numbers = count(1)

    def misbehave(handler: Handler) -> bool:
        is_busy = after < next(numbers) <= after + times
        if is_busy:
            _refuse(handler, Refused(status, "Try again later"), **{"Retry-After": str(retry_after)})
        return is_busy

    return misbehave


def silent(after: int = 0, longest: float = 30) -> Misbehaviour:
    """Accepts requests and does not answer, from some request on; the connection stays open for `longest` seconds."""
    numbers = count(1)

    def misbehave(handler: Handler) -> bool:
        is_silent = next(numbers) > after
        if is_silent:
            handler.target.is_over.wait(longest)
            handler.close_connection = True
        return is_silent

    return misbehave


def absent(*beginnings: str) -> Misbehaviour:
    """Answers 404 for paths with these prefixes, as an older release would."""

    def misbehave(handler: Handler) -> bool:
        is_absent = handler.path.startswith(beginnings)
        if is_absent:
            _refuse(handler, Refused(404, "Not Found"))
        return is_absent

    return misbehave


def gone_after(times: int) -> Misbehaviour:
    """The connection is cut without an answer from some request on."""
    numbers = count(1)

    def misbehave(handler: Handler) -> bool:
        is_gone = next(numbers) > times
        handler.close_connection = handler.close_connection or is_gone
        return is_gone

    return misbehave


def _refuse(handler: Handler, refused: Refused, **headers: Any) -> None:
    handler.write(refused.status, json.dumps(refused.body).encode(), headers)


def _head(handler: Handler, headers: dict[str, str]) -> None:
    """The head alone, of a body that the connection ends."""
    handler.close_connection = True
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
