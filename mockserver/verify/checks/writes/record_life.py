"""The life of one record of the run, which the checks of writes follow step by step."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Visible
from mockserver.verify.checks.writes.bystanders import ONE_RECORD, Bystanders
from mockserver.verify.checks.writes.samples import sample_body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.judging.assertions import contains_value, others_stay
from mockserver.verify.probe import MOST, REFUSALS, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource, key_of
from mockserver.verify.safety.ledger import NAMES


@dataclass
class RecordLife:
    """One record of the check: as it was created, and as the last write returned it."""

    probe: Probe
    resource: Resource
    keys: Keys
    body: Record
    response: Received
    record: Record
    last: Received
    neighbour: Received = field(default_factory=lambda: Received(0))  # the creation of another record of the run
    siblings: list[Received] = field(default_factory=list)  # the creations of others in the list
    deletion: Received = field(default_factory=lambda: Received(0))
    bystanders: list[Bystanders] = field(default_factory=list)

    @property
    def creation(self) -> Write:
        """The kind of write that has created the record."""
        assert self.resource.create is not None
        return Write(self.probe, self.resource, self.resource.create, self.body)

    @property
    def update(self) -> Write:
        """The kind of write that updates the record."""
        assert self.resource.update is not None
        return Write(self.probe, self.resource, self.resource.update, self.body)

    @property
    def own_keys(self) -> Keys:
        return self.keys | {self.resource.key: key_of(self.resource.key, self.record)}

    def keys_of(self, created: Received) -> Keys:
        """Returns the path keys of another record of the same list."""
        return self.keys | {self.resource.key: key_of(self.resource.key, created.record)}

    def list_all(self, **query: Any) -> Received:
        """Requests the list of the record."""
        return self.probe.call(self.resource.listing, self.keys, query | {"_limit": MOST})

    def list_before_write(self) -> Received:
        """Requests the lists that a write must leave, and returns the one of the record."""
        self.bystanders = [one.seen_again(self.probe) for one in self.bystanders]
        return self.list_all()

    def listed(self, answer: Received | None = None) -> list[Record]:
        """Returns the rows of a list that are this record."""
        return [row for row in (answer or self.list_all()).records if row.get("id") == self.record.get("id")]


def begin_life(probe: Probe, resource: Resource, create: Operation, **more: Any) -> RecordLife | None:
    """Creates a record with further members; None if the resource has no sample, or the creation is refused."""
    sample = sample_body(probe, create)
    if sample is None:
        return None
    keys, body = sample
    response = probe.call(create, keys, body=body | more)
    made = response.record
    return RecordLife(probe, resource, keys, body, response, made, response) if made else None


def begin_full_life(probe: Probe, resource: Resource) -> RecordLife | None:
    """Creates a record with other values than the defaults in all members, for updates; None if there is none."""
    create, update, get = resource.create, resource.update, resource.get
    if create is None or update is None or get is None or not probe.is_selected(update):
        return None
    if (sample := sample_body(probe, create)) is None:
        return None
    keys, base = sample
    creation = Write(probe, resource, create, base)
    full, references = unusual_values(creation), {one.member[0] for one in creation.promised(Visible) if one.within}
    plain = {name: value for name, value in full.items() if name not in references}
    response = Received(0)
    for body in (full, plain, {}):  # a rule may refuse some values beside others
        response = probe.call(create, keys, body=creation.fresh(base) | body)
        if response.status not in REFUSALS:
            break
    made = response.record
    return RecordLife(probe, resource, keys, base, response, made, response) if made else None


def unusual_values(creation: Write) -> Record:
    """Returns a value for each member that is not required, if possible neither null nor the default."""
    names = [name for name in creation.members if name not in creation.base or name in creation.optional]
    chosen: Record = {}
    for name in (name for name in names if name not in NAMES):
        flat, values = creation.flat_member(name), [one.value for one in creation.values(name)]
        usual = (None, flat.get("default", next(iter(flat.get("enum", ())), None)))
        values = [*(value for value in values if value not in usual), *values]
        chosen |= {name: values[0]} if values and creation.needs(name, values[0]) == {} else {}
    return chosen


def check_neighbours(
    life: RecordLife, write: Operation, response: Received, before: Received, *earlier: Received
) -> Received:
    """Checks that a write, and those `earlier`, have left all other records of the list, and have made no other one.

    Returns the list after the writes.
    """
    after = life.list_all()
    had, has = (_others(life, answer) for answer in (before, after))
    added = [record for key, record in has.items() if key not in had and len(before.records) < MOST and before.ok]
    # What was shown earlier was missing in the list by mistake.
    shown, listing = life.probe.shown, life.resource.listing
    added = [record for record in added if not shown.is_older(listing, record.get("id"), response)]
    missing = [record for key, record in had.items() if key not in has and len(after.records) < MOST and after.ok]
    touched = [key for key, record in has.items() if key in had and record != had[key]]
    wanted, acts = "only the record named", [life.neighbour, *earlier]
    if touched or (added and not _is_gone(life, added[0])):
        expected = after.expects(others_stay, before.member(), life.response.member("id"), after=acts)
        received = f"{touched[0]} has changed too" if touched else f"{added[0].get('id')} is new too"
        life.probe.report(write, ONE_RECORD, response, received, wanted, expected)
    elif missing and _is_gone(life, missing[0]):
        expected = after.expects(contains_value, ("*", "id"), life.neighbour.member("id"), after=acts)
        received = f"{missing[0].get('id')} is gone"
        life.probe.report(write, ONE_RECORD, response, received, wanted, expected)
    return after


def check_bystanders(life: RecordLife, write: Operation, response: Received) -> None:
    """Checks that a write has left the records below other parents."""
    for one in life.bystanders:
        one.check(life.probe, write, response)


def _others(life: RecordLife, answer: Received) -> dict[Any, Record]:
    """Returns the other records of the collection by id."""
    # An id of another type is a fault of its own.
    return {key: row for key, row in own_rows(life, answer).items() if str(key) != str(life.record.get("id"))}


def own_rows(life: RecordLife, answer: Received) -> dict[Any, Record]:
    """Returns the rows of a list by id; only those of this run if others may work on the target.

    Below a parent, which the run has created too, these are all.
    """
    is_own, mark = life.probe.is_alone or life.keys, life.probe.mark
    return {row.get("id"): row for row in answer.records if is_own or mark in json.dumps(row)}


def _is_gone(life: RecordLife, record: Record) -> bool:
    """True unless a GET shows a record. If its list says otherwise, only the list is wrong."""
    get, key = life.resource.get, life.resource.key
    return get is None or not life.probe.call(get, life.keys | {key: key_of(key, record)}).ok
