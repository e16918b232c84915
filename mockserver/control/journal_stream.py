"""Journal entries as server-sent events.

A stream keeps only its position in the journal, so a slow reader needs no memory. Entries that the journal drops before
they are sent become one event `gap`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from mockserver.control.problems import problem
from mockserver.pipeline.journal import Entry, Journal

MAX_STREAMS = 32
HEARTBEAT = 15.0  # seconds
_POLL = 0.5  # seconds, for the entries of other processes
_BATCH = 100  # entries filtered at once, before other requests have a turn

Matches = Callable[[Entry], bool]


def open_stream(journal: Journal, after: int | None, matches: Matches) -> EntryStream:
    """A stream of the matching entries, new ones or those after the number `after`. Raises a 503 at the limit."""
    if len(journal.followers) >= MAX_STREAMS:
        detail = f"{MAX_STREAMS} streams of the journal are open, the maximum. Close one or try again later."
        raise problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    return EntryStream(journal, after, matches)


class EntryStream(StreamingResponse):
    """The response. It follows the journal from its construction until its end."""

    def __init__(self, journal: Journal, after: int | None, matches: Matches) -> None:
        self._journal, self._matches = journal, matches
        journal.catch_up()
        self._seen = journal.count if after is None else after
        self._position, self._has_gap = _position_after(journal, after)
        self._changed = asyncio.Event()
        journal.followers.add(self._changed)
        super().__init__(self._events(), headers={"cache-control": "no-store"}, media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            # A HEAD would otherwise wait for events that it cannot receive.
            if scope["method"] == "HEAD":
                self.body_iterator = _nothing()
            await super().__call__(scope, receive, send)
        finally:
            self._journal.followers.discard(self._changed)

    async def _events(self) -> AsyncIterator[str]:
        yield ": the journal follows\n\n"  # sends the head at once, so that the client knows that it is connected
        now = asyncio.get_running_loop().time
        due = now() + HEARTBEAT
        while not self._journal.is_closed:
            self._changed.clear()
            self._journal.catch_up()
            if text := self._next():
                yield text
                due = now() + HEARTBEAT
            elif now() >= due:
                yield ": heartbeat\n\n"
                due = now() + HEARTBEAT
            elif self._position < self._journal.end:
                await asyncio.sleep(0)  # lets other requests run while a long journal is filtered
            else:
                with suppress(TimeoutError):
                    pause = min(due - now(), _POLL) if self._journal.is_shared else due - now()
                    await asyncio.wait_for(self._changed.wait(), pause)

    def _next(self) -> str:
        """The next event; empty if no entry of the next batch matches."""
        if self._has_gap or self._position < self._journal.begin:
            self._has_gap, self._position = False, max(self._position, self._journal.begin)
            return _event("gap", {"after": self._seen})
        for position in range(self._position, min(self._position + _BATCH, self._journal.end)):
            entry = self._journal.at(position)
            self._position, self._seen = position + 1, entry.number
            if self._matches(entry):
                return f"id: {entry.number}\n" + _event("entry", entry.to_json())
        return ""


def _position_after(journal: Journal, number: int | None) -> tuple[int, bool]:
    """The position after the entry with that number, and whether entries in between have been dropped."""
    if number is None:
        return journal.end, False
    for position in reversed(range(journal.begin, journal.end)):
        if journal.at(position).number == number:
            return position + 1, False
    return journal.begin, number > 0 or journal.begin > 0


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


async def _nothing() -> AsyncIterator[str]:
    return
    yield ""
