"""Promises of writes: a record is created, read, listed, updated and deleted.

Every step checks promises under names of their own, so that a finding names the one that is broken.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.samples import UNIQUE, changed_bodies, sample_body
from mockserver.verify.probe import MOST, Keys, Probe, Received, Record
from mockserver.verify.resources import Resource, key_of

LONG_AGO = "2001-01-01T00:00:00.000Z"
TICK = 0.003  # seconds; timestamps have milliseconds
STAMPS = ("created_at", "updated_at")


@dataclass
class RecordLife:
    """One record of the check: as it was created, and as the last write returned it."""

    probe: Probe
    resource: Resource
    keys: Keys
    body: Record
    record: Record
    last: Record

    @property
    def own_keys(self) -> Keys:
        return self.keys | {self.resource.key: key_of(self.resource.key, self.record)}

    def report(self, operation: Operation, promise: str, response: Received, received: Any, documented: str) -> None:
        self.probe.report(operation, promise, response, received=str(received), documented=documented)

    def listed(self) -> list[Record]:
        return [r for r in self.probe.list_records(self.resource, self.keys) if r.get("id") == self.record.get("id")]


def record_lives_as_promised(probe: Probe) -> None:
    """Runs all steps for one record of each selected resource."""
    for resource in probe.resources:
        if resource.create is not None and probe.is_selected(resource.create):
            _check_life(probe, resource, resource.create)


def _check_life(probe: Probe, resource: Resource, create: Operation) -> None:
    life = _create(probe, resource, create)
    if life is None:
        return
    _check_created(life, create)
    _check_duplicate(life, create)
    _check_read_only(probe, resource, create)
    _check_read_back(life, create)
    _check_listed(life, create)
    if resource.update is not None and resource.get is not None:
        for change in changed_bodies(resource.update, life.body):
            _check_update(life, resource.update, resource.get, change)
    if resource.delete is not None:
        _check_delete(life, resource.delete)


def _create(probe: Probe, resource: Resource, create: Operation, **more: Any) -> RecordLife | None:
    sample = sample_body(probe, create)
    if sample is None:
        return None
    keys, body = sample
    response = probe.call(create, keys, body=body | more)
    return RecordLife(probe, resource, keys, body, response.record, response.record) if response.record else None


def _check_created(life: RecordLife, create: Operation) -> None:
    for name, sent in life.body.items():
        received = life.record.get(name, sent)
        if not _contains(received, sent):
            life.report(
                create, "created_as_sent", Received(200), f"{name} {received!r}", f"{name} {sent!r}, as it was sent"
            )


def _check_duplicate(life: RecordLife, create: Operation) -> None:
    name = UNIQUE.get(create.id)
    if name is None:
        return
    response = life.probe.call(create, life.keys, body=life.body)
    if response.ok and response.record.get(name) == life.body[name]:
        life.report(
            create, "duplicate_is_refused", response, response.status, f"a {name} of its own, not {life.body[name]!r}"
        )


def _check_read_only(probe: Probe, resource: Resource, create: Operation) -> None:
    """Sends times that the target sets itself: it must ignore them. The record stays for the cases of Schemathesis."""
    times = _read_only_times(probe, create)
    other = _create(probe, resource, create, **dict.fromkeys(times, LONG_AGO)) if times else None
    if other is None:
        return
    response = probe.call(resource.get, other.own_keys) if resource.get else Received(200, other.record)
    for name in times:
        if LONG_AGO in (other.record.get(name), response.record.get(name)):
            other.report(
                create,
                "read_only_is_ignored",
                response,
                f"{name} {LONG_AGO}, as it was sent",
                "a time that the target sets",
            )


def _read_only_times(probe: Probe, create: Operation) -> list[str]:
    """Returns the timestamps of the response that no request body can set."""
    document, body = probe.contract.document, create.body
    returned = properties_of(document, create.success.schema or {})
    accepted = properties_of(document, body.schema) if body else {}
    settable = {name for name, part in accepted.items() if not document.resolve(part).get("readOnly")}
    return [
        name
        for name, part in returned.items()
        if name not in settable and document.resolve(part).get("format") == "date-time"
    ]


def _check_read_back(life: RecordLife, create: Operation) -> None:
    get = life.resource.get
    if get is None:
        return
    response = life.probe.call(get, life.own_keys)
    if response.status == 404:
        life.report(create, "created_can_be_read", response, 404, "the record that was just created")
    for name, sent in life.body.items():
        if response.record and not _contains(response.record.get(name, sent), sent):
            life.report(
                get, "read_back_equal", response, f"{name} {response.record[name]!r}", f"{name} {sent!r}, as sent"
            )


def _check_listed(life: RecordLife, create: Operation) -> None:
    records = life.probe.list_records(life.resource, life.keys)
    if records and len(records) < MOST and not life.listed():
        life.report(
            create, "created_is_listed", Received(200), "a list without it", f"a list with {life.record.get('id')!r}"
        )


def _check_update(life: RecordLife, update: Operation, get: Operation, change: Record) -> None:
    probe = life.probe
    before = probe.call(get, life.own_keys).record or life.record
    others = _others(life)
    # An update within the same millisecond would leave `updated_at` as it was.
    time.sleep(TICK)
    response = probe.call(update, life.own_keys, body=change)
    if not response.ok:
        return
    after = probe.call(get, life.own_keys).record
    # Each is compared with the same kind of response before the update: a wrong read is no wrong update.
    _check_change(life, update, update, response, life.last, response.record, change)
    life.last = response.record or life.last
    _check_change(life, get, update, response, before, after, change)
    # Records that came or went meanwhile are those of other people.
    touched = [key for key, record in _others(life).items() if key in others and record != others[key]]
    if touched:
        life.report(
            update, "update_changes_one_record", response, f"{touched[0]} has changed too", "only the record named"
        )


def _check_change(
    life: RecordLife,
    source: Operation,
    update: Operation,
    response: Received,
    before: Record,
    after: Record,
    change: Record,
) -> None:
    """Compares a record before and after an update. `source` is the operation whose response `after` is."""
    if not after:
        return
    for name, sent in change.items():
        if name in after and not _contains(after[name], sent):
            life.report(update, "update_is_kept", response, f"{name} {after[name]!r} ({source.id})", f"{name} {sent!r}")
    # Time stamps have promises of their own, below.
    may_change = (*change, *STAMPS, *_DERIVED.get(update.id, ()))
    for name in (name for name in before if name in after and name not in may_change):
        if after[name] != before[name]:
            received, documented = f"{name} {after[name]!r}", f"{name} {before[name]!r}, which was not sent"
            life.report(update, "update_changes_only_what_was_sent", response, received, documented)
    if after.get("created_at") != before.get("created_at"):
        life.report(update, "created_at_stays", response, after.get("created_at"), str(before.get("created_at")))
    if "updated_at" in before and str(after.get("updated_at")) <= str(before["updated_at"]):
        life.report(update, "updated_at_moves", response, after.get("updated_at"), f"later than {before['updated_at']}")


# Members that Enspace derives from a member of the sample update.
_DERIVED = {"updateField": ("order",)}


def _others(life: RecordLife) -> dict[Any, Record]:
    """Returns the other records of the collection by id; only those of this run if others may work on the target."""
    probe = life.probe
    records = [r for r in probe.list_records(life.resource, life.keys) if probe.is_alone or probe.mark in json.dumps(r)]
    return {r.get("id"): _without_stamps(r) for r in records if r.get("id") != life.record.get("id")}


def _without_stamps(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != "updated_at"}


def _check_delete(life: RecordLife, delete: Operation) -> None:
    response = life.probe.call(delete, life.own_keys)
    if not response.ok:
        return
    get = life.resource.get
    if get is not None and life.probe.call(get, life.own_keys).ok:
        life.report(delete, "deleted_is_gone", response, "200 for the deleted record", "404")
    if life.listed():
        life.report(delete, "deleted_is_not_listed", response, "the deleted record in its list", "a list without it")


def _contains(received: Any, sent: Any) -> bool:
    """True if the received value has at least what was sent; a reference may come back as a whole record."""
    if isinstance(sent, dict) and isinstance(received, dict):
        return all(name not in received or _contains(received[name], value) for name, value in sent.items())
    if isinstance(received, dict):
        return sent in (received.get("id"), received.get("slug"))
    return bool(received == sent)
