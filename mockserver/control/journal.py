"""The journal as the control API tells it: found by what a call was, told in several forms, and judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from importlib.metadata import version
from typing import Any

from mockserver.clock import parse_instant
from mockserver.control.har import archive
from mockserver.control.scope import missing, named_sandbox, unusable
from mockserver.control.verification import BadExpectation, differences_of, verify
from mockserver.pipeline.journal import Entry, Journal
from mockserver.secrets import mask_path
from mockserver.state.sandboxes import DEFAULT, Sandboxes

Json = dict[str, Any]


class JournalHandlers:
    """The operations on the journal. A call that names no sandbox, by name or by key, sees the calls of all.

    Calls without a known key belong to no sandbox, and are shown with those of the default one.
    """

    def __init__(self, journal: Journal, sandboxes: Sandboxes) -> None:
        self._journal, self._sandboxes = journal, sandboxes

    async def get_journal(self, limit: int, form: str = "json", **filters: Any) -> Any:
        entries = [entry.told() for entry in self._find(limit, filters)]
        if form == "lines":
            lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in reversed(entries))
            return lines, 200, {"content-type": "application/jsonl"}
        if form == "har":
            return archive(entries[::-1], version("enspace-mockserver"))
        return {"count": self._journal.count, "entries": entries}

    async def get_entry(self, number: int) -> Json:
        entry = self._journal.find(number)
        if entry is None:
            raise missing(f"the journal has no entry {number}; it began {self._journal.count} entries")
        return entry.told()

    async def delete_entry(self, number: int) -> tuple[None, int]:
        await self.get_entry(number)
        self._journal.remove((number,))
        return None, 204

    async def clear_journal(self, **filters: Any) -> Json:
        numbers = {entry.number for entry in self._find(None, filters)}
        self._journal.remove(numbers)
        return {"count": len(numbers)}

    async def find_in_journal(self, body: Json, sandbox: str | None = None) -> Json:
        found = self._find(None, {"sandbox": sandbox})
        with _judging():
            alike = [entry for entry in found if not differences_of(body["expectation"], entry)]
        return {"count": len(alike), "entries": [entry.told() for entry in alike[: body.get("limit", 50)]]}

    async def count_journal(self, **filters: Any) -> Json:
        return {"count": len(self._find(None, filters))}

    async def verify_journal(self, body: Json, sandbox: str | None = None) -> Json:
        calls = self._find(None, {"sandbox": sandbox})[::-1]
        with _judging():
            return verify(calls, body["expectations"], in_order=body.get("in_order", False))

    def _find(self, limit: int | None, filters: Json) -> list[Entry]:
        sandbox = named_sandbox(self._sandboxes, filters.pop("sandbox", None))
        tests = {name: value for name, value in filters.items() if name not in ("path", "since", "unmatched")}
        if filters.get("unmatched") is not None:
            tests["is_unmatched"] = filters["unmatched"]
        path, since = filters.get("path"), _seconds(filters.get("since"))

        def matches(entry: Entry) -> bool:
            if sandbox is not None and (entry.sandbox or DEFAULT) != sandbox.name:
                return False
            if any(getattr(entry, name) != value for name, value in tests.items()):
                return False
            told = mask_path(entry.path.decode("latin-1"))
            return (path is None or fnmatchcase(told, path)) and entry.at >= since

        return self._journal.last(limit, matches)


@contextmanager
def _judging() -> Iterator[None]:
    try:
        yield
    except BadExpectation as error:
        raise unusable(str(error)) from error


def _seconds(text: str | None) -> float:
    try:
        return 0.0 if text is None else parse_instant(text).timestamp()
    except ValueError as error:
        raise unusable(f"since: received {text!r}, documented: an ISO instant") from error
