"""The request path: a list of stages, walked in order for each request.

The stages are one file each. This file walks them, turns whatever happens into exactly one answer and one journal
entry, and knows nothing of what a stage does.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from time import perf_counter
from typing import Any, Protocol, TypeAlias

from connexion.middleware.abstract import SpecMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.pipeline.envelope import failed, refused
from mockserver.pipeline.exchange import Ended, Exchange
from mockserver.pipeline.journal import Journal
from mockserver.pipeline.refusals import Refusal
from mockserver.pipeline.sending import send_answer

_log = logging.getLogger(__name__)

_NO_HEADERS: Mapping[bytes, bytes] = {}
# Headers that mean one thing each; a second one is refused rather than chosen from.
_SINGLE = {b"host", b"x-api-key", b"en-workspace", b"authorization", b"content-type", b"content-length"}


# What is told of each finished exchange: how long it took, in milliseconds.
Recorder: TypeAlias = Callable[[Exchange, float], None]


class Stage(Protocol):
    """One step of a request. Fills in its fields of the exchange, or raises `Refusal`; may wait."""

    name: str

    def __call__(self, exchange: Exchange) -> Awaitable[None] | None: ...


class Pipeline(SpecMiddleware):  # type: ignore[misc]  # Connexion has no types
    """Answers everything but the paths under `outside`, which it passes on."""

    def __init__(self, app: ASGIApp, *, outside: tuple[str, ...]) -> None:
        self._app, self._outside = app, outside

    def add_api(
        self,
        specification: Any,
        *,
        stages: Iterable[Stage],
        check: Stage,
        journal: Journal,
        recorders: Iterable[Recorder],
        **options: Any,
    ) -> None:
        """Connexion has loaded and checked the contract; the stages were compiled from the same document."""
        # A bound method is called faster than the object that has it.
        self._stages = [(stage.name, stage.__call__) for stage in stages]
        self._check, self._journal = check.__call__, journal
        self._recorders = tuple(recorders)
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self._headers: Mapping[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._outside) or scope["path"] == "/":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        client, _ = scope.get("client") or ("", 0)
        number = self._journal.next_number()
        exchange = Exchange(
            scope["method"], scope["raw_path"], scope["query_string"], _NO_HEADERS, receive, client, number
        )
        try:
            await self._answer(exchange, scope["headers"])
            await send_answer(send, exchange, scope)
        finally:
            milliseconds = (perf_counter() - started) * 1000
            self._journal.record(exchange, milliseconds)
            for record in self._recorders:
                record(exchange, milliseconds)

    async def _answer(self, exchange: Exchange, raw_headers: list[tuple[bytes, bytes]]) -> None:
        """Fills in the answer, and the stage that ended the walk by a refusal or by failing."""
        name = "read head"
        try:
            try:
                exchange.headers = self._read_headers(raw_headers)
                for name, stage in self._stages:  # noqa: B007  # the one that ends the walk is told below
                    if (pending := stage(exchange)) is not None:
                        await pending
            except Ended as end:
                exchange.ended_by, exchange.answer = name, end.answer
            except Refusal as refusal:
                exchange.ended_by, exchange.answer = name, refused(refusal)
                exchange.violations += refusal.violations
            self._check(exchange)
        except Exception:
            _log.exception("the stage %s failed", name)
            exchange.ended_by, exchange.answer = name, failed()
        except BaseException:  # the server stops
            exchange.ended_by = name
            raise

    def _read_headers(self, raw: list[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
        """Clients mostly send the headers that they sent before; thus the journal keeps them once for many calls."""
        if raw != self._raw_headers:
            self._headers = _headers_of(raw)
            self._raw_headers = raw
        return self._headers


def _headers_of(raw: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by name; those that may stand more than once are joined, as HTTP says."""
    headers = dict(raw)
    if len(headers) == len(raw):
        return headers
    headers.clear()
    for name, value in raw:
        if name in headers and name in _SINGLE:
            raise Refusal(400, f"Invalid header: {name.decode('latin-1')} (received twice, documented: once)")
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
