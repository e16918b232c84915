"""Request, answer, and the wrapper that puts a mutant between a client and the fake.

This file knows no promises: `breaking` and the table of `mutants` do.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

from mockserver.contract.document import load_document
from mockserver.contract.operations import read_operations
from mockserver.settings import Settings
from tests.verify.targets import members_in

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """A request of a client. A HEAD arrives as a GET."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def operation(self) -> str:
        """The documented operation; for an undocumented method, the first one of the path."""
        at_path = _operations_at(self.path)
        return at_path.get(self.method) or next(iter(at_path.values()), "")

    @property
    def sent(self) -> dict[str, Any]:
        """The members of the body; empty if it is no JSON object."""
        return members_in(self.body)

    def asking(self, **query: Any) -> Request:
        """Returns a copy with more query values."""
        return replace(self, query=self.query | {name: str(value) for name, value in query.items()})

    def carrying(self, **headers: str) -> Request:
        """Returns a copy with more headers; `_` stands for `-`."""
        return replace(self, headers=self.headers | {name.replace("_", "-"): value for name, value in headers.items()})

    def sending(self, body: Any) -> Request:
        """Returns a copy with this body."""
        return replace(self, body=json.dumps(body).encode()).carrying(content_type="application/json")

    def at(self, path: str, method: str = "GET", **query: Any) -> Request:
        """Returns another request of the same client, without a body."""
        return replace(self, method=method, path=path, query={}, body=b"").asking(**query)


@dataclass(frozen=True)
class Answer:
    """An answer, to be sent after `delay` seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    delay: float = 0

    @property
    def is_success(self) -> bool:
        """True for a 200; a 204 (OPTIONS) has nothing to change."""
        return self.status == 200

    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any) -> Answer:
        """Returns a copy with this JSON body."""
        return replace(self, body=json.dumps(value).encode())


class Fake:
    """The healthy fake as a change sees it, with a memory from one request to the next."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.memory: dict[str, Any] = {}

    async def ask(self, request: Request) -> Answer:
        """Returns the answer of the fake."""
        parts: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            parts.append(message)

        await self._app(_scope_of(request), receive, send)
        head = {name.decode("latin-1"): value.decode("latin-1") for name, value in parts[0].get("headers", [])}
        return Answer(parts[0]["status"], head, b"".join(part.get("body", b"") for part in parts[1:]))


Change: TypeAlias = Callable[[Request, Fake], Awaitable[Answer]]


@dataclass
class Mutated:
    """The fake as an ASGI app whose `operations` are changed; all others, its control API too, pass untouched."""

    app: App
    operations: tuple[str, ...]
    change: Change
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    fake: Fake = field(init=False)

    def __post_init__(self) -> None:
        self.fake = Fake(self.app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_changed(scope):
            return await self.app(scope, receive, send)
        answer = await self.change(await read_request(scope, receive), self.fake)
        await self.sleep(answer.delay)
        await _send_answer(answer, send, is_head=scope["method"] == "HEAD")

    def _is_changed(self, scope: Scope) -> bool:
        operation = Request(_method(scope), scope["path"], {}, {}).operation
        return operation in self.operations


async def read_request(scope: Scope, receive: Receive) -> Request:
    """The whole request of an ASGI call."""
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Request(_method(scope), scope["path"], query, headers, b"".join(parts))


async def _send_answer(answer: Answer, send: Send, *, is_head: bool) -> None:
    headers = answer.headers | {"content-length": str(len(answer.body))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})


def _scope_of(request: Request) -> Scope:
    framing = ("content-length", "transfer-encoding")  # of the body as it came; the mutant may have changed it
    headers = {name: value for name, value in request.headers.items() if name not in framing}
    headers |= {"content-length": str(len(request.body))} if request.body else {}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 40000),
        "root_path": "",
        "method": request.method,
        "path": request.path,
        "raw_path": quote(request.path).encode(),
        "query_string": urlencode(request.query).encode(),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
    }


def _method(scope: Scope) -> str:
    return "GET" if scope["method"] == "HEAD" else str(scope["method"])


def _operations_at(path: str) -> dict[str, str]:
    """The ids of the operations of a path by method; literal segments win over keys."""
    return next((methods for pattern, methods in _patterns() if pattern.fullmatch(path)), {})


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], dict[str, str]], ...]:
    paths: dict[str, dict[str, str]] = {}
    for operation in read_operations(load_document(Settings().spec)):
        paths.setdefault(operation.path, {})[operation.method] = operation.id
    literal_first = sorted(paths, key=lambda path: path.count("{"))
    return tuple((re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), paths[path]) for path in literal_first)
