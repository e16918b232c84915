"""One request on its way through the stages, and its answer. Each stage fills in its own fields."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from starlette.types import Receive, Scope

from mockserver.contract.operations import Operation, Response
from mockserver.pipeline.preferences import NO_PREFERENCES
from mockserver.pipeline.refusals import Refusal, Violation
from mockserver.state.sandboxes import Sandbox
from mockserver.state.table import Record

# The value of an answer that is not checked against the contract: a fault, or one that was checked before.
UNCHECKED: Any = object()

_EMPTY: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. `source` is `state`, `example`, `generated`, `upstream`, `fault`, `refused` or `failed`.

    `value` is the decoded body, for the check against the contract, or `UNCHECKED`. `notes` are for the journal.
    """

    status: int
    body: bytes
    source: str
    value: Any = UNCHECKED
    media_type: str = "application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    notes: tuple[str, ...] = ()


class EarlyAnswer(Exception):
    """Ends the walk through the stages with an answer that is not a refusal."""

    def __init__(self, answer: Answer, result: str) -> None:
        super().__init__(result)
        self.answer, self.result = answer, result


@dataclass(frozen=True, slots=True)
class Damage:
    """How a fault damages an answer: after a `delay` in milliseconds, in the way of `kind`.

    `kind` is `reset`, `timeout`, `truncated`, `malformed` or `drip`, which takes `seconds`; None for a delay only.
    """

    kind: str | None
    delay: float
    seconds: float


class Exchange:
    """The typed record of one request. `number` is that of its journal entry; 0 until a shared journal gives one."""

    def __init__(self, scope: Scope, receive: Receive, number: int) -> None:
        self.scope, self.receive, self.number = scope, receive, number
        self.method: str = scope["method"]
        # ASGI makes it optional, and older test clients add the query to it.
        self.raw_path: bytes = (scope.get("raw_path") or quote(scope["path"]).encode()).partition(b"?")[0]
        self.query_string: bytes = scope["query_string"]
        # Any stage: its result by its name, in the order of the walk; the stages that failed; notes for the journal.
        self.results: dict[str, str] = {}
        self.failed: list[str] = []
        self.notes: list[str] = []
        self.violations: tuple[Violation, ...] = ()
        # read head: header names in lower case
        self.headers: Mapping[bytes, bytes] = _EMPTY
        self.preferences = NO_PREFERENCES
        # forward: what the first stage would have refused that upstream decides about
        self.refusal: Refusal | None = None
        # route; the path values are decoded by the stage validate
        self.operation: Operation | None = None
        self.path: Mapping[str, Any] = _EMPTY
        # authenticate: the record of the key or session, in its sandbox, and the slug of the workspace
        self.sandbox: Sandbox | None = None
        self.caller: Record | None = None
        self.workspace: str | None = None
        # read body, validate: `filled` are the declared places of path and query that a valid request filled
        self.raw_body = b""
        self.is_body_read = False
        # The documented media type of the body; None if there is no body, or one that is not decoded.
        self.media_type: str | None = None
        self.body: Any = None
        # What was decoded from a text, a form or XML, for the journal; None for JSON.
        self.decoded_body: Any = None
        self.query: Mapping[str, Any] = _EMPTY
        self.filled: frozenset[str] | None = None
        # fault
        self.damage: Damage | None = None
        # choose
        self.status = 0
        self.response: Response | None = None
        self.example: str | None = None
        self.is_generated = False
        # handle, generate; a `cache_key` stands for an answer that may be cached once it has been checked
        self.answer: Answer | None = None
        self.cache_key: Hashable | None = None

    def fail(self, stage: str, result: str) -> None:
        """Records the result of a stage that failed."""
        self.results[stage] = result
        self.failed.append(stage)
