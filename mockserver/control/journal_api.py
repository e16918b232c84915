"""Handlers of the control API for the journal: filters, formats, streams and verification."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import version
from itertools import islice
from math import inf
from typing import Any

from connexion import request
from starlette.responses import Response

from mockserver.clock import parse_instant
from mockserver.control.background import in_background
from mockserver.control.expectations import BadExpectation, find_calls, verify
from mockserver.control.har import render_har
from mockserver.control.journal_stream import EntryStream, open_stream
from mockserver.control.matching import NOTHING
from mockserver.control.problems import bad_request, not_found
from mockserver.control.sandbox_selection import find_sandbox
from mockserver.pipeline.journal import Entry, Journal
from mockserver.secrets import mask_path
from mockserver.state.sandboxes import DEFAULT, Sandboxes

Json = dict[str, Any]


class JournalHandlers:
    """Operations on the journal. A request without a sandbox, by name or by key, is about the calls of all sandboxes.

    Calls without a valid key belong to no sandbox and count as calls of the default one.
    """

    def __init__(self, journal: Journal, sandboxes: Sandboxes) -> None:
        self._journal, self._sandboxes = journal, sandboxes

    async def get_journal(self, limit: int, form: str = "json", **filters: Any) -> Response:
        found = await self._find(limit, filters)
        return await in_background(_render, form, found, self._journal.count)

    async def stream_journal(self, after: int | None = None, **filters: Any) -> EntryStream:
        # A browser that reconnects repeats the query of its first request and sends the latest id in this header.
        last = request.headers.get("last-event-id")
        return open_stream(self._journal, int(last) if last else after, self._matcher(filters))

    async def get_entry(self, number: int, form: str = "json") -> Json | Response:
        entry = self._entry(number)
        return _har([entry]) if form == "har" else entry.to_json()

    async def delete_entry(self, number: int) -> tuple[None, int]:
        self._journal.remove((self._entry(number).number,))
        return None, 204

    async def clear_journal(self, **filters: Any) -> Json:
        numbers = {entry.number for entry in await self._find(None, filters)}
        self._journal.remove(numbers)
        return {"count": len(numbers)}

    async def find_in_journal(self, body: Json, sandbox: str | None = None) -> Response:
        found = await self._find(None, {"sandbox": sandbox})
        with _expectation_errors():
            matching = await in_background(find_calls, found, body["expectation"])
        return await in_background(_render, "json", matching[: body.get("limit", 50)], len(matching))

    async def count_journal(self, **filters: Any) -> Json:
        return {"count": len(await self._find(None, filters))}

    async def verify_journal(self, body: Json, sandbox: str | None = None) -> Json:
        calls = (await self._find(None, {"sandbox": sandbox}))[::-1]
        with _expectation_errors():
            return await in_background(verify, calls, body["expectations"], in_order=body.get("in_order", False))

    def _entry(self, number: int) -> Entry:
        entry = self._journal.find(number)
        if entry is None:
            raise not_found(f"the journal has no entry {number}; it has recorded {self._journal.count} entries")
        return entry

    async def _find(self, limit: int | None, filters: Json) -> list[Entry]:
        """The matching entries, newest first."""
        matches = self._matcher(filters)
        return await in_background(
            lambda entries: list(islice(filter(matches, entries), limit)), self._journal.newest()
        )

    def _matcher(self, filters: Json) -> Callable[[Entry], bool]:
        """A function that checks an entry against the filters in the query of a request."""
        sandbox = find_sandbox(self._sandboxes, filters.pop("sandbox", None))
        # `unmatched` is the public name; attributes that are true or false begin with `is_`.
        filters = {("is_unmatched" if name == "unmatched" else name): value for name, value in filters.items()}
        since, until = _pop_instant(filters, "since", 0.0), _pop_instant(filters, "until", inf)
        path, members = filters.pop("path", None), [_parse_member(text) for text in filters.pop("member", ())]
        before = filters.pop("before", inf)
        # The filters that are left have the names of attributes of an entry.

        def matches(entry: Entry) -> bool:
            if sandbox is not None and (entry.sandbox or DEFAULT) != sandbox.name:
                return False
            if entry.number >= before or any(getattr(entry, name) != value for name, value in filters.items()):
                return False
            if path is not None and not fnmatchcase(mask_path(entry.path.decode("latin-1")), path):
                return False
            return since <= entry.at < until and (not members or _has_members(entry, members))

        return matches


def _render(form: str, entries: list[Entry], count: int) -> Response:
    """The response with these entries, newest first; `count` is the number of all recorded or matching ones."""
    if form == "lines":
        lines = (json.dumps(entry.to_json(), ensure_ascii=False) + "\n" for entry in reversed(entries))
        return Response("".join(lines), media_type="application/jsonl")
    if form == "har":
        # Oldest first, as browsers write archives.
        return _har(reversed(entries))
    rows = (json.dumps(entry.to_brief_json() if form == "brief" else entry.to_json()) for entry in entries)
    return Response(f'{{"count": {count}, "entries": [{", ".join(rows)}]}}', media_type="application/json")


def _har(entries: Iterable[Entry]) -> Response:
    text = render_har((entry.to_json() for entry in entries), version("enspace-mockserver"))
    return Response(text, media_type="application/json")


@contextmanager
def _expectation_errors() -> Iterator[None]:
    try:
        yield
    except BadExpectation as error:
        raise bad_request(str(error)) from error


def _pop_instant(filters: Json, name: str, default: float) -> float:
    """Takes an instant out of the filters, in seconds since 1970."""
    text = filters.pop(name, None)
    try:
        return default if text is None else parse_instant(text).timestamp()
    except ValueError as error:
        raise bad_request(f"{name}: received {text!r}, documented: an ISO instant") from error


@dataclass(frozen=True)
class MemberFilter:
    """A member of the body, by the names that lead to it, and its value as text."""

    where: tuple[str, ...]
    value: str


def _parse_member(text: str) -> MemberFilter:
    """Parses `data.numero=PC-1`. Raises a 400."""
    where, equals, value = text.partition("=")
    if not (where and equals):
        raise bad_request(
            f"member: received {text[:60]!r}, documented: a member and its value, such as data.numero=PC-1"
        )
    return MemberFilter(tuple(where.split(".")), value)


def _has_members(entry: Entry, members: list[MemberFilter]) -> bool:
    # The masked body is searched, so that nobody can guess a secret.
    body = entry.secrets.mask(entry.body)
    return all(_as_text(_read(body, member.where)) == member.value for member in members)


def _read(value: Any, where: tuple[str, ...]) -> Any:
    """The value of a member, or `NOTHING`. In a list, names are indexes."""
    for name in where:
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return NOTHING
    return value


def _as_text(value: Any) -> Any:
    """A value as queries write it: a text as it is, anything else as JSON."""
    return value if value is NOTHING or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
