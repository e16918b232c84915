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
from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.preferences import Preferences
from mockserver.pipeline.refusals import Violation
from mockserver.secrets import MASK, cut, is_secret_name, mask_path, mask_query, mask_text, mask_value
from mockserver.state.table import Record

LONGEST_BODY = 16_384
# What an entry takes beside the texts that it keeps: itself, its numbers, the names of its headers.
_ENTRY_BYTES = 1_000
# Bodies are kept up to their longest; the protocol bounds the head.
_MOST_ENTRY_BYTES = _ENTRY_BYTES + 2 * LONGEST_BODY + 65_536
_NO_ANSWER = Answer(0, b"", "none")

_NONE: frozenset[str] = frozenset()
_OF_THE_CONTRACT = ("read head", "route", "read body", "validate")


@dataclass(slots=True)
class Entry:
    """What is kept of one request, as it came.

    `at` is in seconds since 1970, `milliseconds` how long the answer took; `key` is the record of the key or session.
    `body` is the value that was sent, None if it was too long to be kept or was not readable; `answered` is the size
    of what was too long. `weight` is how many bytes of the journal's bound the entry takes.
    """

    number: int
    at: float
    milliseconds: float
    method: str
    raw_path: bytes
    query_string: bytes
    headers: Mapping[bytes, bytes]
    body: Any
    body_size: int
    called: Operation | None
    sandbox: str | None
    key: Record | None
    workspace: str | None
    ended_by: str | None
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    preferences: Preferences | None
    status: int
    source: str
    answered: bytes | int
    weight: int

    @property
    def path(self) -> bytes:
        return cut(self.raw_path, LONGEST_BODY)

    @property
    def query(self) -> bytes:
        return cut(self.query_string, LONGEST_BODY)

    @property
    def secret_names(self) -> frozenset[str]:
        """The members of the body that the contract calls secret."""
        return self.called.body.secret_names if self.called is not None and self.called.body is not None else _NONE

    @property
    def operation(self) -> str | None:
        return None if self.called is None else self.called.id

    @property
    def caller(self) -> str | None:
        return None if self.key is None else self.key["reference"]

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
                "body": _told_answer(self.answered),
                "size": self.answered if isinstance(self.answered, int) else len(self.answered),
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
            "choose": f"{self.status} {self.preferences or ''}".strip(),
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

    They are kept as rows of their values: most are never asked for, and to make each would take a third of the time.
    `followers` are set with each new entry, and when the server stops: `is_closed`.
    """

    def __init__(self, size: int, most_bytes: int, clock: Clock) -> None:
        self._rows: deque[tuple[Any, ...]] = deque(maxlen=size)
        self._most_bytes, self._bytes = most_bytes, 0
        # So few entries never take so much: then nothing is weighed, which is a sixth of the cost of the journal.
        self._weighs = size * _MOST_ENTRY_BYTES > most_bytes
        self._clock, self._count, self._written = clock, 0, 0
        self.followers: set[asyncio.Event] = set()
        self.is_closed = False

    def last(self, limit: int | None, matches: Callable[[Entry], bool] | None = None) -> list[Entry]:
        """The newest entries, newest first; of those that match, if a test is given."""
        return list(islice(filter(matches, self._newest_first()), limit))

    def find(self, number: int) -> Entry | None:
        """The entry with that number, or None if it is forgotten or not there yet."""
        return next((entry for entry in self._newest_first() if entry.number == number), None)

    def _newest_first(self) -> Iterator[Entry]:
        return (Entry(*row) for row in reversed(self._rows))

    def remove(self, numbers: Container[int]) -> None:
        """Forgets the entries with these numbers; those that are not there are none."""
        self._rows = deque((row for row in self._rows if row[0] not in numbers), self._rows.maxlen)
        self._bytes = sum(row[-1] for row in self._rows)

    @property
    def begin(self) -> int:
        """The position of the oldest entry: how many are forgotten. Entries are written as calls end, so that their
        numbers, given as calls begin, need not be in the order of their positions.
        """
        return self._written - len(self._rows)

    @property
    def end(self) -> int:
        """The position that the next entry will have."""
        return self._written

    def at(self, position: int) -> Entry:
        """The entry at a position from `begin` to before `end`."""
        return Entry(*self._rows[position - self.begin])

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

    def record(self, exchange: Exchange, milliseconds: float) -> None:
        """Writes one entry. Called once for each request, whatever became of it."""
        if not self._rows.maxlen:
            return
        answer, sandbox = exchange.answer or _NO_ANSWER, exchange.sandbox
        body_size, answer_size = len(exchange.raw_body), len(answer.body)
        weight = self._weigh(exchange, body_size, answer_size) if self._weighs else 0
        # In the order of the fields of an entry, of which the weight is the last one.
        self._rows.append(
            (
                exchange.number,
                self._clock(),
                milliseconds,
                exchange.method,
                exchange.raw_path,
                exchange.query_string,
                exchange.headers,
                exchange.body if body_size <= LONGEST_BODY else None,
                body_size,
                exchange.operation,
                None if sandbox is None else sandbox.name,
                exchange.caller,
                exchange.workspace,
                exchange.ended_by,
                exchange.violations,
                exchange.notes,
                exchange.preferences,
                answer.status,
                answer.source,
                answer.body if answer_size <= LONGEST_BODY else answer_size,
                weight,
            )
        )
        self._written += 1
        if self.followers:
            for follower in self.followers:
                follower.set()

    def _weigh(self, exchange: Exchange, *sizes: int) -> int:
        """The weight of a new entry, for which the oldest make room."""
        texts = (exchange.raw_path, exchange.query_string, *exchange.headers.values())
        weight = _ENTRY_BYTES + sum(map(len, texts)) + sum(size for size in sizes if size <= LONGEST_BODY)
        self._bytes += weight
        while self._rows and (self._bytes > self._most_bytes or len(self._rows) == self._rows.maxlen):
            self._bytes -= self._rows.popleft()[-1]
        return weight


def _told_headers(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.items())
    return {mask_text(name): MASK if is_secret_name(name) else mask_text(value) for name, value in pairs}


def _told_answer(body: bytes | int) -> Any:
    if isinstance(body, int) or not body:
        return None
    try:
        return mask_value(read_json(body), _NONE)
    except JsonError:
        return mask_text(body.decode("utf-8", "replace"))
