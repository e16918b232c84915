"""One request on its way through the stages, and what a stage may raise.

A stage fills in its own fields and reads those of the stages before it. What a refusal looks like as bytes is in
`refusals`; the stages themselves are one file each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver.contract.operations import Operation

if TYPE_CHECKING:
    from starlette.types import Receive

    from mockserver.credentials import Credential
    from mockserver.pipeline.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise of the contract that a message breaks.

    `where` is `path.slug`, `query._limit`, `body.data.valor`, or `answer.…` for our own answers; `rule` is the
    keyword that does not hold; `received` and `documented` are texts for people, secrets masked.
    """

    where: str
    rule: str
    received: str
    documented: str

    def __str__(self) -> str:
        return f"{self.where}: received {self.received}, documented: {self.documented}"


@dataclass(slots=True)
class Answer:
    """What leaves the server. `source` is `example`, `generated`, `refused` or `failed`.

    `value` is what the body says, until it has been held against the contract; `checked` stays set where an answer is
    used again.
    """

    status: int
    body: bytes
    source: str
    value: Any = None
    media_type: str = "application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    checked: bool = False


class Refusal(Exception):
    """Ends the walk through the stages: the client asked for something that it does not get.

    `data` goes into the body of a 400, `headers` go on top of the usual ones.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        violations: tuple[Violation, ...] = (),
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.violations, self.headers = status, message, violations, headers


@dataclass(slots=True)
class Exchange:
    """The record of one request.

    `headers` have lower-case names as bytes. `path` and `query` are decoded values by parameter name, among them the
    query names that the contract leaves free. `notes` tell what was ignored, for the journal. `stage` is the one that
    was reached.
    """

    method: str
    raw_path: bytes
    query_string: bytes
    headers: Mapping[bytes, bytes]
    receive: Receive
    stage: str = "read head"

    # route
    operation: Operation | None = None
    path: dict[str, Any] = field(default_factory=dict)
    # authenticate
    caller: Credential | None = None
    workspace: str | None = None
    # read the body, validate
    raw_body: bytes = b""
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # choose, produce, check
    wishes: Wishes | None = None
    status: int = 0
    example: str | None = None
    generated: bool = False
    answer: Answer | None = None
