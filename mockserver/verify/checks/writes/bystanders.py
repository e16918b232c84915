"""Bystanders: records of the run below another parent, which no write of a check names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from mockserver.contract.operations import Operation
from mockserver.verify.checks.promised.promised_records import create_record
from mockserver.verify.checks.writes.samples import Body, sample_body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.judging.assertions import others_stay
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received
from mockserver.verify.resources import Resource

ONE_RECORD = "write_changes_one_record"


@dataclass(frozen=True)
class Bystanders:
    """The records of a list, as they were shown last, and the creation of the last one."""

    listing: Operation
    keys: Keys
    shown: Received
    creation: Received

    def seen_again(self, probe: Probe) -> Bystanders:
        """Returns the records as they are now."""
        return replace(self, shown=probe.call(self.listing, self.keys, {"_limit": MOST}))

    def check(self, probe: Probe, write: Operation, response: Received) -> None:
        """Checks that a write has left them."""
        before, after = self.shown, self.seen_again(probe).shown
        had, has = ({str(row.get("id")): row for row in answer.records} for answer in (before, after))
        odd = [key for key in had | has if had.get(key) != has.get(key)]
        is_whole = before.ok and after.ok and len(after.records) < MOST
        if odd and is_whole and not probe.has_reported(write, ONE_RECORD):
            what = "is gone" if odd[0] not in has else "has changed" if odd[0] in had else "is new"
            received = f"{odd[0]} {what} in {self.listing.id} below another parent"
            expected = after.expects(others_stay, before.member(), "")
            probe.report(write, ONE_RECORD, response, received, "only the record named", expected)


def below_another_parent(probe: Probe, resource: Resource, create: Operation, body: Body) -> list[Bystanders]:
    """Creates a record below a new parent, where records have one; if possible, another one than with this body."""
    above = probe.contract.above(resource)
    parent, _ = create_record(probe, above) if above else ({}, Received(0))
    others = islice(Write(probe, resource, create, body).alternatives(), 1) if parent else ()
    return _added(probe, resource, create, parent, [*others, body]) if parent else []


def below_record(probe: Probe, keys: Keys) -> list[Bystanders]:
    """Creates a record in each collection below the record with these keys."""
    below = [(one, one.create) for one in probe.contract.resources if one.parent_keys == list(keys)]
    added = []
    for resource, create in below:
        if create is not None and probe.is_selected(create) and (sample := sample_body(probe, create)):
            added += _added(probe, resource, create, keys, [sample[1]])
    return added


def records_of(probe: Probe, resource: Resource, keys: Keys, creation: Received) -> Bystanders:
    """Returns the records of a list as they are now."""
    return Bystanders(resource.listing, keys, probe.call(resource.listing, keys, {"_limit": MOST}), creation)


def _added(probe: Probe, resource: Resource, create: Operation, keys: Keys, bodies: list[Body]) -> list[Bystanders]:
    """Creates a record with the first body that is accepted."""
    # Inner values may belong to another parent.
    emptied = {name: {} if isinstance(value, dict) else value for name, value in bodies[-1].items()}
    for body in (*bodies, emptied):
        response = probe.call(create, keys, body=body)
        if response.record:
            return [records_of(probe, resource, keys, response)]
    return []
