"""Promises of workspaces: they are listed, and the creator of one owns it, cannot leave it, can delete it.

After that its slug is free.
"""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import value_at
from mockserver.verify.checks.access.access_checks import UNKNOWN_KEY
from mockserver.verify.checks.promised.default_checks import check_defaults, default_promises
from mockserver.verify.checks.promised.promised_records import resource_of
from mockserver.verify.checks.writes.difficult_values import Value
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.checks.writes.write_comparison import check_row, compare
from mockserver.verify.judging.assertions import contains_value
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Received, show
from mockserver.verify.resources import is_in_workspace


def workspace_is_listed(probe: Probe) -> None:
    """The list of workspaces has the one that the run uses."""
    if probe.is_selected(probe.contract.by_id.get("listWorkspaces")):
        _check_listed(probe, probe.credentials.workspace)


def _check_listed(probe: Probe, slug: str, created: Received | None = None) -> None:
    listing = probe.contract.by_id["listWorkspaces"]
    whole = probe.call(listing, query={"_limit": MOST})
    if whole.ok and len(whole.records) < MOST and slug not in [row.get("slug") for row in whole.records]:
        expected = whole.expects(contains_value, ("*", "slug"), slug)
        received, documented = "a list without it", f"a list with {slug}, which the key may use"
        probe.report(listing, "workspace_is_listed", whole, received, documented, expected)
    elif created:
        check_row(probe, resource_of(probe, listing), created, created, whole)


def own_workspace_lives_as_promised(probe: Probe) -> None:
    """The creator is the owner in the context, cannot leave the workspace, and can delete it."""
    operations = [probe.contract.by_id.get(f"{name}Workspace") for name in ("create", "leave", "delete")]
    if not all(map(probe.is_selected, operations)):
        return
    slug, create = f"{probe.mark}-own", probe.contract.by_id["createWorkspace"]
    created = _call(probe, "createWorkspace", "", body={"name": f"{probe.mark} own", "slug": slug})
    texts = "a name and a slug that nobody has", "a success: the contract allows them"
    probe.expect_success(create, "workspace_can_be_created", created, *texts)
    # Without the new workspace, the requests below would leave and delete another one.
    if created.record.get("slug") != slug:
        return
    for promise in default_promises(probe, create):
        check_defaults(probe, create, created, promise.members)
    again = _call(probe, "createWorkspace", "", body={"name": f"{probe.mark} again", "slug": slug})
    probe.expect_refusal(create, "duplicate_is_refused", again, "the same slug", "400: it is taken", after=[created])
    _check_listed(probe, slug, created)
    _check_owner(probe, slug)
    _check_strangers(probe, slug)
    if (response := _call(probe, "leaveWorkspace", slug)).ok:
        # Whoever has left it cannot delete it.
        _report(probe, "leaveWorkspace", "owner_cannot_leave", response, str(response.status), "400 for the owner")
    elif (deletion := _call(probe, "deleteWorkspace", slug)).ok and _is_gone(probe, slug):
        again = _call(probe, "createWorkspace", "", body={"name": f"{probe.mark} again", "slug": slug})
        texts = "the slug of a deleted workspace", "a success: no workspace has it any more"
        probe.expect_success(create, "deleted_value_is_free", again, *texts, after=[created, deletion])
        if again.record.get("slug") == slug:
            _call(probe, "deleteWorkspace", slug)
    _check_values(probe, create)


def begin_own_workspace(probe: Probe, word: str) -> str:
    """Creates a workspace of the run, and returns its slug; empty if there is none."""
    slug, is_possible = f"{probe.mark}-{word}", {"createWorkspace", "deleteWorkspace"} <= probe.contract.by_id.keys()
    body = {"name": f"{probe.mark} {word}", "slug": slug}
    created = _call(probe, "createWorkspace", "", body=body) if is_possible else Received(0)
    return slug if created.record.get("slug") == slug else ""


def end_own_workspace(probe: Probe, slug: str) -> None:
    """Deletes a workspace of the run."""
    _call(probe, "deleteWorkspace", slug)


def _check_values(probe: Probe, create: Operation) -> None:
    """Creates a workspace with the first value of every member, and two with the last ones that the schema names."""
    for back in range(3):
        base = {"name": f"{probe.mark} other {back}", "slug": f"{probe.mark}-other-{back}"}
        write = Write(probe, resource_of(probe, create), create, base)
        body = base | {name: _value(write.values(name), back) for name in write.members if name not in base}
        created = _call(probe, "createWorkspace", "", body=body)
        if created.record.get("slug") == body["slug"]:
            compare(write, {}, created, body, "created_as_sent")
            _check_listed(probe, body["slug"], created)
            _call(probe, "deleteWorkspace", body["slug"])
        elif back:
            texts = f"a body with {show(body)}", "a success: the schema allows it"
            probe.expect_success(create, "valid_value_is_accepted", created, *texts)


def _value(values: list[Value], back: int) -> Any:
    """Returns the first value, or the one so many places back from the end of those that the schema names."""
    named = [one for one in values if one.is_promised][-back:] if back else []
    return (named or values)[0].value


def _check_owner(probe: Probe, slug: str) -> None:
    response = _call(probe, "getWorkspaceContext", slug)
    if value_at(response.record, ("workspace", "slug")) not in (MISSING, slug):
        return  # the context of another workspace is a fault of its own
    member = response.record.get("member")
    kind = member.get("type") if isinstance(member, dict) else response.status
    if response.status and kind != "owner":
        _report(probe, "createWorkspace", "maker_is_the_owner", response, show(kind), 'a context with a member "owner"')


def _check_strangers(probe: Probe, slug: str) -> None:
    """A target that lets strangers in loses only a workspace of the run."""
    for key, status in ((UNKNOWN_KEY, 401), (probe.credentials.weak_key, 403)):
        for name in ("leaveWorkspace", "deleteWorkspace") if key else ():
            response = _call(probe, name, slug, key)
            if response.status not in (0, status):
                _report(
                    probe, name, "strangers_are_refused", response, str(response.status), f"{status} for a foreign key"
                )


def _is_gone(probe: Probe, slug: str) -> bool:
    """Returns whether a workspace that was deleted is gone, and reports one that is not."""
    known = len(probe.broken_promises)
    for operation in (one for one in probe.operations if is_in_workspace(one) and one.method == "GET"):
        if "{" not in operation.path and (response := _call(probe, operation.id, slug)).ok:
            received = f"{response.status} for {operation.id} in the deleted workspace"
            _report(probe, "deleteWorkspace", "deleted_is_gone", response, received, "403")
            break
    whole = probe.call(probe.contract.by_id["listWorkspaces"], query={"_limit": MOST})
    if slug in [row.get("slug") for row in whole.records]:
        _report(probe, "deleteWorkspace", "deleted_is_not_listed", whole, f"a list with {slug}", "a list without it")
    return len(probe.broken_promises) == known


def _call(probe: Probe, name: str, slug: str, key: str = "", **sent: object) -> Received:
    headers = {"en_workspace": slug} | ({"x_api_key": key} if key else {})
    return probe.call(probe.contract.by_id[name], headers=probe.credentials.headers(**headers), **sent)  # type: ignore[arg-type]


def _report(probe: Probe, name: str, promise: str, response: Received, received: str, documented: str) -> None:
    probe.report(probe.contract.by_id[name], promise, response, received=received, documented=documented)
