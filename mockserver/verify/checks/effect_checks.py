"""Promises of what a write does beyond the members sent: effects, actions, records that refer to others."""

from __future__ import annotations

import time
from dataclasses import MISSING
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import NOT_NULL, Effect, Referrers, Unique, Visible, value_at, with_value
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised_records import (
    Lists,
    create_record,
    member_fits,
    nested_body,
    promises_of_kind,
    read_record,
    record_in,
    referring_body,
    referring_kind,
    resource_of,
    whole_lists,
)
from mockserver.verify.checks.samples import changed_bodies, sample_bodies
from mockserver.verify.checks.update_steps import TICK
from mockserver.verify.checks.write import visible_keys
from mockserver.verify.checks.write_comparison import check_row
from mockserver.verify.judging.assertions import (
    changed_members,
    contains_value,
    first_difference,
    has_status,
    has_value,
    instant,
    is_empty,
    is_recent,
    is_same,
    keeps_rest,
    lacks_key,
    lacks_value,
    others_stay,
    same_rows,
    values_at,
)
from mockserver.verify.judging.reproductions import NOT_ASSERTED, Expectation
from mockserver.verify.probe import MOST, Keys, Probe, Received, Record, show
from mockserver.verify.resources import Resource

# Promises of what a write does to records of other collections.
BEYOND = ("new_record_is_shown", "deletion_keeps_referrers", "deletion_reaches_referrers")


@for_each_operation
def writes_have_their_effect(probe: Probe, operation: Operation) -> None:
    """A write changes what it promises to change beyond the members sent."""
    for promise in promises_of_kind(probe, operation, Effect):
        if promise.then:
            _check_then(probe, operation, promise)
        elif promise.sent and promise.shows_in:
            _check_named(probe, operation, promise) if promise.key else _check_action(probe, operation, promise)
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
        wanted = {one: one for one in others if isinstance(had, list) and one in _ids(had)}
        wanted[value_at(created.record, promise.key)] = created.member(*promise.key)
        missing = [key for key in wanted if key not in _ids(rows)] if isinstance(rows, list) else []
        if missing:
            received = f"{'.'.join(promise.member)} {show(_ids(rows))} in {promise.shows_in} after {show(body)}"
            path = (*promise.member, "*", "id")
            expected = answer.expects(contains_value, path, wanted[missing[0]], after=[created])
            probe.report(create, "write_has_its_effect", created, received, f"{show(missing[0])} too", expected)
            return


def _others_in(probe: Probe, promise: Effect) -> list[Any]:
    """Returns keys that the list of an effect may have from the beginning."""
    create: Any = resource_of(probe, probe.contract.by_id[promise.shows_in]).create
    listed = (one for one in promises_of_kind(probe, create, Visible) if one.member == promise.member)
    return [key for one in listed for key in visible_keys(probe, one)[:2]]


def _check_action(probe: Probe, action: Operation, promise: Effect) -> None:
    """Checks that an action adds the records that it names to a list, or removes only those."""
    resource = resource_of(probe, action)
    create: Any = resource.create
    visible = next((one for one in promises_of_kind(probe, create, Visible) if one.member == (promise.sent,)), None)
    # The last ones: the first may be special, such as the owner of a workspace.
    ids = visible_keys(probe, visible)[-5:] if visible else []
    is_removal = promise.becomes == "absent"
    if visible is None or len(ids) < 2:
        return
    last = min(len(ids), 4)
    begun = max(last - 2, 1)
    had, sent, wanted = ids[:begun], ids[begun - 1 : last], ids[:last]
    if is_removal:
        had, sent, wanted = ids[:last], ids[: last - 1] + ids[last:], ids[last - 1 : last]
    keys, created = create_record(probe, resource, {promise.sent: had})
    shown = probe.call(probe.contract.by_id[promise.shows_in], keys) if created.record else created
    # A creation that sets other ones is a fault of its own.
    if _ids(value_at(shown.record, promise.member)) != had:
        return
    refused = probe.call(action, keys, body={} if action.body else NOT_SET)
    probe.expect_refusal(action, "invalid_value_is_refused", refused, f"no {promise.sent}", "400: it is required")
    # One of the ids changes nothing: it is in the list already, or not in it at all.
    create_record(probe, resource, {promise.sent: ids})  # another record with the same ids
    lists = {name: whole_lists(probe, name) for name in (visible.within, resource.listing.id)}
    is_spread = any(one.name == promise.sent and one.explode for one in action.parameters_in("query"))
    asked = {promise.sent: sent if is_spread else ",".join(map(str, sent))}
    query, body = (None, {promise.sent: sent}) if action.body else (asked, NOT_SET)
    first, response = (probe.call(action, keys, query, body) for _ in range(2))
    for name, known in lists.items() if probe.is_alone and response.ok else ():
        _check_others(probe, action, response, created, (known, whole_lists(probe, name)))
    for answer, before in ((first, []), (response, [first])):
        texts = f"{sent} where the list has {wanted if before else had}", "ids without effect are ignored"
        if probe.expect_success(action, "action_has_its_effect", answer, *texts, after=before):
            return
    shown = probe.call(probe.contract.by_id[promise.shows_in], keys)
    rows = value_at(shown.record, promise.member)
    if not response.ok or not isinstance(rows, list):
        return
    received = _ids(rows)
    if received != sorted(wanted):
        text = f"{'.'.join(promise.member)} {received} after {action.method} with {sent}, sent twice"
        expected = shown.expects(same_rows, promise.member, wanted, after=[first])
        probe.report(action, "action_has_its_effect", response, text, f"{sorted(wanted)}", expected)


def _ids(rows: Any) -> list[Any]:
    """Returns the sorted ids of a list of records or ids; none for anything else."""
    return sorted(value_at(row, ("id",)) if isinstance(row, dict) else row for row in rows or ())


def _check_others(
    probe: Probe, action: Operation, response: Received, created: Received, lists: tuple[Lists, Lists]
) -> None:
    """Checks that an action changes no record but its own, which was `created`; the lists are before and after it."""
    for one, other in zip(*(answers.values() for answers in lists), strict=False):
        rows = {str(row.get("id")): row for row in other.records}
        for row in (row for row in one.records if row.get("id") != created.record["id"]):
            key = str(row.get("id"))
            names = changed_members(row, rows[key]) if key in rows else ["id"]
            names = [name for name in names if name != "updated_at"]
            if names:
                text = f"{names[0]} {show(rows.get(key, {}).get(names[0]))} in the record {key} after {action.method}"
                expected = other.expects(others_stay, one.member(), created.member("id"), "updated_at")
                wanted = f"{names[0]} {show(row[names[0]])}, as before"
                probe.report(action, "action_leaves_what_it_names", response, text, wanted, expected)
                return


@for_each_operation
def deletions_reach_referrers(probe: Probe, delete: Operation) -> None:
    """A deletion changes the records that refer to the deleted one, as promised."""
    for promise in promises_of_kind(probe, delete, Referrers):
        _check_referrer(probe, delete, promise)


def _check_referrer(probe: Probe, delete: Operation, promise: Referrers) -> None:
    keys, deleted = create_record(probe, resource_of(probe, delete))
    of = resource_of(probe, probe.contract.by_id[promise.of])
    key = value_at(deleted.record, promise.key)
    if key is MISSING:
        return
    others = []
    if referring_kind(probe, promise) == "array":
        _, other = create_record(probe, resource_of(probe, delete))
        others = [one for one in [value_at(other.record, promise.key)] if one is not MISSING]
    own, referrer = create_record(probe, of, referring_body(probe, promise, key, *others))
    if not referrer.record:
        return
    _check_update(probe, resource_of(probe, delete), promise, (keys, deleted), (own, referrer))
    before, above = read_record(probe, of, own)
    response = probe.call(delete, keys)
    texts = f"a record that one of {of.listing.id} names", "a success: the other one stays, without it"
    probe.expect_success(delete, "record_can_be_deleted", response, *texts, after=[referrer])
    if not response.ok:
        return
    answer, _ = read_record(probe, of, own)
    if of.get and answer.record:
        whole = probe.call(of.listing, {name: own[name] for name in of.parent_keys}, {"_limit": MOST})
        check_row(probe, of, answer, answer, whole)
    record = record_in(answer, referrer)
    if promise.becomes != "deleted" and record_in(before, referrer):
        _check_rest(probe, delete, promise, response, (before, answer, referrer), deleted)
    what, acts = f"the deletion of {key}", list[Received]()
    if _is_reached(promise, record, key) and promise.key in [one.members[0] for one in _unique(probe, delete)]:
        # A value that was only hidden would come back with its key.
        _, again = create_record(probe, resource_of(probe, delete), {promise.key[0]: key})
        answer, _ = read_record(probe, of, own)
        record, what, acts = record_in(answer, referrer), f"{what} and a new record with this key", [again]
    if not _is_reached(promise, record, key):
        name = ".".join(promise.member)
        wanted = {"null": "null", "removed": "without it", "deleted": "that record is deleted too"}[promise.becomes]
        where = f"in the record {show(referrer.record.get('id'))} of {of.listing.id} after {what}"
        text = f"{name} {show(value_at(record, promise.member))} {where}"
        expected = NOT_ASSERTED if above else _reached(answer, promise, deleted, acts)
        if above and promise.becomes == "deleted":
            expected = answer.expects(lacks_value, ("*", "id"), referrer.member("id"), after=acts)
        documented = wanted if promise.becomes == "deleted" else f"{name} {wanted}"
        probe.report(delete, "deletion_reaches_referrers", response, text, documented, expected)


def _unique(probe: Probe, delete: Operation) -> list[Unique]:
    """Returns the promises of unique members of the records that a deletion deletes."""
    create = resource_of(probe, delete).create
    return list(promises_of_kind(probe, create, Unique)) if create else []


def _is_reached(promise: Referrers, record: Record, key: Any) -> bool:
    """True if a record does not refer to the deleted one any more; it may be gone itself."""
    received = value_at(record, promise.member) if record else None
    if promise.becomes == "deleted":
        return not record
    if promise.becomes == "null":
        return received is None
    rows = list(received) if isinstance(received, (list, dict)) else []
    return key not in [value_at(row, ("id",)) if isinstance(row, dict) else row for row in rows]


def _check_update(
    probe: Probe, resource: Resource, promise: Referrers, named: tuple[Keys, Received], referrer: tuple[Keys, Received]
) -> None:
    """Checks that an update of a record leaves a record that refers to it."""
    update, of = resource.update, resource_of(probe, probe.contract.by_id[promise.of])
    if update is None:
        return
    keys, record = named[0], named[1].record
    renamed: Record = {name: f"{record[name]} changed" for name in ("name", "title") if name in record}
    body = changed_bodies(update, record)[0] | renamed
    before, above = read_record(probe, of, referrer[0])
    response = probe.call(update, keys, body=body)
    after, _ = read_record(probe, of, referrer[0])
    had, has = (record_in(answer, referrer[1]) for answer in (before, after))
    for name in changed_members(had, has) if response.ok else ():
        received = f"{name} {show(has[name])} in a record of {promise.of} after the update"
        expected = after.expects(has_value, (name,), before.member(name)) if not above else None
        probe.report(update, "update_keeps_referrers", response, received, f"{name} {show(had[name])}", expected)


def _check_rest(
    probe: Probe,
    delete: Operation,
    promise: Referrers,
    response: Received,
    answers: tuple[Received, Received, Received],
    deleted: Received,
) -> None:
    """Checks that a referrer exists as before without its reference; `answers` are before, after, and its creation."""
    (before, after, created), key = answers, value_at(deleted.record, promise.key)
    had, has = (record_in(answer, created) for answer in (before, after))
    of = promise.of
    if not has and (after.ok or after.status == 404):
        wanted = f"the record of {of}, which stays"
        expected = after.expects(contains_value, ("*", "id"), created.member("id"))
        expected = expected if after.ok else after.expects(has_status, "2xx")
        probe.report(delete, "deletion_keeps_referrers", response, "no such record", wanted, expected)
        return
    one, other = (_without(record, promise, key) for record in (had, has))
    for name in (name for name in changed_members(one, other) if name != "updated_at"):
        path = (name, *first_difference(one[name], other[name]))
        received, wanted = (f"{'.'.join(path)} {show(value_at(record, path))}" for record in (other, one))
        # In a list, an assertion would have to name the row.
        kept = keeps_rest, path, before.member(*path), deleted.member(*promise.key)
        expected = after.expects(*kept) if after.record else NOT_ASSERTED
        received += f" in a record of {of} after the deletion of {show(key)}"
        probe.report(delete, "deletion_keeps_referrers", response, received, wanted, expected)


def _without(record: Record, promise: Referrers, key: Any) -> Record:
    """Returns a record without what a deletion removes from it."""
    value = value_at(record, promise.member)
    if promise.becomes == "null" or not isinstance(value, (dict, list)):
        return {name: part for name, part in record.items() if name != promise.member[0]}
    if isinstance(value, dict):
        return with_value(record, promise.member, {name: part for name, part in value.items() if name != str(key)})
    rows = [row for row in value if key not in (row, value_at(row, ("id",)))]
    return with_value(record, promise.member, rows)


def _reached(answer: Received, promise: Referrers, deleted: Received, acts: list[Received]) -> Expectation:
    """Returns what a GET of the referrer has to show after the deletion and other acts."""
    if promise.becomes == "deleted":
        return answer.expects(has_status, "4xx", after=acts)
    if promise.becomes == "null":
        return answer.expects(is_empty, promise.member, after=acts)
    return answer.expects(lacks_key, promise.member, deleted.member(*promise.key), after=acts)
