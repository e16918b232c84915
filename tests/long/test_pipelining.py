"""Random sequences of pipelined requests on one connection are answered as stock uvicorn answers them.

`PIPELINED_SEQUENCES` sets their number.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from threading import Thread

import pytest
import uvicorn

from mockserver import Settings
from mockserver.app import assemble
from mockserver.serving.server import create_server, listen
from tests.conftest import FULL_KEY

SEQUENCES = int(os.environ.get("PIPELINED_SEQUENCES", "1000"))
TARGETS = (b"/ws/types/count", b"/ws/types/contratos", b"/ws/types?_limit=2", b"/nowhere", b"/docs", b"/_mock/health")
BODY = b'{"name":"Pipelined"}'


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """The ports of our server and of stock uvicorn, both with the same app."""
    settings = Settings(port=0, stateless=True)
    fake = assemble(settings)
    ours = create_server(fake.app, fake.journal)
    stock = uvicorn.Server(uvicorn.Config(fake.app, http="httptools", ws="none", log_level="warning", lifespan="on"))
    sockets = [listen(settings)[0] for _ in range(2)]
    threads = [
        Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        for server, listening in zip((ours, stock), sockets, strict=True)
    ]
    for thread in threads:
        thread.start()
    yield sockets[0].getsockname()[1], sockets[1].getsockname()[1]
    for server, thread in zip((ours, stock), threads, strict=True):
        server.should_exit = True
        thread.join(30)


def random_request(chance: random.Random, *, is_last: bool) -> tuple[bytes, bytes]:
    """Returns a method and a raw request; the last one of a sequence closes the connection."""
    method = chance.choice([b"GET", b"GET", b"HEAD", b"POST"])
    target = b"/ws/roles" if method == b"POST" else chance.choice(TARGETS)
    version = b"1.0" if chance.random() < 0.05 else b"1.1"
    lines = [b"%b %b HTTP/%b" % (method, target, version), b"host: localhost", b"x-api-key: " + FULL_KEY.encode()]
    lines.append(b"en-workspace: company-abc")
    if chance.random() < 0.3:
        lines.append(b"prefer: delay=2")
    if is_last or chance.random() < 0.05:
        lines.append(b"connection: close")
    if method == b"POST":
        lines += [b"content-type: application/json", b"content-length: %d" % len(BODY)]
    return method, b"\r\n".join([*lines, b"", BODY if method == b"POST" else b""])


def exchange(port: int, chunks: list[bytes]) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        try:
            for chunk in chunks:
                client.sendall(chunk)
        except OSError:
            pass  # the server closed behind a request that asked for it
        received = b""
        try:
            while data := client.recv(65_536):
                received += data
        except ConnectionResetError:
            pass
        return received


def parse(raw: bytes, methods: list[bytes]) -> list[tuple[bytes, bytes]]:
    """The status lines and bodies of the answers, in their order."""
    answers = []
    for method in methods:
        if not raw:
            break
        head, _, rest = raw.partition(b"\r\n\r\n")
        sizes = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        size = 0 if method == b"HEAD" else int(sizes[0])
        answers.append((head.split(b"\r\n")[0], rest[:size]))
        raw = rest[size:]
    assert raw == b""
    return answers


@pytest.mark.parametrize("start", range(0, SEQUENCES, 100))
def test_pipelined_requests__are_answered_as_by_stock_uvicorn(ports: tuple[int, int], start: int) -> None:
    for seed in range(start, min(start + 100, SEQUENCES)):
        chance = random.Random(seed)
        count = chance.randint(2, 8)
        requests = [random_request(chance, is_last=number == count - 1) for number in range(count)]
        methods, data = [method for method, _ in requests], b"".join(request for _, request in requests)
        cut = chance.randrange(len(data))
        ours, stock = (parse(exchange(port, [data[:cut], data[cut:]]), methods) for port in ports)
        assert ours == stock, f"sequence {seed}: {data!r}"
        assert ours
