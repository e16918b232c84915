"""Writes to records that others refer to, or are limited to, for the comparison with the fake."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import MISSING
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Effect, Referrers, Visible, value_at
from mockserver.verify.checks.isolation import for_each_operation, for_each_resource
from mockserver.verify.checks.promised.promised_records import (
    create_record,
    nested_body,
    promises_of_kind,
    referring_body,
    resource_of,
    switched_off,
)
from mockserver.verify.checks.writes.difficult_values import flatten, value_naming
from mockserver.verify.checks.writes.samples import choices, related_samples, sample_body
from mockserver.verify.checks.writes.write import Write, visible_keys
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Record
from mockserver.verify.resources import Resource, key_of
from mockserver.verify.safety.ledger import NAMES

_MOST_USED = 2  # records that get the same choice
_List = tuple[Operation, Keys, Record]  # with its query
_PERSON = ("member", "user", "id")  # in the context of a key


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
        above = {name: own[name] for name in of.parent_keys}
        # Where each sample has a parent of its own, nothing that names something else, and stays, is beside it.
        if (sample := sample_body(probe, create)) and sample[0] != above:
            create_record(probe, of, sample=(above, sample[1]))
        elsewhere = _name_below_another_parent(probe, resource_of(probe, delete), of, deleted.record, body)
        lists = [*_lists_of(of, own, *others, *elsewhere), *_lists_of_generated(probe, of)]
        # In `own-data`, what goes with the record must have been shown before.
        _read_lists(probe, lists)
        probe.call(delete, keys)
        _read_lists(probe, lists)


def _read_lists(probe: Probe, lists: list[_List]) -> None:
    for listing, above, query in lists:
        probe.call(listing, above, query | {"_limit": MOST})


def _lists_of(resource: Resource, *records: Keys) -> list[_List]:
    """Returns the lists of records: each may have a parent of its own."""
    parents = [{name: keys[name] for name in resource.parent_keys} for keys in records]
    return [(resource.listing, above, {}) for n, above in enumerate(parents) if above not in parents[:n]]


def _lists_of_generated(probe: Probe, of: Resource) -> list[_List]:
    """Creates a record with which others are created, one for each of a resource; returns the list of these."""
    made = [
        (create, promise)
        for create in probe.contract.operations
        for promise in promises_of_kind(probe, create, Effect)
        if promise.each == of.listing.id and probe.is_selected(create)
    ]
    for create, promise in made:
        for sample in related_samples(probe, create)[:1]:
            record = create_record(probe, resource_of(probe, create), sample=sample)[1].record
            return [(probe.contract.by_id[promise.shows_in], {}, {promise.by: record["id"]})] if record else []
    return []


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
def explore_used_records(probe: Probe, update: Operation) -> None:
    """Makes each choice in records of different kinds: what is beside them below their parent may forbid it."""
    of = next((one for one in probe.contract.resources if one.update == update and one.create), None)
    sample, bodies = sample_body(probe, of.create) if of and of.create else None, choices(probe, update)
    if of is None or sample is None:
        return
    above = {name: sample[0][name] for name in of.parent_keys}
    others = [one for one in probe.contract.resources if one != of and one.parent_keys == of.parent_keys != []]
    made = [(other, *create_record(probe, other)) for other in others]
    used = _records_in_use(probe, of, above, [created.record for _, _, created in made])
    kinds = [*{str([row.get(name) for body in bodies for name in body]): row for row in used}.values()]
    sent = [(row, body) for number, body in enumerate(bodies) for row in _turned(kinds, number)[:_MOST_USED]]
    sent += [(row, switched_off(probe, update)) for row in kinds[:_MOST_USED] if made]
    for row, body in sent:
        if row | body != row:
            probe.call(update, above | {of.key: key_of(of.key, row)}, body=body)
    for other, keys, created in made:
        _send_one_key(probe, other, keys, created.record)


def _records_in_use(probe: Probe, resource: Resource, above: Keys, beside: list[Record]) -> list[Record]:
    """Returns the records of the run in a list: those that records beside them name, if there are any beside them."""
    own = [row for row in probe.list_records(resource, above) if probe.mark in json.dumps(row)]
    text = json.dumps(beside)
    return [row for row in own if str(row.get("slug")) in text] if beside else own


def _turned(rows: list[Record], number: int) -> list[Record]:
    """Returns rows from another one on for each number."""
    start = number % len(rows) if rows else 0
    return [*rows[start:], *rows[:start]]


def _send_one_key(probe: Probe, resource: Resource, keys: Keys, record: Record) -> None:
    """Sends one key of each object of which an update keeps the rest."""
    update = resource.update
    if update is None or not record:
        return
    write = Write(probe, resource, update, record)
    for name in (name for name in write.members if write.is_merged(name) and record[name]):
        probe.call(update, keys, body={name: dict([next(iter(record[name].items()))])})


@for_each_resource
def explore_full_lists(probe: Probe, resource: Resource) -> None:
    """Names all records that a list may name, reads the new record with the keys of others, and adds one once more.

    A list that puts the new record into those of the records that it names is left out: they may belong to others.
    """
    create, get = resource.create, resource.get
    if create is None or get is None:
        return
    placing = [promise.sent for promise in promises_of_kind(probe, create, Effect)]
    for promise in (one for one in promises_of_kind(probe, create, Visible) if one.within and one.member):
        name, *inner = promise.member
        member = probe.contract.member(create.body.schema if create.body else {}, name)
        is_list = bool(inner) or "items" in flatten(probe.contract.document, member)
        named = visible_keys(probe, promise) if is_list and name not in placing else []
        if not named:
            continue
        value = value_naming(probe.contract.document, member, tuple(inner), *named)
        keys, created = create_record(probe, resource, {name: value})
        for headers in probe.credentials.lesser_headers if created.record else ():
            probe.call(get, keys, headers=headers)
        for action, sent in _additions(probe, resource) if created.record else ():
            probe.call(action, keys, body={sent: named[:1]})
            probe.call(get, keys)


def _additions(probe: Probe, resource: Resource) -> list[tuple[Operation, str]]:
    """Returns the actions on a record that add to one of its lists, with the members of their bodies."""
    return [
        (action, promise.sent)
        for action in probe.contract.operations
        for promise in promises_of_kind(probe, action, Effect)
        if resource.get and promise.shows_in == resource.get.id and action.body and not promise.key
    ]


@for_each_resource
def explore_returning_records(probe: Probe, resource: Resource) -> None:
    """Creates a record that is in the list of another one, deletes it, and creates it again."""
    create = resource.create
    if create is None or resource.delete is None:
        return
    for promise in (one for one in promises_of_kind(probe, create, Effect) if one.shows_in and one.sent):
        shows, sample = probe.contract.by_id[promise.shows_in], sample_body(probe, create)
        above, named = create_record(probe, resource_of(probe, shows))
        if sample is None or not named.record:
            continue
        keys, body = sample
        for _ in range(2):
            created = probe.call(create, keys, body=body | {promise.sent: [named.record["id"]]})
            if created.record:
                probe.call(shows, above)
                Write(probe, resource, create, body).delete(keys, created.record)


@for_each_resource
def explore_assignments(probe: Probe, resource: Resource) -> None:
    """Assigns a new record that is limited to the caller to the person of another key, who reads and changes it."""
    create, get, context = resource.create, resource.get, probe.contract.by_id.get("getWorkspaceContext")
    if create is None or get is None or context is None:
        return
    document, promises = probe.contract.document, [*promises_of_kind(probe, create, Visible)]
    for assigned, limited in _assignments(promises):
        (member,), (name, *inner) = assigned.member, limited.member
        schema = probe.contract.member(create.body.schema if create.body else {}, name)
        caller = value_at(probe.call(context).record, _PERSON)
        for headers in probe.credentials.lesser_headers:
            person = value_at(probe.call(context, headers=headers).record, _PERSON)
            if MISSING not in (caller, person):
                more = {member: person, name: value_naming(document, schema, tuple(inner), caller)}
                keys, created = create_record(probe, resource, more)
                if created.record:
                    probe.call(get, keys, headers=headers)
                if created.record and resource.update:
                    _act(probe, resource.update, keys, headers)


def _act(probe: Probe, update: Operation, keys: Keys, headers: dict[str, str]) -> None:
    """Sends what has an effect, such as the end of a task: the person it is assigned to may be allowed to do so."""
    for promise in promises_of_kind(probe, update, Effect):
        if promise.when:
            probe.call(update, keys, body=nested_body(promise.when), headers=headers)


def _assignments(promises: list[Visible]) -> list[tuple[Visible, Visible]]:
    """Returns members that name one record, each with a list within an object that names records of the same kind."""
    pairs = [(one, other) for one in promises for other in promises if one.within and one.within == other.within]
    return [(one, other) for one, other in pairs if len(one.member) == 1 < len(other.member) and one.key == other.key]
