"""The app in front of the fake: it passes requests on to the one that was built last.

The socket stays, and a request that has begun ends where it began. A contract that cannot be used is told, and the
fake before it goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from watchfiles import awatch

from mockserver.app import Fake, assemble
from mockserver.errors import StartError
from mockserver.serving.changes import told_changes
from mockserver.serving.migration import keep_what_fits
from mockserver.serving.watched_files import folders_of, read_texts
from mockserver.settings import Settings

_log = logging.getLogger(__name__)


class ReloadError(StartError):
    """The settings do not go together; reads as a sentence with the mend."""


class Front:
    """`say` tells a person, in one line, what has become of a change."""

    def __init__(self, fake: Fake, settings: Settings, say: Callable[[str], None]) -> None:
        if settings.store != "memory":
            problem = "--reload does not go with --store, as a store belongs to one version of the contract"
            raise ReloadError(f"{problem}. Mend: leave one of them out.")
        self._fake, self._settings, self._say = fake, settings, say
        self._served = self._seen = read_texts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._fake.app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Watches from the start of the server to its end."""
        await receive()
        await _begin(self._fake.app)
        watching = asyncio.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch(self) -> None:
        # An editor may put another file into the place of the old one, so the folders are watched.
        async for _ in awatch(*folders_of(self._settings), recursive=False, debounce=200):
            texts = await asyncio.to_thread(read_texts, self._settings)
            if texts != self._seen:
                self._seen = texts
                self._say("reload: " + await self._reload(texts))

    async def _reload(self, texts: dict[Path, bytes]) -> str:
        served = self._served
        changed = [path.name for path in {**served, **texts} if served.get(path) != texts.get(path)]
        if not changed:
            return "the files are again as they are served"
        try:
            fake = await asyncio.to_thread(assemble, self._settings, self._fake)
            await _begin(fake.app)
        except StartError as error:
            return f"{error} What was served before is served on."
        except Exception as error:
            _log.debug("the reload failed", exc_info=error)
            return f"{', '.join(changed)} cannot be served ({error!r}). What was served before is served on."
        # From here to the end nothing waits, so that no request comes in between.
        before, self._fake, self._served = self._fake, fake, texts
        kept = keep_what_fits(before, fake)
        return "; ".join([*told_changes(before, fake, self._settings, changed), *kept])


async def _begin(app: ASGIApp) -> None:
    """Lets Connexion build what it builds with the first call, so that no request has to wait for it."""
    messages: list[Any] = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

    async def receive() -> Any:
        return messages.pop()

    async def send(message: Any) -> None: ...

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
