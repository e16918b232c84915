"""The journal live, as server-sent events: each entry as it is written.

A stream keeps nothing but its position in the journal, so a slow reader costs no memory: what the journal forgets
before it was sent becomes a gap.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from connexion.exceptions import ProblemException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from mockserver.pipeline.journal import Entry, Journal

MOST_STREAMS = 32
HEARTBEAT = 15.0  # seconds
_LOOKED_AT = 100

Matches = Callable[[Entry], bool]


def open_stream(journal: Journal, after: int | None, matches: Matches) -> EntryStream:
    """A stream of the entries that match, from now on or from the one after `after`. A problem of 503 at the limit."""
    if len(journal.followers) >= MOST_STREAMS:
        detail = f"{MOST_STREAMS} streams of the journal are open, which is the most. End one, or ask again later."
        raise ProblemException(status=503, title="Service Unavailable", detail=detail)
    return EntryStream(journal, after, matches)


class EntryStream(StreamingResponse):
    """The answer; it follows the journal from the moment at which it is made until it has ended."""

    def __init__(self, journal: Journal, after: int | None, matches: Matches) -> None:
        self._journal, self._matches = journal, matches
        self._seen = journal.count if after is None else after
        self._position, self._has_gap = _position_after(journal, after)
        self._changed = asyncio.Event()
        journal.followers.add(self._changed)
        super().__init__(self._events(), headers={"cache-control": "no-store"}, media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                self.body_iterator = _nothing()
            await super().__call__(scope, receive, send)
        finally:
            self._journal.followers.discard(self._changed)

    async def _events(self) -> AsyncIterator[str]:
        yield ": the journal follows\n\n"  # so that a client knows at once that it is heard
        now = asyncio.get_running_loop().time
        due = now() + HEARTBEAT
        while not self._journal.is_closed:
            self._changed.clear()
            if text := self._next():
                yield text
                due = now() + HEARTBEAT
            elif now() >= due:
                yield ": still there\n\n"
                due = now() + HEARTBEAT
            elif self._position < self._journal.end:
                await asyncio.sleep(0)  # others shall have their turn while a long journal is searched
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), due - now())

    def _next(self) -> str:
        """The next event; empty if there is none among the entries that were looked at."""
        if self._has_gap or self._position < self._journal.begin:
            self._has_gap, self._position = False, max(self._position, self._journal.begin)
            return _event("gap", {"after": self._seen})
        for position in range(self._position, min(self._position + _LOOKED_AT, self._journal.end)):
            entry = self._journal.at(position)
            self._position, self._seen = position + 1, entry.number
            if self._matches(entry):
                return f"id: {entry.number}\n" + _event("entry", entry.to_json())
        return ""


def _position_after(journal: Journal, number: int | None) -> tuple[int, bool]:
    """Where a stream goes on that has seen the entry with that number, and whether some before it are forgotten."""
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
