"""What is judged on every answer, whoever asked: statuses, latencies, secrets, traces, size, time, envelope."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from mockserver.contract.operations import Operation
from mockserver.verify.probe import Answer, Violation
from mockserver.verify.redaction import Redactor
from mockserver.verify.resources import Contract
from mockserver.verify.results import Coverage, Latency
from mockserver.verify.safety.patience import BUSY
from mockserver.verify.safety.request_guard import CUT
from mockserver.verify.write_only import WriteOnly

TRACES = {
    "a Python stack trace": re.compile(r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+"),
    "a stack trace": re.compile(r"\n?\s+at [\w.$<>]+\([\w./:-]+:\d+(?::\d+)?\)|\.java:\d+\)"),
    "SQL": re.compile(
        r"\bSELECT\b.{1,80}\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.{1,60}\bSET\b|psycopg2|ORA-\d{5}|SQLSTATE|sqlite3\."
    ),
}
ENVELOPE = ("statusCode", "error", "message")


class Watch:
    """Gathers what every answer tells. `violations` holds each kind once for each operation."""

    def __init__(self, contract: Contract, redactor: Redactor, key: str, target: str, slow: float) -> None:
        self._contract, self._redactor, self._key, self._slow = contract, redactor, key, slow
        self._host, self._prefix = urlsplit(target).netloc, urlsplit(target).path.rstrip("/")
        self._seen: dict[str, Counter[int]] = defaultdict(Counter)
        self._times: dict[str, list[float]] = defaultdict(list)
        self._told: set[tuple[str, str]] = set()
        self._write_only = WriteOnly(contract)
        self.violations: list[Violation] = []
        self.refused_keys_in_a_row = self.busy_in_a_row = 0
        self.current = ""

    def __call__(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        self._count_environment(request, response)
        path = urlsplit(request.url or "").path.removeprefix(self._prefix)
        operation = self._contract.at(request.method or "", path)
        if operation is None:
            return
        self.current = operation.id
        self._seen[operation.id][response.status_code] += 1
        if response.ok:  # a refusal comes early, and would hide how long the work takes
            self._times[operation.id].append(response.elapsed.total_seconds() * 1000)
        answer = _answer(request, response)
        for promise, received, documented in self._broken(response):
            self._tell(operation, promise, answer, received, documented)
        if response.ok and (name := self._write_only.find(operation, _json(response))):
            self._tell(operation, "write_only_is_never_told", answer, name, "an answer without it: it is only sent")

    def coverage(self, operations: list[Operation]) -> tuple[Coverage, ...]:
        """What was seen of these operations."""
        return tuple(
            Coverage(
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

    def _count_environment(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        status = response.status_code
        with_key = request.headers.get("x-api-key") == self._key
        if with_key:
            self.refused_keys_in_a_row = self.refused_keys_in_a_row + 1 if status == 401 else 0
        self.busy_in_a_row = self.busy_in_a_row + 1 if status in BUSY else 0

    def _broken(self, response: requests.Response) -> list[tuple[str, str, str]]:
        found = []
        if cut := response.headers.get(CUT):
            found.append(("answers_are_bounded", f"an answer of {cut}", "an answer that ends"))
        text = _text(response)
        if self._redactor.holds(text) or self._redactor.holds(str(dict(response.headers))):
            found.append(("secrets_never_come_back", "a secret that was sent, in the answer", "no secret"))
        for name, trace in TRACES.items():
            if response.status_code >= 400 and trace.search(text):
                found.append(("errors_tell_nothing_of_the_inside", name, "a message for the caller"))
        if response.status_code >= 400 and (told := _not_the_envelope(text)):
            found.append(("errors_have_the_envelope", told, "{statusCode, error, message}"))
        if self._leads_away(response):
            found.append(("answers_stay_on_the_host", "a redirect to another host", "an answer of this host"))
        return found

    def _leads_away(self, response: requests.Response) -> bool:
        place = response.headers.get("location", "") if 300 <= response.status_code < 400 else ""
        return bool(place) and urlsplit(urljoin(response.url, place)).netloc != self._host

    def slow(self) -> None:
        """Told at the end, by the median: a single late answer is no broken promise."""
        for name, times in self._times.items():
            if (told := latency(times)) and told.median > self._slow * 1000:
                received = f"a median of {told.median:.0f} ms in {told.count} answers"
                self._tell(self._contract.by_id[name], "answers_come_in_time", Answer(0), received, f"{self._slow:g} s")

    def _tell(self, operation: Operation, promise: str, answer: Answer, received: str, documented: str) -> None:
        if (operation.id, promise) not in self._told:
            self._told.add((operation.id, promise))
            self.violations.append(Violation(operation.id, promise, received, documented, answer, always=True))


def latency(times: list[float]) -> Latency | None:
    """Median, 95 of 100, and the longest."""
    if not times:
        return None
    ranked = sorted(times)
    return Latency(
        count=len(ranked),
        median=round(ranked[len(ranked) // 2], 1),
        p95=round(ranked[min(len(ranked) - 1, len(ranked) * 95 // 100)], 1),
        longest=round(ranked[-1], 1),
    )


def _text(response: requests.Response) -> str:
    return response.content.decode("utf-8", "replace")


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _not_the_envelope(text: str) -> str:
    """What stands in the place of the envelope; empty if it is there, or if there is nothing at all (HEAD)."""
    if not text:
        return ""
    try:
        told: Any = json.loads(text)
    except ValueError:
        return "no JSON"
    if not isinstance(told, dict):
        return f"JSON of another kind: {type(told).__name__}"
    missing = [name for name in ENVELOPE if name not in told]
    return f"without {', '.join(missing)}" if missing else ""


def _answer(request: requests.PreparedRequest, response: requests.Response) -> Answer:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return Answer(
        response.status_code,
        method=request.method or "",
        url=request.url or "",
        sent_headers={name: str(value) for name, value in request.headers.items()},
        sent_body=body if isinstance(body, bytes) else None,
    )
