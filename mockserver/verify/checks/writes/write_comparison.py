"""Compares what was sent with what the target shows: in its answer, in a later GET and in the list."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.writes.samples import Body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.judging.assertions import (
    changed_members,
    contains_value,
    first_difference,
    instant,
    is_later,
    is_recent,
    is_same,
    row_agrees,
)
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record, show
from mockserver.verify.resources import Resource, key_of


def compare(write: Write, keys: Keys, response: Received, sent: Body, promise: str) -> Received:
    """Compares each member sent with the answer of the write and with a later GET; returns what the GET answered."""
    probe, resource = write.probe, write.resource
    record, get = response.record, resource.get
    # An answer to an update may lack the key.
    own = keys if resource.key in keys else keys | {resource.key: key_of(resource.key, record)}
    answer = probe.call(get, own) if get is not None else Received(0)
    read, listed = answer.record, None
    for name, value in sent.items():
        if _differs(write, write.operation, name, value, record):
            _report(write, write.operation, promise, (response, response), name, value)
        elif get is not None and read and _differs(write, get, name, value, read):
            listed = listed if listed is not None else _listed(write, keys, record)
            # If the list shows what was sent, it was stored, and only the GET is at fault.
            is_stored = write.place(name)[0] in listed and not _differs(write, resource.listing, name, value, listed)
            source = get if is_stored else write.operation
            _report(write, source, "read_back_equal" if is_stored else promise, (response, answer), name, value)
    return answer


def _differs(write: Write, operation: Operation, name: str, value: Any, record: Record) -> bool:
    """True if an answer has the member with another value. A value of another shape is a fault of its own."""
    path, contract = write.place(name), write.probe.contract
    shown = value_at(record, path)
    declared = properties_of(contract.document, contract.member(operation.success.schema or {}, *path))
    if isinstance(value, dict) and declared:  # an answer may leave out what it does not declare
        value = {key: part for key, part in value.items() if key in declared}
    if shown is MISSING or is_same(value, shown, contract.secret_names):
        return False
    return contract.fits(operation, path[0], record[path[0]])


def _listed(write: Write, keys: Keys, record: Record) -> Record:
    rows = write.probe.list_records(write.resource, keys)
    return next((row for row in rows if row.get("id") == record.get("id")), {})


def _report(
    write: Write, operation: Operation, promise: str, answers: tuple[Received, Received], name: str, sent: Any
) -> None:
    """Reports a member of the second answer, the first of which is that of the write."""
    response, shown = answers
    hidden = write.probe.contract.secret_names
    visible = {key: value for key, value in sent.items() if key not in hidden} if isinstance(sent, dict) else sent
    write.probe.report_value(operation, promise, response, shown, write.place(name), visible, ", as it was sent")


def check_row(probe: Probe, resource: Resource, created: Received, shown: Received, whole: Received) -> None:
    """Compares a row of a list with its record as a GET shows it; the answer to the creation decides between them."""
    hidden, contract = probe.contract.secret_names, probe.contract
    # A value with a write-only member is a fault of its own, and may show more than the list in other keys too.
    record = {
        name: value
        for name, value in shown.record.items()
        if not (isinstance(value, dict) and any(key in hidden for key in value))
    }
    # An id of another type is a fault of its own.
    rows = [row for row in whole.records if str(row.get("id")) == str(record.get("id"))]
    # What is no list is a fault of its own.
    if whole.ok and isinstance(whole.json, list) and not rows and len(whole.records) < MOST:
        expected = whole.expects(contains_value, ("*", "id"), shown.member("id"))
        received, wanted = "a list without it", f"a list with {show(record.get('id'))}"
        source = resource.listing if resource.get or resource.create is None else resource.create
        probe.report(source, "created_is_listed", shown, received, wanted, expected)
    for row in rows:
        known = [n for n in record if resource.get and probe.is_wrong(resource.get, n)]
        names = [n for n in changed_members(record, row) if contract.declares(resource.listing, n)]
        for name in (n for n in names if n not in known):
            if not all(contract.fits(resource.listing, name, one[name]) for one in (row, shown.record)):
                continue
            expected = whole.expects(row_agrees, name, shown.member())
            path = (name, *first_difference(row[name], shown.record[name]))
            listed, read = (f"{'.'.join(path)} {show(value_at(one, path))}" for one in (row, shown.record))
            if resource.get and is_same(row[name], created.record.get(name)):
                documented = f"{listed}, as when it was created"
                probe.report(resource.get, "read_back_equal", shown, read, documented, expected, member=name)
            else:
                probe.report(resource.listing, "listed_as_created", shown, listed, read, expected)


def check_moved(probe: Probe, update: Operation, answers: tuple[Received, Received, Received]) -> None:
    """Reports a time of the last change that is not that of the update; `answers` are before, its own, and after."""
    earlier, response, later = answers
    moved, last = (instant(answer.record.get("updated_at")) for answer in (later, earlier))
    if moved and not later.came_at(moved):
        documented = f"the time of the request, {later.date}"
        expected = later.expects(is_recent, ("updated_at",))
        texts = "updated_at_moves", response, later.record["updated_at"], documented
        probe.report(update, *texts, expected, member="updated_at")
        return
    # Whole seconds may be the same after a short time.
    if moved and last and (moved < last or (moved == last and last.microsecond)):
        documented = f"later than {earlier.record['updated_at']}"
        expected = later.expects(is_later, ("updated_at",), earlier.member("updated_at"))
        texts = "updated_at_moves", response, later.record["updated_at"], documented
        probe.report(update, *texts, expected, member="updated_at")


def check_others(write: Write, name: str, response: Received, shown: Received, *earlier: Received) -> None:
    """Reports members that have changed although only `name` was sent: those that differ from all earlier answers."""
    contract, operation = write.probe.contract, write.operation
    changed = (set(changed_members(answer.record, shown.record)) for answer in earlier)
    for other in sorted(set.intersection(*changed) - contract.linked_members(operation, name)):
        is_shaped = all(contract.fits(operation, other, answer.record[other]) for answer in (*earlier, shown))
        # Undeclared members, and those that a creation has set wrongly, are faults of their own.
        is_known = not contract.declares(operation, other) or write.probe.is_wrong(write.creation, other)
        if is_shaped and not is_known and not is_same(earlier[0].record[other], shown.record[other]):
            promise = "created_at_stays" if other == "created_at" else "update_changes_only_what_was_sent"
            write.probe.report_value(
                operation, promise, response, shown, (other,), earlier[0], f": only {name} was sent"
            )
