"""A target on a plain socket: it keeps each request as bytes, and answers with the bytes that a test gives."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from tests.live import PATIENCE


class RawTarget:
    """Answers every connection with `answer`, and closes it. `pause` is waited for before the `rest` is sent.

    If it `forgets`, it closes a connection only after the second request, without an answer.
    """

    def __init__(self) -> None:
        self.answer, self.rest, self.pause = b"", b"", Event()
        self.received: list[bytes] = []
        self.forgets = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listening.accept()
                connection.settimeout(PATIENCE)
                Thread(target=self._handle, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _handle(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.received.append(_read_request(connection))
            connection.sendall(self.answer)
            if self.rest:
                self.pause.wait(PATIENCE)
                connection.sendall(self.rest)
            if self.forgets:
                self.received.append(_read_request(connection))


@contextmanager
def raw_target() -> Iterator[RawTarget]:
    target = RawTarget()
    Thread(target=target.serve, daemon=True).start()
    try:
        yield target
    finally:
        target.close()


def read_head(connection: socket.socket) -> bytes:
    """Reads up to the blank line, and what has arrived with it."""
    data = b""
    while b"\r\n\r\n" not in data and (chunk := connection.recv(65536)):
        data += chunk
    return data


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def _read_request(connection: socket.socket) -> bytes:
    data = read_head(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    headers = [line.lower() for line in head.split(b"\r\n")]
    lengths = [int(line.partition(b":")[2]) for line in headers if line.startswith(b"content-length:")]
    is_chunked = any(line.startswith(b"transfer-encoding:") for line in headers)
    if b"expect: 100-continue" in headers:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while (is_chunked and not body.endswith(b"0\r\n\r\n")) or (lengths and len(body) < lengths[0]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
