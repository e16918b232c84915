"""The second target over a socket, with a record of each request."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.http_handler import AnyMethodHandler
from tests.verify.independent.operations import OPERATIONS, Call, Operation
from tests.verify.independent.records import KEYS, Records, Workspace
from tests.verify.independent.rules import Refused

SCOPES = {"GET": "read", "POST": "write", "PUT": "write", "DELETE": "delete"}
MOST_BYTES = 1_048_576


@dataclass(frozen=True)
class CoverageLog:
    """A request as it arrived."""

    method: str
    target: str
    host: str
    key: str
    workspace: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


class Handler(AnyMethodHandler):
    """One connection. A misbehaviour may answer first; it says whether it has."""

    server_version = "second"

    def __init__(self, target: Target, *arguments: Any) -> None:
        self.target = target
        super().__init__(*arguments)

    def _answer(self) -> None:
        body = self._read()
        self.target.seen.append(self._seen())
        if self.target.misbehave is None or not self.target.misbehave(self):
            status, headers, value = self._honest(body)
            self.write(status, None if value is None else json.dumps(value).encode(), headers)

    def _read(self) -> bytes:
        length = int(self.headers.get("content-length") or 0)
        if length > MOST_BYTES:
            self.close_connection = True
        return self.rfile.read(min(length, MOST_BYTES + 1))

    def _seen(self) -> CoverageLog:
        named = {name: self.headers.get(name, "") for name in ("host", "x-api-key", "en-workspace")}
        return CoverageLog(self.command, self.path, *named.values())

    def _honest(self, body: bytes) -> tuple[int, dict[str, str], Any]:
        with self.target.lock:
            try:
                return self._operate(body)
            except Refused as refused:
                return refused.status, {}, refused.body

    def _operate(self, body: bytes) -> tuple[int, dict[str, str], Any]:
        parts = urlsplit(self.path)
        methods, keys = _find(parts.path)
        method = "GET" if self.command == "HEAD" else self.command
        if method not in methods:
            return self._not_allowed(methods)
        workspace = self._workspace(SCOPES[method])
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        sent = _decoded(body, self.headers.get("content-type", "")) if method in ("POST", "PUT") else None
        return 200, {}, methods[method](Call(self.target.records, workspace, keys, query, sent))

    def _not_allowed(self, methods: dict[str, Operation]) -> tuple[int, dict[str, str], Any]:
        allow = ", ".join([*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])])
        if self.command == "OPTIONS":
            return 204, {"Allow": allow}, None
        return 405, {"Allow": allow}, Refused(405, "Method Not Allowed").body

    def _workspace(self, scope: str) -> Workspace:
        """The workspace that the key and the header name together."""
        key, name = KEYS.get(self.headers.get("x-api-key", "")), self.headers.get("en-workspace")
        if key is None or key.has_expired:
            raise Refused(401, "Invalid or missing API key")
        if not name:
            raise Refused(400, "Missing required header: en-workspace")
        if name != key.workspace:
            raise Refused(403, "Token not authorized for this workspace")
        if scope not in key.scopes:
            raise Refused(403, f"Token lacks the required scope: {scope}")
        return self.target.records.workspaces[name]

    def write(self, status: int, body: bytes | None, headers: dict[str, str]) -> None:
        """A whole answer; JSON, unless the headers say otherwise."""
        self.send_response(status)
        kind = {} if body is None else {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in (kind | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Tests read `seen` instead."""


Misbehaviour = Callable[[Handler], bool]


class Target:
    """`with Target() as target:` serves on a free port of loopback. `certificate` makes it speak TLS."""

    def __init__(self, misbehave: Misbehaviour | None = None, certificate: Path | None = None) -> None:
        self.records, self.seen, self.lock = Records(), list[CoverageLog](), Lock()
        self.misbehave, self.is_over = misbehave, Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self))
        self._server.daemon_threads = True
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake is made by the thread of the connection: a client that refuses it stops nobody else.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.is_over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _find(path: str) -> tuple[dict[str, Operation], tuple[str, ...]]:
    for pattern, methods in OPERATIONS.items():
        if match := re.fullmatch(pattern, path):
            return methods, tuple(map(unquote, match.groups()))
    raise Refused(404, "Not Found")


def _decoded(body: bytes, media_type: str) -> Any:
    if len(body) > MOST_BYTES:
        raise Refused(413, "The body is too large")
    if body and media_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "The body has to be application/json")
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(400, "Validation failed: the body is no JSON") from None


def _no_number(text: str) -> None:
    raise ValueError(text)
