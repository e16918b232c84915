"""Promises of writes: a record is created, read, listed, updated and deleted.

Every step checks promises under names of their own, so that a finding names the one that is broken.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Timestamps, Unique, value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.filter_checks import check_count
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.list_checks import check_default_order
from mockserver.verify.checks.record_checks import absent_keys, absent_query
from mockserver.verify.checks.samples import changed_bodies, sample_bodies, sample_body
from mockserver.verify.checks.value_checks import Write, check_row, compare
from mockserver.verify.judging.assertions import (
    changed_members,
    contains_value,
    has_length,
    has_status,
    has_value,
    instant,
    is_later,
    is_recent,
    lacks_value,
    others_stay,
)
from mockserver.verify.probe import MOST, REFUSALS, Keys, Probe, Received, Record
from mockserver.verify.resources import Resource, key_of

OWN_ID = 1_999_999_973
LONG_AGO = "2001-01-01T00:00:00.000Z"
CLOCK_TOLERANCE = timedelta(minutes=2)  # hosts behind a gateway have clocks of their own
TICK = 0.003  # seconds; timestamps have milliseconds
STAMPS = ("created_at", "updated_at")


@dataclass
class RecordLife:
    """One record of the check: as it was created, and as the last write returned it."""

    probe: Probe
    resource: Resource
    keys: Keys
    body: Record
    response: Received
    record: Record
    last: Received
    neighbour: Received = field(default_factory=lambda: Received(0))  # the creation of another record of the run
    deletion: Received = field(default_factory=lambda: Received(0))

    @property
    def date(self) -> datetime | None:
        """The time of the target when it answered the creation; None if it has not said so."""
        return self.response.date

    @property
    def own_keys(self) -> Keys:
        return self.keys | {self.resource.key: key_of(self.resource.key, self.record)}

    def fits(self, operation: Operation, name: str, *records: Record) -> bool:
        """True if a member is declared and no record has it in another shape, which are faults of their own."""
        contract = self.probe.contract
        return contract.declares(operation, name) and all(
            self.probe.contract.fits(operation, name, record[name]) for record in records
        )

    def list_all(self) -> Received:
        """Requests the list of the record."""
        return self.probe.call(self.resource.listing, self.keys, {"_limit": MOST})

    def listed(self, answer: Received | None = None) -> list[Record]:
        """Returns the rows of a list that are this record."""
        return [row for row in (answer or self.list_all()).records if row.get("id") == self.record.get("id")]


@for_each_resource
def record_lives_as_promised(probe: Probe, resource: Resource) -> None:
    """Runs all steps for one record of a resource."""
    create = resource.create
    if create is None or not probe.is_selected(create):
        return
    older = _check_read_only(probe, resource, create)
    for keys, body in sample_bodies(probe, create):
        before = probe.call(resource.listing, keys, {"_limit": MOST})
        response = probe.call(create, keys, body=body)
        if made := response.record:
            life = RecordLife(probe, resource, keys, body, response, made, response)
            life.neighbour = older.response if older else life.neighbour
            _check_neighbours(life, create, response, before)
            if not _is_kept(probe, create):
                _create(probe, resource, create)  # an update may move its record behind the others
            _check_life(life, create)


def _check_life(life: RecordLife, create: Operation) -> None:
    resource = life.resource
    _check_stored(life, create)
    _check_time(life, create)
    _check_count(life)
    children = _add_children(life)
    if resource.update is not None and resource.get is not None:
        before = [life.probe.call(child.listing, life.own_keys) for child in children]
        changes = changed_bodies(resource.update, life.body)
        for change in changes:
            _check_update(life, resource.update, resource.get, change)
        _check_repeated(life, resource.update, changes[-1])
        for child, earlier in zip(children, before, strict=True):
            _check_children(life, resource.update, child, earlier)
    if resource.delete is not None:
        _check_delete(life, resource.delete)
        _check_count(life)
        _check_free(life, create)


def _check_repeated(life: RecordLife, update: Operation, change: Record) -> None:
    """Checks that an update is accepted again: the record is not in its own way."""
    response = life.probe.call(update, life.own_keys, body=change)
    if life.last != life.response and response.status in REFUSALS:
        received, documented = f"{response.status} for the same update again", "a success"
        expected = response.expects(has_status, "2xx", after=[life.last])
        life.probe.report(update, "repeated_update_is_accepted", response, received, documented, expected)


def _add_children(life: RecordLife) -> list[Resource]:
    """Creates a record below this one in each collection: they stay when it changes, and are deleted with it."""
    children = []
    for below in life.probe.contract.resources:
        if below.create is None or below.parent_keys != [life.resource.key]:
            continue
        if life.probe.is_selected(below.create) and (sample := sample_body(life.probe, below.create)):
            children.append(below)
            response = life.probe.call(below.create, life.own_keys, body=sample[1])
            if response.status in REFUSALS:  # its inner values may belong to another parent
                emptied = {name: {} if isinstance(value, dict) else value for name, value in sample[1].items()}
                life.probe.call(below.create, life.own_keys, body=emptied)
    return children


def _check_children(life: RecordLife, update: Operation, child: Resource, before: Received) -> None:
    """Checks that updates have left the records below, and that these show the record as it is now."""
    after, record = life.probe.call(child.listing, life.own_keys), life.last.record
    key = life.resource.key
    shown = {name for row in after.records for name, part in row.items() if _names(part, key, life.own_keys[key])}
    kept = {row.get("id"): row for row in after.records}
    for row in before.records if after.ok else ():
        other = kept.get(row.get("id"), {})
        names = [name for name in row if row[name] != other.get(name) and name not in shown]
        if names:
            received = f"{names[0]} {other.get(names[0])!r} in a record of {child.listing.id} after the update"
            expected = after.expects(others_stay, before.member(), "", *shown, after=[life.last])
            documented = f"{names[0]} {row[names[0]]!r}, as before"
            life.probe.report(update, "update_keeps_what_is_below", life.last, received, documented, expected)
            return
        for name in shown & other.keys():
            stale = changed_members(record, other[name])
            if stale and life.probe.contract.fits(child.listing, name, other[name]):
                path = (name, stale[0])
                received = f"{'.'.join(path)} {other[name][stale[0]]!r} in a record of {child.listing.id}"
                expected = after.expects(has_value, ("*", *path), life.last.member(stale[0]))
                documented = f"{stale[0]} {record[stale[0]]!r}, as in the record"
                life.probe.report(update, "reference_shows_the_record", life.last, received, documented, expected)
                return


def _names(part: Any, key: str, value: Any) -> bool:
    """True for an object that stands for the record with this key."""
    return isinstance(part, dict) and part.get(key, part.get("id")) == value


def _check_free(life: RecordLife, create: Operation) -> None:
    """Checks that the unique members of a deleted record can be used again."""
    promised = [one for one in life.probe.contract.promises(create) if isinstance(one, Unique)]
    names = {path[0] for promise in promised for path in promise.members if path[0] in life.body}
    if not names:
        return
    body = life.body | {name: life.last.record.get(name, life.body[name]) for name in names}
    response = life.probe.call(create, life.keys, body=body)
    if response.status in REFUSALS and life.deletion.ok:
        received = f"{response.status} for the {', '.join(sorted(names))} of a deleted record"
        expected = response.expects(has_status, "2xx", after=[life.response, life.last, life.deletion])
        documented = "a success: no record has it any more"
        life.probe.report(create, "deleted_value_is_free", response, received, documented, expected)


def _create(probe: Probe, resource: Resource, create: Operation, **more: Any) -> RecordLife | None:
    sample = sample_body(probe, create)
    if sample is None:
        return None
    keys, body = sample
    response = probe.call(create, keys, body=body | more)
    made = response.record
    return RecordLife(probe, resource, keys, body, response, made, response) if made else None


def repeat_write(probe: Probe, operation: Operation) -> None:
    """Sends a creation, an update or a deletion once more, for its response time, to a new record of the run."""
    resources = probe.contract.resources
    resource = next((one for one in resources if operation in (one.create, one.update, one.delete)), None)
    life = _create(probe, resource, resource.create) if resource and resource.create else None
    if life is not None and operation == life.resource.update:
        probe.call(operation, life.own_keys, body=changed_bodies(operation, life.body)[0])
    elif life is not None and operation == life.resource.delete:
        probe.call(operation, life.own_keys)


def _check_time(life: RecordLife, create: Operation) -> None:
    """Checks that a new record was created now, by the clock of the target."""
    promises = life.probe.contract.promises(create)
    timestamps = [] if _is_kept(life.probe, create) else [one for one in promises if isinstance(one, Timestamps)]
    for promise in timestamps:
        created = instant(value_at(life.record, promise.created))
        if created and life.date and abs(created - life.date) > CLOCK_TOLERANCE:
            wanted = f"the time of the request, {life.date.isoformat()}"
            expected = life.response.expects(is_recent, promise.created)
            life.probe.report(
                create, "created_at_is_now", life.response, f"created {created.isoformat()}", wanted, expected
            )


def _is_kept(probe: Probe, create: Operation) -> bool:
    """True if the answer to a creation may be the record of an earlier one."""
    promises = probe.contract.promises(create)
    return any(isinstance(promise, Unique) and promise.repeated == "kept" for promise in promises)


def _check_read_only(probe: Probe, resource: Resource, create: Operation) -> RecordLife | None:
    """Sends times and an id, which the target sets itself: it must ignore them. The record stays for later cases."""
    times = _read_only_times(probe, create)
    other = _create(probe, resource, create, **dict.fromkeys(times, LONG_AGO), id=OWN_ID) if times else None
    if other is None:
        return None
    response = probe.call(resource.get, other.own_keys) if resource.get else other.response
    if OWN_ID in (other.record.get("id"), response.record.get("id")):
        shown = response if response.record.get("id") == OWN_ID else other.response
        expected = shown.expects(lacks_value, ("id",), OWN_ID)
        probe.report(
            create, "read_only_is_ignored", response, f"id {OWN_ID}, as sent", "an id that the target sets", expected
        )
    for name in times:
        showing = [answer for answer in (response, other.response) if answer.record.get(name) == LONG_AGO]
        if showing:
            probe.report(
                create,
                "read_only_is_ignored",
                response,
                f"{name} {LONG_AGO}, as it was sent",
                "a time that the target sets",
                showing[0].expects(lacks_value, (name,), LONG_AGO),
            )
    return other


def _read_only_times(probe: Probe, create: Operation) -> list[str]:
    """Returns the timestamps of the response that no request body can set."""
    document, body = probe.contract.document, create.body
    returned = properties_of(document, create.success.schema or {})
    accepted = properties_of(document, body.schema) if body else {}
    settable = {name for name, part in accepted.items() if not document.resolve(part).get("readOnly")}
    return [
        name
        for name, part in returned.items()
        if name not in settable and document.resolve(part).get("format") == "date-time"
    ]


def _check_stored(life: RecordLife, create: Operation) -> None:
    """Compares what was sent with the answer, with a GET and with the list: two of them show which one is wrong."""
    write, get, listing = Write(life.probe, life.resource, create, life.body), life.resource.get, life.resource.listing
    compare(write, life.keys, life.response, life.body, "created_as_sent")
    read = life.probe.call(get, life.own_keys) if get else life.response
    whole = life.list_all()
    records, rows = whole.records, life.listed(whole)
    if read.status == 404 and get is not None:
        wanted, expected = "the record that was just created", read.expects(has_status, "2xx")
        life.probe.report(get if rows else create, "created_can_be_read", read, 404, wanted, expected)
    if records and len(records) < MOST and not rows:
        wanted = f"a list with {life.record.get('id')!r}"
        is_stored = get is not None and read.ok
        source = listing if is_stored else create
        expected = whole.expects(contains_value, ("*", "id"), life.response.member("id"))
        life.probe.report(source, "created_is_listed", life.response, "a list without it", wanted, expected)
    if rows and not changed_members(life.record, read.record):
        check_row(life.probe, life.resource, life.response, whole)


def _check_count(life: RecordLife) -> None:
    count = life.resource.count
    if count is not None and life.probe.is_selected(count):
        check_count(life.probe, life.resource, count, life.keys, {})


def _check_update(life: RecordLife, update: Operation, get: Operation, change: Record) -> None:
    probe = life.probe
    earlier = probe.call(get, life.own_keys)
    before = earlier.record
    if not before:
        return
    all_before = life.list_all()
    # An update within the same millisecond would leave `updated_at` as it was.
    time.sleep(TICK)
    response = probe.call(update, life.own_keys, body=change)
    if not response.ok:
        return
    if response.record:
        compare(Write(probe, life.resource, update, life.body), life.own_keys, response, change, "update_is_kept")
        # A wrong answer of an earlier request is no wrong update.
        _check_change(life, update, (response, response), (earlier, life.last), change)
    life.last = response if response.record else life.last
    later = probe.call(get, life.own_keys)
    if _is_stale(life, response.record, later.record):
        shown = later.record.get("updated_at")
        expected = later.expects(has_value, ("updated_at",), response.member("updated_at"))
        life.probe.report(get, "read_back_equal", response, f"updated_at {shown}", "the last change", expected)
    else:
        _check_change(life, update, (response, later), (earlier,), change)
    _check_neighbours(life, update, response, all_before)


def _check_neighbours(life: RecordLife, write: Operation, response: Received, before: Received) -> None:
    """Checks that a write has left all other records of the list as they were before."""
    after = life.list_all()
    check_default_order(life.probe, life.resource, after)
    had, has = (_others(life, answer) for answer in (before, after))
    missing = [record for key, record in had.items() if key not in has and len(after.records) < MOST and after.ok]
    touched = [key for key, record in has.items() if key in had and record != had[key]]
    wanted, acts = "only the record named", [life.neighbour]
    if touched:
        expected = after.expects(others_stay, before.member(), life.response.member("id"), after=acts)
        received = f"{touched[0]} has changed too"
        life.probe.report(write, "write_changes_one_record", response, received, wanted, expected)
    elif missing and _is_gone(life, missing[0]):
        expected = after.expects(contains_value, ("*", "id"), life.neighbour.member("id"), after=acts)
        received = f"{missing[0].get('id')} is gone"
        life.probe.report(write, "write_changes_one_record", response, received, wanted, expected)


def _is_gone(life: RecordLife, record: Record) -> bool:
    """True unless a GET shows a record that its list lacks: then only the list is wrong."""
    get, key = life.resource.get, life.resource.key
    return get is None or not life.probe.call(get, life.keys | {key: key_of(key, record)}).ok


def _is_stale(life: RecordLife, answer: Record, read: Record) -> bool:
    """True if a GET does not show an update that the list shows."""
    if not read or not changed_members(answer, read):
        return False
    return any(row.get("updated_at") == answer.get("updated_at") != read.get("updated_at") for row in life.listed())


def _check_change(
    life: RecordLife,
    update: Operation,
    answers: tuple[Received, Received],
    earlier: tuple[Received, ...],
    change: Record,
) -> None:
    """Compares a record after an update with each answer before it; what differs from all of them has changed.

    The first of `answers` is that of the update, the second one shows the record.
    """
    response, later = answers
    after, before = later.record, [answer.record for answer in earlier]
    # Time stamps have promises of their own, below.
    may_change = {*STAMPS, *(linked for name in change for linked in life.probe.contract.linked_members(update, name))}
    changed = [set(changed_members(record, after)) for record in before]
    for name in sorted(set.intersection(*changed)):
        if not life.fits(update, name, before[0], after):
            continue
        received, documented = f"{name} {after[name]!r}", f"{name} {before[0][name]!r}, which was not sent"
        expected = later.expects(has_value, (name,), earlier[0].member(name))
        if name == "created_at":
            life.probe.report(update, "created_at_stays", response, received, documented, expected)
        elif name not in may_change:
            life.probe.report(update, "update_changes_only_what_was_sent", response, received, documented, expected)
    moved, last = instant(after.get("updated_at")), instant(before[-1].get("updated_at"))
    # Whole seconds may be the same after a short time.
    if moved and last and (moved < last or (moved == last and last.microsecond)):
        documented = f"later than {before[-1]['updated_at']}"
        expected = later.expects(is_later, ("updated_at",), earlier[-1].member("updated_at"))
        life.probe.report(update, "updated_at_moves", response, after.get("updated_at"), documented, expected)


def _others(life: RecordLife, answer: Received) -> dict[Any, Record]:
    """Returns the other records of the collection by id; only those of this run if others may work on the target."""
    probe = life.probe
    records = [r for r in answer.records if probe.is_alone or probe.mark in json.dumps(r)]
    return {r.get("id"): r for r in records if r.get("id") != life.record.get("id")}


def _check_delete(life: RecordLife, delete: Operation) -> None:
    probe, resource, before = life.probe, life.resource, life.list_all()
    response = life.deletion = probe.call(delete, life.own_keys)
    if response.status in REFUSALS and 409 not in delete.responses:
        received, documented = f"{response.status} for a record of the run", "a success"
        expected = response.expects(has_status, "2xx", after=[life.response])
        life.probe.report(delete, "record_can_be_deleted", response, received, documented, expected)
    if not response.ok:
        return
    _check_neighbours(life, delete, response, before)
    get, whole = resource.get, life.list_all()
    is_listed = bool(life.listed(whole))
    read = probe.call(get, life.own_keys) if get is not None else Received(0)
    is_readable = read.ok
    if is_readable and get is not None:
        received, expected = "200 for the deleted record", read.expects(has_status, "4xx")
        life.probe.report(delete if is_listed else get, "deleted_is_gone", response, received, "404", expected)
    else:
        again = probe.call(delete, life.own_keys)
        probe.expect_refusal(
            delete, "deleted_twice_is_refused", again, "a record that is gone", "404", after=[response]
        )
    if is_listed:
        source = delete if is_readable or get is None else resource.listing
        received, expected = (
            "the deleted record in its list",
            whole.expects(lacks_value, ("*", "id"), life.response.member("id")),
        )
        life.probe.report(source, "deleted_is_not_listed", response, received, "a list without it", expected)
    if not is_readable and not is_listed:
        _check_absent(life)
        _check_forgotten(life, delete)


@for_each_resource
def record_is_deleted_only_below_its_parent(probe: Probe, resource: Resource) -> None:
    """DELETE of a record with the key of another parent of the run is refused."""
    create, delete = resource.create, resource.delete
    if create is None or delete is None or not resource.parent_keys or not probe.is_selected(delete):
        return
    above = next((one for one in probe.contract.resources if one.key == resource.parent_keys[-1]), None)
    life = _create(probe, resource, create)
    other = _create(probe, above, above.create) if above and above.create else None
    if life is None or other is None or other.own_keys == life.keys:
        return
    response = probe.call(delete, life.own_keys | other.own_keys)
    probe.expect_refusal(delete, "record_is_only_below_its_parent", response, "another parent", "404")


def _check_absent(life: RecordLife) -> None:
    """Checks that whatever addresses the deleted record, or something below it, is refused."""
    path = f"{life.resource.collection}/{{{life.resource.key}}}"
    for operation in life.probe.operations:
        names = [parameter.name for parameter in operation.parameters_in("path")]
        is_below = operation.path == path or operation.path.startswith(f"{path}/")
        if not is_below or operation in (life.resource.get, life.resource.delete):
            continue
        keys = absent_keys(operation) | {name: key for name, key in life.own_keys.items() if name in names}
        sample = sample_body(life.probe, operation)
        body: Any = (sample[1] if sample else {}) if operation.body else NOT_SET
        if operation == life.resource.update:
            body = changed_bodies(operation, life.body)[0]
        response = life.probe.call(operation, keys, absent_query(operation), body)
        life.probe.expect_refusal(operation, "absent_is_404", response, "what was deleted", "404")


def _check_forgotten(life: RecordLife, delete: Operation) -> None:
    """Checks that no list finds records by the key of the deleted one."""
    for listing, name, path in life.probe.contract.filters_naming(life.resource):
        query = {name: value_at(life.record, path)}
        response = life.probe.call(listing, query=query) if "{" not in listing.path else Received(0)
        if response.records:
            received = f"{len(response.records)} records of {listing.id} with {name} {query[name]!r}"
            expected = response.expects(has_length, 0, 0, after=[life.response, life.deletion])
            documented = "none: there is no such record any more"
            life.probe.report(delete, "deletion_reaches_referrers", life.deletion, received, documented, expected)
