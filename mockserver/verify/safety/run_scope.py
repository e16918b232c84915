"""The scope of a run: what its rules for writes and the notes about its records have in common."""

from __future__ import annotations

from dataclasses import dataclass

import requests

from mockserver.verify.credentials import WORKSPACE
from mockserver.verify.safety.creations import Creations
from mockserver.verify.safety.ledger import Ledger
from mockserver.verify.safety.limits import Mode
from mockserver.verify.safety.ownership import Ownership


@dataclass(frozen=True)
class RunScope:
    """The mode and the workspace of one run, the creations that it may send, and the records that it has made."""

    mode: Mode
    workspace: str | None
    ledger: Ledger
    creations: Creations
    ownership: Ownership

    def covers(self, request: requests.PreparedRequest) -> bool:
        """True for a request in the workspace of the run, or in none: elsewhere, the same path is another record."""
        return request.headers.get(WORKSPACE) in (None, self.workspace)
