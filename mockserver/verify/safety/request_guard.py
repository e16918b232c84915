"""Request guard: the transport adapter that every session of a run sends through, and its rules.

The guard decides what may be sent, enforces the limits, counts requests, and hands each response to the observers. A
refused request is not sent: its caller receives a 404 with the header `x-guard`, which no check looks at. Redirects and
Schemathesis' own repeats pass the same adapter, because `requests` selects the adapter for each single request.
"""

from __future__ import annotations

import io
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from mockserver.settings import LOOPBACK
from mockserver.verify.credentials import WORKSPACE
from mockserver.verify.safety.bounded_transport import GRACE, TOO_SLOW, BoundedAdapter, parse_json, read_body
from mockserver.verify.safety.creations import Creations
from mockserver.verify.safety.ledger import LONG_AGO, Ledger, OwnRecord
from mockserver.verify.safety.limits import Limits, Mode, Retries, is_success, is_trouble
from mockserver.verify.safety.ownership import Ownership, TargetClock
from mockserver.verify.safety.run_records import RunRecords
from mockserver.verify.safety.run_scope import RunScope
from mockserver.verify.safety.write_rules import WriteRules

REFUSED = "x-guard"
NUMBER = "x-guard-number"  # of a response, from 1, in the order of the run
CANARY = "x-guard-canary"

Observer = Callable[[requests.PreparedRequest, requests.Response], None]
# Sees each request that was sent: its response or the reason why there is none, and the number of the response.
AttemptObserver = Callable[[requests.PreparedRequest, requests.Response | None, str, int], None]
Send = Callable[..., requests.Response]


class GuardAdapter(BoundedAdapter):
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
    """The rules for one run against one target. `protects` explains why `full` does not send a request.

    `headers` are those of the run: the guard reads with them whether a record is the run's own.
    """

    def __init__(
        self,
        target: str,
        limits: Limits,
        ledger: Ledger,
        creations: Creations,
        protects: Callable[..., str],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.target, self.limits, self.ledger = urlsplit(target), limits, ledger
        self._headers = dict(headers or {})
        self._prefix = self.target.path
        self._adapter = GuardAdapter(self)
        self.canary = secrets.token_hex(8)
        self.observers: list[Observer] = []
        self.attempt_observers: list[AttemptObserver] = []
        # See every exchange: those of repeats, reproductions and cleanup too.
        self.recorders: list[Observer] = []
        self.objections: list[Callable[[requests.PreparedRequest], str]] = []
        self.answered, self.lost = 0, 0
        self.sent, self.refused = 0, Counter[str]()
        self.stopped = ""
        self.retries = Retries(min(limits.busy_time, limits.max_time / 2), lambda: self.is_out_of_time)
        self.start_clock()
        self.cleaning = False
        self.clock = TargetClock()
        self._session = self.session()
        self.ownership = Ownership(ledger, creations, partial(self.call, "GET"))
        scope = RunScope(limits.mode, self._headers.get(WORKSPACE), ledger, creations, self.ownership)
        self._rules = WriteRules(scope, protects, self.disown)
        self.records = RunRecords(scope, self.clock, self._stop)
        # Sessions of the run do not read the environment (see `mount`), but REQUESTS_CA_BUNDLE has to be used.
        verify = str(limits.authority) if limits.authority else None
        self._certificates = requests.Session().merge_environment_settings(target, {}, None, verify, None)["verify"]
        self._next = 0.0

    def start_clock(self) -> None:
        """Starts the time of the run; reading the contract does not count."""
        self._end = time.monotonic() + self.limits.max_time
        self.deadline = self._end - self.limits.reproduction_time

    @property
    def is_out_of_time(self) -> bool:
        return time.monotonic() > self.deadline

    @contextmanager
    def until_the_end(self) -> Iterator[None]:
        """Lets the run use the time that the tests have to leave for reproductions."""
        deadline, self.deadline = self.deadline, self._end
        try:
            yield
        finally:
            self.deadline = deadline

    @contextmanager
    def overtime(self) -> Iterator[None]:
        """Lets a run that is out of time or stopped still look at the target and clean up, for a bounded time."""
        self.cleaning = True
        deadline, self.deadline = self.deadline, time.monotonic() + self.limits.cleanup_time
        try:
            yield
        finally:
            self.cleaning, self.deadline = False, deadline

    def mount(self, session: requests.Session) -> requests.Session:
        """Replaces all adapters of a session by the guard, so that it has no other way to the network."""
        # A longer prefix such as `https://host` would win over the adapters below.
        session.adapters.clear()
        # Passwords of `~/.netrc` and proxies belong to other programs.
        session.trust_env = False
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
        self.lost += 1  # until there is a usable answer
        response = self.retries.send(request.method or "", lambda: self._exchange(onward, request, options))
        self.lost -= not is_trouble(response.status_code, response.content)
        self._number(response)
        self.records.note_effects(request, response, self._path(request), is_cleanup=self.cleaning)
        # In another workspace, the same path is another record.
        is_own = all(request.headers.get(name) == text for name, text in self._headers.items())
        if request.method == "GET" and is_own and is_success(response):
            self.ownership.observe(self._path(request), parse_json(response.content))
        for observer in self.observers:
            observer(request, response)
        return response

    def _number(self, response: requests.Response) -> None:
        self.answered += 1
        for headers in (response.headers, response.raw.headers):  # Schemathesis reads the raw ones
            headers[NUMBER] = str(self.answered)

    def _exchange(self, onward: Send, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        """Sends once; a creation is written to the ledger before and after."""
        self._keep_rate()
        path = self._path(request)
        number = self.records.announce(request, path) if not self.cleaning else 0
        response = self._send_bounded(onward, request, options)
        if number:
            self.records.settle(number, path, response)
        return response

    def call(self, method: str, path: str, **headers: str) -> requests.Response | None:
        """Sends a request of the run; None for a failure, a redirect or a refusal of the guard."""
        url = self.target.geturl() + path
        try:
            response = self._session.request(method, url, headers=self._headers | headers, allow_redirects=False)
        except requests.RequestException:
            return None
        return None if response.is_redirect or REFUSED in response.headers else response

    def objection(self, request: requests.PreparedRequest) -> str:
        """Explains why a request may not be sent; empty if it may."""
        address = urlsplit(request.url or "")
        if (address.scheme, address.netloc) != (self.target.scheme, self.target.netloc):
            return "another host"
        if address.scheme != "https" and address.hostname not in LOOPBACK and not self.limits.allow_http:
            return "plain http beyond loopback"
        if self.stopped and not self.cleaning:
            return "the run has been stopped"
        if self.is_out_of_time:
            return "out of time"
        objections = () if self.cleaning else self.objections
        reason = next(filter(None, (object_to(request) for object_to in objections)), "")
        return reason or self._rules.objection(request, self._path(request))

    def disown(self, own: OwnRecord, why: str) -> None:
        """Gives up a record that is not proved to be ours, and stops the run, unless it may change any record."""
        creation = self.ledger.announced[own.number].path
        self.ledger.record_disowned(own.path)
        self.ownership.foreign.add(own.path)
        if self.limits.mode is not Mode.FULL:
            named = f"POST {creation} was answered with {own.path}"
            self._stop(f"{named}, which is not proved to be a record of this run: {why}")

    def _path(self, request: requests.PreparedRequest) -> str:
        """The path as the contract writes it: without the path of the target's own address."""
        return urlsplit(request.url or "").path.removeprefix(self._prefix)

    def _stop(self, reason: str) -> None:
        if reason not in self.stopped:
            self.stopped = f"{self.stopped}; {reason}" if self.stopped else reason

    def _keep_rate(self) -> None:
        if self.limits.rate:
            now = time.monotonic()
            time.sleep(max(0.0, self._next - now))
            self._next = max(now, self._next) + 1 / self.limits.rate

    def _send_bounded(
        self, onward: Send, request: requests.PreparedRequest, options: dict[str, Any]
    ) -> requests.Response:
        """Sends and reads the body within the limits of size and time. No proxy is used."""
        self.sent += 1
        started, longest = time.monotonic(), self.limits.request_time
        try:
            with self._adapter.watchdog(longest + GRACE) as late:
                response = self._send_watched(late, onward, options | {"timeout": longest})
        except requests.RequestException as error:
            self._note_attempt(request, None, cause(error))
            raise
        self.clock.observe(response)
        if self.ledger.started == LONG_AGO and not self.ledger.announced:  # that of a killed run is in its ledger
            self.ledger.started = self.clock.now
        self._note_attempt(request, response, "")
        # The time of `requests` ends at the head; a slow body counts too.
        response.elapsed = timedelta(seconds=time.monotonic() - started)
        for record in self.recorders:
            record(request, response)
        return response

    def _note_attempt(
        self, request: requests.PreparedRequest, response: requests.Response | None, failure: str
    ) -> None:
        # What cleanup meets is reported with the records that are left.
        for observer in () if self.cleaning else self.attempt_observers:
            observer(request, response, failure, self.answered + 1)

    def _send_watched(self, late: Event, onward: Send, options: dict[str, Any]) -> requests.Response:
        try:
            # A proxy could be another host, and would see the keys. The body is read below, within the limits.
            response = onward(**options | {"stream": True, "proxies": {}, "verify": self._certificates})
            read_body(response, self.limits.max_body, late)
        except requests.RequestException:
            if late.is_set():
                raise requests.ReadTimeout(TOO_SLOW) from TimeoutError("timed out")
            raise
        return response


def number_of(response: Any) -> int:
    """Returns the number of a response in the run; 0 if there is no response."""
    number = getattr(response, "headers", {}).get(NUMBER, 0)
    # Schemathesis keeps the values of a header as a list.
    return int(number[0] if isinstance(number, list) else number)


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
