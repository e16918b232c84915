"""A mutant: a change of the fake, the operations that it affects, and requests that show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.conftest import EXPIRED_KEY, FULL_KEY, READ_ONLY_KEY
from tests.verify.exchange import App, Change, Mutated

FULL = {"x-api-key": FULL_KEY, "en-workspace": "company-abc"}
READ_ONLY = FULL | {"x-api-key": READ_ONLY_KEY}
EXPIRED = FULL | {"x-api-key": EXPIRED_KEY}
FOREIGN = FULL | {"en-workspace": "rh-abc"}
KEYLESS = {"en-workspace": "company-abc"}


@dataclass(frozen=True)
class Send:
    """One request of a script."""

    line: str  # "PUT /ws/roles/5"
    body: Any = None
    headers: dict[str, str] = field(default_factory=lambda: FULL)


@dataclass(frozen=True)
class Mutant:
    """One broken promise."""

    name: str
    breaks: str
    operations: tuple[str, ...]
    change: Change
    shown_by: tuple[Send, ...]

    @property
    def shown_by_reading(self) -> bool:
        return all(send.line.startswith("GET ") for send in self.shown_by)

    def of(self, app: App, **options: Any) -> Mutated:
        """Returns this mutant of a fake, with an empty memory."""
        return Mutated(app, self.operations, self.change, **options)


def mutant(name: str, breaks: str, operations: str, change: Change, *shown_by: Send | str) -> Mutant:
    sends = tuple(Send(send) if isinstance(send, str) else send for send in shown_by)
    return Mutant(name, breaks, tuple(operations.split()), change, sends)
