"""Reproductions: the shortest sequence of requests that shows a fault on a new record, and what is asserted.

`derivation` makes them from the log, `reproducer` executes them, `reproduction_files` renders them. Texts hold
placeholders such as `<<mark>>`, `<<key>>` and `<<id_2>>` (the member `id` of the second answer); `<<#id_2>>` stands for
a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.verify.judging.assertions import ReceivedAnswer, has_status
from mockserver.verify.watching.exchange_log import SentRequest

PLACEHOLDER = re.compile(r"<<(#?)(\w+)>>")
# Sends one request of a sequence: its method, path, headers and body.
Sender = Callable[[str, str, dict[str, str], bytes], ReceivedAnswer]


@dataclass(frozen=True)
class AnswerMember:
    """A member of the answer to a request, as an argument of an assertion."""

    request: SentRequest
    path: tuple[str, ...]
    number: int = 0  # of the step, once the sequence is known


@dataclass(frozen=True)
class Expectation:
    """A promise as an assertion: a function of `assertions`, true for the answer to `request` if the promise is kept.

    `acts` are other requests that the sequence needs. `is_general`: it holds for every record, so that a new one may
    replace the one named. With a `gap` there is no reproduction, for this reason.
    """

    promise: Callable[..., bool] | None = None
    request: SentRequest = field(default_factory=SentRequest)
    arguments: tuple[Any, ...] = ()
    acts: tuple[SentRequest, ...] = ()
    is_general: bool = False
    gap: str = ""

    @property
    def requests(self) -> list[SentRequest]:
        """The requests whose answers are observed, and the acts."""
        others = [one.request for one in self.arguments if isinstance(one, AnswerMember)]
        return [self.request, *others, *self.acts]


NOT_ASSERTED = Expectation(gap="no assertion expresses it")
OF_THIS_RUN = Expectation(gap="it would hold for the records of this run only")
BY_EARLIER = Expectation(gap="it needs the records of earlier requests")


@dataclass(frozen=True)
class Step:
    """One request of a sequence. `number` is its place, from 1; a step may save members of its answer."""

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: Any = None  # JSON
    content: str = ""  # another body
    is_success: bool = True  # as it was when the fault was found
    is_observed: bool = False
    saves: tuple[str, ...] = ()
    deletes: int = 0  # number of the step that has created the record


@dataclass(frozen=True)
class Reproduction:
    """A sequence of requests with an assertion about the answer to step `observed`."""

    steps: tuple[Step, ...]
    promise: Callable[..., bool]
    observed: int
    arguments: tuple[Any, ...]

    def has_to_succeed(self, step: Step) -> bool:
        """True if the files fail without a success: an observed write may be refused, but a read of what exists not."""
        is_read = step.number == self.observed and step.method == "GET" and self.promise is not has_status
        return step.is_success and not step.deletes and (is_read or not step.is_observed)


def read_answer(status: int, headers: Mapping[str, str], content: bytes) -> ReceivedAnswer:
    """Returns an answer as assertions take it."""
    text = content.decode("utf-8", "replace")
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        body = ...
    return ReceivedAnswer(status, {name.lower(): value for name, value in headers.items()}, text, body)
