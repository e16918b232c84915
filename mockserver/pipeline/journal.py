"""The journal: one entry for each request, on every way out. Its secrets are masked where it is told.

Bounded by count and by bytes: the oldest entries go first, and long bodies are told by their size only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from mockserver.clock import Clock, stamp
from mockserver.packed import pack, unpack
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.refusals import Violation
from mockserver.pipeline.wishes import NO_WISHES
from mockserver.secrets import MASK, cut, is_secret_name, mask_path, mask_query, mask_text, mask_value

LONGEST_BODY = 16_384
_NO_ANSWER = Answer(0, b"", "none")

_OF_THE_CONTRACT = ("read head", "route", "read body", "validate")


@dataclass(slots=True)
class Entry:
    """What is kept of one request, as it came.

    `at` is in seconds since 1970, `milliseconds` how long the answer took; `secret_names` are the members of the body
    that the contract calls secret.
    """

    number: int
    at: float
    milliseconds: float
    method: str
    path: bytes
    query: bytes
    headers: Mapping[bytes, bytes]
    raw_body: bytes
    body_size: int
    secret_names: frozenset[str]
    operation: str | None
    sandbox: str | None
    caller: str | None
    workspace: str | None
    ended_by: str | None
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    wishes: str
    status: int
    source: str
    answer: bytes
    answer_size: int

    @property
    def body(self) -> Any:
        """What was sent, as a value; None for a body that is too long to be kept, or was none."""
        return _read(self.raw_body)

    @property
    def is_unmatched(self) -> bool:
        """True if the contract refused it: it has no such operation, or not with such a request."""
        return self.ended_by in _OF_THE_CONTRACT

    def told(self) -> dict[str, Any]:
        """The entry as JSON values, its stages in order."""
        return {
            "number": self.number,
            "at": stamp(self.at),
            "milliseconds": round(self.milliseconds, 3),
            "request": {
                "method": mask_text(self.method),
                "path": mask_path(self.path.decode("latin-1")),
                "query": mask_query(self.query.decode("latin-1")),
                "headers": _told_headers(self.headers),
                "body": mask_value(self.body, self.secret_names),
                "size": self.body_size,
            },
            "operation": self.operation,
            "sandbox": self.sandbox,
            "caller": self.caller,
            "workspace": self._told_workspace(),
            "stages": self._stages(),
            "violations": [
                {"where": v.where, "rule": v.rule, "received": v.received, "documented": v.documented}
                for v in self.violations
            ],
            "notes": list(self.notes),
            "answer": {
                "status": self.status,
                "source": self.source,
                "body": mask_value(_read(self.answer), frozenset()),
                "size": self.answer_size,
            },
        }

    def told_briefly(self) -> dict[str, Any]:
        """What a long list shows of the entry."""
        return {
            "number": self.number,
            "at": stamp(self.at),
            "milliseconds": round(self.milliseconds, 3),
            "method": self.method,
            "path": mask_text(self.path.decode("latin-1")),
            "operation": self.operation,
            "sandbox": self.sandbox,
            "status": self.status,
            "source": self.source,
            "violations": len(self.violations),
        }

    def _stages(self) -> list[dict[str, str]]:
        """All stages, or those up to the one that ended the walk."""
        results = {
            "read head": f"{len(self.headers)} headers",
            "route": self.operation or "",
            "authenticate": self._who(),
            "read body": f"{self.body_size} bytes",
            "validate": "kept",
            "fault": "none",
            "choose": f"{self.status} {self.wishes}".strip(),
            ("act" if self.source == "state" else "produce"): self.source,
            "check": "broken" if self.violations else "kept",
        }
        if self.ended_by is not None:
            results[self.ended_by] = f"{self.source} with {self.status or 'no answer'}"
        reached = takewhile(lambda name: name != self.ended_by, results)
        return [{"stage": name, "result": results[name]} for name in (*reached, *filter(None, [self.ended_by]))]

    def _told_workspace(self) -> str | None:
        return self.workspace and mask_text(self.workspace)

    def _who(self) -> str:
        place = f" in {self._told_workspace()}" if self.workspace else ""
        return f"key {self.caller}{place}" if self.caller else "nobody"


class Journal:
    """The last entries, at most `size` of them, which together take at most `most_bytes`.

    They are kept packed: most are never asked for.
    `followers` are set with each new entry, and when the server stops: `is_closed`.
    """

    def __init__(self, size: int, most_bytes: int, clock: Clock) -> None:
        self._rows: deque[bytes] = deque()
        self._size, self._most_bytes, self._bytes = size, most_bytes, 0
        self._clock, self._count, self._forgotten = clock, 0, 0
        self.followers: set[asyncio.Event] = set()
        self.is_closed = False

    def last(self, limit: int | None, matches: Callable[[Entry], bool] | None = None) -> list[Entry]:
        """The newest entries, newest first; of those that match, if a test is given."""
        return list(islice(filter(matches, self._newest_first()), limit))

    def find(self, number: int) -> Entry | None:
        """The entry with that number, or None if it is forgotten or not there yet."""
        return next((entry for entry in self._newest_first() if entry.number == number), None)

    def _newest_first(self) -> Iterator[Entry]:
        return map(_entry, reversed(self._rows))

    def remove(self, numbers: Container[int]) -> None:
        """Forgets the entries with these numbers; those that are not there are none."""
        kept = deque(row for row in self._rows if _entry(row).number not in numbers)
        self._forgotten += len(self._rows) - len(kept)
        self._bytes = sum(map(len, kept))
        self._rows = kept

    @property
    def begin(self) -> int:
        """The position of the oldest entry: how many are forgotten. Entries are written as calls end, so that their
        numbers, given as calls begin, need not be in the order of their positions.
        """
        return self._forgotten

    @property
    def end(self) -> int:
        """The position that the next entry will have."""
        return self._forgotten + len(self._rows)

    def at(self, position: int) -> Entry:
        """The entry at a position from `begin` to before `end`."""
        return _entry(self._rows[position - self._forgotten])

    def close(self) -> None:
        """No more is to be expected; whoever follows is told."""
        self.is_closed = True
        for follower in self.followers:
            follower.set()

    @property
    def count(self) -> int:
        """How many requests there were since the start, forgotten ones included."""
        return self._count

    def next_number(self) -> int:
        """The number of the entry that a request which begins now will have."""
        self._count += 1
        return self._count

    def record(self, exchange: Exchange, secret_names: frozenset[str], milliseconds: float) -> None:
        """Writes one entry. Called once for each request, whatever became of it."""
        if not self._size:
            return
        operation, sandbox, caller = exchange.operation, exchange.sandbox, exchange.caller
        wishes, answer = exchange.wishes, exchange.answer or _NO_ANSWER
        path, query, body = exchange.raw_path, exchange.query_string, exchange.raw_body
        if len(path) + len(query) > LONGEST_BODY:
            path, query = cut(path, LONGEST_BODY), cut(query, LONGEST_BODY)
        # In the order of the fields of an entry.
        packed = pack(
            (
                exchange.number,
                self._clock(),
                milliseconds,
                exchange.method,
                path,
                query,
                exchange.headers,
                body if len(body) <= LONGEST_BODY and exchange.body is not None else b"",
                len(body),
                secret_names,
                operation.id if operation else None,
                sandbox.name if sandbox else None,
                caller["reference"] if caller else None,
                exchange.workspace,
                exchange.ended_by,
                _packable(exchange.violations) if exchange.violations else (),
                exchange.notes,
                str(wishes) if wishes and wishes is not NO_WISHES else "",
                answer.status,
                answer.source,
                answer.body if len(answer.body) <= LONGEST_BODY else b"",
                len(answer.body),
            )
        )
        self._rows.append(packed)
        self._bytes += len(packed)
        while self._bytes > self._most_bytes or len(self._rows) > self._size:
            self._bytes -= len(self._rows.popleft())
            self._forgotten += 1
        if self.followers:
            for follower in self.followers:
                follower.set()


def _packable(violations: tuple[Violation, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((v.where, v.rule, v.received, v.documented) for v in violations)


def _entry(packed: bytes) -> Entry:
    entry = Entry(*unpack(packed))
    entry.violations = tuple(Violation(*values) for values in entry.violations)  # type: ignore[misc]  # packed as such
    return entry


def _told_headers(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.items())
    return {mask_text(name): MASK if is_secret_name(name) else mask_text(value) for name, value in pairs}


def _read(body: bytes) -> Any:
    """A body as a value: that of its JSON, else its text."""
    if not body:
        return None
    try:
        return read_json(body)
    except JsonError:
        return body.decode("utf-8", "replace")
