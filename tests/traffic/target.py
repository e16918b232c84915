"""A target for calls that are forwarded: it keeps what it received, and answers as it is asked to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.http_handler import AnyMethodHandler

PERSON = {"id": 7, "name": "Joana Prado", "description": "CPF 529.982.247-25", "created_at": "2026-03-01T10:00:00.000Z"}


@dataclass
class Target:
    """A small server that keeps what it received, and answers with `answer`."""

    answer: bytes = json.dumps(PERSON).encode()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    address: str = ""


@contextmanager
def serving(target: Target) -> Iterator[Target]:
    class Handler(AnyMethodHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            target.received.append((f"{self.command} {self.path}", dict(self.headers), body))
            self.send_response(target.status)
            for name, value in (target.headers | {"Content-Length": str(len(target.answer))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(target.answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        target.address = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield target
        server.shutdown()
