"""The socket of the reference server, and the answers that deviations change."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.http_handler import AnyMethodHandler
from tests.traffic.reference.listings import Call
from tests.traffic.reference.operations import OPERATIONS, WITH_SESSION, WITHOUT_WORKSPACE, scopes
from tests.traffic.reference.records import FOREIGN, World, initial_world, now, reference
from tests.traffic.reference.rules import Refused
from tests.traffic.reference.views import View

SCOPES = {"GET": "read", "POST": "write", "PUT": "write", "DELETE": "delete"}
MOST_BYTES = 10_000_000
PATTERNS = [(name, method, re.compile(path.replace("{}", "([^/]+)"))) for name, (method, path, _) in OPERATIONS.items()]


@dataclass
class Answer:
    """An answer before it is sent. `operation` is empty for an unknown path; `raw` replaces the JSON text of `body`."""

    operation: str
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    path: str = ""
    raw: bytes | None = None


Change = Callable[[Answer], None]


class Handler(AnyMethodHandler):
    """One connection."""

    server_version = "reference"

    def __init__(self, server: ReferenceServer, *arguments: Any) -> None:
        self.reference = server
        super().__init__(*arguments)

    def _answer(self) -> None:
        begin, body = time.monotonic(), self._read()
        with self.reference.lock:
            answer = self._operate(body)
            self._log(answer, begin)
        for change in self.reference.changes:
            change(answer)
        self._send(answer)

    def _read(self) -> bytes:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return b"".join(iter(self._chunk, b""))
        length = self.headers.get("content-length", "0")
        size = int(length) if length.isdecimal() else 0
        self.close_connection = self.close_connection or size > MOST_BYTES
        return self.rfile.read(min(size, MOST_BYTES + 1))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline(100).partition(b";")[0] or b"0", 16)
        chunk = self.rfile.read(size)
        self.rfile.readline(1000)
        return chunk

    def _operate(self, body: bytes) -> Answer:
        parts, method = urlsplit(self.path), "GET" if self.command == "HEAD" else self.command
        matches = [(name, verb, match) for name, verb, pattern in PATTERNS if (match := pattern.fullmatch(parts.path))]
        # A literal path stands before the one with a key.
        keys = matches[0][2].groups() if matches else ()
        names = {verb: name for name, verb, match in matches if match.groups() == keys}
        answer = Answer(names.get(method, ""), 200, None, method=method, path=parts.path)
        try:
            if not names:
                raise Refused(404, "Not Found")
            if method not in names:
                answer.headers["Allow"] = ", ".join([*names, "OPTIONS", *(["HEAD"] if "GET" in names else [])])
                raise Refused(405, "Method Not Allowed")
            call = self._call(names[method], parts.query, tuple(map(unquote, keys)), body)
            # As a copy, since a deviation may change it.
            answer.body = json.loads(json.dumps(OPERATIONS[names[method]][2](call)))
        except Refused as refused:
            answer.status, answer.body = refused.status, refused.body
            if self.command == "OPTIONS" and names:
                answer.status, answer.body, answer.raw = 204, None, b""
        return answer

    def _call(self, name: str, query: str, keys: tuple[str, ...], body: bytes) -> Call:
        world, key = self._world(name)
        header = self.headers.get("en-workspace")
        if name not in WITHOUT_WORKSPACE:
            if not header:
                raise Refused(400, "Missing required header: en-workspace")
            if header not in world.workspaces or header == FOREIGN:
                raise Refused(403, "Token not authorized for this workspace")
        scope = SCOPES[OPERATIONS[name][0]]
        if scope not in scopes(key):
            raise Refused(403, f"Token lacks the required scope: {scope}")
        within = None if name in WITHOUT_WORKSPACE else world.workspaces[header or ""]
        if within and View(world, within).own_member() is None:
            raise Refused(403, "Token not authorized for this workspace")
        sent = _decoded(body, self.headers.get("content-type", "")) if _has_body(name) else None
        return Call(world, within, keys, dict(parse_qsl(query, keep_blank_values=True)), sent, key)

    def _world(self, name: str) -> tuple[World, str]:
        """The world of the caller, and the key that names it."""
        key, session = self.headers.get("x-api-key", "").strip(), self.headers.get("authorization", "")
        if not key and name in WITH_SESSION and session.lower().startswith("bearer "):
            key = session[7:].strip()
        if not key or re.search("expired|invalid", key, re.I):
            raise Refused(401, "Invalid or missing API key")
        if key not in self.reference.worlds:
            self.reference.worlds[key] = initial_world()
        return self.reference.worlds[key], key

    def _log(self, answer: Answer, begin: float) -> None:
        key = self.headers.get("x-api-key", "").strip()
        world = self.reference.worlds.get(key)
        if world is None or answer.method not in SCOPES:
            return
        row = {"id": world.new_id(), "created_at": now(), "method": answer.method, "path": self.path[:500]}
        times = {"status_code": answer.status, "duration_ms": int(1000 * (time.monotonic() - begin))}
        slug = self.headers.get("en-workspace")
        workspace = slug if slug in world.workspaces and answer.operation not in WITHOUT_WORKSPACE else None
        origin = {"workspace": workspace, "api_key": reference(f"key {key}"), "ip": self.client_address[0]}
        world.log = [row | times | origin, *world.log[:999]]

    def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.body, ensure_ascii=False).encode() if answer.raw is None else answer.raw
        kind = {} if answer.status == 204 else {"Content-Type": "application/json; charset=utf-8"}
        length = {} if answer.status == 204 else {"Content-Length": str(len(body))}
        self.send_response(answer.status)
        for name, value in (kind | length | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and answer.status != 204:
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Silent: the request log of the API has every call."""


class ReferenceServer:
    """`with ReferenceServer() as server:` serves on a free port of loopback. `changes` are applied to each answer."""

    def __init__(self, changes: Sequence[Change] = ()) -> None:
        self.changes, self.worlds, self.lock = changes, dict[str, World](), RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _has_body(name: str) -> bool:
    return OPERATIONS[name][0] in ("POST", "PUT") and name != "leaveWorkspace"


def _decoded(body: bytes, media_type: str) -> Any:
    if len(body) > MOST_BYTES:
        raise Refused(413, "The body is too large")
    if body and media_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "The body must be application/json")
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(400, "Validation failed: the body is no JSON") from None


def _no_number(text: str) -> None:
    raise ValueError(text)
