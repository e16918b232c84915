"""Promises of members that name a visible record, or need other members."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, Visible, value_at
from mockserver.contract.yaml_text import leaves
from mockserver.verify.checks.access.tenancy_checks import foreign_records, other_workspaces
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import (
    create_record,
    member_fits,
    nested_body,
    promises_of_kind,
    resource_of,
)
from mockserver.verify.checks.records.record_checks import MISSING_KEYS
from mockserver.verify.checks.writes.difficult_values import flatten, value_naming
from mockserver.verify.checks.writes.samples import Body, changed_bodies, related_samples
from mockserver.verify.checks.writes.write import visible_keys
from mockserver.verify.judging.assertions import changed_members
from mockserver.verify.probe import REFUSALS, Probe
from mockserver.verify.received import Keys, Received, Record, show
from mockserver.verify.resources import Resource

_MOST_LEFT_OUT = 2  # records of one list


@for_each_operation
def only_visible_is_taken(probe: Probe, operation: Operation) -> None:
    """A member that has to name a visible record, or that needs other members, takes nothing else."""
    for promise in (one for one in promises_of_kind(probe, operation, Visible) if one.member):
        for value in _invisible(probe, promise) if promise.within else []:
            _check_refused(probe, operation, promise, value, {})
        named = visible_keys(probe, promise)[:1] if promise.within and promise.needs else []
        for value in promise.values or named:
            _check_refused(probe, operation, promise, value, promise.needs)
        for sample, value in _left_out(probe, operation, promise) if promise.within else []:
            _check_refused(probe, operation, promise, value, {}, sample)


def _invisible(probe: Probe, promise: Visible) -> list[Any]:
    """Returns the key of no record, that of a listed one to which the promise does not apply, and a foreign one."""
    listed = probe.contract.by_listing[promise.within]
    rows = probe.first_list(listed, {}) if promise.where and probe.is_alone else []
    others = [row for row in rows if not _fits(row, promise.where)]
    missing = MISSING_KEYS[1] if promise.key == ("slug",) else MISSING_KEYS[0]
    return [missing, *(value_at(row, promise.key) for row in others[:1]), *_foreign_keys(probe, listed, promise)]


def _left_out(probe: Probe, operation: Operation, promise: Visible) -> list[tuple[tuple[Keys, Body], Any]]:
    """Returns samples, each with the key of a record below its parent that `within` leaves out of a longer list."""
    choices = promises_of_kind(probe, probe.contract.by_id[promise.within], Visible)
    longer = [(probe.contract.by_listing[one.within], one.where) for one in choices if one.within and one.where]
    rows = [row for listed, where in longer for row in probe.first_list(listed, {}) if not _fits(row, where)]
    return [
        (sample, value_at(row, promise.key))
        for sample in (related_samples(probe, operation) if rows else ())
        for row in rows
        if {*sample[0].values()} <= {value for _, value in leaves(row)}
    ][:_MOST_LEFT_OUT]


def _fits(row: Record, where: dict[MemberPath, Any]) -> bool:
    return all(value_at(row, path) == value for path, value in where.items())


def _foreign_keys(probe: Probe, listed: Resource, promise: Visible) -> list[Any]:
    """Returns the key of a record that only another workspace has; to name it could reach other people."""
    workspaces = other_workspaces(probe)[:1] if probe.is_alone and listed.is_in_workspace else []
    rows = [row for workspace in workspaces for _, row in foreign_records(probe, listed, workspace)]
    # The run may have given a record of its own the same slug.
    parents = probe.parents(listed, most=1) if rows else []
    known = [value_at(row, promise.key) for keys in parents for row in probe.list_records(listed, keys)]
    return [key for row in rows if (key := value_at(row, promise.key)) not in (MISSING, *known)][:1]


def _check_unchanged(probe: Probe, update: Operation, keys: Keys, created: Received, response: Received) -> None:
    """Checks that a refused update has changed nothing."""
    of: Any = resource_of(probe, update)
    get = of.get
    later = probe.call(get, keys) if get and response.status in REFUSALS else Received(0)
    changed = changed_members(created.record, later.record)
    # What the creation has set wrongly, and a value of another shape, are faults of their own.
    right = [name for name in changed if not probe.is_wrong(of.create, name)]
    for name in [name for name in right if member_fits(probe, get, (name,), later.record[name])][:1]:
        promise, why = "refused_write_changes_nothing", ": the update was refused"
        probe.report_value(update, promise, response, later, (name,), created, why)


def _check_refused(
    probe: Probe,
    operation: Operation,
    promise: Visible,
    value: Any,
    needs: dict[MemberPath, Any],
    sample: tuple[Keys, Body] | None = None,
) -> None:
    """Sends a value without what it needs: with another value of that, where all that do are known."""
    resource, schema = resource_of(probe, operation), operation.body.schema if operation.body else {}
    sent, document = nested_body({promise.member: value}), probe.contract.document
    if promise.within:
        name, *inner = promise.member
        member, path = probe.contract.member(schema, name), tuple(inner)
        # A list names a visible record before it.
        several = value_naming(document, member, path, *visible_keys(probe, promise)[-1:], value)
        is_list = value in [one for _, one in leaves(several)]
        sent = {name: several if is_list else value_naming(document, member, path, value)}
    for path, needed in needs.items():
        every = flatten(document, probe.contract.member(schema, *path)).get("enum", ())
        others = [one for one in every if isinstance(needed, list) and one not in needed]
        sent |= nested_body({path: others[-1]}) if others else {}
    if operation == resource.create:
        _, response = create_record(probe, resource, sent, tuple(path for path in needs if path[0] not in sent), sample)
    else:
        keys, created = create_record(probe, resource)
        fits = all(value_at(created.record, path) == needed for path, needed in needs.items())
        if not created.record or (needs and fits):
            return
        # Beside a valid change, which must not be kept alone. An action takes nothing else.
        beside = changed_bodies(operation, created.record)[0] if operation == resource.update else {}
        response = probe.call(operation, keys, body=beside | sent)
        _check_unchanged(probe, operation, keys, created, response)
    what = ", ".join(f"{name} {show(part)}" for name, part in sent.items())
    wanted = f"400: {promise.within} has no such record to name" if promise.within else "400"
    if needs or not promise.within:
        wanted = f"400 without {show(nested_body(needs))}" if needs else "400: this operation does not take it"
    probe.expect_refusal(operation, "only_visible_is_taken", response, what, wanted)
