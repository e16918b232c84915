"""Requests that a mode never sends: `full` does not revoke the run's own access, `own-data` sends nothing that cannot
be undone or that reaches people."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import requests

from mockserver.contract.operations import Operation
from mockserver.verify.resources import Contract
from mockserver.verify.results import NotTested
from mockserver.verify.safety.creations import Creations
from mockserver.verify.safety.ledger import is_at_or_below
from mockserver.verify.safety.limits import Mode
from mockserver.verify.safety.own_workspaces import OwnWorkspaces

# Operations of Enspace that end the caller's access, by method and path. In an own workspace they are tested.
ENDS_ACCESS = {
    ("DELETE", "/ws"): "it would delete the workspace of the run",
    ("POST", "/ws/leave"): "it would end the membership of the run's key",
}
# Creations that reach people: Enspace sends an invitation.
REACHES_PEOPLE = ("/ws/members",)


class ProtectedRequests:
    """Requests that would end the access of the run's keys. It learns from responses whose keys they are."""

    def __init__(self, workspaces: OwnWorkspaces) -> None:
        self._workspaces, self._own_members = workspaces, set[str]()

    def objection(self, request: requests.PreparedRequest, path: str) -> str:
        """Explains why `full` does not send a request; empty if it does."""
        method = request.method or ""
        if (reason := ENDS_ACCESS.get((method, path))) and not self._workspaces.is_named_by(request.headers):
            return reason
        is_self = path in self._own_members and method in ("PUT", "PATCH", "DELETE")
        return "it would change the member of a key of the run" if is_self else ""

    def observe(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Reads the caller's member from the context of the workspace."""
        is_own = self._workspaces.is_named_by(request.headers)
        # In an own workspace the member is another one.
        if response.ok and not is_own and urlsplit(request.url or "").path.endswith("/ws/context"):
            try:
                member = json.loads(response.content)["member"]["id"]
            except (ValueError, LookupError, TypeError):
                return
            self._own_members.add(f"/ws/members/{member}")


def mode_limits(mode: Mode, undoable: Creations, contract: Contract) -> tuple[Creations, list[NotTested]]:
    """Returns the creations that a mode allows, and the operations that it leaves out with the reason."""
    if mode is Mode.READ_ONLY:
        writes = [operation.id for operation in contract.operations if operation.method != "GET"]
        return undoable, [NotTested(name, "read-only sends only GET and HEAD") for name in writes]
    if mode is Mode.FULL:
        return undoable, []
    allowed = Creations(creation for creation in undoable if creation.collection not in REACHES_PEOPLE)
    reasons = ((operation.id, _own_data_objection(operation, undoable, allowed)) for operation in contract.operations)
    return allowed, [NotTested(name, reason) for name, reason in reasons if reason]


def _own_data_objection(operation: Operation, undoable: Creations, allowed: Creations) -> str:
    """Explains why `own-data` does not test an operation; empty if it does."""
    if reason := ENDS_ACCESS.get((operation.method, operation.path)):
        return reason
    is_below = any(is_at_or_below(operation.path, creation.record) for creation in allowed)
    if operation.method == "GET" or allowed.by_template(operation.path) or is_below:
        return ""
    if operation.method != "POST":
        return "this run creates no record that it could change"
    return "it would send an invitation" if undoable.by_template(operation.path) else "no DELETE removes the new record"
