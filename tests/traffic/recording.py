"""`mockserver record` in a process of its own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.live import MOCKSERVER, PATIENCE


@dataclass
class Recording:
    """A running recording, and its file once it has ended."""

    file: Path
    host: str
    port: int
    process: subprocess.Popen[str]

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Sends a request to the proxy; returns status and body."""
        with closing(HTTPConnection(f"{self.host}:{self.port}", timeout=PATIENCE)) as client:
            client.request(method, path, body, headers or {})
            answer = client.getresponse()
            return answer.status, answer.read()

    def end(self) -> str:
        """Ends it as Ctrl-C does; returns its last line."""
        return self.end_with_output().splitlines()[-1]

    def end_with_output(self) -> str:
        """Ends it as Ctrl-C does; returns what it has printed since its start."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=PATIENCE)[0]

    def entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = json.loads(self.file.read_text())["log"]["entries"]
        return entries


@contextmanager
def recording(target: str, file: Path, *options: str) -> Iterator[Recording]:
    """Starts a recording on a free port."""
    command = [*MOCKSERVER, "record", target, "--out", str(file), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://(127\.0\.0\.1|\[::1]):(\d+) ->", process.stdout.readline())
            assert address is not None
            yield Recording(file, address[1], int(address[2]), process)
        finally:
            process.kill()
