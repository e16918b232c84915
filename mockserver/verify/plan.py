"""The plan of a run: its target and its options, checked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.verify.credentials import Credentials
from mockserver.verify.engine import Depth
from mockserver.verify.results import Severity
from mockserver.verify.safety.limits import Limits


@dataclass(frozen=True)
class Plan:
    """The options of a run. Empty `operations` and `tags` select everything; `target` has no slash at its end."""

    target: str
    document: Document = field(repr=False)
    credentials: Credentials = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    depth: Depth = Depth.NORMAL
    seed: int = 0
    operations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    slow: float = 2.0
    fail_on: Severity = Severity.ERROR
    known: tuple[str, ...] = ()
    ledger: Path | None = None
    record: Path | None = None
    mark: str = field(default_factory=lambda: f"mv{secrets.token_hex(4)}")

    def selects(self, operation: Operation) -> bool:
        """True for an operation that is to be tested."""
        if not self.operations and not self.tags:
            return True
        return operation.id in self.operations or operation.tag in self.tags
