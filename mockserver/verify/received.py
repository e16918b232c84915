"""A response as checks read it, with the request that it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from mockserver.verify.judging.reproductions import AnswerMember, Expectation
from mockserver.verify.watching.exchange_log import SentRequest

CLOCK_TOLERANCE = timedelta(minutes=2)  # hosts behind a gateway have clocks of their own

Record = dict[str, Any]
Keys = dict[str, Any]
Answers: TypeAlias = Iterable["Received"]


@dataclass(frozen=True)
class Received:
    """A response and the request that it answers. Status 0: no response, or the request was not sent."""

    status: int
    json: Any = None
    request: SentRequest = field(default_factory=SentRequest)
    date: datetime | None = None  # the time of the target

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def records(self) -> list[Record]:
        """The rows of a list; empty if the body is no list."""
        # Schemathesis reports a body of another type; the checks only have to survive it.
        rows = self.json if self.ok and isinstance(self.json, list) else []
        return [row for row in rows if isinstance(row, dict)]

    @property
    def record(self) -> Record:
        """The object in the body; empty if there is none."""
        return self.json if self.ok and isinstance(self.json, dict) else {}

    @property
    def error(self) -> Record:
        """The object in the body of a refusal; empty if there is none."""
        return self.json if not self.ok and isinstance(self.json, dict) else {}

    def came_at(self, time: datetime) -> bool:
        """True if a time is that of the answer, by the clock of the target, as far as that is known."""
        return self.date is None or abs(time - self.date) <= CLOCK_TOLERANCE

    def expects(self, promise: Callable[..., bool], *arguments: Any, after: Answers = ()) -> Expectation:
        """Returns the promise as an assertion about this answer; `after` are requests that have to come before."""
        return Expectation(promise, self.request, arguments, tuple(answer.request for answer in after))

    def member(self, *path: str) -> AnswerMember:
        """Returns a member of this answer as an argument of an assertion about another one."""
        return AnswerMember(self.request, path)


def show(value: Any) -> str:
    """Renders a value for a report."""
    return "missing" if value is MISSING else json.dumps(value, ensure_ascii=False)[:200]
