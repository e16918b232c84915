"""Writes for the comparison with the fake, which alone looks at their answers: values, states and writers combined."""

from __future__ import annotations

from random import Random
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import SLUG, Default, Effect, Immutable
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.access.access_checks import write_as
from mockserver.verify.checks.isolation import for_each_operation, for_each_resource
from mockserver.verify.checks.promised.promised_records import (
    create_record,
    nested_body,
    promises_of_kind,
    read_record,
    resource_of,
)
from mockserver.verify.checks.writes.difficult_values import flatten
from mockserver.verify.checks.writes.samples import changed_bodies, choices, related_samples, sample_bodies, sample_body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource, is_in_workspace
from mockserver.verify.safety.ledger import NAMES

_LONGEST = 60  # characters of a value, so that a finding can be read
_MOST_STATES = 5  # values of one enum


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
def explore_late_effects(probe: Probe, update: Operation) -> None:
    """Sends what has an effect to a record of its kind in each of the other states, and then beside that state."""
    for promise in promises_of_kind(probe, update, Effect):
        for state in _other_states(probe, update, promise) if promise.given and promise.when else ():
            keys, created = create_record(probe, resource_of(probe, update), nested_body(promise.given))
            act = nested_body(promise.when)
            for body in (state, act, act | state) if created.record else ():
                probe.call(update, keys, body=body)


def _other_states(probe: Probe, update: Operation, promise: Effect) -> list[Record]:
    """Returns a body for each value that a member with an enum does not have after the effect."""
    after = nested_body(promise.then)
    return [
        body for body in choices(probe, update) if any(after.get(name, value) != value for name, value in body.items())
    ]


def _tour(values: list[Any]) -> list[Any]:
    """Returns values in an order in which each one follows each other one."""
    pairs = [(one, other) for number, one in enumerate(values) for other in values[number + 1 :]]
    return [*(one for pair in pairs for one in pair), *values[:1]]


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
    """Creates records with their relations filled in after all others, on which may depend what is created with them.

    What is created with one is in the lists without a creation of their own.
    """
    for sample in related_samples(probe, resource.create) if resource.create else ():
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
def explore_fixed_relations(probe: Probe, resource: Resource) -> None:
    """Sends null for each relation of a new record that no update changes."""
    create, update = resource.create, resource.update
    if create is None or update is None:
        return
    names = [path[0] for promise in promises_of_kind(probe, update, Immutable) for path in promise.members]
    for sample in related_samples(probe, create)[:1] if names else ():
        keys, created = create_record(probe, resource, sample=sample)
        write = Write(probe, resource, update, sample[1])
        for name in (name for name in names if write.flat_member(name).get("nullable")):
            if created.record.get(name) is not None:
                probe.call(update, keys, body=changed_bodies(update, created.record)[0] | {name: None})
                read_record(probe, resource, keys)


@for_each_resource
def explore_hidden_members(probe: Probe, resource: Resource) -> None:
    """Creates a record with a member that no answer shows, and updates each other one: the first one has to stay."""
    create = resource.create
    if create is None or resource.update is None:
        return
    creation = Write(probe, resource, create, {})
    shown = properties_of(probe.contract.document, create.success.schema or {})
    for name in (one for one in creation.members if creation.place(one) == (one,) and one not in shown):
        value = next((one.value for one in creation.values(name) if one.value), None)
        needed = creation.needs(name, value) if value else None
        if needed is not None:
            keys, created = create_record(probe, resource, {name: value} | needed)
            _update_others(Write(probe, resource, resource.update, created.record), keys, {name, *needed})


def _update_others(change: Write, keys: Keys, names: set[str]) -> None:
    """Updates each member alone, except those with the names."""
    for other in (other for other in change.changeable if change.base and other not in names):
        values = [one.value for one in change.values(other) if one.value and change.needs(other, one.value) == {}]
        for value in values[-1:]:
            change.probe.call(change.operation, keys, body={other: value})


@for_each_resource
def explore_repeated_entries(probe: Probe, resource: Resource) -> None:
    """Creates a record with lists that name their first entry twice, and sends each of them in an update."""
    create, update = resource.create, resource.update
    if create is None:
        return
    lists = _lists_with_repeats(Write(probe, resource, create, {}))
    keys, created = create_record(probe, resource, lists) if lists else ({}, Received(0))
    if update and created.record:
        for name, value in _lists_with_repeats(Write(probe, resource, update, created.record)).items():
            probe.call(update, keys, body={name: value})
            read_record(probe, resource, keys)


def _lists_with_repeats(write: Write) -> Record:
    """Returns a value for each member that is a list, or an object of lists, in which the first entry is twice."""
    values = [(name, one.value, _with_repeats(one.value)) for name in write.changeable for one in write.values(name)]
    return {name: repeated for name, value, repeated in reversed(values) if repeated != value}


def _with_repeats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_repeats(inner) for key, inner in value.items()}
    return [*value, *value[:1]] if isinstance(value, list) else value


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
