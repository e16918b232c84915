"""The real server in a process of its own, and plain sockets to send it raw bytes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import randrange
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any

PATIENCE = 60.0  # seconds; guards against a process that hangs
MOCKSERVER = (sys.executable, "-m", "mockserver")


def free_port() -> int:
    """A free port below those that the system gives to whoever asks for any, so that it is still free when used."""
    while True:
        with suppress(OSError), socket.create_server(("127.0.0.1", randrange(20_000, 32_000))) as listening:
            return int(listening.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def mockserver(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command that ends by itself."""
    command = [*MOCKSERVER, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=_environment(environment))


class LiveServer:
    """`mockserver serve` on a free port. Once constructed, it answers requests."""

    def __init__(self, *options: str, program: Sequence[str] = MOCKSERVER, **environment: str) -> None:
        command = [*program, "serve", "--port", "0", *options]
        self._errors = TemporaryFile()  # noqa: SIM115  (closed by `stop`)
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, text=True, env=_environment(environment)
        )
        assert self._process.stdout is not None
        self._output: IO[str] = self._process.stdout
        with self._watched():
            self.first_line = self._output.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)", self.first_line)
        assert address is not None, self._read_errors()
        self.address, self.port = address[0], int(address[1])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def send(self, raw: bytes | Iterable[bytes], *, hang_up: bool = False) -> list[Answer]:
        """Sends bytes and reads all answers until the server closes. `hang_up` shuts down the client's side first."""
        with self.connect() as client:
            try:
                for part in [raw] if isinstance(raw, bytes) else raw:
                    client.sendall(part)
                if hang_up:
                    client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the server has answered and closed before reading everything
            return list(read_answers(_until_closed(client)))

    def ask(self, raw: bytes | Iterable[bytes]) -> Answer:
        """Sends one request and reads its answer."""
        (answer,) = self.send(raw)
        return answer

    def memory(self, name: str) -> int:
        """A value of the process's status, such as `VmRSS`, in megabytes."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith(name))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Ends the process. Returns its exit code, the rest of its output, and its errors."""
        self._process.send_signal(how)
        with self._watched(), self._output:
            output = self._output.read()
            code = self._process.wait()
        return code, output, self._read_errors()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Kills a process that hangs, so that only its test fails."""
        watch = Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _read_errors(self) -> str:
        with self._errors as file:
            file.seek(0)
            return file.read().decode()


def read_answers(raw: bytes) -> Iterator[Answer]:
    """The answers of a connection, a `100 Continue` included."""
    while raw:
        head, _, rest = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        yield Answer(int(first.split()[1]), headers, rest[:size])
        raw = rest[size:]


def _until_closed(client: socket.socket) -> bytes:
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def _environment(changed: dict[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    return own | changed
