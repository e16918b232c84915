"""The updates in the life of a record: each leaves the other records, and those below it."""

from __future__ import annotations

import time
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.verify.checks.writes.bystanders import Bystanders
from mockserver.verify.checks.writes.record_life import RecordLife, check_bystanders, check_neighbours
from mockserver.verify.checks.writes.write_comparison import check_moved, check_others
from mockserver.verify.judging.assertions import changed_members, has_value, others_stay
from mockserver.verify.probe import MOST
from mockserver.verify.received import Received, Record, show

TICK = 0.003  # seconds; timestamps have milliseconds


def check_update(life: RecordLife, update: Operation, change: Record, before: Received) -> Received:
    """Updates a member of the record, which leaves its other members and the other records.

    `before` is the list before the update; returns the one after it.
    """
    probe, get = life.probe, life.resource.get
    earlier = probe.call(get, life.own_keys) if get else life.response
    # An update within the same millisecond would leave `updated_at` as it was.
    time.sleep(TICK)
    response = probe.call(update, life.own_keys, body=change)
    if response.ok:
        life.last = response if response.record else life.last
        later = probe.call(get, life.own_keys) if get else response
        if later.record:
            check_others(life.update, next(iter(change)), response, later, earlier)
        before = check_neighbours(life, update, response, before)
        check_bystanders(life, update, response)
    return before


def check_repeated(life: RecordLife, update: Operation, change: Record) -> None:
    """Checks that an update is accepted again, as one at a later time: the record is not in its own way."""
    response = life.probe.call(update, life.own_keys, body=change)
    if life.last != life.response:
        texts = "the same update again", "a success"
        life.probe.expect_success(update, "repeated_update_is_accepted", response, *texts, after=[life.last])
    if response.record and life.last.record:
        check_moved(life.probe, update, (life.last, response, response))


def check_children(life: RecordLife, update: Operation, child: Bystanders) -> None:
    """Checks that updates have left the records below, and that these show the record as it is now."""
    before, after = child.shown, life.probe.call(child.listing, life.own_keys, {"_limit": MOST})
    record = life.last.record
    key = life.resource.key
    shown = {name for row in after.records for name, part in row.items() if _names(part, key, life.own_keys[key])}
    kept = {row.get("id"): row for row in after.records}
    for row in before.records if after.ok else ():
        other = kept.get(row.get("id"), {})
        names = [name for name in row if row[name] != other.get(name) and name not in shown]
        if names:
            received = f"{names[0]} {show(other.get(names[0]))} in a record of {child.listing.id} after the update"
            expected = after.expects(others_stay, before.member(), "", *shown, after=[life.last])
            documented = f"{names[0]} {show(row[names[0]])}, as before"
            life.probe.report(update, "update_keeps_what_is_below", life.last, received, documented, expected)
            return
        for name in shown & other.keys():
            # What was wrong before is a fault of the list.
            stale = [one for one in changed_members(record, other[name]) if other[name][one] == life.record.get(one)]
            if stale and life.probe.contract.fits(child.listing, name, other[name]):
                path = (name, stale[0])
                received = f"{'.'.join(path)} {show(other[name][stale[0]])} in a record of {child.listing.id}"
                expected = after.expects(has_value, ("*", *path), life.last.member(stale[0]))
                documented = f"{stale[0]} {show(record[stale[0]])}, as in the record"
                life.probe.report(update, "reference_shows_the_record", life.last, received, documented, expected)
                return


def _names(part: Any, key: str, value: Any) -> bool:
    """True for an object that stands for the record with this key."""
    return isinstance(part, dict) and part.get(key, part.get("id")) == value
