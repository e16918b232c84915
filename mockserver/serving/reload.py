"""Serving with `--reload`: rebuilds the fake when the contract or a fixture file changes.

The socket stays open, and a running request ends in the fake where it began. After an edit that cannot be served, the
problem is printed and the fake before it continues.
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
from mockserver.serving.changes import describe_changes
from mockserver.serving.migration import migrate_sandboxes
from mockserver.settings import Settings

_log = logging.getLogger(__name__)


class ReloadError(StartError):
    """`--reload` cannot be combined with another setting; reads as a sentence with the fix."""


class ReloadingApp:
    """The app that uvicorn calls: it forwards requests to the newest fake. `report` prints one line for a person."""

    def __init__(self, fake: Fake, settings: Settings, report: Callable[[str], None]) -> None:
        if settings.store != "memory":
            problem = "--reload cannot be combined with --store, as a store belongs to one version of the contract"
            raise ReloadError(f"{problem}. Fix: leave one of them out.")
        self._fake, self._settings, self._report = fake, settings, report
        self._served = self._latest = _read_files(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        else:
            await self._fake.app(scope, receive, send)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        """Watches the files from the start of the server to its end."""
        await receive()
        await _start(self._fake.app)
        watching = asyncio.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch(self) -> None:
        # Folders are watched, since an editor may replace a file by another one.
        async for _ in awatch(*_folders(self._settings), recursive=False, debounce=200):
            files = await asyncio.to_thread(_read_files, self._settings)
            if files != self._latest:
                self._latest = files
                self._report("reload: " + await self._reload(files))

    async def _reload(self, files: dict[Path, bytes]) -> str:
        """Replaces the fake; returns what has changed, or why nothing has."""
        served = self._served
        changed = [path.name for path in {**served, **files} if served.get(path) != files.get(path)]
        if not changed:
            return "the files are again as they are served"
        try:
            fake = await asyncio.to_thread(assemble, self._settings, self._fake)
            await _start(fake.app)
        except StartError as error:
            return f"{error} The previous version is still served."
        except Exception as error:
            _log.debug("the reload failed", exc_info=error)
            return f"{', '.join(changed)} cannot be served ({error!r}). The previous version is still served."
        # No await from here on, so that no request comes in between.
        before, self._fake, self._served = self._fake, fake, files
        migrated = migrate_sandboxes(before, fake)
        return "; ".join([*describe_changes(before, fake, self._settings, changed), *migrated])


def _folders(settings: Settings) -> list[Path]:
    """Returns the folders of the files, and those to which symbolic links lead: edits happen there."""
    below = list(settings.fixtures.rglob("*"))
    folders = [settings.spec.absolute().parent, settings.fixtures, *below]
    targets = [settings.fixtures.resolve(), *(path.resolve().parent for path in (settings.spec, *below))]
    return [folder for folder in dict.fromkeys([*folders, *targets]) if folder.is_dir()]


def _read_files(settings: Settings) -> dict[Path, bytes]:
    """Returns the contents of the contract and of all YAML files among the fixtures."""
    contents = {}
    for path in [settings.spec, *sorted(settings.fixtures.rglob("*.yaml"))]:
        with suppress(OSError):  # a file that was just deleted; the reload will report it
            contents[path] = path.read_bytes()
    return contents


async def _start(app: ASGIApp) -> None:
    """Runs the lifespan of an app, so that Connexion builds its stack before the first request."""
    messages: list[Any] = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

    async def receive() -> Any:
        return messages.pop()

    async def send(message: Any) -> None: ...

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
