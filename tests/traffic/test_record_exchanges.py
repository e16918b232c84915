"""`mockserver record`: unusual exchanges arrive on both sides as they were sent."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live import PATIENCE
from tests.traffic.raw_target import RawTarget, raw_target, read_all, read_head
from tests.traffic.recording import Recording, recording

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ZIPPED = gzip.compress(b'{"id": 1}' * 50)
# Headers of one connection, and the name of the host, are those of the proxy's own connection.
OWN = (b"host", b"connection", b"transfer-encoding", b"expect")

# By what is unusual: the request line and headers, the body, and the answer of the target.
EXCHANGES: dict[str, tuple[bytes, bytes, bytes]] = {
    "encoded path": (b"GET /a%2Fb/%20c?x=%7E&y=+&&z=%zz HTTP/1.1", b"", OK),
    "dot segments": (b"GET /a/../b/./c HTTP/1.1", b"", OK),
    "double slashes": (b"GET //a//b// HTTP/1.1", b"", OK),
    "reserved characters": (b"GET /a;v=1,2/b@c:d!$'()*/e?q[]=1&q[]=2|3 HTTP/1.1", b"", OK),
    "second question mark": (b"GET /a?b?c=/d?e HTTP/1.1", b"", OK),
    "repeated headers": (b"GET /a HTTP/1.1\r\nX-One: 1\r\nX-One: 2\r\nX-Two: a, b", b"", OK),
    "empty header": (b"GET /a HTTP/1.1\r\nX-Empty:\r\nX-Next: 1", b"", OK),
    "header of 8 kB": (b"GET /a HTTP/1.1\r\nX-Long: " + b"v" * 8_000, b"", OK),
    "header beyond ASCII": (b"GET /a HTTP/1.1\r\nX-Name: Jos\xe9", b"", OK),
    "body of a GET": (b"GET /a HTTP/1.1\r\nContent-Length: 3", b"abc", OK),
    "body of a DELETE": (b"DELETE /a HTTP/1.1\r\nContent-Length: 3", b"abc", OK),
    "empty body": (b"POST /a HTTP/1.1\r\nContent-Length: 0", b"", OK),
    "binary body": (b"PUT /a HTTP/1.1\r\nContent-Length: 256", bytes(range(256)), OK),
    "chunked body": (b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", OK),
    "other method": (b"PURGE /a HTTP/1.1", b"", OK),
    "answer without body": (b"GET /a HTTP/1.1", b"", b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
    "not modified": (
        b'GET /a HTTP/1.1\r\nIf-None-Match: W/"x"',
        b"",
        b'HTTP/1.1 304 Not Modified\r\nETag: W/"x"\r\n\r\n',
    ),
    "redirect": (b"GET /a HTTP/1.1", b"", b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"),
    "several cookies": (
        b"GET /a HTTP/1.1",
        b"",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
    ),
    "compressed answer": (
        b"GET /a HTTP/1.1\r\nAccept-Encoding: gzip",
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-ENCODING: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(ZIPPED), ZIPPED),
    ),
    "odd answer headers": (
        b"GET /a HTTP/1.1",
        b"",
        b"HTTP/1.1 299 Odd\r\nx-LOWER: Jos\xe9\r\nX-Empty: \r\nX-LOWER: 2\r\nContent-Length: 1\r\n\r\n!",
    ),
    "answer until the end": (b"GET /a HTTP/1.1", b"", b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nuntil the end"),
    "chunked answer": (
        b"GET /a HTTP/1.1",
        b"",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    ),
    "answer to HEAD": (b"HEAD /a HTTP/1.1", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"),
}


@dataclass(frozen=True)
class Message:
    """A request or an answer as far as a proxy keeps it: names of headers are compared in lower case."""

    start: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


def parse(raw: bytes) -> Message:
    head, _, body = raw.partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    if (b"transfer-encoding", b"chunked") in pairs:
        body = _without_chunks(body)
    # The reason phrase of a status is not forwarded: HTTP/2 has none, and ASGI neither.
    start = start[:12] if start.startswith(b"HTTP/") else start
    return Message(start, [pair for pair in pairs if pair[0] not in OWN], body)


def _without_chunks(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        whole, body = whole + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return whole


@pytest.fixture(scope="module")
def target() -> Iterator[RawTarget]:
    with raw_target() as server:
        yield server


@pytest.fixture(scope="module")
def proxy(target: RawTarget, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    with recording(target.url, tmp_path_factory.mktemp("exchanges") / "calls.har") as started:
        yield started


def connect(proxy: Recording) -> closing[socket.socket]:
    return closing(socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE))


@pytest.mark.parametrize("name", EXCHANGES)
def test_unusual_exchange__arrives_as_it_was_sent(target: RawTarget, proxy: Recording, name: str) -> None:
    head, body, target.answer = EXCHANGES[name]
    request = head + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" + body
    with connect(proxy) as client:
        client.sendall(request)
        answer = read_all(client)
    assert parse(target.received[-1]) == parse(request)
    assert parse(answer) == parse(target.answer)


def test_connection_that_is_closed__loses_no_read(tmp_path: Path) -> None:
    with raw_target() as target, recording(target.url, tmp_path / "calls.har") as proxy:
        target.answer, target.forgets = OK, True
        statuses = [proxy.ask(method, "/a")[0] for method in ("GET", "GET", "POST")]
    assert statuses == [200, 200, 502]
    assert [request.split()[0] for request in target.received] == [b"GET", b"GET", b"GET", b"POST"]


def test_upload__that_waits_for_permission_arrives(target: RawTarget, proxy: Recording) -> None:
    target.answer = OK
    with connect(proxy) as client:
        client.sendall(b"POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 100")
        client.sendall(b"abc")
        assert read_head(client).startswith(b"HTTP/1.1 200")
    assert parse(target.received[-1]).body == b"abc"


def test_event_of_a_stream__arrives_before_the_next_one_is_sent(target: RawTarget, proxy: Recording) -> None:
    target.answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"
    target.rest, received = b"data: 2\n\n", b""
    with connect(proxy) as client:
        client.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while b"data: 1\n\n" not in received:
            received += client.recv(65536)
        assert b"data: 2" not in received
        target.pause.set()
        assert b"data: 2\n\n" in read_all(client)
    target.rest = b""


def test_answer_of_100_megabytes__needs_little_memory(proxy: Recording, target: RawTarget) -> None:
    size = 100_000_000
    target.answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size
    target.answer += b" " * size
    status = Path(f"/proc/{proxy.process.pid}/status")
    idle = _kilobytes(status, "VmRSS")
    Path(f"/proc/{proxy.process.pid}/clear_refs").write_text("5")  # the peak begins again
    with connect(proxy) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        received = sum(len(chunk) for chunk in iter(lambda: client.recv(1_000_000), b""))
    assert received > size
    assert _kilobytes(status, "VmHWM") - idle < 64_000


def _kilobytes(status: Path, name: str) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])
