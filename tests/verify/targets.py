"""Targets for one test: a function answers, and every request is noted. They contain no code of the fake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, str], bytes]
Answering = Callable[["Asked"], Answer]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def sent(self) -> dict[str, Any]:
        """The members of the body; empty if it is no JSON object."""
        return members_in(self.body)


@dataclass
class Target:
    """The address of a target and the requests that it has received."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    @property
    def methods(self) -> set[str]:
        return {request.method for request in self.asked}


def members_in(body: bytes) -> dict[str, Any]:
    """Returns the members of a JSON object; none if the body is something else."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return status, {"content-type": "application/json"} | named, json.dumps(value).encode()


def refusal(status: int, message: str = "No", **headers: str) -> Answer:
    """An error in Enspace's envelope."""
    return json_answer({"statusCode": status, "error": "Error", "message": message}, status, **headers)


@contextmanager
def target(answering: Answering) -> Iterator[Target]:
    """Serves for the length of a `with` block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answering))
    server.daemon_threads = True
    server.made = Target(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.made  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(answering: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes: the second would wait for the client

        def _answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            self.server.made.asked.append(asked)  # type: ignore[attr-defined]
            status, headers, body = answering(asked)
            self.send_response(status)
            for name, value in ({"content-length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

        def log_message(self, *arguments: Any) -> None:
            """Prints nothing."""

    return Handler


def between(url: str, method: str, path: str, change: Callable[[Any], Any]) -> Answering:
    """Forwards everything to the fake, and changes the answers of one operation."""

    def answering(asked: Asked) -> Answer:
        status, headers, body = passed_on(url, asked)
        if (asked.method, asked.path.partition("?")[0]) == (method, path) and status == 200:
            return status, headers, json.dumps(change(json.loads(body))).encode()
        return status, headers, body

    return answering


def passed_on(url: str, asked: Asked) -> Answer:
    """Forwards a request and returns the answer of the fake."""
    there = HTTPConnection(urlsplit(url).netloc)
    try:
        given = {name: value for name, value in asked.headers.items() if name not in ("host", "content-length")}
        there.request(asked.method, asked.path, asked.body or None, given)
        answer = there.getresponse()
        kept = {name: answer.headers[name] for name in ("content-type", "allow") if name in answer.headers}
        return answer.status, kept, answer.read()
    finally:
        there.close()
