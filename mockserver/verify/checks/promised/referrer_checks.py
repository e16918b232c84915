"""Promises of records that refer to others: what a deletion, or an update, of the other one does to them."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, Referrers, Unique, value_at, with_value
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import (
    create_record,
    promises_of_kind,
    read_record,
    record_in,
    referring_body,
    referring_kind,
    resource_of,
)
from mockserver.verify.checks.writes.samples import changed_bodies
from mockserver.verify.checks.writes.write_comparison import check_row
from mockserver.verify.judging.assertions import (
    changed_members,
    contains_value,
    first_difference,
    has_status,
    has_value,
    is_empty,
    keeps_rest,
    lacks_key,
    lacks_value,
)
from mockserver.verify.judging.reproductions import NOT_ASSERTED, Expectation
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record, show
from mockserver.verify.resources import Resource

_RULES = {"null": "null", "removed": "without it", "deleted": "that record is deleted too"}


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
    own, referrer = create_record(probe, of, referring_body(probe, promise, key, *_other_keys(probe, delete, promise)))
    if not referrer.record:
        return
    _check_update(probe, resource_of(probe, delete), promise, (keys, deleted), (own, referrer))
    before, _ = read_record(probe, of, own)
    response = probe.call(delete, keys)
    texts = f"a record that one of {of.listing.id} names", "a success: the other one stays, without it"
    probe.expect_success(delete, "record_can_be_deleted", response, *texts, after=[referrer])
    if not response.ok:
        return
    after, above = read_record(probe, of, own)
    if of.get and after.record:
        whole = probe.call(of.listing, {name: own[name] for name in of.parent_keys}, {"_limit": MOST})
        check_row(probe, of, after, after, whole)
    if promise.becomes != "deleted" and record_in(before, referrer):
        _check_rest(probe, delete, promise, response, (before, after, referrer), deleted)
    what, acts = f"the deletion of {show(key)}", list[Received]()
    if _is_reached(promise, record_in(after, referrer), key) and _is_unique(probe, delete, promise.key):
        # A value that was only hidden would come back with its key.
        _, again = create_record(probe, resource_of(probe, delete), {promise.key[0]: key})
        after, _ = read_record(probe, of, own)
        what, acts = f"{what} and a new record with this key", [again]
    record = record_in(after, referrer)
    if not _is_reached(promise, record, key):
        name, rule = ".".join(promise.member), _RULES[promise.becomes]
        where = f"in the record {show(referrer.record.get('id'))} of {of.listing.id} after {what}"
        received = f"{name} {show(value_at(record, promise.member))} {where}"
        documented = rule if promise.becomes == "deleted" else f"{name} {rule}"
        expected = _reached(after, promise, deleted, acts)
        if above:
            is_row = promise.becomes == "deleted"
            row = after.expects(lacks_value, ("*", "id"), referrer.member("id"), after=acts)
            expected = row if is_row else NOT_ASSERTED
        probe.report(delete, "deletion_reaches_referrers", response, received, documented, expected)


def _other_keys(probe: Probe, delete: Operation, promise: Referrers) -> list[Any]:
    """Returns the key of another record that a list of references names too, which has to stay."""
    if referring_kind(probe, promise) != "array":
        return []
    _, other = create_record(probe, resource_of(probe, delete))
    return [key for key in [value_at(other.record, promise.key)] if key is not MISSING]


def _is_unique(probe: Probe, delete: Operation, path: MemberPath) -> bool:
    """True for a member by which the records that a deletion deletes differ."""
    create = resource_of(probe, delete).create
    return create is not None and path in [one.members[0] for one in promises_of_kind(probe, create, Unique)]


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
