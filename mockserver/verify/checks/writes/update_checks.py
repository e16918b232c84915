"""Promises of updates: each value that the schema allows is accepted and kept, and whatever was not sent stays.

A refusal is a fault only beside the same request with another value that is accepted.
"""

from __future__ import annotations

import json
from dataclasses import MISSING
from typing import Any

from mockserver.contract.promises import Effect, value_at
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.lists.query_steps import ask_before, check_queries
from mockserver.verify.checks.writes.difficult_values import Value, flatten
from mockserver.verify.checks.writes.record_life import RecordLife, begin_full_life, check_neighbours
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.checks.writes.write_comparison import check_moved, check_others, compare
from mockserver.verify.judging.assertions import is_empty
from mockserver.verify.probe import REFUSALS, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource, key_of
from mockserver.verify.safety.ledger import NAMES


@for_each_resource
def updates_keep_each_value(probe: Probe, resource: Resource) -> None:
    """An update of one member alone keeps each value that its schema allows, and leaves all other members."""
    if (life := begin_full_life(probe, resource)) is None:
        return
    write, before = life.update, life.list_all()
    accepted: list[Received] = []
    shown = probe.call(resource.get, life.own_keys)  # type: ignore[arg-type]
    for name in write.changeable:
        updates = _MemberUpdates(life, name, shown)
        updates.run()
        accepted, shown = [*accepted, *updates.accepted], updates.shown
        for key in write.base[name] if write.is_merged(name) else ():
            shown = _check_null(write, life.own_keys, name, key) or shown
    if accepted:
        check_neighbours(life, write.operation, accepted[-1], before, *accepted[:-1])


class _MemberUpdates:
    """The updates of one member of a record: each value alone, one after the other."""

    def __init__(self, life: RecordLife, name: str, first: Received) -> None:
        self._life, self._name, self._first = life, name, first
        self._write, self._own, self._probe = life.update, life.own_keys, life.probe
        self.shown = first  # the record as it is now
        self.accepted: list[Received] = []
        self._refused: list[tuple[Value, Received]] = []
        self._last_change: tuple[Received, Received, Received] | None = None  # before, response, after

    def run(self) -> None:
        """Sends all values, then checks what only the last of them shows."""
        values = self._values()
        last = values[-1].value if values else None
        asked = ask_before(self._probe, self._write.resource, self._own, self._name, last)
        for value in values:
            response = self._probe.call(self._write.operation, self._own, body={self._name: value.value})
            if response.record:
                self._check_accepted(value, response)
            elif response.status in REFUSALS:
                self._refused.append((value, response))
        self._check_moved()
        self._check_queries(asked)
        for value, response in self._refused if self.accepted else ():
            if value.is_promised and _is_refused_again(self._write, self._own, self._name, value):
                self._write.report_refusal(response, self._name, value)

    def _values(self) -> list[Value]:
        """Returns the values that need no others; last those with an effect, which other updates have to leave."""
        write, name = self._write, self._name
        effects = [one.when[(name,)] for one in write.promised(Effect) if (name,) in one.when]
        alone = [value for value in write.values(name) if write.needs(name, value.value) == {}]
        values = sorted(alone, key=lambda value: value.value in effects)
        if len(values) > 2 and isinstance(values[0].value, dict) and not write.is_merged(name):
            # Objects are replaced: what a later one has must not stay beside the first one. The last one may be empty.
            values.insert(-1, values[0])
        return values

    def _check_accepted(self, value: Value, response: Received) -> None:
        write, name, before = self._write, self._name, self.shown
        after = compare(write, self._own, response, {name: value.value}, "update_is_kept")
        check_others(write, name, response, after, before)
        # What a GET shows wrongly is no fault of the update.
        earlier = self.accepted[-1] if self.accepted else self._life.response
        check_others(write, name, response, response, before, earlier)
        self.accepted.append(response)
        _check_keys(write, name, (response, before, after), value.value)
        if before.record.get(name) != after.record.get(name):
            self._last_change = (before, response, after)
        self.shown = after if after.record else response
        if "enum" in write.flat_member(name):
            self.shown = _change_others(self._life, name, self.shown)

    def _check_moved(self) -> None:
        """Checks the times after the last change: no update of other members comes between."""
        if self._last_change is not None:
            before, response, after = self._last_change
            for shown in (after, response):
                check_moved(self._probe, self._write.operation, (before, response, shown))

    def _check_queries(self, asked: list[Received]) -> None:
        """Checks that the list finds the record by the last value; `asked` are the answers before the first one."""
        had, has = (answer.record.get(self._name) for answer in (self._first, self.shown))
        if self.accepted and had != has and not self._probe.is_wrong(self._write.operation, self._name):
            of = (self._probe, self._write.resource, self._own, self.accepted)
            check_queries(*of, self.shown.record, self._name, self._first.record, asked)


def _change_others(life: RecordLife, state: str, before: Received) -> Received:
    """Updates all other members at once, whichever state the record is in: that stays. Returns the record as it is."""
    write, probe, record = life.update, life.probe, before.record
    linked = probe.contract.linked_members
    body: Record = {}
    for name in (name for name in write.changeable if name not in (state, *NAMES)):
        others = [one.value for one in write.values(name) if one.value not in (None, record.get(name))]
        if others and write.needs(name, others[0]) == {} and state not in linked(write.operation, name):
            body[name] = others[0]
    response = probe.call(write.operation, life.own_keys, body=body) if body else Received(0)
    shown = response.record
    # A value of another shape is a fault of its own.
    is_moved = state in shown and shown[state] != record.get(state)
    if is_moved and probe.contract.fits(write.operation, state, shown[state]):
        promise, why = "update_changes_only_what_was_sent", f": only {', '.join(body)} was sent"
        probe.report_value(write.operation, promise, response, response, (state,), before, why)
    return response if shown else before


def _is_refused_again(write: Write, own: Keys, name: str, value: Value) -> bool:
    """True if a new record, without a value in every member, refuses it too."""
    create: Any = write.resource.create
    keys = {key: part for key, part in own.items() if key != write.resource.key}
    record = write.probe.call(create, keys, body=write.fresh(write.base)).record
    if not record:
        return False
    own = keys | {write.resource.key: key_of(write.resource.key, record)}
    response = write.probe.call(write.operation, own, body={name: value.value})
    write.delete(keys, record)
    return response.status in REFUSALS


def _check_keys(write: Write, name: str, answers: tuple[Received, Received, Received], sent: Any) -> None:
    """Reports a key that an object still has although it was sent without, or has lost although objects are merged."""
    response, before, after = answers
    had, has = before.record.get(name), after.record.get(name)
    is_free = "additionalProperties" in flatten(write.probe.contract.document, write.members[name])
    if not is_free or not isinstance(had, dict) or not isinstance(has, dict) or not isinstance(sent, dict):
        return
    others = [key for key in had if key not in sent]
    if write.is_merged(name):
        for key in [key for key in others if key not in has or had[key] != has[key]][:1]:
            promise, why = "update_keeps_other_keys", f": only {name}.{next(iter(sent), '')} was sent"
            write.probe.report_value(write.operation, promise, response, after, (name, key), before, why)
        return
    for key in [key for key in others if key in has][:1]:
        received, documented = (
            f"{name}.{key} {json.dumps(has[key])}",
            f"{name} {json.dumps(sent)[:200]}, as it was sent",
        )
        texts, expected = {"received": received, "documented": documented}, after.expects(is_empty, (name, key))
        write.probe.report(write.operation, "update_is_kept", response, **texts, expected=expected, member=name)


def _check_null(write: Write, own: Keys, name: str, key: str) -> Received | None:
    """Sets a key to null: where that is accepted, it is null then, or gone. Returns the record if it has changed."""
    response = write.probe.call(write.operation, own, body={name: {key: None}})
    answer = write.probe.call(write.resource.get, own) if response.record else response  # type: ignore[arg-type]
    value = value_at(answer.record, (name, key))
    if value not in (None, MISSING):
        received, documented = f"{name}.{key} {json.dumps(value)} after an update to null", f"{name}.{key} null"
        expected = answer.expects(is_empty, (name, key))
        texts = {"received": received, "documented": documented}
        write.probe.report(write.operation, "update_is_kept", response, **texts, expected=expected, member=name)
    return answer if answer.record else None
