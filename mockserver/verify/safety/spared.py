"""What even `full` does not do, because the run would end itself; and what `own-data` leaves out, because no DELETE
takes it back or because people would notice."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import requests

from mockserver.verify.resources import Contract
from mockserver.verify.results import NotTested
from mockserver.verify.safety.limits import Mode
from mockserver.verify.safety.own_workspaces import OwnWorkspaces
from mockserver.verify.safety.undo import Creation

# Operations of Enspace that end the caller's own access, by method and path; in a workspace of the run they are tested.
ENDS_THE_RUN = {
    ("DELETE", "/ws"): "it would delete the workspace of the run",
    ("POST", "/ws/leave"): "it would end the membership of the run's key",
}
# Creations that reach people: an invitation is sent.
REACHES_PEOPLE = ("/ws/members",)


class Spared:
    """Learns from answers which member the run itself is, and keeps it from being changed."""

    def __init__(self, workspaces: OwnWorkspaces) -> None:
        self._workspaces, self._own_member = workspaces, ""

    def __call__(self, request: requests.PreparedRequest, path: str) -> str:
        """Why `full` does not send it; empty if it does."""
        method = request.method or ""
        if (why := ENDS_THE_RUN.get((method, path))) and not self._workspaces.is_named_by(request.headers):
            return why
        is_self = bool(self._own_member) and path == self._own_member and method in ("PUT", "PATCH", "DELETE")
        return "it would change the run's own member" if is_self else ""

    def learn(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """The context of the workspace names the caller's member."""
        is_own = self._workspaces.is_named_by(request.headers)
        if response.ok and not is_own and urlsplit(request.url or "").path.endswith("/ws/context"):
            try:
                member = json.loads(response.content)["member"]["id"]
            except (ValueError, LookupError, TypeError):
                return
            self._own_member = f"/ws/members/{member}"


def mode_limits(
    mode: Mode, undoable: dict[str, Creation], contract: Contract
) -> tuple[dict[str, Creation], list[NotTested]]:
    """The creations that a run may do and undo, and the operations that its mode leaves out, with the reason."""
    if mode is Mode.READ_ONLY:
        writes = [operation.id for operation in contract.operations if operation.method != "GET"]
        return undoable, [NotTested(name, "read-only sends only GET and HEAD") for name in writes]
    if mode is Mode.FULL:
        return undoable, []
    left_out = [
        NotTested(operation.id, ENDS_THE_RUN[operation.method, operation.path])
        for operation in contract.operations
        if (operation.method, operation.path) in ENDS_THE_RUN
    ]
    kept = {path: creation for path, creation in undoable.items() if path not in REACHES_PEOPLE}
    records = {creation.record for creation in kept.values()}
    for operation in contract.operations:
        below = any(operation.path == record or operation.path.startswith(record + "/") for record in records)
        named = (operation.method, operation.path) in ENDS_THE_RUN
        if operation.method != "GET" and operation.path not in kept and not below and not named:
            why = "an invitation would be sent" if operation.path in undoable else "no DELETE takes it back"
            why = "no record of this run can be its object" if operation.method != "POST" else why
            left_out.append(NotTested(operation.id, why))
    return kept, left_out
