"""One request on its way through the stages, and its answer.

A stage fills in its own fields and reads those of the stages before it; the stages themselves are one file each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from starlette.types import Receive

from mockserver.contract.operations import Operation
from mockserver.pipeline.preferences import Preferences
from mockserver.pipeline.refusals import Violation
from mockserver.state.sandboxes import Sandbox
from mockserver.state.table import Record


@dataclass(slots=True)
class Answer:
    """What leaves the server. `source` is `state`, `example`, `generated`, `fault`, `refused` or `failed`.

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


class Ended(Exception):
    """Ends the walk through the stages with an answer that is no refusal."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


@dataclass(slots=True)
class Damage:
    """What a fault does to an answer on its way out, and how long it keeps it back before, in milliseconds.

    `how` is `reset`, `timeout`, `truncated`, `malformed` or `drip`, which takes `seconds`; None leaves it whole.
    """

    how: str | None
    delay: float
    seconds: float


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Exchange:
    """The record of one request.

    `headers` have lower-case names as bytes. `path` and `query` are decoded values by parameter name, among them the
    query names that the contract leaves free; they are not to be changed, as they may be remembered. `caller` is the
    record of the key or session, of the `sandbox` that it belongs to. `filled` are the declared places of path and
    query that came, once all of the request is valid. `notes` tell what was ignored, for the journal. `ended_by`
    names the stage that ended the walk before its end, `number` is that of the journal entry.
    """

    # What no stage has filled in yet stands here once for all: most requests leave much of it as it is.
    ended_by: str | None = None

    # route
    operation: Operation | None = None
    path = _NOTHING
    # authenticate
    sandbox: Sandbox | None = None
    caller: Record | None = None
    workspace: str | None = None
    # read the body, validate
    raw_body = b""
    body: Any = None
    query = _NOTHING
    filled: frozenset[str] | None = None
    violations: tuple[Violation, ...] = ()
    notes: tuple[str, ...] = ()
    # fault
    damage: Damage | None = None
    # choose, produce, check
    preferences: Preferences | None = None
    status = 0
    example: str | None = None
    generated = False
    answer: Answer | None = None

    def __init__(
        self,
        method: str,
        raw_path: bytes,
        query_string: bytes,
        headers: Mapping[bytes, bytes],
        receive: Receive,
        client: str = "",
        number: int = 0,
    ) -> None:
        self.method, self.raw_path, self.query_string = method, raw_path, query_string
        self.headers, self.receive, self.client, self.number = headers, receive, client, number
