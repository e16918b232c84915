"""The guard: everything that a run sends crosses `send`, redirects and Schemathesis' own repeats included.

It decides what may leave the machine, keeps the bounds, counts, and tells the watchers what came back. What it does not
let through is not sent; the caller gets a 404 with `x-guard`, which no check judges.
"""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from mockserver.settings import LOOPBACK
from mockserver.verify.safety.ledger import Ledger, LedgerError
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.patience import Patience
from mockserver.verify.safety.undo import Creation, path_keys

REFUSED = "x-guard"
CUT = "x-guard-cut"
READS = ("GET", "HEAD")
NAMES = ("name", "title", "slug", "email")
_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")

Watcher = Callable[[requests.PreparedRequest, requests.Response], None]
Send = Callable[..., requests.Response]


class Guard:
    """The rules of one run on one target."""

    def __init__(
        self, target: str, limits: Limits, ledger: Ledger, creations: dict[str, Creation], spared: Callable[..., str]
    ) -> None:
        self.target, self.limits, self.ledger = urlsplit(target), limits, ledger
        self._creations, self._spared = creations, spared
        self._prefix = self.target.path.rstrip("/")
        self.watchers: list[Watcher] = []
        self.sent, self.refused = 0, Counter[str]()
        self.unerasable = Counter[str]()  # records made that no DELETE takes back, by path
        self.stopped = ""
        self.failures_in_a_row = 0
        self.last_failure = ""
        self.patience = Patience(min(limits.patience, limits.max_time / 2))
        self.begin()
        self.cleaning = False
        self._foreign: set[str] = set()  # paths of records that were there without us
        self._next = 0.0

    def begin(self) -> None:
        """The time of the run counts from here on, not from the reading of the contract."""
        self.deadline = time.monotonic() + self.limits.max_time

    @property
    def is_out_of_time(self) -> bool:
        return time.monotonic() > self.deadline

    @contextmanager
    def on_top(self) -> Iterator[None]:
        """While this lasts, a run that is over or stopped may still ask and clean."""
        stopped, self.cleaning, self.stopped = self.stopped, True, ""
        try:
            yield
        finally:
            self.cleaning, self.stopped = False, stopped

    @contextmanager
    def installed(self) -> Iterator[None]:
        """While this lasts, `requests` has no other way out of this process."""
        send = HTTPAdapter.send
        guard = self

        def guarded(self: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            return guard.send(lambda **kept: send(self, request, **kept), request, **options)

        with patch.object(HTTPAdapter, "send", guarded):
            yield

    def send(self, onward: Send, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """The answer of the target, or the guard's own."""
        if reason := self.objection(request):
            self.refused[reason] += 1
            return _refusal(request, reason)
        creation = self._creation_of(request)
        answer = self.patience.ask(lambda: self._exchange(creation, onward, request, options))
        if request.method == "POST" and not creation and _is_done(answer) and "id" in (_json(answer.content) or ()):
            self.unerasable[self._path(request)] += 1
        if request.method == "DELETE" and _is_done(answer) and not self.cleaning:
            self.ledger.record_claimed(self._path(request))
        if request.method == "GET" and _is_done(answer):
            self._learn_foreign(request, answer)
        for watcher in self.watchers:
            watcher(request, answer)
        return answer

    def _exchange(
        self, creation: Creation | None, onward: Send, request: requests.PreparedRequest, options: dict[str, Any]
    ) -> requests.Response:
        """One request and its answer, in the ledger if it makes a record."""
        self._keep_rate()
        number = self._announce(request) if creation and not self.cleaning else 0
        answer = self._bounded(onward, request, options)
        if number and creation:
            self._enter(creation, number, request, answer)
        return answer

    def _learn_foreign(self, request: requests.PreparedRequest, answer: requests.Response) -> None:
        """A target that answers a creation with a record of others must not make it ours."""
        creation, rows = self._creation_at(self._path(request)), _json(answer.content)
        if creation is None or not isinstance(rows, list):
            return
        made = (creation.made(self._path(request), row) for row in rows)
        self._foreign.update(own.path for own in made if own is not None and own.path not in self.ledger.own)

    def objection(self, request: requests.PreparedRequest) -> str:
        """Why the request may not be sent; empty if it may."""
        address = urlsplit(request.url or "")
        if (address.scheme, address.netloc) != (self.target.scheme, self.target.netloc):
            return "another host"
        if address.scheme != "https" and address.hostname not in LOOPBACK and not self.limits.allow_http:
            return "plain http beyond loopback"
        if self.stopped:
            return "the run has been stopped"
        if self.is_out_of_time and not self.cleaning:
            return "out of time"
        if self._creation_of(request) and self.ledger.holds_secret(self._path(request)):
            return "a creation below a name that holds a secret"
        return self._objection_to_method(request)

    def _objection_to_method(self, request: requests.PreparedRequest) -> str:
        path, mode = self._path(request), self.limits.mode
        if mode is Mode.FULL:
            return self._spared(request, path)
        if any(name in request.headers for name in _OVERRIDES):
            return "a header that changes the method"
        if request.method in READS:
            return ""
        if mode is Mode.READ_ONLY:
            return f"{request.method} in read-only"
        return self._objection_to_write(request, path)

    def _objection_to_write(self, request: requests.PreparedRequest, path: str) -> str:
        if _is_tricky(path):
            return "a write to an unclear path"
        if self.ledger.is_own(path) and not self._creation_of(request):
            return "" if self._is_marked(request) else "a change that takes the mark away"
        creation = self._creation_of(request)
        if creation is None:
            return f"{request.method} on a record that is not ours"
        parent = creation.parent(path)
        if parent is not None and not self.ledger.is_own(parent):
            return "a creation below a record that is not ours"
        return "" if self._is_marked(request) else "a creation without the mark"

    def _is_marked(self, request: requests.PreparedRequest) -> bool:
        """Every name that the body gives carries the mark of the run."""
        body = _json(request.body)
        named = [body[name] for name in NAMES if name in body] if isinstance(body, dict) else []
        return all(self.ledger.mark in text for text in named if isinstance(text, str) and text.strip())

    def _creation_of(self, request: requests.PreparedRequest) -> Creation | None:
        return self._creation_at(self._path(request)) if request.method == "POST" else None

    def _creation_at(self, path: str) -> Creation | None:
        return next((c for template, c in self._creations.items() if path_keys(template, path) is not None), None)

    def _announce(self, request: requests.PreparedRequest) -> int:
        try:
            return self.ledger.announce(self._path(request))
        except LedgerError as error:
            self._stop(str(error))
            raise

    def _enter(
        self, creation: Creation, number: int, request: requests.PreparedRequest, answer: requests.Response
    ) -> None:
        if not _is_done(answer):
            # What a failing server has done is not known: the intent stays open, and the mark finds the record.
            if answer.status_code < 500:
                self.ledger.record_refused(number, answer.status_code)
            return
        own = creation.made(self._path(request), _json(answer.content))
        if own is not None and own.path in self._foreign:
            self.ledger.record_refused(number, answer.status_code)
            if self.limits.mode is Mode.OWN_DATA:
                self._stop(f"POST {self._path(request)} was answered with a record that was there before")
        elif own is not None:
            self.ledger.record_created(number, own)
        elif self.limits.mode is Mode.OWN_DATA:
            self._stop(
                f"POST {self._path(request)} made a record whose answer does not name it, so it cannot be deleted"
            )

    def _path(self, request: requests.PreparedRequest) -> str:
        """The path as the contract knows it."""
        return urlsplit(request.url or "").path.removeprefix(self._prefix)

    def _stop(self, why: str) -> None:
        self.stopped = self.stopped or why

    def _keep_rate(self) -> None:
        now = time.monotonic()
        if self.limits.rate and now < self._next:
            time.sleep(self._next - now)
        if self.limits.rate:
            self._next = max(now, self._next) + 1 / self.limits.rate

    def _bounded(self, onward: Send, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        """The answer, read as far as size and time allow."""
        self.sent += 1
        begun = time.monotonic()
        patience = self.limits.request_time
        try:
            answer = onward(**options | {"stream": True, "timeout": patience, "proxies": {}})
            _read(answer, self.limits.max_body, begun + patience)
        except requests.RequestException as error:
            self.failures_in_a_row += 1
            self.last_failure = cause(error)
            raise
        self.failures_in_a_row = 0
        answer.elapsed = timedelta(seconds=time.monotonic() - begun)
        return answer


def _is_done(answer: requests.Response) -> bool:
    """What `requests` calls ok may be a redirect, too."""
    return 200 <= answer.status_code < 300


def _read(answer: requests.Response, most: int, until: float) -> None:
    """Reads the body into the answer; one that is too long or too slow is cut, and says so in a header."""
    body = bytearray()
    cut = ""
    try:
        while chunk := answer.raw.read1(65_536, decode_content=True):
            body += chunk
            if len(body) > most:
                cut = f"more than {most} bytes"
            elif time.monotonic() > until:
                cut = "slower than the time for a request"
            if cut:
                break
    except Exception as error:
        answer.close()
        raise requests.exceptions.ChunkedEncodingError(f"the body broke off: {type(error).__name__}") from error
    if cut:
        answer.close()
        for headers in (answer.headers, answer.raw.headers):  # Schemathesis looks at the raw ones
            headers[CUT] = cut
    answer._content = bytes(body[:most])
    answer._content_consumed = True


def cause(error: BaseException) -> str:
    """The innermost reason that has words, such as `Connection refused`; else the name of the error."""
    told, inner = type(error).__name__, error.__cause__ or error.__context__
    while inner is not None:
        if isinstance(inner, OSError):
            told = inner.strerror or str(inner) or told
        inner = inner.__cause__ or inner.__context__
    return told


def _refusal(request: requests.PreparedRequest, reason: str) -> requests.Response:
    headers = {REFUSED: reason, "content-type": "application/json"}
    raw = urllib3.HTTPResponse(io.BytesIO(b"{}"), headers, 404, reason="Not sent", preload_content=False)
    return HTTPAdapter().build_response(request, raw)


def _is_tricky(path: str) -> bool:
    """True if client and server might not read the same path."""
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    return any(segment in ("", ".", "..") or any(c in segment for c in "/\\%;") for segment in segments)


def _json(raw: Any) -> Any:
    try:
        return json.loads(raw)
    except (TypeError, ValueError):
        return None
