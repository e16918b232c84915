"""Promises of updates: each value that the schema allows is accepted and kept, and whatever was not sent stays.

A refusal is a fault only beside the same request with another value that is accepted.
"""

from __future__ import annotations

import json
from dataclasses import MISSING
from typing import Any

from mockserver.contract.promises import Effect, value_at
from mockserver.verify.checks.difficult_values import Value, flatten
from mockserver.verify.checks.filter_checks import check_queries
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.record_life import RecordLife, begin_full_life, check_neighbours
from mockserver.verify.checks.write import Write
from mockserver.verify.checks.write_comparison import check_moved, check_others, compare
from mockserver.verify.judging.assertions import is_empty
from mockserver.verify.probe import REFUSALS, Keys, Probe, Received, Record
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
        answers, shown = _check_updates(life, name, shown)
        accepted += answers
        for key in write.base[name] if write.is_merged(name) else ():
            shown = _check_null(write, life.own_keys, name, key) or shown
    if accepted:
        check_neighbours(life, write.operation, accepted[-1], before, *accepted[:-1])


def _check_updates(life: RecordLife, name: str, first: Received) -> tuple[list[Received], Received]:
    """Checks the updates of a member; returns the accepted ones, and the record as it is shown in the end."""
    write, own = life.update, life.own_keys
    accepted: list[Received] = []
    refused: list[tuple[Value, Received]] = []
    changes: list[tuple[Received, Received, Received]] = []
    before = first
    # Last those with an effect, which updates of other members have to leave.
    effects = [one.when[(name,)] for one in write.promised(Effect) if (name,) in one.when]
    values = sorted(write.values(name), key=lambda value: value.value in effects)
    if len(values) > 2 and isinstance(values[0].value, dict) and not write.is_merged(name):
        # Objects are replaced: what a later one has must not stay beside the first one. The last one may be empty.
        values.insert(-1, values[0])
    for value in values:
        if write.needs(name, value.value) != {}:
            continue
        response = write.probe.call(write.operation, own, body={name: value.value})
        if response.record:
            after = compare(write, own, response, {name: value.value}, "update_is_kept")
            check_others(write, name, response, after, before)
            # What a GET shows wrongly is no fault of the update.
            check_others(write, name, response, response, before, accepted[-1] if accepted else life.response)
            accepted.append(response)
            _check_keys(write, name, (response, before, after), value.value)
            if before.record.get(name) != after.record.get(name):
                changes.append((before, response, after))
            before = after if after.record else before
            if "enum" in write.flat_member(name):
                before = _change_others(life, name, before)
        elif response.status in REFUSALS:
            refused.append((value, response))
    # The last one: no update of other members comes between.
    for earlier, response, after in changes[-1:]:
        for shown in (after, response):
            check_moved(write.probe, write.operation, (earlier, response, shown))
    is_changed = bool(accepted) and first.record.get(name) != before.record.get(name)
    if is_changed and not write.probe.is_wrong(write.operation, name):
        check_queries(write.probe, write.resource, own, accepted, before.record, name, first.record)
    for value, response in refused if accepted else ():
        if value.is_promised and _is_refused_again(write, own, name, value):
            write.report_refusal(response, name, value)
    return accepted, before


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
