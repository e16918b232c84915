"""Calls to a target in front of the fake, whose answers a test changes; then they are compared with those of a fake."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.comparison.fake_comparison import FakeComparison
from mockserver.verify.judging.finding_list import FindingList
from mockserver.verify.probe import BrokenPromise
from mockserver.verify.results import Finding, Meaning, Severity
from mockserver.verify.watching.exchange_log import ExchangeLog
from mockserver.verify.watching.run_calls import RunCalls
from tests.verify.targets import Answer, Asked, passed_on

Changed = Callable[[Any], Any]


class ComparedCalls:
    """Sends calls with the key of a sandbox.

    `changes` has, by method and path, what answers are turned into, `instead` the bodies that really arrive, and `keys`
    those of the run that findings name.
    """

    def __init__(self, sandbox: Enspace, document: Document, *, is_alone: bool = True) -> None:
        self._sandbox, self.url = sandbox, ""
        self._document, self._is_alone = document, is_alone
        self.changes: dict[tuple[str, str], Changed] = {}
        self.instead: dict[tuple[str, str], Any] = {}
        self.keys: dict[str, str] = {}

    def answer(self, asked: Asked) -> Answer:
        """Answers as the target."""
        name = asked.method, asked.path.partition("?")[0]
        if name in self.instead:
            asked = replace(asked, body=json.dumps(self.instead[name]).encode())
        status, headers, body = passed_on(self._sandbox.url, asked)
        change = self.changes.get(name)
        return (status, headers, json.dumps(change(json.loads(body))).encode()) if change else (status, headers, body)

    def start(self, url: str) -> None:
        """Begins to compare what is sent to this address."""
        self.url, self._log, self._calls = url, ExchangeLog(url), RunCalls()
        self._comparison = FakeComparison(self._document, url, self.keys, self._calls, is_alone=self._is_alone)

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """Returns the JSON of an answer, to another key than that of the sandbox if one is given."""
        headers = {"x-api-key": key or self._sandbox.api_key, "en-workspace": self._sandbox.workspace}
        response = requests.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=60)
        self._log.observe(response.request, response)
        self._calls.observe(response.request, response)
        return response.json()

    @property
    def not_compared(self) -> list[str]:
        """The reasons why the comparison left something out."""
        return [one.why for one in self._comparison.not_tested]

    def findings(self, *faulty: str, promise: str = "status") -> list[tuple[str, str, str]]:
        """Returns what the comparison finds: operations, with what was received and what the fake answers.

        `faulty` operations have a finding already, of this promise.
        """
        known = FindingList()
        known.add(Finding(name, promise, Meaning.BROKEN, Severity.ERROR, "", "") for name in faulty)
        broken = self.broken_promises(known)
        return [(one.operation, one.received, one.documented.partition(", as the fake")[0]) for one in broken]

    def broken_promises(self, known: FindingList) -> list[BrokenPromise]:
        """Returns what the comparison finds beside what is known."""
        return self._comparison.broken_promises(self._log, known, lambda: False)
