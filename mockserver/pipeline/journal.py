"""The journal: one entry for each request, however it ended. Secrets are masked when an entry is rendered.

Bounded by number and by bytes: the oldest entries are dropped first, and long bodies are recorded by their size only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.clock import Clock, stamp
from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.json_text import JsonError, read_json, write_json
from mockserver.pipeline.refusals import Violation
from mockserver.secrets import (
    NO_SECRETS,
    SecretMembers,
    cut,
    mask_headers,
    mask_path,
    mask_query,
    mask_text,
)
from mockserver.state.table import Record

MAX_BODY = 16_384  # bytes
# What an entry, a header, and a note or violation take besides their texts, in bytes.
_ENTRY_BYTES, _HEADER_BYTES, _NOTE_BYTES = 1_500, 200, 600
_NO_ANSWER = Answer(0, b"", "none")
# A request that fails in one of these does not match the contract.
_CONTRACT_STAGES = {"read head", "route", "read body", "validate"}


@dataclass(slots=True)  # not frozen: creating it is a part of every request
class Entry:
    """One request and its answer, as they came.

    `at` is in seconds since 1970; `key` is the record of the key or session. `raw_body` and `answer_body` are None if
    they were too long; they are kept as bytes, since a decoded value takes up to 28 times as much memory. `results` are
    the results of the stages that ran, in their order; `failed` names those that failed. `size` is in bytes, about.
    """

    number: int
    at: float
    milliseconds: float
    method: str
    raw_path: bytes
    query_string: bytes
    headers: Mapping[bytes, bytes]
    raw_body: bytes | None
    body_size: int
    called: Operation | None
    sandbox: str | None
    key: Record | None
    workspace: str | None
    results: Mapping[str, str]
    failed: list[str]
    violations: tuple[Violation, ...]
    notes: list[str]
    status: int
    source: str
    answer_body: bytes | None
    answer_size: int
    size: int
    process: str = ""  # the one that answered, if there are several

    @classmethod
    def of(cls, exchange: Exchange, at: float, milliseconds: float) -> Entry:
        """Returns the entry of a finished exchange."""
        answer = exchange.answer or _NO_ANSWER
        body, body_size, answer_size = _recorded_body(exchange), len(exchange.raw_body), len(answer.body)
        head_size = len(exchange.raw_path) + len(exchange.query_string) + sum(map(len, exchange.headers.values()))
        parts = _HEADER_BYTES * len(exchange.headers) + _NOTE_BYTES * (len(exchange.notes) + len(exchange.violations))
        bodies = (len(body) if body else 0) + (answer_size if answer_size <= MAX_BODY else 0)
        return cls(
            number=exchange.number,
            at=at,
            milliseconds=milliseconds,
            method=exchange.method,
            raw_path=exchange.raw_path,
            query_string=exchange.query_string,
            headers=exchange.headers,
            raw_body=body,
            body_size=body_size,
            called=exchange.operation,
            sandbox=None if exchange.sandbox is None else exchange.sandbox.name,
            key=exchange.caller,
            workspace=exchange.workspace,
            results=exchange.results,
            failed=exchange.failed,
            violations=exchange.violations,
            notes=exchange.notes,
            status=answer.status,
            source=answer.source,
            answer_body=answer.body if answer_size <= MAX_BODY else None,
            answer_size=answer_size,
            size=_ENTRY_BYTES + parts + head_size + bodies,
        )

    @property
    def body(self) -> Any:
        """The decoded request body as it was sent; None if it was too long or cannot be decoded."""
        if not self.raw_body:
            return None
        try:
            return read_json(self.raw_body)
        except JsonError:
            return None

    @property
    def path(self) -> bytes:
        return cut(self.raw_path, MAX_BODY)

    @property
    def query(self) -> bytes:
        return cut(self.query_string, MAX_BODY)

    @property
    def secrets(self) -> SecretMembers:
        """The members of the body that the contract calls secret."""
        body = None if self.called is None else self.called.body
        return NO_SECRETS if body is None else body.secrets

    @property
    def operation(self) -> str | None:
        return None if self.called is None else self.called.id

    @property
    def caller(self) -> str | None:
        return None if self.key is None else self.key["reference"]

    @property
    def is_unmatched(self) -> bool:
        """True if the contract has no such operation, or does not allow such a request."""
        return not _CONTRACT_STAGES.isdisjoint(self.failed)

    def to_json(self) -> dict[str, Any]:
        """Renders the entry with all its stages."""
        return {
            "number": self.number,
            "at": stamp(self.at),
            "milliseconds": round(self.milliseconds, 3),
            "request": {
                **self._render_target(),
                "headers": _render_headers(self.headers),
                "body": self.secrets.mask(self.body),
                "size": self.body_size,
            },
            "operation": self.operation,
            "sandbox": self.sandbox,
            "caller": self.caller,
            "workspace": self.workspace and mask_text(self.workspace),
            "stages": [
                {"stage": stage, "result": mask_text(result), "failed": stage in self.failed}
                for stage, result in self.results.items()
            ],
            "violations": [violation.to_json() for violation in self.violations],
            "notes": list(self.notes),
            "answer": {
                "status": self.status,
                "source": self.source,
                "body": _render_answer(self.answer_body),
                "size": self.answer_size,
            },
        } | ({"process": self.process} if self.process else {})

    def to_brief_json(self) -> dict[str, Any]:
        """Renders the entry for a long list."""
        return {
            "number": self.number,
            "at": stamp(self.at),
            "milliseconds": round(self.milliseconds, 3),
            **self._render_target(),
            "operation": self.operation,
            "sandbox": self.sandbox,
            "status": self.status,
            "source": self.source,
            "violations": len(self.violations),
        }

    def _render_target(self) -> dict[str, str]:
        return {
            "method": self.method,
            "path": mask_path(self.path.decode("latin-1")),
            "query": mask_query(self.query.decode("latin-1")),
        }


class Journal:
    """The last entries: at most `max_entries`, which together take at most `max_bytes`.

    `followers` are set with each new entry, and when the server stops (`is_closed`).
    """

    is_shared = False

    def __init__(self, max_entries: int, max_bytes: int, clock: Clock) -> None:
        self._entries: deque[Entry] = deque()
        self._max_entries, self._max_bytes, self._bytes = max_entries, max_bytes, 0
        self._clock, self._count, self._recorded = clock, 0, 0
        self.followers: set[asyncio.Event] = set()
        self.is_closed = False

    def catch_up(self) -> None:
        """Takes over what other processes have recorded."""

    def newest(self) -> list[Entry]:
        """Returns all entries, newest first."""
        self.catch_up()
        return list(reversed(self._entries))

    def find(self, number: int) -> Entry | None:
        """Returns the entry of that number; None if it was dropped or is not there yet."""
        self.catch_up()
        return next((entry for entry in reversed(self._entries) if entry.number == number), None)

    def remove(self, numbers: Collection[int]) -> None:
        """Removes the entries of these numbers; unknown numbers are ignored."""
        self._entries = deque(entry for entry in self._entries if entry.number not in numbers)
        self._bytes = sum(entry.size for entry in self._entries)

    @property
    def begin(self) -> int:
        """The position of the oldest entry.

        Entries are recorded when requests end, so that numbers, given when requests begin, need not follow positions.
        """
        return self._recorded - len(self._entries)

    @property
    def end(self) -> int:
        """The position that the next entry gets."""
        return self._recorded

    def at(self, position: int) -> Entry:
        """Returns the entry at a position from `begin` to before `end`."""
        return self._entries[position - self.begin]

    def close(self) -> None:
        """Ends the streams of all followers."""
        self.is_closed = True
        self._notify()

    @property
    def count(self) -> int:
        """The number of requests since the start, with those whose entries were dropped."""
        return self._count

    def next_number(self) -> int:
        """Returns the number of the entry of a request that begins now."""
        self._count += 1
        return self._count

    def record(self, exchange: Exchange, milliseconds: float) -> None:
        """Adds the entry of a finished exchange, and drops the oldest entries beyond the bounds."""
        if not self._max_entries:
            return
        self._append(Entry.of(exchange, self._clock(), milliseconds))
        self._notify()

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._recorded += 1
        self._bytes += entry.size
        while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self._bytes -= self._entries.popleft().size

    def _notify(self) -> None:
        for follower in self.followers:
            follower.set()


def _recorded_body(exchange: Exchange) -> bytes | None:
    """The request body, as JSON if another format was decoded; None if it is too long."""
    raw = exchange.raw_body
    if exchange.decoded_body is not None and len(raw) <= MAX_BODY:
        raw = write_json(exchange.decoded_body)
    return raw if len(raw) <= MAX_BODY else None


def _render_headers(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    return mask_headers({name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()})


def _render_answer(body: bytes | None) -> Any:
    if not body:
        return None
    try:
        return NO_SECRETS.mask(read_json(body))
    except JsonError:
        return mask_text(body.decode("utf-8", "replace"))
