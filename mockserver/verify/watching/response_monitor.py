"""Observers of every response, whoever sent the request: statuses, latencies, promises of every API, write access."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import sqrt
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests

from mockserver.contract.operations import Operation
from mockserver.text import count_of
from mockserver.verify.judging.assertions import (
    beyond_json,
    has_envelope,
    has_header,
    has_status,
    is_strict_json,
    lacks_member,
    lacks_text,
)
from mockserver.verify.judging.reproductions import Expectation
from mockserver.verify.probe import BrokenPromise, planted_secret
from mockserver.verify.received import Received
from mockserver.verify.redaction import Redactor
from mockserver.verify.resources import Contract
from mockserver.verify.results import Latency, OperationCoverage
from mockserver.verify.safety.bounded_transport import CUT, parse_json
from mockserver.verify.safety.limits import READS, is_trouble
from mockserver.verify.safety.request_guard import number_of
from mockserver.verify.watching.exchange_log import ExchangeLog
from mockserver.verify.watching.promise_watch import broken_in_answer
from mockserver.verify.watching.undeclared_members import find_undeclared

# Texts that only the inside of a server knows.
TRACES = {
    "a Python stack trace": re.compile(r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+"),
    "a stack trace": re.compile(r"\s+at [\w.$<>]+ ?\([\w./:-]+:\d+(?::\d+)?\)|\.java:\d+\)"),
    "a stack trace of PHP": re.compile(r"\.php(?::\d+|\(\d+\)| on line \d+)"),
    "a stack trace of Ruby": re.compile(r"\.rb:\d+:in "),
    "a stack trace of Go or Rust": re.compile(r"goroutine \d+ \[|panicked at |\.(?:go|rs):\d+"),
    "a stack trace of .NET": re.compile(r" in \S+\.cs:line \d+|System\.\w+Exception"),
    "SQL": re.compile(
        r"\bSELECT\b.{1,80}\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.{1,60}\bSET\b|psycopg2|ORA-\d{5}|SQLSTATE|sqlite3\."
    ),
}
# Responses, from which an operation can be said to be slow. Fewer may all be late by chance: with delays of up to 3 s
# and a limit of 2 s, one of three is late, and seven of seven in one of 2,000 operations.
FEW = 7
SIGMAS = 2.5
MOST_QUOTED = 80  # characters of a text from the inside
ENVELOPE = ("statusCode", "error", "message")


class Breach(NamedTuple):
    """A promise that a response breaks, in the words of a finding."""

    promise: str
    received: str
    documented: str
    is_guess: bool = False  # the contract may lack something
    asserted: tuple[Any, ...] = ()  # a function of `assertions` and its arguments
    gap: str = "no assertion expresses it"
    member: str = ""  # of the record, that has a wrong value


class ResponseMonitor:
    """Collects the statuses and latencies of each operation, and each kind of broken promise once per operation."""

    def __init__(
        self, contract: Contract, redactor: Redactor, key: str, target: str, slow: float, mark: str, log: ExchangeLog
    ) -> None:
        self._log, self._planted = log, planted_secret(mark)
        self._contract, self._redactor, self._key, self._slow = contract, redactor, key, slow
        self._host, self._prefix = urlsplit(target).netloc, urlsplit(target).path
        self._seen: dict[str, Counter[int]] = defaultdict(Counter)
        self._times: dict[str, list[float]] = defaultdict(list)
        self._reads: dict[str, str] = {}  # the address of a read that was successful, by operation
        self._reported: set[tuple[str, str]] = set()
        self.broken_promises: list[BrokenPromise] = []
        # Number of the first response of those in a row that refuse the run's own key, and how many they are.
        self.refused_since = self.refused_keys_in_a_row = 0

    def observe(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Takes in one response of the target."""
        self._count_refusals(request, response)
        path = urlsplit(request.url or "").path.removeprefix(self._prefix)
        operation = self._contract.match(request.method or "", path)
        if operation is None:
            self._check_allowed(request, response, path)
            return
        self._seen[operation.id][response.status_code] += 1
        if response.ok:  # a refusal comes early, and would hide how long the work takes
            self._times[operation.id].append(response.elapsed.total_seconds() * 1000)
            if request.method == "GET":
                self._reads[operation.id] = request.url or ""
        for breach in self._breaches(operation, response):
            self._report(operation, breach, Received(response.status_code, request=self._log.last(request)))

    def coverage(self, operations: list[Operation]) -> tuple[OperationCoverage, ...]:
        """Returns the statuses and latencies of these operations."""
        return tuple(
            OperationCoverage(
                operation=o.id,
                method=o.method,
                path=o.path,
                tag=o.tag,
                documented=tuple(sorted(o.responses)),
                seen=dict(sorted(self._seen[o.id].items())),
                latency=latency(self._times[o.id]),
            )
            for o in operations
        )

    def late_operations(self) -> list[tuple[Operation, str]]:
        """Returns the operations with too few responses for a verdict, all of them late, and the address of a read."""
        late = [n for n, times in self._times.items() if len(times) < FEW and min(times) > self._slow * 1000]
        return [(self._contract.by_id[name], self._reads.get(name, "")) for name in late]

    def report_slow_operations(self) -> None:
        """Reports slow medians: a single late response breaks no promise."""
        for name, times in self._times.items():
            if (of_all := latency(times)) and is_slow(times, self._slow * 1000):
                received = f"a median of {of_all.median:.0f} ms in {count_of(of_all.count, 'response')}"
                breach = Breach("answers_come_in_time", received, f"{self._slow:g} s")
                self._report(self._contract.by_id[name], breach, Received(0))

    def _count_refusals(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        # Access checks send other keys, whose refusal is expected.
        if request.headers.get("x-api-key") != self._key:
            return
        if response.status_code != 401:
            self.refused_since = self.refused_keys_in_a_row = 0
        else:
            self.refused_since = self.refused_since or number_of(response)
            self.refused_keys_in_a_row += 1

    def _breaches(self, operation: Operation, response: requests.Response) -> Iterator[Breach]:
        text = response.content.decode("utf-8", "replace")
        if cut := response.headers.get(CUT):
            received, gap = f"a response of {cut}", "the response has no end"
            yield Breach("answers_are_bounded", received, "one within the limits of size and time", gap=gap)
        if self._redactor.holds(text) or self._redactor.holds(str(dict(response.headers))):
            # The one secret that a file may name is the one that the checks have made.
            asserted: tuple[Any, ...] = (lacks_text, re.escape(self._planted)) if self._planted in text else ()
            received, gap = "a secret that was sent, in the response", "it would quote a secret"
            yield Breach("secrets_never_come_back", received, "no secret", asserted=asserted, gap=gap)
        if response.status_code >= 400 and not is_trouble(response.status_code, response.content):
            yield from _breaches_of_error(text, response.status_code)
        if 300 <= response.status_code < 400 and response.request.method not in READS:
            received = f"{response.status_code} to {response.headers.get('location', 'nowhere')}"
            documented, asserted = "a response of the address that was asked", (has_status, "2xx", "4xx", "5xx")
            yield Breach("writes_are_not_redirected", received, documented, asserted=asserted)
        if (charset := _charset(response)) not in ("", "utf-8", "utf8"):
            asserted = (has_header, "content-type", r"(?!.*charset)|.*charset\s*=\s*\"?utf-?8")
            yield Breach("json_is_utf_8", f"the charset {charset}", "UTF-8, as JSON always is", asserted=asserted)
        body = parse_json(response.content) if response.ok else None
        if body is not None and (received := beyond_json(text)):
            yield Breach("json_is_strict", received, "JSON that every client reads", asserted=(is_strict_json,))
        if self._redirects_away(response):
            received, asserted = "a redirect to another host", (has_status, "2xx", "4xx", "5xx")
            yield Breach("answers_stay_on_the_host", received, "a response of this host", asserted=asserted)
        if response.ok:
            for found in broken_in_answer(self._contract, operation, response.url, body):
                yield Breach(*found[:3], asserted=found.asserted, member=found.member)
            written = operation.responses.get(response.status_code)
            schema = written.schema if written else None
            names = self._contract.write_only.get(operation.id, frozenset())
            for undeclared in find_undeclared(self._contract.document, schema, body, names)[:1]:
                name = "secrets_are_not_shown" if undeclared.is_secret else "members_are_declared"
                name = "write_only_is_never_told" if undeclared.is_write_only else name
                documented = "a member of requests only" if undeclared.is_write_only else "only members of the schema"
                is_guess = name == "members_are_declared"
                asserted = (lacks_member, tuple(undeclared.path.split(".")))
                yield Breach(name, f"the member {undeclared.path}", documented, is_guess, asserted)

    def _check_allowed(self, request: requests.PreparedRequest, response: requests.Response, path: str) -> None:
        """Checks that the `Allow` of a method that a path does not have names those that it has."""
        documented = self._contract.at_path(path)
        allowed = re.findall(r"[A-Z]+", response.headers.get("allow", "").upper())
        missing = [operation.method for operation in documented if operation.method not in allowed]
        if response.status_code == 405 and allowed and missing:
            received, wanted = f"Allow: {', '.join(allowed)}", ", ".join(one.method for one in documented)
            breach = Breach("allow_is_complete", received, wanted, asserted=(has_header, "allow", f".*{missing[0]}"))
            self._report(documented[0], breach, Received(405, request=self._log.last(request)))

    def _redirects_away(self, response: requests.Response) -> bool:
        location = response.headers.get("location", "") if 300 <= response.status_code < 400 else ""
        return bool(location) and urlsplit(urljoin(response.url, location)).netloc != self._host

    def _report(self, operation: Operation, breach: Breach, response: Received) -> None:
        # Once per operation: thousands of cases would repeat the same breach.
        if (operation.id, breach.promise) not in self._reported:
            self._reported.add((operation.id, breach.promise))
            expectation = Expectation(gap=breach.gap)
            if breach.asserted:
                expectation = replace(response.expects(*breach.asserted), is_general=True)
            self.broken_promises.append(
                BrokenPromise(operation.id, *breach[:3], response, breach.is_guess, expectation, breach.member)
            )


class WriteAccess:
    """Infers from 403s whether the run's key has write access: no operation of the contract says so."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._allowed = self._forbidden = 0

    def observe(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Counts the writes that carry exactly the headers of the run."""
        is_own = all(request.headers.get(name) == value for name, value in self._headers.items())
        if is_own and request.method not in READS:
            self._allowed += response.ok
            self._forbidden += response.status_code == 403

    @property
    def is_missing(self) -> bool:
        """True if writes were forbidden and none was allowed."""
        return self._forbidden > 0 == self._allowed


def is_slow(times: list[float], limit: float) -> bool:
    """True if the median is above the limit, and not by chance: the sign test of half of the responses being late."""
    late = sum(time > limit for time in times)
    return len(times) >= FEW and late >= len(times) / 2 + SIGMAS * sqrt(len(times)) / 2


def latency(times: list[float]) -> Latency | None:
    """Returns median, 95th percentile and maximum of times in milliseconds."""
    if not times:
        return None
    ranked = sorted(times)
    return Latency(
        count=len(ranked),
        median=round(ranked[len(ranked) // 2], 1),
        p95=round(ranked[min(len(ranked) - 1, len(ranked) * 95 // 100)], 1),
        longest=round(ranked[-1], 1),
    )


def _charset(response: requests.Response) -> str:
    """Returns the charset that the answer names for its JSON, in lower case."""
    media_type, _, parameters = response.headers.get("content-type", "").lower().partition(";")
    named = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters)
    return named[1] if named and media_type.strip().endswith("json") else ""


def _breaches_of_error(text: str, status: int) -> Iterator[Breach]:
    """Breaches of an error body: internals of the server, and a body that is not the envelope."""
    for name, trace in TRACES.items():
        if found := trace.search(text):
            received, asserted = f"{name}: {' '.join(found[0].split())[:MOST_QUOTED]}", (lacks_text, trace.pattern)
            yield Breach("errors_tell_nothing_of_the_inside", received, "a message for the caller", asserted=asserted)
    body = parse_json(text)
    if isinstance(body, dict) and type(body.get("statusCode")) is int and body["statusCode"] != status:
        received = f"statusCode {body['statusCode']} in a {status}"
        yield Breach("envelope_has_the_status", received, f"statusCode {status}", asserted=(has_envelope,))
    if received := _not_the_envelope(text):
        documented = "{statusCode, error, message}"
        yield Breach("errors_have_the_envelope", received, documented, asserted=(has_envelope,))


def _not_the_envelope(text: str) -> str:
    """Describes a body that is not the envelope; empty if it is, or if there is no body (HEAD)."""
    if not text:
        return ""
    try:
        body: Any = json.loads(text)
    except ValueError:
        return "no JSON"
    if not isinstance(body, dict):
        return f"JSON of another type: {type(body).__name__}"
    missing = [name for name in ENVELOPE if name not in body]
    return f"without {', '.join(missing)}" if missing else ""
