"""A client whose calls are recorded as `mockserver record` records them, without a proxy in between."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from mockserver.contract.document import Document
from mockserver.traffic.har_entries import ForwardedCall, HarEntries
from mockserver.traffic.personal_data import PersonalData
from tests.traffic.reference.tour import Exchange

TARGET = "http://127.0.0.1"
_BEGIN = datetime(2026, 11, 2, 12, tzinfo=UTC)


class HarClient:
    """Records the calls of other clients, a microsecond apart; `personal` replaces personal data."""

    def __init__(self, document: Document, personal: PersonalData | None = None) -> None:
        self._entries = HarEntries(document, TARGET, "", personal)
        self._microseconds = count()
        self.calls: list[dict[str, Any]] = []

    def watch(self, client: httpx.Client) -> None:
        """Records the further calls of a client."""
        client.event_hooks = {"response": [self._record]}

    def write(self, file: Path) -> Path:
        file.write_text(json.dumps({"log": {"version": "1.2", "entries": self.calls}}), encoding="utf-8")
        return file

    def _record(self, answer: httpx.Response) -> None:
        request, body = answer.request, answer.read()
        call = ForwardedCall(
            started=_BEGIN + timedelta(microseconds=next(self._microseconds)),
            method=request.method,
            path=request.url.raw_path.decode().partition("?")[0],
            query=request.url.query.decode(),
            request_headers=list(request.headers.raw),
            request_body=request.content,
            status=answer.status_code,
            response_headers=list(answer.headers.raw),
            response_body=body,
            response_size=len(body),
        )
        self.calls.append(self._entries.entry(call))


def forwarded(exchange: Exchange) -> ForwardedCall:
    """The call of a tour as the proxy would have forwarded it."""
    path, _, query = exchange.url.partition("://")[2].partition("/")[2].partition("?")
    headers = [(name.encode(), value.encode()) for name, value in exchange.sent_headers.items()]
    received = [(name.encode(), value.encode()) for name, value in exchange.headers]
    return ForwardedCall(
        datetime.now(UTC), exchange.method, f"/{path}", query, headers, exchange.sent, exchange.status, received,
        exchange.body, len(exchange.body),
    )  # fmt: skip
