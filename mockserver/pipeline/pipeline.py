"""The walk through the stages: one answer and one journal entry for each request, whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Protocol, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.pipeline.authenticate import UNAUTHORIZED
from mockserver.pipeline.envelope import render_internal_error
from mockserver.pipeline.exchange import Answer, EarlyAnswer, Exchange
from mockserver.pipeline.journal import Journal
from mockserver.pipeline.refusals import Refusal
from mockserver.pipeline.send import send_answer
from mockserver.state.sandboxes import UnknownName
from mockserver.state.stores import StoreUnavailable

_log = logging.getLogger(__name__)

# Called with each finished exchange and its duration in milliseconds.
Recorder: TypeAlias = Callable[[Exchange, float], None]


RenderRefusal: TypeAlias = Callable[[Exchange, Refusal], Answer]


class Stage(Protocol):
    """One step of a request.

    It fills in its fields of the exchange and returns its result for the journal, None if it had nothing to do. It
    ends the walk by raising `Refusal` or `EarlyAnswer`.
    """

    name: str

    async def __call__(self, exchange: Exchange) -> str | None: ...


class Pipeline:
    """ASGI middleware that answers every path except those of `outside` and below, which it passes to `app`.

    Of these, it answers the paths below `inside`, where the contract has its base path.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        stages: Iterable[Stage],
        check: Stage,
        journal: Journal,
        recorders: Iterable[Recorder],
        outside: Iterable[str],
        inside: Iterable[str] = (),
        render_refusal: RenderRefusal,
    ) -> None:
        self._app, self._outside, self._render_refusal = app, frozenset(outside), render_refusal
        # Nothing is below "/": all paths would be.
        self._outside_folders = tuple(f"{own}/" for own in self._outside if own != "/")
        self._inside_folders = tuple(f"{folder}/" for folder in inside)
        self._stages, self._check = tuple(stages), check
        self._journal, self._recorders = journal, (journal.record, *recorders)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_outside(scope["path"]):
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        exchange = Exchange(scope, receive, self._journal.next_number())
        if self._journal.is_shared:
            await self._answer(exchange)
            await send_answer(exchange, send, lambda: self._record_safely(exchange, started))
            return
        try:
            await self._answer(exchange)
            await send_answer(exchange, send)
        finally:
            self._record(exchange, started)

    def _record(self, exchange: Exchange, started: float) -> None:
        milliseconds = (perf_counter() - started) * 1000
        for record in self._recorders:
            record(exchange, milliseconds)

    def _record_safely(self, exchange: Exchange, started: float) -> None:
        """Records a request before its answer is sent: then any process finds it in the journal."""
        try:
            self._record(exchange, started)
        except StoreUnavailable as error:
            _log.error("a request is not recorded: %s", error)

    def _is_outside(self, path: str) -> bool:
        is_ours = path in self._outside or path.startswith(self._outside_folders)
        return is_ours and not path.startswith(self._inside_folders)

    async def _answer(self, exchange: Exchange) -> None:
        """Walks through the stages until one of them ends the walk, then checks the answer."""
        await self._walk(exchange, self._stages)
        # Refusals and faults are answers too, so the check is not a part of the walk that they end.
        await self._walk(exchange, (self._check,))

    async def _walk(self, exchange: Exchange, stages: Iterable[Stage]) -> None:
        for stage in stages:
            try:
                result = await stage(exchange)
            except EarlyAnswer as early:
                exchange.results[stage.name], exchange.answer = early.result, early.answer
                return
            except Refusal as refusal:
                self._refuse(exchange, stage, refusal)
                return
            except UnknownName:  # another process has deleted the sandbox since the stage `authenticate`
                self._refuse(exchange, stage, Refusal(401, UNAUTHORIZED))
                return
            except StoreUnavailable as error:
                self._refuse(exchange, stage, Refusal(503, f"Service Unavailable: {error}"))
                return
            except Exception:
                _log.exception("the stage %s failed", stage.name)
                exchange.fail(stage.name, "internal error")
                exchange.answer = render_internal_error()
                return
            if result is not None:
                exchange.results[stage.name] = result

    def _refuse(self, exchange: Exchange, stage: Stage, refusal: Refusal) -> None:
        exchange.fail(stage.name, f"refused with {refusal.status}")
        exchange.answer = self._render_refusal(exchange, refusal)
        exchange.violations += refusal.violations
