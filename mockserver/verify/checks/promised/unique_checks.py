"""Promises of members that are unique, of what is unique only below its parent, and of what is not."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Unique, value_at
from mockserver.verify.checks.access.tenancy_checks import foreign_records, other_workspaces
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import create_record, nested_body, promises_of_kind, resource_of
from mockserver.verify.checks.writes.samples import Body, sample_body
from mockserver.verify.judging.assertions import has_no_repeat, lacks_value
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, show
from mockserver.verify.resources import Resource
from mockserver.verify.safety.ledger import NAMES


@for_each_operation
def unique_members_are_unique(probe: Probe, create: Operation) -> None:
    """A repeated creation is refused, or answers the record that exists; without such a promise it makes another."""
    promises = list(promises_of_kind(probe, create, Unique))
    if not promises and create in [one.create for one in probe.contract.resources]:
        _check_two(probe, create)
    for promise in promises:
        sample = sample_body(probe, create)
        if sample is None:
            continue
        keys, body = sample
        first = probe.call(create, keys, body=body)
        second = probe.call(create, keys, body=body) if first.record else Received(0)
        if second.status:
            _check_single(probe, resource_of(probe, create), promise, keys, (first, second))
        if not second.record:
            _check_taken(probe, resource_of(probe, create), promise, first)
            _check_elsewhere(probe, resource_of(probe, create), body, first)
            _check_foreign(probe, create, promise, body)
            continue
        names = ", ".join(".".join(path) for path in promise.members)
        if promise.repeated == "kept":
            for name in ("id", "created_at"):
                if first.record.get(name) != second.record.get(name) and probe.contract.fits(
                    create, name, second.record.get(name)
                ):
                    texts = "repeated_creation_is_the_same", f": {names} is the same"
                    probe.report_value(create, texts[0], second, second, (name,), first, texts[1])
        elif all(value_at(second.record, path) == value_at(body, path) for path in promise.members if path[0] in body):
            texts = f"the same {names}", f"400: a record with this {names} exists"
            probe.expect_refusal(create, "duplicate_is_refused", second, *texts, after=[first])


def _check_single(
    probe: Probe, resource: Resource, promise: Unique, keys: Keys, answers: tuple[Received, Received]
) -> None:
    """Checks that a repeated creation has left one record with the unique members; `answers` are those of both."""
    first, second = answers
    whole = probe.call(resource.listing, keys, {"_limit": MOST})
    for path in promise.members if len(promise.members) == 1 else ():
        value = value_at(first.record, path)
        if [value_at(row, path) for row in whole.records].count(value) > 1:
            name = "repeated_creation_is_the_same" if promise.repeated == "kept" else "duplicate_is_refused"
            texts = f"two records with {'.'.join(path)} {show(value)}", "one record"
            expected = whole.expects(has_no_repeat, ("*", *path))
            probe.report(resource.create, name, second, *texts, expected)  # type: ignore[arg-type]


def _check_two(probe: Probe, create: Operation) -> None:
    """Checks that two equal creations make two records."""
    keys, body = sample_body(probe, create) or ({}, NOT_SET)
    first, second = (probe.call(create, keys, body=body) if body is not NOT_SET else Received(0) for _ in range(2))
    key = second.record.get("id")
    if first.record and second.ok and key == first.record.get("id"):
        expected = second.expects(lacks_value, ("id",), first.member("id"))
        received, documented = f"id {show(key)} for the second creation", "another record for each creation"
        probe.report(create, "each_creation_is_a_record", second, received, documented, expected)
    elif first.record:
        texts = "the second creation", "a success: nothing has to be unique"
        probe.expect_success(create, "each_creation_is_a_record", second, *texts, after=[first])


def _check_taken(probe: Probe, resource: Resource, promise: Unique, first: Received) -> None:
    """Checks that no update gives a second record the unique members of the first one."""
    create: Any = resource.create
    update, taken = resource.update, {path: value_at(first.record, path) for path in promise.members}
    # A creation whose answer is lost, or lacks a member, has nothing that could be taken.
    is_known = MISSING not in taken.values() and not any(probe.is_wrong(create, path[0]) for path in taken)
    keys, second = create_record(probe, resource) if is_known and probe.is_selected(update) else ({}, Received(0))
    if update is None or not second.record:
        return
    response = probe.call(update, keys, body=nested_body(taken))
    # A target may ignore a member that no update changes.
    if response.record and any(value_at(response.record, path) != value_at(second.record, path) for path in taken):
        names = ", ".join(".".join(path) for path in promise.members)
        texts = f"the {names} of another record", f"400: a record with this {names} exists"
        probe.expect_refusal(update, "duplicate_is_refused", response, *texts, after=[first])


def _check_elsewhere(probe: Probe, resource: Resource, body: Body, first: Received) -> None:
    """Checks that the unique members of a record can be used below another parent."""
    above = probe.contract.above(resource)
    keys, parent = create_record(probe, above) if above and first.record else ({}, Received(0))
    response = probe.call(resource.create, keys, body=body) if resource.create and parent.record else Received(0)
    if resource.create:
        texts = "a creation below another parent", "a success: unique below one parent"
        probe.expect_success(resource.create, "unique_below_its_parent", response, *texts, after=[first])


def _check_foreign(probe: Probe, create: Operation, promise: Unique, body: Body) -> None:
    """Checks that a record may have a unique member that one of another workspace has, beside a name of the run."""
    resource, [name, *others] = resource_of(probe, create), [path[0] for path in promise.members]
    # An address would reach people.
    has_mark = any(other in body for other in NAMES if other != name) and name != "email"
    workspaces = other_workspaces(probe)[:1] if has_mark and name in body and not others else []
    if resource.parent_keys or not resource.is_in_workspace:
        return
    for _, record in (one for workspace in workspaces for one in foreign_records(probe, resource, workspace)):
        if record.get(name) not in [None, *(row.get(name) for row in probe.first_list(resource, {}))]:
            _, created = create_record(probe, resource, {name: record[name]})
            texts = f"{name} {show(record[name])}, which another workspace has", "a success: unique in one workspace"
            probe.expect_success(create, "unique_in_its_workspace", created, *texts)
            return
