"""Promises of refused writes: whatever the reason, the list is as it was before. All go to records of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Unique, value_at
from mockserver.verify.checks.access.access_checks import NO_KEY, WEAK_KEY
from mockserver.verify.checks.access.tenancy_checks import SEPARATE, other_workspaces
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.lists.count_checks import check_count
from mockserver.verify.checks.writes.invalid_value_checks import invalid_members, invalid_objects
from mockserver.verify.checks.writes.record_life import RecordLife, begin_life, own_rows
from mockserver.verify.checks.writes.samples import changed_bodies
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.judging.assertions import has_status, is_part_of, others_stay
from mockserver.verify.probe import MOST, OF_MISSING, Probe
from mockserver.verify.received import Keys, Received, show
from mockserver.verify.resources import Resource
from mockserver.verify.safety.ledger import NAMES

ELSEWHERE = ("record_is_only_below_its_parent", "404 below another parent")
FOREIGN = (SEPARATE, "404: the record is in another workspace")
STATUSES = {NO_KEY: "401", WEAK_KEY: "403", ELSEWHERE: "4xx", FOREIGN: "4xx"}


@dataclass(frozen=True)
class RefusedWrite:
    """A write that has to be refused, `after` other requests. Without `promised`, other checks look at its status."""

    operation: Operation
    keys: Keys
    body: Any
    headers: Mapping[str, str] | None = None
    after: tuple[Received, ...] = ()
    promised: tuple[str, str] | None = None


@for_each_resource
def refused_writes_change_nothing(probe: Probe, resource: Resource) -> None:
    """A write without a right, to what does not exist, or with a value that is invalid or taken changes nothing."""
    create = resource.create
    if create is None or not probe.is_selected(create) or (life := begin_life(probe, resource, create)) is None:
        return
    if not _are_without_effect(life, _writes_of(life)):
        # One after the other, to find the one that has an effect; this record may be changed.
        other = begin_life(probe, resource, create)
        if other is not None:
            _check_writes(other, _writes_of(other))
    check_count(probe, resource, life.keys, {})


def _writes_of(life: RecordLife) -> list[RefusedWrite]:
    return [*_forbidden(life), *_invalid(life), *_misplaced(life)]


def _are_without_effect(life: RecordLife, writes: list[RefusedWrite]) -> bool:
    """Sends all writes; true if each is refused, and the list is as before."""
    before = life.list_all()
    responses = [life.probe.call(one.operation, one.keys, body=one.body, headers=one.headers) for one in writes]
    after = life.list_all()
    is_whole = before.ok and after.ok and len(after.records) < MOST
    is_refused = all(_has_promised_status(*pair) for pair in zip(writes, responses, strict=True))
    return is_refused and is_whole and own_rows(life, before) == own_rows(life, after)


def _check_writes(life: RecordLife, writes: list[RefusedWrite]) -> None:
    before = life.list_all()
    for write in writes:
        response = life.probe.call(write.operation, write.keys, body=write.body, headers=write.headers)
        after = life.list_all()
        is_kept = _is_as_promised(life.probe, write, response) or bool(life.listed(after))
        if not is_kept or (400 <= response.status < 500 and not _is_unchanged(life, write, response, before, after)):
            return  # the record is lost, or changed
        before = after


def _writes(life: RecordLife, keys: Keys) -> Iterator[tuple[Operation, Keys, Any]]:
    """Yields a valid update and deletion of the record with these keys."""
    update, delete = life.resource.update, life.resource.delete
    if life.probe.is_selected(update) and update:
        yield update, keys, changed_bodies(update, life.body)[0]
    if life.probe.is_selected(delete) and delete:
        yield delete, keys, NOT_SET


def _forbidden(life: RecordLife) -> Iterator[RefusedWrite]:
    """Yields writes with keys that may not write."""
    credentials, create = life.probe.credentials, life.creation.operation
    for promised, key in [(NO_KEY, ""), *([(WEAK_KEY, credentials.weak_key)] if credentials.weak_key else [])]:
        headers = credentials.headers(x_api_key=key)
        yield RefusedWrite(create, life.keys, life.creation.fresh(life.body), headers, promised=promised)
        for write in _writes(life, life.own_keys):
            yield RefusedWrite(*write, headers, promised=promised)


def _invalid(life: RecordLife) -> Iterator[RefusedWrite]:
    """Yields writes with values that are invalid, beside valid ones, and with values that another record has."""
    probe, creation, update = life.probe, life.creation, life.resource.update
    unique = [one for one in creation.promised(Unique) if one.repeated == "refused"]
    bad = {name: value for name, value in invalid_members(creation).items() if name not in NAMES}
    for name, value in list(bad.items())[:1]:  # with valid names, by which the record would show
        yield RefusedWrite(creation.operation, life.keys, creation.fresh(life.body) | {name: value})
    for _ in unique[:1]:
        yield RefusedWrite(creation.operation, life.keys, life.body, after=(life.response,))
    if update and probe.is_selected(update):
        valid = changed_bodies(update, life.body)[0]
        changes = Write(probe, life.resource, update, life.body)
        for body in (invalid_members(changes) | valid, *invalid_objects(changes)):
            yield RefusedWrite(update, life.own_keys, body)
        if unique and (other := begin_life(probe, life.resource, creation.operation)):
            taken = {path[0]: value_at(other.record, path) for one in unique for path in one.members}
            yield RefusedWrite(update, life.own_keys, taken, after=(other.response,))


def _misplaced(life: RecordLife) -> Iterator[RefusedWrite]:
    """Yields writes to a deleted record, and to the record below another parent or in another workspace."""
    probe, resource, create = life.probe, life.resource, life.creation.operation
    gone = begin_life(probe, resource, create) if probe.is_selected(resource.delete) else None
    deletion = probe.call(resource.delete, gone.own_keys) if gone and resource.delete else Received(0)
    if gone and deletion.ok:
        yield from (RefusedWrite(*write, after=(gone.response, deletion)) for write in _writes(life, gone.own_keys))
    above = probe.contract.above(resource)
    parent = begin_life(probe, above, above.create) if above and above.create else None
    if parent and parent.own_keys != life.keys:
        elsewhere = _writes(life, life.own_keys | parent.own_keys)
        yield from (RefusedWrite(*write, after=(life.response,), promised=ELSEWHERE) for write in elsewhere)
    for workspace in other_workspaces(probe)[:1] if resource.is_in_workspace else ():
        headers = probe.credentials.headers(en_workspace=workspace)
        yield from (RefusedWrite(*write, headers, promised=FOREIGN) for write in _writes(life, life.own_keys))


def _has_promised_status(write: RefusedWrite, response: Received) -> bool:
    if write.promised is None:
        return not response.ok
    # A 5xx is a finding of `not_a_server_error` already.
    wanted = STATUSES[write.promised].rstrip("x")
    return str(response.status).startswith(wanted) or response.status not in range(1, 500)


def _is_as_promised(probe: Probe, write: RefusedWrite, response: Received) -> bool:
    is_refused = _has_promised_status(write, response)
    if write.promised and not is_refused and not (write.promised[0] in OF_MISSING and probe.has_appeared(response)):
        expected = response.expects(has_status, STATUSES[write.promised], after=write.after)
        promise, documented = write.promised
        received = f"{response.status} for {response.request.method} {urlsplit(response.request.url).path}"
        probe.report(write.operation, promise, response, received, documented, expected)
    return is_refused


def _is_unchanged(life: RecordLife, write: RefusedWrite, response: Received, before: Received, after: Received) -> bool:
    """Reports a record that a refused write has created, deleted or changed."""
    acts = write.after
    had, has = own_rows(life, before), own_rows(life, after)
    is_whole = before.ok and after.ok and len(after.records) < MOST
    new, gone = [key for key in has if key not in had], [key for key in had if key not in has]
    changed = [key for key in had if key in has and had[key] != has[key]]
    if not is_whole or not (new or gone or changed):
        return True
    if new:
        received, expected = f"the new record {show(new[0])}", after.expects(is_part_of, before.member(), after=acts)
    else:
        received = f"no record {show(gone[0])}" if gone else f"the changed record {show(changed[0])}"
        expected = after.expects(others_stay, before.member(), "", after=acts)
    texts = f"{received} after a {response.status}", "the list as before"
    life.probe.report(write.operation, "refused_write_changes_nothing", response, *texts, expected)
    return False
