"""The life of a record: made, read, listed, changed, deleted, each step as promised.

Every step judges one promise and tells it under a name of its own, so that a finding says which one was broken.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.samples import UNIQUE, changed_bodies, sample_body
from mockserver.verify.probe import Answer, Keys, Probe, Record
from mockserver.verify.resources import Resource, key_of

LONG_AGO = "2001-01-01T00:00:00.000Z"
TICK = 0.003  # stamps count milliseconds
STAMPS = ("created_at", "updated_at")


@dataclass
class Life:
    """One record on its way: as it was made, and as the last write told it."""

    probe: Probe
    resource: Resource
    keys: Keys
    body: Record
    record: Record
    last: Record

    @property
    def own_keys(self) -> Keys:
        return self.keys | {self.resource.key: key_of(self.resource.key, self.record)}

    def tell(self, operation: Operation, promise: str, answer: Answer, received: Any, documented: str) -> None:
        self.probe.tell(operation, promise, answer, received=str(received), documented=documented)

    def listed(self) -> list[Record]:
        return [r for r in self.probe.all_of(self.resource, self.keys) if r.get("id") == self.record.get("id")]


def record_lives_as_promised(probe: Probe) -> None:
    """A record is made, read back equal, changed only where it was asked for, deleted and gone."""
    for resource in probe.resources:
        if resource.create is not None and probe.is_wanted(resource.create):
            _live(probe, resource, resource.create)


def _live(probe: Probe, resource: Resource, create: Operation) -> None:
    life = _made(probe, resource, create)
    if life is None:
        return
    _made_as_sent(life, create)
    _duplicate_is_refused(life, create)
    _read_only_is_ignored(probe, resource, create)
    _is_read_back(life, create)
    _is_listed(life, create)
    if resource.update is not None and resource.get is not None:
        for change in changed_bodies(resource.update, life.body):
            _changes_only_what_was_sent(life, resource.update, resource.get, change)
    if resource.delete is not None:
        _is_gone_when_deleted(life, resource.delete)


def _made(probe: Probe, resource: Resource, create: Operation, **more: Any) -> Life | None:
    sample = sample_body(probe, create)
    if sample is None:
        return None
    keys, body = sample
    answer = probe.call(create, keys, body=body | more)
    return Life(probe, resource, keys, body, answer.record, answer.record) if answer.record else None


def _made_as_sent(life: Life, create: Operation) -> None:
    for name, sent in life.body.items():
        told = life.record.get(name, sent)
        if not _holds(told, sent):
            life.tell(create, "created_as_sent", Answer(200), f"{name} {told!r}", f"{name} {sent!r}, as it was sent")


def _duplicate_is_refused(life: Life, create: Operation) -> None:
    name = UNIQUE.get(create.id)
    if name is None:
        return
    answer = life.probe.call(create, life.keys, body=life.body)
    if answer.ok and answer.record.get(name) == life.body[name]:
        life.tell(
            create, "duplicate_is_refused", answer, answer.status, f"a {name} of its own, not {life.body[name]!r}"
        )


def _read_only_is_ignored(probe: Probe, resource: Resource, create: Operation) -> None:
    """A time that the target sets cannot be sent. The record stays, for others to write on."""
    times = _times_of_the_target(probe, create)
    other = _made(probe, resource, create, **dict.fromkeys(times, LONG_AGO)) if times else None
    if other is None:
        return
    answer = probe.call(resource.get, other.own_keys) if resource.get else Answer(200, other.record)
    for name in times:
        if LONG_AGO in (other.record.get(name), answer.record.get(name)):
            other.tell(create, "read_only_is_ignored", answer, f"{name} {LONG_AGO}, as it was sent", "the target's own")


def _times_of_the_target(probe: Probe, create: Operation) -> list[str]:
    """The instants of an answer that no body can set."""
    document, body = probe.contract.document, create.body
    told = properties_of(document, create.success.schema or {})
    taken = properties_of(document, body.schema) if body else {}
    settable = {name for name, part in taken.items() if not document.resolve(part).get("readOnly")}
    return [
        name
        for name, part in told.items()
        if name not in settable and document.resolve(part).get("format") == "date-time"
    ]


def _is_read_back(life: Life, create: Operation) -> None:
    get = life.resource.get
    if get is None:
        return
    answer = life.probe.call(get, life.own_keys)
    if answer.status == 404:
        life.tell(create, "created_can_be_read", answer, 404, "the record that was just created")
    for name, sent in life.body.items():
        if answer.record and not _holds(answer.record.get(name, sent), sent):
            life.tell(get, "read_back_equal", answer, f"{name} {answer.record[name]!r}", f"{name} {sent!r}, as sent")


def _is_listed(life: Life, create: Operation) -> None:
    records = life.probe.all_of(life.resource, life.keys)
    if records and len(records) < 1000 and not life.listed():
        life.tell(
            create, "created_is_listed", Answer(200), "a list without it", f"a list with {life.record.get('id')!r}"
        )


def _changes_only_what_was_sent(life: Life, update: Operation, get: Operation, change: Record) -> None:
    probe = life.probe
    before = probe.call(get, life.own_keys).record or life.record
    others = _others(life)
    time.sleep(TICK)
    answer = probe.call(update, life.own_keys, body=change)
    if not answer.ok:
        return
    after = probe.call(get, life.own_keys).record
    # Each is compared with what the same kind of answer told before: a read that tells wrongly is no wrong update.
    _judge_change(life, update, update, answer, life.last, answer.record, change)
    life.last = answer.record or life.last
    _judge_change(life, get, update, answer, before, after, change)
    touched = [key for key, record in _others(life).items() if key in others and record != others[key]]
    if touched:
        life.tell(update, "update_changes_one_record", answer, f"{touched[0]} has changed too", "only the record named")


def _judge_change(
    life: Life, told_by: Operation, update: Operation, answer: Answer, before: Record, told: Record, change: Record
) -> None:
    if not told:
        return
    for name, sent in change.items():
        if name in told and not _holds(told[name], sent):
            life.tell(update, "update_is_kept", answer, f"{name} {told[name]!r} ({told_by.id})", f"{name} {sent!r}")
    kept = [name for name in before if name in told and name not in (*change, *STAMPS, *_FOLLOWING.get(update.id, ()))]
    for name in kept:
        if told[name] != before[name]:
            received, documented = f"{name} {told[name]!r}", f"{name} {before[name]!r}, which was not sent"
            life.tell(update, "update_changes_only_what_was_sent", answer, received, documented)
    if told.get("created_at") != before.get("created_at"):
        life.tell(update, "created_at_stays", answer, told.get("created_at"), str(before.get("created_at")))
    if "updated_at" in before and str(told.get("updated_at")) <= str(before["updated_at"]):
        life.tell(update, "updated_at_moves", answer, told.get("updated_at"), f"later than {before['updated_at']}")


# Members that Enspace derives from one that a change of ours sends.
_FOLLOWING = {"updateField": ("order",)}


def _others(life: Life) -> dict[Any, Record]:
    """The other records of the collection; where others may be at work, those of this run alone."""
    probe = life.probe
    records = [r for r in probe.all_of(life.resource, life.keys) if probe.is_alone or probe.mark in json.dumps(r)]
    return {r.get("id"): _without_stamps(r) for r in records if r.get("id") != life.record.get("id")}


def _without_stamps(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != "updated_at"}


def _is_gone_when_deleted(life: Life, delete: Operation) -> None:
    answer = life.probe.call(delete, life.own_keys)
    if not answer.ok:
        return
    get = life.resource.get
    if get is not None and life.probe.call(get, life.own_keys).ok:
        life.tell(delete, "deleted_is_gone", answer, "200 for the deleted record", "404")
    if life.listed():
        life.tell(delete, "deleted_is_not_listed", answer, "the deleted record in its list", "a list without it")


def _holds(told: Any, sent: Any) -> bool:
    """True if what was told has at least what was sent; a reference may be told as a whole record."""
    if isinstance(sent, dict) and isinstance(told, dict):
        return all(name not in told or _holds(told[name], value) for name, value in sent.items())
    if isinstance(told, dict):
        return sent in (told.get("id"), told.get("slug"))
    return bool(told == sent)
