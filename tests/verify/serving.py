"""An ASGI app over a real socket of loopback, and a record of its requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, cast

from mockserver.clock import Clock
from mockserver.pipeline.journal import Journal
from mockserver.serving.server import create_server, listen, url_of
from mockserver.settings import Settings
from tests.verify.exchange import App, Receive, Scope
from tests.verify.exchange import Send as Sending


@contextmanager
def served(app: App) -> Iterator[str]:
    """The address of the app while it is served by a thread of this process."""
    sockets = listen(Settings(port=0))
    server = create_server(cast(Any, app), Journal(0, 0, Clock()))  # the app has a journal of its own
    thread = Thread(target=server.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    try:
        yield url_of(sockets)
    finally:
        server.should_exit = True
        thread.join()


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived."""

    method: str
    path: str
    query: str
    host: str
    key: str
    workspace: str


@dataclass
class Recording:
    """Notes every request to an app, and changes none."""

    app: App
    calls: list[Recorded] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Sending) -> None:
        if scope["type"] == "http":
            self.calls.append(_recorded(scope))
        await self.app(scope, receive, send)


def _recorded(scope: Scope) -> Recorded:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    named = (headers.get(name, "") for name in ("host", "x-api-key", "en-workspace"))
    return Recorded(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), *named)
