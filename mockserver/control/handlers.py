"""What the control API does, one function per operation of its contract."""

from __future__ import annotations

from typing import Any

from mockserver.pipeline.journal import Journal


class Handlers:
    """Values in, values out; Connexion calls them by operationId."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def get_health(self) -> dict[str, str]:
        return {"status": "ok"}

    async def get_ready(self) -> dict[str, str]:
        return {"status": "ok"}

    async def get_journal(self, limit: int) -> dict[str, Any]:
        entries = [entry.told() for entry in self._journal.last(limit)]
        return {"count": self._journal.count, "entries": entries}
