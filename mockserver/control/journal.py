"""The journal as the control API tells it: found by what a call was, told in several forms, and judged."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from importlib.metadata import version
from math import inf
from typing import Any

from mockserver.clock import parse_instant
from mockserver.control.har import archive
from mockserver.control.scope import missing, named_sandbox, unusable
from mockserver.control.verification import BadExpectation, verify
from mockserver.pipeline.journal import Entry, Journal
from mockserver.secrets import mask_text
from mockserver.state.sandboxes import DEFAULT, Sandboxes

Json = dict[str, Any]


class JournalHandlers:
    """The operations on the journal. A call that names no sandbox, by name or by key, sees the calls of all.

    Calls without a known key belong to no sandbox, and are shown with those of the default one.
    """

    def __init__(self, journal: Journal, sandboxes: Sandboxes) -> None:
        self._journal, self._sandboxes = journal, sandboxes

    async def get_journal(self, limit: int, form: str = "json", **filters: Any) -> Any:
        found = self._find(limit, filters)
        if form == "brief":
            return {"count": self._journal.count, "entries": [entry.told_briefly() for entry in found]}
        entries = [entry.told() for entry in found]
        if form == "lines":
            lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in reversed(entries))
            return lines, 200, {"content-type": "application/jsonl"}
        if form == "har":
            return archive(entries[::-1], version("enspace-mockserver"))
        return {"count": self._journal.count, "entries": entries}

    async def get_entry(self, number: int, form: str = "json") -> Json:
        entry = self._journal.find(number)
        if entry is None:
            raise missing(f"the journal has no entry {number}; it began {self._journal.count} entries")
        return archive([entry.told()], version("enspace-mockserver")) if form == "har" else entry.told()

    async def count_journal(self, **filters: Any) -> Json:
        return {"count": len(self._find(None, filters))}

    async def verify_journal(self, body: Json, sandbox: str | None = None) -> Json:
        calls = [entry.told() for entry in reversed(self._find(None, {"sandbox": sandbox}))]
        try:
            return verify(calls, body["expectations"], in_order=body.get("in_order", False))
        except BadExpectation as error:
            raise unusable(str(error)) from error

    def _find(self, limit: int | None, filters: Json) -> list[Entry]:
        sandbox = named_sandbox(self._sandboxes, filters.pop("sandbox", None))
        tests = {name: value for name, value in filters.items() if name not in ("path", "since", "before")}
        path, since, before = filters.get("path"), _seconds(filters.get("since")), filters.get("before", inf)

        def matches(entry: Entry) -> bool:
            if sandbox is not None and (entry.sandbox or DEFAULT) != sandbox.name:
                return False
            if entry.number >= before or any(getattr(entry, name) != value for name, value in tests.items()):
                return False
            told = mask_text(entry.path.decode("latin-1"))
            return (path is None or fnmatchcase(told, path)) and entry.at >= since

        return self._journal.last(limit, matches)


def _seconds(text: str | None) -> float:
    try:
        return 0.0 if text is None else parse_instant(text).timestamp()
    except ValueError as error:
        raise unusable(f"since: received {text!r}, documented: an ISO instant") from error
