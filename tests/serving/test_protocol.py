"""Where our HTTP protocol differs from that of uvicorn, and where it must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.conftest import HEADERS
from tests.live import LiveServer

HEAD = "".join(f"{name}: {value}\r\n" for name, value in {"host": "localhost", **HEADERS}.items())
DELAYED = f"GET /ws/types/count HTTP/1.1\r\nprefer: delay=50\r\n{HEAD}\r\n".encode()


@pytest.fixture(scope="module")
def live() -> Iterator[LiveServer]:
    server = LiveServer("--stateless")
    yield server
    server.stop()


def statuses(live: LiveServer, *parts: bytes) -> list[int]:
    with live.connect() as connection:
        for part in parts:
            connection.sendall(part)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", received)]


@pytest.mark.parametrize(
    ("refused", "status"),
    [(b"\0\1\2\3", 400), (b"GET /ws HTTP/1.1\r\nx: " + b"y" * 70_000, 431), (b"noise\r\n\r\n", 400)],
    ids=["noise", "long head", "noise that looks like a line"],
)
@pytest.mark.parametrize("in_parts", [True, False])
def test_refusal__comes_after_the_answers_before_it(
    live: LiveServer, refused: bytes, status: int, in_parts: bool
) -> None:
    parts = [DELAYED, DELAYED, refused] if in_parts else [DELAYED + DELAYED + refused]
    assert statuses(live, *parts) == [200, 200, status]


@pytest.mark.parametrize("method", ["BREW", "PROPFIND", "patch", "X-Y", "SOURCE"])
def test_method__that_is_unknown_is_405_and_the_connection_stays(live: LiveServer, method: str) -> None:
    first = f"{method} /ws/types HTTP/1.1\r\n{HEAD}content-length: 3\r\n\r\nabc".encode()
    last = f"GET /ws/types/count HTTP/1.1\r\nconnection: close\r\n{HEAD}\r\n".encode()
    assert statuses(live, first, last) == [405, 200]


def test_method__that_is_unknown_reaches_the_journal(live: LiveServer) -> None:
    statuses(live, f"BREW /ws/types HTTP/1.1\r\nconnection: close\r\n{HEAD}\r\n".encode())
    last = f"GET /_mock/journal?limit=1 HTTP/1.1\r\nconnection: close\r\n{HEAD}\r\n".encode()
    with live.connect() as connection:
        connection.sendall(last)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert b'"method":"BREW"' in received.replace(b" ", b"")


def test_upgrade__leaves_the_body_and_the_next_requests(live: LiveServer) -> None:
    body = b'{"name":"Upgrade"}'
    lines = f"connection: upgrade\r\nupgrade: h2c\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    first = f"POST /ws/roles HTTP/1.1\r\n{HEAD}{lines}\r\n".encode() + body
    last = f"GET /ws/types/count HTTP/1.1\r\nconnection: close\r\n{HEAD}\r\n".encode()
    assert statuses(live, first[:40], first[40:], last) == [200, 200]
