"""Promises of what a write does beyond the members sent, to its own record and to others that show it."""

from __future__ import annotations

import time
from dataclasses import MISSING
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import NOT_NULL, Effect, Visible, value_at
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.action_checks import check_action
from mockserver.verify.checks.promised.promised_records import (
    create_record,
    ids_of,
    member_fits,
    nested_body,
    promises_of_kind,
    read_record,
    record_in,
    resource_of,
)
from mockserver.verify.checks.writes.samples import changed_bodies, sample_bodies
from mockserver.verify.checks.writes.update_steps import TICK
from mockserver.verify.checks.writes.write import visible_keys
from mockserver.verify.judging.assertions import (
    contains_value,
    has_value,
    instant,
    is_recent,
    is_same,
    lacks_value,
    values_at,
)
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, show

# Promises of what a write does to records of other collections.
BEYOND = ("new_record_is_shown", "deletion_keeps_referrers", "deletion_reaches_referrers")


@for_each_operation
def writes_have_their_effect(probe: Probe, operation: Operation) -> None:
    """A write changes what it promises to change beyond the members sent."""
    for promise in promises_of_kind(probe, operation, Effect):
        if promise.then:
            _check_then(probe, operation, promise)
        elif promise.sent and promise.shows_in:
            _check_named(probe, operation, promise) if promise.key else check_action(probe, operation, promise)
        elif promise.shows_in:
            _check_shown(probe, operation, promise)


def _check_then(probe: Probe, update: Operation, promise: Effect) -> None:
    resource = resource_of(probe, update)
    is_creation = update == resource.create
    left_out = tuple(path for path in promise.then if path not in promise.given | promise.when)
    keys, created = create_record(
        probe, resource, nested_body(promise.when if is_creation else promise.given), left_out
    )
    if not created.record and not is_creation:
        return
    body = nested_body(promise.when)
    response = created if is_creation else probe.call(update, keys, body=body)
    probe.expect_success(update, "write_has_its_effect", response, show(body), "a success")
    for answer, above in ((response, ()), read_record(probe, resource, keys)) if response.ok else ():
        record = record_in(answer, created)
        for path, wanted in promise.then.items():
            received = value_at(record, path)
            is_kept = _is_kept(wanted, received, answer)
            if record and received is not MISSING and not is_kept and member_fits(probe, update, path, received):
                text = f"{'.'.join(path)} {show(received)} after {show(nested_body(promise.when))}"
                expected = answer.expects(has_value, (*above, *path), wanted)
                if wanted == NOT_NULL:
                    is_time = instant(received) is not None
                    promised = (is_recent, path) if is_time else (lacks_value, (*above, *path), None)
                    expected = answer.expects(*promised)
                texts = text, f"{'.'.join(path)} {show(wanted)}"
                shown = None if above else expected
                probe.report(update, "write_has_its_effect", response, *texts, shown, member=path[0])
                return
    if response.record and not is_creation:
        _check_lasting(probe, update, promise, keys, response)


def _check_lasting(probe: Probe, update: Operation, promise: Effect, keys: Keys, earlier: Received) -> None:
    """Checks that an update of another member leaves what an earlier one has set."""
    change = changed_bodies(update, earlier.record)[0]
    if any((name,) in (*promise.when, *promise.then) for name in change):
        return
    time.sleep(TICK)
    later = probe.call(update, keys, body=change)
    for path in promise.then if later.record else ():
        had, has = value_at(earlier.record, path), value_at(later.record, path)
        if MISSING not in (had, has) and not is_same(had, has) and member_fits(probe, update, path, has):
            why = f", as before the update of {next(iter(change))}"
            texts = update, "update_changes_only_what_was_sent"
            probe.report_value(*texts, later, later, path, earlier, why)
            return


def _is_kept(wanted: Any, received: Any, answer: Received) -> bool:
    """True if a member has the value that a write gives it; a time that may be any is that of the write."""
    time = instant(received)
    if wanted != NOT_NULL or time is None:
        return received is not None if wanted == NOT_NULL else is_same(wanted, received)
    return answer.came_at(time)


def _check_shown(probe: Probe, create: Operation, promise: Effect) -> None:
    """Checks that a new record is in a list of another record, or that each of the promised rows is in a list."""
    sample = sample_bodies(probe, create)[-1:]
    _, created = create_record(probe, resource_of(probe, create), sample=sample[0]) if sample else ({}, Received(0))
    if not created.record:
        return
    shows, key, own = (
        probe.contract.by_id[promise.shows_in],
        value_at(created.record, promise.key),
        created.record["id"],
    )
    keys, query = {parameter.name: key for parameter in shows.parameters_in("path")[-1:]}, {}
    wanted, path = [own], (*promise.member, "*", "id")
    if promise.each:
        every = probe.call(probe.contract.by_id[promise.each], {}, {"_limit": MOST}).records
        fitting = [row for row in every if all(value_at(row, at) == one for at, one in promise.where.items())]
        wanted = [row.get("id") for row in fitting if value_at(row, promise.key) == key]
        keys, query, path = {}, {promise.by: own, "_limit": MOST}, ("*", *promise.member, "id")
    answer = probe.call(shows, keys, query)
    shown = values_at(answer.json, path)
    for missing in [one for one in wanted if one not in shown][:1] if answer.ok else ():
        received = f"{'.'.join(path)} {show(shown)} in {promise.shows_in} for the new record"
        argument = created.member("id") if missing == own else missing
        expected = answer.expects(contains_value, path, argument, after=[created])
        probe.report(create, "new_record_is_shown", created, received, f"{show(missing)} too", expected)


def _check_named(probe: Probe, create: Operation, promise: Effect) -> None:
    """Checks that a new record is in a list of each of the two records that its creation names, beside others."""
    shows = probe.contract.by_id[promise.shows_in]
    of, others = resource_of(probe, shows), _others_in(probe, promise)
    named = [create_record(probe, of, {promise.member[0]: others} if others else {}) for _ in range(2)]
    body = {promise.sent: [answer.record.get("id") for _, answer in named]}
    _, created = create_record(probe, resource_of(probe, create), body)
    for keys, earlier in (one for one in named if one[1].record and created.record):
        answer = probe.call(shows, keys)
        had, rows = (value_at(one.record, promise.member) for one in (earlier, answer))
        # What the list had from the beginning, if its creation has shown that.
        wanted = {one: one for one in others if isinstance(had, list) and one in ids_of(had)}
        wanted[value_at(created.record, promise.key)] = created.member(*promise.key)
        missing = [key for key in wanted if key not in ids_of(rows)] if isinstance(rows, list) else []
        if missing:
            received = f"{'.'.join(promise.member)} {show(ids_of(rows))} in {promise.shows_in} after {show(body)}"
            path = (*promise.member, "*", "id")
            expected = answer.expects(contains_value, path, wanted[missing[0]], after=[created])
            probe.report(create, "write_has_its_effect", created, received, f"{show(missing[0])} too", expected)
            return


def _others_in(probe: Probe, promise: Effect) -> list[Any]:
    """Returns keys that the list of an effect may have from the beginning."""
    create: Any = resource_of(probe, probe.contract.by_id[promise.shows_in]).create
    listed = (one for one in promises_of_kind(probe, create, Visible) if one.member == promise.member)
    return [key for one in listed for key in visible_keys(probe, one)[:2]]
