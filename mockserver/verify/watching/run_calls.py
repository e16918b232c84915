"""The calls of a run in memory, compressed: each request and its answer, as a recording has them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import requests

from mockserver.judging.recorded_calls import BROKEN, RecordedBody, RecordedCall
from mockserver.verify.safety.bounded_transport import CUT

_BLOCK = 64  # calls that are compressed together: what they have in common takes no memory twice
_MOST_TEXT = 5_000_000  # characters of answers that wait to be compressed


class RunCalls:
    """A recording of one run. The number of a call is its place among those of tests, from 1; others have 0.

    The fake does not get reads in the `foreign` workspaces: if they are answered, it must not take that for a right.
    """

    unusable, is_cut = 0, False

    def __init__(self, foreign: frozenset[str] = frozenset()) -> None:
        self.foreign = foreign
        self._places: list[tuple[int, int]] = []  # of the calls of tests: the block, and the place in it
        self.left_out: set[str] = set()  # the URLs of reads that the fake must not learn from
        self._blocks: list[bytes] = []
        self._last: list[list[Any]] = []
        self._waiting = 0  # characters
        self._read: tuple[int, list[list[Any]]] = (-1, [])  # the block that was read last

    def observe(self, request: requests.PreparedRequest, response: requests.Response, *, is_test: bool = True) -> None:
        """Adds a request and its answer."""
        self._places += [(len(self._blocks), len(self._last))] if is_test else []
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        sent = {name.lower(): str(value) for name, value in request.headers.items()}
        received = {name.lower(): value for name, value in response.headers.items()}
        # Half an answer proves nothing.
        answer = None if CUT in received else _text(response.content)
        started = (datetime.now(UTC) - response.elapsed).isoformat()
        self._last.append(
            [
                len(self._places) if is_test else 0,
                request.method,
                request.url,
                response.status_code,
                _text(body),
                answer,
                sent,
                received,
                started,
            ]
        )
        self._waiting += len(answer or "")
        if len(self._last) == _BLOCK or self._waiting > _MOST_TEXT:
            self._blocks.append(zlib.compress(json.dumps(self._last).encode()))
            self._last, self._waiting = [], 0

    def answer(self, number: int) -> Any:
        """Returns the JSON body of the answer to a call; None without one."""
        block, place = self._places[number - 1]
        if block != self._read[0]:
            entries = json.loads(zlib.decompress(self._blocks[block])) if block < len(self._blocks) else self._last
            self._read = block, entries
        body = _call(self._read[1][place]).answer
        return body.json if body.text and body.json is not BROKEN else None

    def calls(self) -> Iterator[RecordedCall]:
        """Yields what the fake gets: the calls from the first one on, without those that are left out."""
        yield from (call for call in self._all() if call.method != "GET" or not self._is_left_out(call))

    def tests(self) -> Iterator[RecordedCall]:
        """Yields the calls of tests from the first one on."""
        yield from (call for call in self._all() if call.number)

    def _is_left_out(self, call: RecordedCall) -> bool:
        return call.url in self.left_out or call.request_headers.get("en-workspace") in self.foreign

    def _all(self) -> Iterator[RecordedCall]:
        return chain.from_iterable(map(_call, block) for block in self._unpacked())

    def _unpacked(self) -> Iterator[list[list[Any]]]:
        for block in self._blocks:
            yield json.loads(zlib.decompress(block))
        yield self._last


def _call(entry: list[Any]) -> RecordedCall:
    number, method, url, status, sent, answer, request_headers, headers, started = entry
    return RecordedCall(
        number=number,
        method=method,
        url=url,
        status=status,
        request=RecordedBody(request_headers.get("content-type", ""), sent),
        answer=RecordedBody(headers.get("content-type", ""), answer),
        headers=headers,
        day=started[:10],
        started=started,
        request_headers=request_headers,
    )


def _text(body: Any) -> str | None:
    """The text of a body; None if it is no text."""
    try:
        return body.decode() if isinstance(body, bytes) else None
    except UnicodeDecodeError:
        return None
