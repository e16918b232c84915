"""Trouble on the way to the target, by operation: lost connections, failing gateways, refusals because of load.

Trouble breaks no promise. It is counted and, beyond a share of an operation or of the run, an environment problem. An
operation that never answers, while others do, is a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import requests

from mockserver.contract.operations import Operation
from mockserver.verify.results import Trouble
from mockserver.verify.safety.limits import is_page, is_trouble
from mockserver.verify.watching.exchange_log import SentRequest

MOST_IN_A_ROW = 10  # a single failure may be the fault of one case; ten in a row are the target's
FEW = 3  # requests, from which an operation can be said never to answer
MOST_UNANSWERED = 6  # requests to an operation that has never answered: each may take the time of a request
# Beyond these shares of troubled requests, nothing that was tested is reliable; of fewer requests a share says little.
SHARE_OF_OPERATION, FEWEST_OF_OPERATION = 0.5, 10
SHARE_OF_RUN, FEWEST_OF_RUN = 0.2, 20


@dataclass
class _Count:
    """The requests of one operation, and the kinds of trouble among them."""

    requests: int = 0
    troubled: Counter[str] = field(default_factory=Counter)
    example: SentRequest = field(default_factory=SentRequest)

    @property
    def is_silent(self) -> bool:
        return self.troubled.total() == self.requests > 0


@dataclass
class _Streak:
    """Requests in a row without a usable answer; `since` is the number of the first one."""

    since: int = 0
    count: int = 0
    operations: set[str] = field(default_factory=set)
    kind: str = ""

    @property
    def is_long(self) -> bool:
        return self.count >= MOST_IN_A_ROW

    @property
    def is_general(self) -> bool:
        """True if not one operation alone fails."""
        return len(self.operations) > 1

    def __str__(self) -> str:
        return f"no usable answer {MOST_IN_A_ROW} times in a row ({self.kind})"


class TroubleLog:
    """Counts of each request that was sent, repeats too. `operation_of` finds the operation of a request."""

    def __init__(self, operation_of: Callable[[requests.PreparedRequest], Operation | None]) -> None:
        self._operation_of = operation_of
        self._counts: dict[str, _Count] = {}  # by operation; that of requests to no operation is empty
        self.streak = _Streak()

    def observe(
        self, request: requests.PreparedRequest, response: requests.Response | None, failure: str, number: int
    ) -> None:
        """Takes in a response, or the reason why there is none; `number` is that of the request."""
        operation = self._operation_of(request)
        count = self._counts.setdefault(operation.id if operation else "", _Count())
        count.requests += 1
        kind = failure or _kind_of(response)
        if kind:
            count.troubled[kind] += 1
            count.example = SentRequest.of(request)
        # A page in front of the target is a finding if it is a single one, and no answer if it is all that comes.
        self._note_streak(kind or _page(operation, response), operation, number)

    def objection(self, request: requests.PreparedRequest) -> str:
        """Explains why nothing more is sent, to an operation or at all: a lost request takes the time of a request."""
        operation = self._operation_of(request)
        if self.streak.is_long and (self.streak.is_general or (operation and operation.id in self.streak.operations)):
            return str(self.streak)
        count = self._counts.get(operation.id) if operation else None
        if operation and count and count.is_silent and count.requests >= MOST_UNANSWERED:
            return f"{operation.id} has never answered"
        return ""

    def end_streak(self) -> None:
        """Lets requests be sent again, because the target has been seen to answer."""
        self.streak = _Streak()

    def troubles(self) -> tuple[Trouble, ...]:
        """Returns the operations with trouble, and its share."""
        return tuple(
            Trouble(name, count.requests, dict(count.troubled.most_common()), count.example.curl())
            for name, count in sorted(self._counts.items())
            if count.troubled
        )

    def of(self, operation: str) -> Trouble:
        """Returns the trouble of an operation."""
        return next(trouble for trouble in self.troubles() if trouble.operation == operation)

    @property
    def silent(self) -> dict[str, SentRequest]:
        """The operations that never answer, with a request to each."""
        counts = self._counts.items()
        return {name: count.example for name, count in counts if name and count.is_silent and count.requests >= FEW}

    @property
    def excess(self) -> Iterator[Trouble]:
        """The operations, and the whole run (an empty name), whose share of trouble is beyond the limit."""
        answering = {name: count for name, count in self._counts.items() if not count.is_silent}
        run = _sum(answering.values())
        if _is_beyond(run, SHARE_OF_RUN, FEWEST_OF_RUN):
            yield Trouble("", run.requests, dict(run.troubled.most_common()))
        for trouble in self.troubles():
            count = answering.get(trouble.operation)
            if trouble.operation and count and _is_beyond(count, SHARE_OF_OPERATION, FEWEST_OF_OPERATION):
                yield trouble

    def _note_streak(self, kind: str, operation: Operation | None, number: int) -> None:
        if not kind:
            self.end_streak()
            return
        self.streak.since = self.streak.since or number
        self.streak.count += 1
        self.streak.kind = kind
        self.streak.operations.add(operation.id if operation else "")


def _kind_of(response: requests.Response | None) -> str:
    return (
        str(response.status_code) if response is not None and is_trouble(response.status_code, response.content) else ""
    )


def _page(operation: Operation | None, response: requests.Response | None) -> str:
    """Names a page where the operation documents JSON: one of sign-in or of maintenance."""
    if response is None or operation is None or not is_page(response.content):
        return ""
    is_json = all("json" in documented.media_type for documented in operation.every_response if documented.schema)
    return f"a page of HTML with {response.status_code}" if response.ok and is_json else ""


def _sum(counts: Iterable[_Count]) -> _Count:
    total = _Count()
    for count in counts:
        total.requests += count.requests
        total.troubled += count.troubled
    return total


def _is_beyond(count: _Count, share: float, fewest: int) -> bool:
    return count.requests >= fewest and count.troubled.total() > share * count.requests
