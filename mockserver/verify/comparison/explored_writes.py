"""Writes for the comparison with the fake, which alone looks at their answers: what no single promise describes."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import MISSING
from random import Random
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import SLUG, Default, Effect, Referrers, Visible, value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.access.access_checks import write_as
from mockserver.verify.checks.isolation import for_each_operation, for_each_resource
from mockserver.verify.checks.promised.promised_records import (
    create_record,
    promises_of_kind,
    read_record,
    referring_body,
    resource_of,
    switched_off,
)
from mockserver.verify.checks.writes.difficult_values import flatten, value_naming
from mockserver.verify.checks.writes.samples import changed_bodies, choices, sample_bodies, sample_body
from mockserver.verify.checks.writes.write import Write, visible_keys
from mockserver.verify.comparison.explored_reads import headers_of_others
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource, is_in_workspace, key_of
from mockserver.verify.safety.ledger import NAMES

_LONGEST = 60  # characters of a value, so that a finding can be read
_MOST_STATES = 5  # values of one enum
_MOST_USED = 2  # records that get the same choice


@for_each_operation
def explore_deletions(probe: Probe, delete: Operation) -> None:
    """Deletes a record to which others refer that refer to nothing else, in each of their states."""
    for promise in promises_of_kind(probe, delete, Referrers):
        _delete_named(probe, delete, promise)


def _delete_named(probe: Probe, delete: Operation, promise: Referrers) -> None:
    create, (keys, deleted) = probe.contract.by_id[promise.of], create_record(probe, resource_of(probe, delete))
    of, key = resource_of(probe, create), value_at(deleted.record, promise.key)
    if key is MISSING:
        return
    body, states = referring_body(probe, promise, key), _states(probe, create)
    own, referrer = create_record(probe, of, body)
    if referrer.record:
        others = [create_record(probe, of, state | body)[0] for state in states]
        later = {name: state for name, state in _states(probe, of.update)[-1].items() if name not in states[-1]}
        if of.update and later:
            probe.call(of.update, others[-1], body=later)
        elsewhere = _name_below_another_parent(probe, resource_of(probe, delete), of, deleted.record, body)
        # Each may have a parent of its own. In `own-data`, what goes with the record must have been shown before.
        parents = [{name: keys[name] for name in of.parent_keys} for keys in (own, *others, *elsewhere)]
        lists = [one for number, one in enumerate(parents) if one not in parents[:number]]
        for above in lists:
            probe.call(of.listing, above, {"_limit": MOST})
        probe.call(delete, keys)
        for above in lists:
            probe.call(of.listing, above, {"_limit": MOST})


def _name_below_another_parent(
    probe: Probe, resource: Resource, of: Resource, record: Record, body: Record
) -> list[Keys]:
    """Creates a record with the same names below another parent, and a referrer to it; returns the referrer's keys."""
    above = probe.contract.above(resource)
    sample = sample_body(probe, resource.create) if resource.create else None
    if above is None or sample is None or of.parent_keys != resource.parent_keys:
        return []
    parent, created = create_record(probe, above)
    if not created.record:
        return []
    names = {name: record[name] for name in NAMES if name in record}
    if not create_record(probe, resource, names, sample=(parent, sample[1]))[1].record:
        return []
    keys, referrer = create_record(probe, of, body, sample=(parent, {}))
    return [keys] if referrer.record else []


def _states(probe: Probe, write: Operation | None) -> list[Record]:
    """Returns bodies with each value of each member that has an enum, or is a boolean; those of several go together."""
    values = defaultdict[str, list[Any]](list)
    for name, value in (one for body in choices(probe, write) for one in body.items()):
        values[name].append(value)
    most = max(map(len, values.values()), default=1)
    return [{name: some[number % len(some)] for name, some in values.items()} for number in range(most)]


@for_each_operation
def explore_states(probe: Probe, update: Operation) -> None:
    """Moves a record from each value of an enum to each other one: what else changes may depend on both."""
    effects = [promise for promise in promises_of_kind(probe, update, Effect) if not promise.given]
    members = properties_of(probe.contract.document, update.body.schema if update.body else {})
    for name in dict.fromkeys(path[0] for promise in effects for path in promise.when):
        values = members[name].get("enum", [])[:_MOST_STATES]
        keys, created = create_record(probe, resource_of(probe, update)) if values else ({}, Received(0))
        for value in _tour(values) if created.record else ():
            probe.call(update, keys, body={name: value})


@for_each_operation
def explore_used_records(probe: Probe, update: Operation) -> None:
    """Makes each choice in records of different kinds: what is beside them below their parent may forbid it."""
    of = next((one for one in probe.contract.resources if one.update == update and one.create), None)
    sample, bodies = sample_body(probe, of.create) if of and of.create else None, choices(probe, update)
    if of is None or sample is None:
        return
    others = [one for one in probe.contract.resources if one != of and one.parent_keys == of.parent_keys != []]
    made = [(other, *create_record(probe, other)) for other in others]
    beside = json.dumps([created.record for _, _, created in made])
    above, names = {name: sample[0][name] for name in of.parent_keys}, [name for body in bodies for name in body]
    own = [row for row in probe.list_records(of, above) if probe.mark in json.dumps(row)]
    used = [row for row in own if str(row.get("slug")) in beside] if others else own
    kinds = [*{str([row.get(name) for name in names]): row for row in used}.values()]
    for number, body in enumerate(bodies):
        for row in [*kinds[number % len(kinds) :], *kinds][:_MOST_USED] if kinds else ():
            if row | body != row:
                probe.call(update, above | {of.key: key_of(of.key, row)}, body=body)
    for row in kinds[:_MOST_USED] if made else ():
        probe.call(update, above | {of.key: key_of(of.key, row)}, body=switched_off(probe, update))
    for other, keys, created in made:
        _send_one_key(probe, other, keys, created.record)


def _send_one_key(probe: Probe, resource: Resource, keys: Keys, record: Record) -> None:
    """Sends one key of each object of which an update keeps the rest."""
    update = resource.update
    if update is None or not record:
        return
    write = Write(probe, resource, update, record)
    for name in (name for name in write.members if write.is_merged(name) and record[name]):
        probe.call(update, keys, body={name: dict([next(iter(record[name].items()))])})


def _tour(values: list[Any]) -> list[Any]:
    """Returns values in an order in which each one follows each other one."""
    pairs = [(one, other) for number, one in enumerate(values) for other in values[number + 1 :]]
    return [*(one for pair in pairs for one in pair), *values[:1]]


@for_each_resource
def explore_audiences(probe: Probe, resource: Resource) -> None:
    """Names all records that each list of an object may name, and reads the new record with the keys of others."""
    create, get = resource.create, resource.get
    if create is None or get is None:
        return
    for promise in promises_of_kind(probe, create, Visible):
        if promise.within and len(promise.member) > 1:
            name, *inner = promise.member
            member = probe.contract.member(create.body.schema if create.body else {}, name)
            value = value_naming(probe.contract.document, member, tuple(inner), *visible_keys(probe, promise))
            keys, created = create_record(probe, resource, {name: value})
            for headers in headers_of_others(probe) if created.record else ():
                probe.call(get, keys, headers=headers)


@for_each_operation
def explore_writers(probe: Probe, operation: Operation) -> None:
    """Sends a write with the keys of members that may do less: it depends on their roles whether it is refused."""
    keys = [key for key in (probe.credentials.limited_key, probe.credentials.viewer_key) if key]
    if operation.method == "GET" or not is_in_workspace(operation) or not keys:
        return
    of = next((one for one in probe.contract.resources if operation in (one.create, one.update, one.delete)), None)
    # In `full`, one of them is of a kind that a role may allow.
    samples: list[Any] = (sample_bodies(probe, of.create) if of and of.create else []) or [None]
    for sample in samples:
        request = _action_of(probe, operation) if of is None else None
        for key in keys:
            if of and (request is None or operation == of.delete):
                request = _write_of(probe, operation, of, sample)
            write_as(probe, operation, probe.credentials.headers(x_api_key=key), request)


def _action_of(probe: Probe, operation: Operation) -> tuple[Keys, Any] | None:
    """Returns path keys of a new record, and the members that an action on it needs."""
    body = operation.body.schema if operation.body else {}
    needed = flatten(probe.contract.document, body).get("required", ())
    if not needed or "{" not in operation.path:
        return None
    resource = resource_of(probe, operation)
    keys, created = create_record(probe, resource)
    write = Write(probe, resource, operation, {})
    values = {name: write.values(name) for name in needed}
    is_whole = created.record and all(values.values())
    return (keys, {name: some[0].value for name, some in values.items()}) if is_whole else None


def _write_of(
    probe: Probe, operation: Operation, of: Resource, sample: tuple[Keys, Any] | None
) -> tuple[Keys, Any] | None:
    """Returns path keys and a body: of the sample for a creation, else of a record that is made of it."""
    if sample is None or operation == of.create:
        return sample
    own, created = create_record(probe, of, sample=sample)
    body = changed_bodies(operation, created.record)[0] if operation.body else NOT_SET
    return (own, body) if created.record else None


@for_each_resource
def explore_generated(probe: Probe, resource: Resource) -> None:
    """Creates a record with its relations filled in after all others, on which may depend what is created with it.

    What is created with it is in the lists without a creation of their own.
    """
    for sample in sample_bodies(probe, resource.create)[1:] if resource.create else ():
        create_record(probe, resource, sample=sample)
        for other in (one for one in probe.contract.resources if one.create is None and not one.parent_keys):
            order = {"_sort": "id:DESC"} if "id" in other.sort_names else {}
            probe.call(other.listing, {}, {"_limit": MOST} | order)


@for_each_resource
def explore_halves(probe: Probe, resource: Resource) -> None:
    """Creates records with some members and without others, and changes one in the same way: any two may interact."""
    random, create, update = Random(resource.collection), resource.create, resource.update
    if create is None:
        return
    write = Write(probe, resource, create, {})
    for half in _halves(_settable(write)):
        keys, created = create_record(probe, resource, _some_values(write, half, random))
        if created.record:  # others may need it from now on, such as a required field
            write.delete(keys, created.record)
    keys, created = create_record(probe, resource) if update else ({}, Received(0))
    if update and created.record:
        write = Write(probe, resource, update, created.record)
        for half in _halves(_settable(write)):
            probe.call(update, keys, body=_some_values(write, half, random))
            read_record(probe, resource, keys)
        write.delete(keys, created.record)


@for_each_resource
def explore_derived_slugs(probe: Probe, resource: Resource) -> None:
    """Creates records without a slug, whose names have accents or many letters: the promise leaves open how it ends."""
    promises = promises_of_kind(probe, resource.create, Default) if resource.create else ()
    for path in (path for promise in promises for path, value in promise.members.items() if value == SLUG):
        for end in (" ação", " of many words" * 10):
            sample = sample_body(probe, resource.create) if resource.create else None
            if resource.create and sample is not None:
                longest = Write(probe, resource, resource.create, {}).flat_member("name").get("maxLength")
                create_record(probe, resource, {"name": f"{sample[1]['name']}{end}"[:longest]}, (path,), sample)


def _settable(write: Write) -> list[str]:
    required = flatten(write.probe.contract.document, write.operation.body.schema if write.operation.body else {})
    return [name for name in write.changeable if name not in (*NAMES, *required.get("required", ()))]


def _halves(names: list[str]) -> list[list[str]]:
    """Returns lists of names: for any two names, there is one with the first and without the second."""
    bits = range(max(len(names) - 1, 0).bit_length())
    return [[name for at, name in enumerate(names) if (at >> bit) % 2 == side] for bit in bits for side in (1, 0)]


def _some_values(write: Write, names: list[str], random: Random) -> Record:
    """Returns a body with a value at random for each name, and with what it needs."""
    body: Record = {}
    for name in names:
        values = [one.value for one in write.values(name) if one.value is not None and len(str(one.value)) < _LONGEST]
        value = random.choice(values) if values else None
        needed = write.needs(name, value) if values else None
        if needed is not None and needed.keys() <= set(write.changeable):
            body |= {name: value} | needed
    return body
