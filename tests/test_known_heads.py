"""A head that came before is not parsed again. What came with it is answered all the same, however it comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import FULL_KEY
from tests.live import LiveServer

HEADERS = f"host: enspace\r\nx-api-key: {FULL_KEY}\r\nen-workspace: company-abc\r\n"
SIZED = f"{HEADERS}content-type: application/json\r\ncontent-length: 11\r\n"
HEAD = f"POST /ws/types/contratos/items HTTP/1.1\r\n{SIZED}\r\n"
GOOD, BAD = (HEAD.encode() + body for body in (b'{"data":{}}', b'{"data":[]}'))
LAST = f"GET /ws/types HTTP/1.1\r\n{HEADERS}connection: close\r\n\r\n".encode()


@pytest.fixture(scope="module")
def live() -> Iterator[LiveServer]:
    server = LiveServer("--stateless")
    with server.connect() as client:
        client.sendall(GOOD)
        assert client.recv(15) == b"HTTP/1.1 200 OK"
    yield server
    _, _, errors = server.stop()
    assert errors == ""


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([GOOD, BAD, GOOD], id="one by one"),
        pytest.param([GOOD + BAD + GOOD], id="in one piece"),
        pytest.param([GOOD + BAD[:40], BAD[40:] + GOOD], id="cut in a head"),
        pytest.param([GOOD, HEAD.encode(), b'{"data":[]}', GOOD], id="cut before a body"),
        pytest.param([GOOD, BAD[:-5], BAD[-5:], GOOD], id="cut in a body"),
        pytest.param([GOOD + b"\r\n", BAD + b"\r\n" + GOOD], id="with line breaks between"),
        pytest.param([bytes([byte]) for byte in GOOD + BAD + GOOD], id="byte by byte"),
    ],
)
def test_known_head__is_answered_by_what_comes_with_it(live: LiveServer, parts: list[bytes]) -> None:
    answers = live.send([*parts, LAST])
    assert [answer.status for answer in answers] == [200, 400, 200, 200]


def test_known_head__with_another_header_is_another_one(live: LiveServer) -> None:
    other = GOOD.replace(FULL_KEY.encode(), b"x" * len(FULL_KEY))
    answers = live.send([GOOD, other, LAST])
    assert [answer.status for answer in answers] == [200, 401, 200]


def test_known_head__after_one_that_asked_to_go_on_is_not_told_to(live: LiveServer) -> None:
    body = b'{"data":{}}'
    with live.connect() as client:
        client.sendall(GOOD.replace(b"\r\n\r\n", b"\r\nexpect: 100-continue\r\n\r\n").removesuffix(body))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert client.recv(65_536).endswith(b"}")
        client.sendall(GOOD)
        assert client.recv(12) == b"HTTP/1.1 200"
