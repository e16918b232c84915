"""Promises of defaults: what a creation gives the members that were left out."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import LAST, SLUG, Default, MemberPath, value_at
from mockserver.text import slug_of
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import (
    BEHIND,
    create_record,
    member_fits,
    nested_body,
    promises_of_kind,
    resource_of,
    switched_off,
)
from mockserver.verify.checks.writes.samples import sample_bodies, sample_body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.judging.assertions import has_value, is_same
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record, show

LONG_NAME = "with a long name 12"


@for_each_operation
def defaults_are_set(probe: Probe, create: Operation) -> None:
    """A creation gives the members that were left out their defaults, those that its schema names too."""
    promises = default_promises(probe, create) if create in [one.create for one in probe.contract.resources] else []
    for is_conditional in (False, True):
        # Only a record whose relations are filled in may fulfil a condition.
        some = [one for one in promises if bool(one.where) is is_conditional]
        left_out = tuple(path for promise in some for path in promise.members)
        for sample in sample_bodies(probe, create)[:: -1 if is_conditional else 1][:1] if some else ():
            # A long name: what is made of it may be cut.
            more = {"name": f"{sample[1]['name']} {LONG_NAME}"} if SLUG in _values_of(some) else {}
            keys, response = create_record(probe, resource_of(probe, create), more, left_out, sample)
            for promise in some:
                values = _shown_elsewhere(probe, promise, keys, response)
                is_fixed = LAST not in promise.members.values()
                check_defaults(probe, create, response, values, is_fixed=is_fixed)
                if not is_fixed:
                    _check_behind_all(probe, create, promise)


def _check_behind_all(probe: Probe, create: Operation, promise: Default) -> None:
    """Checks that a new record comes behind all others below its parent, behind one that is switched off too."""
    resource = resource_of(probe, create)
    above, sample = probe.contract.above(resource), sample_body(probe, create)
    keys, parent = create_record(probe, above) if above else ({}, Received(0))
    if sample is None or not parent.record:
        return
    path = next(path for path, value in promise.members.items() if value == LAST)
    hidden = switched_off(probe, create) | nested_body({path: BEHIND})
    _, before = create_record(probe, resource, hidden, sample=(keys, sample[1]))
    _, created = create_record(probe, resource, None, (path,), (keys, sample[1]))
    received, is_behind = value_at(created.record, path), value_at(before.record, path) == BEHIND
    if is_behind and received not in (MISSING, BEHIND + 1) and member_fits(probe, create, path, received):
        name = ".".join(path)
        texts = f"{name} {show(received)}", f"{name} {BEHIND + 1}, when left out: behind {show(hidden)}"
        expected = created.expects(has_value, path, BEHIND + 1, after=[before])
        probe.report(create, "default_is_set", created, *texts, expected, member=path[0])


def _values_of(promises: list[Default]) -> list[Any]:
    return [value for promise in promises for value in promise.members.values()]


def _shown_elsewhere(probe: Probe, promise: Default, keys: Keys, created: Received) -> dict[MemberPath, Any]:
    """Returns the values that a promise takes from the answer of another operation, else its own."""
    if not promise.of:
        slug = slug_of(str(created.record.get("name")))
        return {path: slug if value == SLUG else value for path, value in promise.members.items()}
    of, key = probe.contract.by_id[promise.of], value_at(created.record, promise.key)
    own = {parameter.name: keys[parameter.name] if not promise.key else key for parameter in of.parameters_in("path")}
    answer = probe.call(of, own, {promise.by: key, "_limit": MOST} if promise.by else {})
    rows = [row for row in answer.records if all(value_at(row, path) == one for path, one in promise.where.items())]
    source = answer.record or next(iter(rows), {})
    others = [row for row in rows if row.get("id") != created.record.get("id")]
    return {
        path: _behind(others, path) if value == LAST else value_at(source, tuple(value.split(".")))
        for path, value in promise.members.items()
    }


def _behind(rows: list[Record], path: MemberPath) -> Any:
    """Returns the number behind those of all rows; the first one depends on where the target begins to count."""
    numbers = [number for row in rows if type(number := value_at(row, path)) is int]
    return max(numbers) + 1 if numbers else MISSING


def check_defaults(
    probe: Probe, create: Operation, response: Received, defaults: dict[MemberPath, Any], *, is_fixed: bool = True
) -> None:
    """Reports members of a new record that have another value than their default, which is the same each time."""
    for path, value in defaults.items() if response.record else ():
        # Nothing is in what is null.
        received = value_at(response.record, path) if response.record.get(path[0], ...) is not None else None
        # A member that is missing is a fault of the shape, a key is not.
        is_unknown = value is MISSING or value_at(response.record, path[:1]) is MISSING
        is_kept = is_unknown or (is_same(value, received) and is_same(received, value))
        if is_kept or not member_fits(probe, create, path, received):
            continue
        if is_fixed:
            probe.report_value(create, "default_is_set", response, response, path, value, ", when left out")
        else:
            name, wanted = ".".join(path), f"{show(value)}, when left out: behind all others"
            texts = f"{name} {show(received)}", f"{name} {wanted}"
            probe.report(create, "default_is_set", response, *texts, member=path[0])


def default_promises(probe: Probe, create: Operation) -> list[Default]:
    """Returns the promised defaults of a creation, those that its schema names too."""
    write = Write(probe, resource_of(probe, create), create, {})
    parts: dict[MemberPath, Schema] = {(name,): write.flat_member(name) for name in write.members}
    parts |= {(*path, key): part for path, one in parts.items() for key, part in one.get("properties", {}).items()}
    named: dict[MemberPath, Any] = {path: part["default"] for path, part in parts.items() if "default" in part}
    of_schema = [Default(members=named, status="documented", rule="")] if named else []
    return [*of_schema, *promises_of_kind(probe, create, Default)]
