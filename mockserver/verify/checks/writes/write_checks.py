"""Promises of writes: a record is created, read, listed, updated and deleted.

Every step checks promises under names of their own, so that a finding names the one that is broken.
"""

from __future__ import annotations

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Timestamps, Unique, value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.lists.count_checks import check_count
from mockserver.verify.checks.lists.list_checks import check_time_sorts
from mockserver.verify.checks.writes.bystanders import below_another_parent, below_record, records_of
from mockserver.verify.checks.writes.deletion_steps import check_delete, check_free, check_last
from mockserver.verify.checks.writes.record_life import RecordLife, begin_life, check_bystanders, check_neighbours
from mockserver.verify.checks.writes.samples import changed_bodies, sample_bodies
from mockserver.verify.checks.writes.update_steps import check_children, check_repeated, check_update
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.checks.writes.write_comparison import check_row
from mockserver.verify.judging.assertions import has_status, instant, is_recent, lacks_value
from mockserver.verify.probe import MOST, REFUSALS, Probe
from mockserver.verify.received import Received
from mockserver.verify.resources import Resource

OWN_ID = 1_999_999_973
LONG_AGO = "2001-01-01T00:00:00.000Z"


@for_each_resource
def record_lives_as_promised(probe: Probe, resource: Resource) -> None:
    """Runs all steps for one record of a resource."""
    create = resource.create
    if create is None or not probe.is_selected(create):
        return
    older = _check_read_only(probe, resource, create)
    for keys, body in sample_bodies(probe, create):
        before = probe.call(resource.listing, keys, {"_limit": MOST})
        # A fault may reach the parent that is next to this one, or the one before.
        bystanders = [records_of(probe, resource, older.keys, older.response)] if older and older.keys != keys else []
        bystanders += below_another_parent(probe, resource, create, body)
        response = probe.call(create, keys, body=body)
        if made := response.record:
            life = RecordLife(probe, resource, keys, body, response, made, response)
            life.neighbour = older.response if older else life.neighbour
            life.bystanders = bystanders
            check_neighbours(life, create, response, before, *(one.creation for one in life.bystanders))
            check_bystanders(life, create, response)
            if not is_kept(probe, create):
                _add_siblings(life, create)
            if resource.key and life.neighbour.record:
                life.bystanders += below_record(probe, life.keys_of(life.neighbour))
            _check_life(life, create)


def _check_life(life: RecordLife, create: Operation) -> None:
    resource = life.resource
    listed = _check_stored(life, create)
    _check_time(life, create)
    check_count(life.probe, resource, life.keys, {}, listed=listed)
    # They stay when the record changes, and are deleted with it.
    children = below_record(life.probe, life.own_keys) if resource.key else []
    if resource.update is not None and resource.get is not None:
        changes = changed_bodies(resource.update, life.body)
        # Before too: an order that is kept from one request to the next may miss the update.
        before = check_time_sorts(life.probe, resource, life.keys)
        listed = life.list_before_write()
        for change in changes:
            listed = check_update(life, resource.update, change, listed)
        check_repeated(life, resource.update, changes[-1])
        check_time_sorts(life.probe, resource, life.keys, [life.response, *life.siblings, *before, life.last])
        for child in children:
            check_children(life, resource.update, child)
    if resource.delete is not None:
        check_delete(life, resource.delete)
        check_count(life.probe, resource, life.keys, {})
        if life.deletion.ok:
            check_last(life, resource.delete)
            check_free(life, create)


def _add_siblings(life: RecordLife, create: Operation) -> None:
    """Creates others in the list: an update may move the first one behind them, a deletion may take them too."""
    write = life.creation
    responses = [life.probe.call(create, life.keys, body=write.fresh(life.body))]
    if responses[0].status in REFUSALS:  # no name makes it unique
        responses = [life.probe.call(create, life.keys, body=other) for other in write.alternatives()]
    life.siblings = [response for response in responses if response.record]
    life.neighbour = life.siblings[-1] if life.siblings else life.neighbour


def _check_read_only(probe: Probe, resource: Resource, create: Operation) -> RecordLife | None:
    """Sends times and an id, which the target sets itself: it must ignore them. The record stays for later cases."""
    times = _read_only_times(probe, resource, create)
    sent = dict.fromkeys(times, LONG_AGO) | {"id": OWN_ID}
    other = begin_life(probe, resource, create, **sent) if times else None
    if other is None:
        return None
    response = probe.call(resource.get, other.own_keys) if resource.get else other.response
    for name, value in sent.items():
        showing = [answer for answer in (response, other.response) if answer.record.get(name) == value]
        if showing:
            texts = f"{name} {value}, as it was sent", "one that the target sets"
            expected = showing[0].expects(lacks_value, (name,), value)
            probe.report(create, "read_only_is_ignored", response, *texts, expected, member=name)
    return other


def _read_only_times(probe: Probe, resource: Resource, create: Operation) -> list[str]:
    """Returns the timestamps of the response that no request body can set."""
    document, settable = probe.contract.document, Write(probe, resource, create, {}).members
    returned = properties_of(document, create.success.schema or {})
    times = [name for name, part in returned.items() if document.resolve(part).get("format") == "date-time"]
    return [name for name in times if name not in settable]


def _check_stored(life: RecordLife, create: Operation) -> Received:
    """Checks that a new record is there: the list shows whether the creation or the GET is wrong. Returns the list."""
    get, whole = life.resource.get, life.list_all()
    rows = life.listed(whole)
    read = life.probe.call(get, life.own_keys) if get else Received(0)
    if get and read.status == 404:
        wanted, expected = "the record that was just created", read.expects(has_status, "2xx")
        life.probe.report(get if rows else create, "created_can_be_read", read, 404, wanted, expected)
    if read.record:
        check_row(life.probe, life.resource, life.response, read, whole)
    return whole


def _check_time(life: RecordLife, create: Operation) -> None:
    """Checks that a new record was created now, by the clock of the target."""
    promises = life.probe.contract.promises(create)
    timestamps = [] if is_kept(life.probe, create) else [one for one in promises if isinstance(one, Timestamps)]
    for promise in timestamps:
        created = instant(value_at(life.record, promise.created))
        if created and not life.response.came_at(created):
            wanted = f"the time of the request, {life.response.date}"
            expected = life.response.expects(is_recent, promise.created)
            life.probe.report(
                create, "created_at_is_now", life.response, f"created {created.isoformat()}", wanted, expected
            )


def is_kept(probe: Probe, create: Operation) -> bool:
    """True if the answer to a creation may be the record of an earlier one."""
    promises = probe.contract.promises(create)
    return any(isinstance(promise, Unique) and promise.repeated == "kept" for promise in promises)
