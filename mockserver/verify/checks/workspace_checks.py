"""Promises of workspaces, tried on one that the run makes: its maker owns it, cannot leave it, and may end it."""

from __future__ import annotations

from mockserver.verify.checks.access_checks import UNKNOWN_KEY
from mockserver.verify.probe import Answer, Probe


def own_workspace_lives_as_promised(probe: Probe) -> None:
    """A new workspace is its maker's: the context says so, leaving is refused, deleting ends it."""
    operations = [probe.contract.by_id.get(f"{name}Workspace") for name in ("create", "leave", "delete")]
    if not all(map(probe.is_wanted, operations)):
        return
    slug = f"{probe.mark}-own"
    made = _ask(probe, "createWorkspace", "", body={"name": f"{probe.mark} own", "slug": slug})
    if made.record.get("slug") != slug:
        return
    _context_names_the_owner(probe, slug)
    _strangers_are_refused(probe, slug)
    if (answer := _ask(probe, "leaveWorkspace", slug)).ok:
        _tell(probe, "leaveWorkspace", "owner_cannot_leave", answer, str(answer.status), "400 for the owner")
    if _ask(probe, "deleteWorkspace", slug).ok:
        _deleted_is_gone(probe, slug)


def _context_names_the_owner(probe: Probe, slug: str) -> None:
    answer = _ask(probe, "getWorkspaceContext", slug)
    member = answer.record.get("member")
    kind = member.get("type") if isinstance(member, dict) else answer.status
    if answer.status and kind != "owner":
        _tell(probe, "createWorkspace", "maker_is_the_owner", answer, f"{kind!r}", "a context with a member 'owner'")


def _strangers_are_refused(probe: Probe, slug: str) -> None:
    """Should one be let in, then nothing is lost but a workspace of the run."""
    for key, status in ((UNKNOWN_KEY, 401), (probe.access.weak_key, 403)):
        for name in ("leaveWorkspace", "deleteWorkspace") if key else ():
            answer = _ask(probe, name, slug, key)
            if answer.status not in (0, status):
                _tell(probe, name, "strangers_are_refused", answer, str(answer.status), f"{status} for a foreign key")


def _deleted_is_gone(probe: Probe, slug: str) -> None:
    if (answer := _ask(probe, "getWorkspaceContext", slug)).ok:
        _tell(probe, "deleteWorkspace", "deleted_is_gone", answer, "a context of the deleted workspace", "403")


def _ask(probe: Probe, name: str, slug: str, key: str = "", **sent: object) -> Answer:
    headers = {"en_workspace": slug} | ({"x_api_key": key} if key else {})
    return probe.call(probe.contract.by_id[name], headers=probe.access.headers(**headers), **sent)  # type: ignore[arg-type]


def _tell(probe: Probe, name: str, promise: str, answer: Answer, received: str, documented: str) -> None:
    probe.tell(probe.contract.by_id[name], promise, answer, received=received, documented=documented)
