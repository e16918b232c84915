"""The journal as the control API tells it: found by what a call was, told in several forms, and judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from importlib.metadata import version
from math import inf
from typing import Any

from connexion import request

from mockserver.clock import parse_instant
from mockserver.control.expectations import BadExpectation, differences_of, verify
from mockserver.control.har import archive
from mockserver.control.journal_stream import EntryStream, open_stream
from mockserver.control.matching import NOTHING
from mockserver.control.scope import missing, named_sandbox, unusable
from mockserver.pipeline.journal import Entry, Journal
from mockserver.secrets import mask_path, mask_value
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
            return {"count": self._journal.count, "entries": [entry.to_brief_json() for entry in found]}
        entries = [entry.to_json() for entry in found]
        if form == "lines":
            lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in reversed(entries))
            return lines, 200, {"content-type": "application/jsonl"}
        if form == "har":
            return archive(entries[::-1], version("enspace-mockserver"))
        return {"count": self._journal.count, "entries": entries}

    async def stream_journal(self, after: int | None = None, **filters: Any) -> EntryStream:
        # A browser that connects anew goes to the same address; what it has seen since stands in the header.
        last = request.headers.get("last-event-id")
        return open_stream(self._journal, int(last) if last else after, self._matcher(filters))

    async def get_entry(self, number: int, form: str = "json") -> Json:
        entry = self._journal.find(number)
        if entry is None:
            raise missing(f"the journal has no entry {number}; it began {self._journal.count} entries")
        return archive([entry.to_json()], version("enspace-mockserver")) if form == "har" else entry.to_json()

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
        return {"count": len(alike), "entries": [entry.to_json() for entry in alike[: body.get("limit", 50)]]}

    async def count_journal(self, **filters: Any) -> Json:
        return {"count": len(self._find(None, filters))}

    async def verify_journal(self, body: Json, sandbox: str | None = None) -> Json:
        calls = self._find(None, {"sandbox": sandbox})[::-1]
        with _judging():
            return verify(calls, body["expectations"], in_order=body.get("in_order", False))

    def _find(self, limit: int | None, filters: Json) -> list[Entry]:
        return self._journal.last(limit, self._matcher(filters))

    def _matcher(self, filters: Json) -> Callable[[Entry], bool]:
        """Tells whether an entry is what the filters of a call ask for."""
        sandbox = named_sandbox(self._sandboxes, filters.pop("sandbox", None))
        filters = {("is_unmatched" if name == "unmatched" else name): value for name, value in filters.items()}
        since, until = _seconds("since", filters, 0.0), _seconds("until", filters, inf)
        path, members = filters.pop("path", None), [_member(text) for text in filters.pop("member", ())]
        before = filters.pop("before", inf)

        def matches(entry: Entry) -> bool:
            if sandbox is not None and (entry.sandbox or DEFAULT) != sandbox.name:
                return False
            if entry.number >= before or any(getattr(entry, name) != value for name, value in filters.items()):
                return False
            if path is not None and not fnmatchcase(mask_path(entry.path.decode("latin-1")), path):
                return False
            return since <= entry.at < until and (not members or _has_members(entry, members))

        return matches


@contextmanager
def _judging() -> Iterator[None]:
    try:
        yield
    except BadExpectation as error:
        raise unusable(str(error)) from error


def _seconds(name: str, filters: Json, default: float) -> float:
    text = filters.pop(name, None)
    try:
        return default if text is None else parse_instant(text).timestamp()
    except ValueError as error:
        raise unusable(f"{name}: received {text!r}, documented: an ISO instant") from error


def _member(text: str) -> tuple[list[str], str]:
    """`data.numero=PC-1` as the names that lead to a member, and what it holds."""
    place, equals, value = text.partition("=")
    if not (place and equals):
        raise unusable(f"member: received {text[:60]!r}, documented: a member and its value, such as data.numero=PC-1")
    return place.split("."), value


def _has_members(entry: Entry, members: list[tuple[list[str], str]]) -> bool:
    # What is told is looked at, not what came: nobody finds out a secret by asking for it.
    body = mask_value(entry.body, entry.secret_names)
    return all(_written(_at(body, names)) == value for names, value in members)


def _at(value: Any, names: list[str]) -> Any:
    """The member that the names (in a list: the indexes) lead to."""
    for name in names:
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return NOTHING
    return value


def _written(value: Any) -> Any:
    """A value as a query can name it: a text as it is, anything else as JSON."""
    return value if value is NOTHING or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
