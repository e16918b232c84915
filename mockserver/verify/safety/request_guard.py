"""Request guard: the transport adapter that every session of a run sends through, and its rules.

The guard decides what may be sent, enforces the limits, counts requests, and hands each response to the observers. A
refused request is not sent: its caller receives a 404 with the header `x-guard`, which no check looks at. Redirects and
Schemathesis' own repeats pass the same adapter, because `requests` selects the adapter for each single request.
"""

from __future__ import annotations

import io
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from mockserver.settings import LOOPBACK
from mockserver.verify.safety.creations import Creation, path_keys
from mockserver.verify.safety.ledger import Ledger, LedgerError
from mockserver.verify.safety.limits import BusyRetries, Limits, Mode

REFUSED = "x-guard"
CUT = "x-guard-cut"
CANARY = "x-guard-canary"
READS = ("GET", "HEAD")
# The members that carry the mark of the run: those by which people know a record.
NAMES = ("name", "title", "slug", "email")
# With one of these, some servers treat a GET as the named method.
_METHOD_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")

Observer = Callable[[requests.PreparedRequest, requests.Response], None]
Send = Callable[..., requests.Response]


class GuardAdapter(HTTPAdapter):
    """Transport adapter of `requests` that sends only what a guard lets through."""

    def __init__(self, guard: RequestGuard) -> None:
        super().__init__()
        self._guard = guard

    def send(self, request: requests.PreparedRequest, *positional: Any, **options: Any) -> requests.Response:
        """Sends a request through the guard; `options` are those of `HTTPAdapter.send`."""
        names = ("stream", "timeout", "verify", "cert", "proxies")
        options |= dict(zip(names, positional, strict=False))
        return self._guard.send(partial(super().send, request), request, **options)


class RequestGuard:
    """The rules for one run against one target. `protects` explains why `full` does not send a request."""

    def __init__(
        self, target: str, limits: Limits, ledger: Ledger, creations: dict[str, Creation], protects: Callable[..., str]
    ) -> None:
        self.target, self.limits, self.ledger = urlsplit(target), limits, ledger
        self._creations, self._protects = creations, protects
        self._prefix = self.target.path.rstrip("/")
        self._adapter = GuardAdapter(self)
        self.canary = secrets.token_hex(8)
        self.observers: list[Observer] = []
        self.sent, self.refused = 0, Counter[str]()
        self.undeletable = Counter[str]()  # records created by an operation without a DELETE, by path
        self.stopped = ""
        self.failures_in_a_row = 0
        self.last_failure = ""
        self.retries = BusyRetries(min(limits.busy_time, limits.max_time / 2))
        self.start_clock()
        self.cleaning = False
        self._foreign: set[str] = set()  # paths of records that this run has not created
        self._next = 0.0

    def start_clock(self) -> None:
        """Starts the time of the run; reading the contract does not count."""
        self.deadline = time.monotonic() + self.limits.max_time

    @property
    def is_out_of_time(self) -> bool:
        return time.monotonic() > self.deadline

    @contextmanager
    def overtime(self) -> Iterator[None]:
        """Lets a run that is out of time or stopped still look at the target and clean up."""
        stopped, self.cleaning, self.stopped = self.stopped, True, ""
        try:
            yield
        finally:
            self.cleaning, self.stopped = False, stopped

    def mount(self, session: requests.Session) -> requests.Session:
        """Replaces all adapters of a session by the guard, so that it has no other way to the network."""
        # A longer prefix such as `https://host` would win over the adapters below.
        session.adapters.clear()
        session.mount("http://", self._adapter)
        session.mount("https://", self._adapter)
        return session

    def session(self) -> requests.Session:
        """A new session that sends through the guard."""
        return self.mount(requests.Session())

    def send(self, onward: Send, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Returns the response of the target, or a refusal. `onward` sends for real and takes `options`."""
        if request.headers.get(CANARY) == self.canary:
            return _refusal(request, CANARY)  # not counted: no user has asked for it
        if reason := self.objection(request):
            self.refused[reason] += 1
            return _refusal(request, reason)
        creation = self._creation_of(request)
        response = self.retries.send(lambda: self._exchange(creation, onward, request, options))
        self._record_effects(creation, request, response)
        for observer in self.observers:
            observer(request, response)
        return response

    def _record_effects(
        self, creation: Creation | None, request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Notes what a successful request has deleted, listed, or created without a way to delete it."""
        if not _is_success(response):
            return
        path = self._path(request)
        if request.method == "POST" and not creation and "id" in (parse_json(response.content) or ()):
            self.undeletable[path] += 1
        # The cleaner looks each record up itself before it notes a deletion.
        if request.method == "DELETE" and not self.cleaning:
            self.ledger.record_claimed(path)
        if request.method == "GET":
            self._note_foreign(path, response)

    def _exchange(
        self, creation: Creation | None, onward: Send, request: requests.PreparedRequest, options: dict[str, Any]
    ) -> requests.Response:
        """Sends once; a creation is written to the ledger before and after."""
        self._keep_rate()
        number = self._announce(request) if creation and not self.cleaning else 0
        response = self._send_bounded(onward, request, options)
        if number and creation:
            self._settle(creation, number, request, response)
        return response

    def _note_foreign(self, path: str, response: requests.Response) -> None:
        """Remembers listed records: a target may answer a creation with one of them, which is not ours then."""
        creation, rows = self._creation_at(path), parse_json(response.content)
        if creation is None or not isinstance(rows, list):
            return
        listed = (creation.created_record(path, row) for row in rows)
        self._foreign.update(own.path for own in listed if own is not None and own.path not in self.ledger.own)

    def objection(self, request: requests.PreparedRequest) -> str:
        """Explains why a request may not be sent; empty if it may."""
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
            return "a creation below a name that contains a secret"
        return self._objection_to_method(request)

    def _objection_to_method(self, request: requests.PreparedRequest) -> str:
        path, mode = self._path(request), self.limits.mode
        # Before the rules for methods: `full` may send any of them.
        if mode is Mode.FULL:
            return self._protects(request, path)
        if any(name in request.headers for name in _METHOD_OVERRIDES):
            return "a header that changes the method"
        if request.method in READS:
            return ""
        if mode is Mode.READ_ONLY:
            return f"{request.method} in read-only"
        return self._objection_to_write(request, path)

    def _objection_to_write(self, request: requests.PreparedRequest, path: str) -> str:
        if _is_ambiguous(path):
            return "a write to an ambiguous path"
        creation = self._creation_of(request)
        if self.ledger.is_own(path) and creation is None:
            return "" if self._is_marked(request) else "a change that removes the mark"
        if creation is None:
            return f"{request.method} on a record that is not ours"
        parent = creation.parent(path)
        if parent is not None and not self.ledger.is_own(parent):
            return "a creation below a record that is not ours"
        return "" if self._is_marked(request) else "a creation without the mark"

    def _is_marked(self, request: requests.PreparedRequest) -> bool:
        """True if every name in the body contains the mark of the run."""
        body = parse_json(request.body)
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

    def _settle(
        self, creation: Creation, number: int, request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Writes the outcome of a creation to the ledger; stops the run if the new record cannot be deleted."""
        if not _is_success(response):
            # A failing server may have created the record: the entry stays open, and cleanup searches for the mark.
            if response.status_code < 500:
                self.ledger.record_refused(number, response.status_code)
            return
        path = self._path(request)
        own = creation.created_record(path, parse_json(response.content))
        if own is not None and own.path in self._foreign:
            self.ledger.record_refused(number, response.status_code)
            if self.limits.mode is Mode.OWN_DATA:
                self._stop(f"POST {path} was answered with a record that was there before")
        elif own is not None:
            self.ledger.record_created(number, own)
        elif self.limits.mode is Mode.OWN_DATA:
            self._stop(f"POST {path} created a record, but the response does not name it, so it cannot be deleted")

    def _path(self, request: requests.PreparedRequest) -> str:
        """The path as the contract writes it: without the path of the target's own address."""
        return urlsplit(request.url or "").path.removeprefix(self._prefix)

    def _stop(self, reason: str) -> None:
        self.stopped = self.stopped or reason

    def _keep_rate(self) -> None:
        now = time.monotonic()
        if self.limits.rate and now < self._next:
            time.sleep(self._next - now)
        if self.limits.rate:
            self._next = max(now, self._next) + 1 / self.limits.rate

    def _send_bounded(
        self, onward: Send, request: requests.PreparedRequest, options: dict[str, Any]
    ) -> requests.Response:
        """Sends and reads the body within the limits of size and time. No proxy is used."""
        self.sent += 1
        started, longest = time.monotonic(), self.limits.request_time
        # A proxy could be another host, and would see the keys. The body is read below, within the limits.
        try:
            response = onward(**options | {"stream": True, "timeout": longest, "proxies": {}})
            _read_body(response, self.limits.max_body, started + longest)
        except requests.RequestException as error:
            self.failures_in_a_row += 1
            self.last_failure = cause(error)
            raise
        # The time of `requests` ends at the head; a slow body counts too.
        self.failures_in_a_row = 0
        response.elapsed = timedelta(seconds=time.monotonic() - started)
        return response


def _is_success(response: requests.Response) -> bool:
    """True for 2xx only; `Response.ok` includes redirects."""
    return 200 <= response.status_code < 300


def _read_body(response: requests.Response, most: int, deadline: float) -> None:
    """Reads the body into `response.content`; a body that is too long or too slow is cut, and a header says so."""
    body, cut = bytearray(), ""
    try:
        while not cut and (chunk := response.raw.read1(65_536, decode_content=True)):
            body += chunk
            if len(body) > most:
                cut = f"more than {most} bytes"
            elif time.monotonic() > deadline:
                cut = "slower than the time for a request"
    except Exception as error:
        response.close()
        raise requests.exceptions.ChunkedEncodingError(f"the body broke off: {type(error).__name__}") from error
    if cut:
        response.close()  # the rest of the body is still on the connection
        for headers in (response.headers, response.raw.headers):  # Schemathesis reads the raw ones
            headers[CUT] = cut
    _load_content(response, bytes(body[:most]))


def _load_content(response: requests.Response, body: bytes) -> None:
    """Makes `response.content` return this body: it is read from `raw` once and kept by `requests`."""
    raw, response.raw = response.raw, io.BytesIO(body)
    _ = response.content
    response.raw = raw


def cause(error: BaseException) -> str:
    """Describes the innermost operating system error, such as `Connection refused`; else names the error."""
    text, inner = type(error).__name__, error.__cause__ or error.__context__
    while inner is not None:
        if isinstance(inner, OSError):
            text = inner.strerror or str(inner) or text
        inner = inner.__cause__ or inner.__context__
    return text


def _refusal(request: requests.PreparedRequest, reason: str) -> requests.Response:
    headers = {REFUSED: reason, "content-type": "application/json"}
    raw = urllib3.HTTPResponse(io.BytesIO(b"{}"), headers, 404, reason="Not sent", preload_content=False)
    return HTTPAdapter().build_response(request, raw)


def _is_ambiguous(path: str) -> bool:
    """True if client and server might read different paths."""
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    return any(segment in ("", ".", "..") or any(c in segment for c in "/\\%;") for segment in segments)


def parse_json(raw: Any) -> Any:
    """Parses a body; None if it is no JSON."""
    try:
        return json.loads(raw)
    except (TypeError, ValueError):
        return None
