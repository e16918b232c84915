"""The journal that several processes share: a cache of its rows in the store, read again before each use.

A database is read by others than this program, so secrets are masked before an entry is written, not only when it is
rendered.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from mockserver.clock import Clock
from mockserver.contract.operations import Operation
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.journal import Entry, Journal
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.log_request import request_to_log
from mockserver.pipeline.refusals import Violation
from mockserver.secrets import NO_SECRETS, SecretMembers, mask_headers, mask_path, mask_query, mask_text
from mockserver.state.journal_store import JournalStore

_BYTES = ("raw_path", "query_string", "raw_body", "answer_body")
_TEXTS = ("method", "workspace")


class SharedJournal(Journal):
    """The last entries of all processes, numbered in the order in which they are recorded.

    It also records the requests in the logs of their sandboxes, in the same round trip.
    """

    is_shared = True

    def __init__(
        self, max_entries: int, max_bytes: int, clock: Clock, store: JournalStore, operations: Mapping[str, Operation]
    ) -> None:
        super().__init__(max_entries, max_bytes, clock)
        self._store, self._operations = store, operations
        self._removals = self._last = 0
        self._host = socket.gethostname()

    def next_number(self) -> int:
        return 0  # until the entry is recorded

    def record(self, exchange: Exchange, milliseconds: float) -> None:
        text = None
        if self._max_entries:
            entry = Entry.of(exchange, self._clock(), milliseconds)
            entry.process = f"{self._host}:{os.getpid()}"
            text = _to_text(entry)
        sandbox = None if exchange.sandbox is None else exchange.sandbox.name
        exchange.number = self._store.append(text, sandbox, request_to_log(exchange, milliseconds))
        self._notify()

    def catch_up(self) -> None:
        state = self._store.state()
        self._count = state.number
        if state.removals != self._removals:
            self._removals, self._last = state.removals, 0
            super().remove({entry.number for entry in self._entries})
        for number, text in self._store.since(self._last):
            self._last = number
            self._append(_from_text(number, text, self._operations))

    def remove(self, numbers: Collection[int]) -> None:
        self._store.remove(numbers)


def _to_text(entry: Entry) -> str:
    row = {name: getattr(entry, name) for name in entry.__slots__}
    row["raw_path"] = mask_path(entry.raw_path.decode("latin-1"))
    row["query_string"] = mask_query(entry.query_string.decode("latin-1"))
    row["headers"] = mask_headers(
        {name.decode("latin-1"): value.decode("latin-1") for name, value in entry.headers.items()}
    )
    row["raw_body"] = _masked_body(entry.raw_body, entry.secrets)
    row["answer_body"] = _masked_body(entry.answer_body, NO_SECRETS)
    row |= {name: row[name] and mask_text(row[name]) for name in _TEXTS}
    row["results"] = {stage: mask_text(result) for stage, result in entry.results.items()}
    row["called"] = entry.operation
    row["key"] = entry.key and {"reference": entry.caller}
    row["violations"] = [asdict(violation) for violation in entry.violations]
    return json.dumps(row)


def _masked_body(body: bytes | None, secrets: SecretMembers) -> str | None:
    """Masks a body; keeps what the journal shows of one that is no JSON: its text, as far as it is one."""
    if not body:
        return body if body is None else ""
    try:
        # As ASCII, since a row holds bytes as Latin-1.
        return json.dumps(secrets.mask(read_json(body)))
    except JsonError:
        return mask_text(body.decode("utf-8", "replace")).encode().decode("latin-1")


def _from_text(number: int, text: str, operations: Mapping[str, Operation]) -> Entry:
    row: dict[str, Any] = json.loads(text) | {"number": number}
    # What was masked may have been decoded before.
    row |= {
        name: value if value is None else value.encode("latin-1", "backslashreplace")
        for name in _BYTES
        for value in [row[name]]
    }
    row["headers"] = {name.encode("latin-1"): value.encode("latin-1") for name, value in row["headers"].items()}
    row["called"] = operations.get(row["called"])
    row["violations"] = tuple(
        Violation(**{**violation, "where": tuple(violation["where"])}) for violation in row["violations"]
    )
    return Entry(**row)
