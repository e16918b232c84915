"""Promises of records and lists that an answer shows within: they are as their own operations show them."""

from __future__ import annotations

from dataclasses import MISSING, replace
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, Order, Visible, value_at
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import (
    BEHIND,
    create_record,
    promises_of_kind,
    resource_of,
    switched_off,
)
from mockserver.verify.checks.writes.difficult_values import value_naming
from mockserver.verify.checks.writes.samples import Body
from mockserver.verify.judging.assertions import same_rows
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record, show
from mockserver.verify.resources import Resource, key_of
from mockserver.verify.safety.limits import WRITING


@for_each_operation
def nested_records_agree(probe: Probe, get: Operation) -> None:
    """A list in a record has the rows of the list of its own, switched off ones too, and none that was deleted."""
    promises = [one for one in promises_of_kind(probe, get, Visible) if one.rows]
    children = [probe.contract.by_listing[one.within] for one in promises]
    whole = [pair for pair in zip(promises, children, strict=True) if _is_whole(*pair)]
    for promise, child in whole:
        if child.create is not None and probe.mode in WRITING:
            belonging = _belonging(probe, get, promise, child)
            create_record(probe, child, switched_off(probe, child.create) | belonging)
            gone, _ = create_record(probe, child, belonging) if child.delete else ({}, None)
            if child.delete and gone:
                probe.call(child.delete, gone)
    for keys in [*_first_and_newest(probe, get), *_suspects(probe, get, whole)] if promises else ():
        answer = probe.call(get, keys)
        for promise, child in whole:
            _check_nested(probe, get, keys, answer, promise, child)


def _is_whole(promise: Visible, children: Resource) -> bool:
    """True if a record has all rows of the list that belong to it, not only some of them."""
    return bool(promise.by or children.parent_keys)


def _belonging(probe: Probe, get: Operation, promise: Visible, child: Resource) -> Body:
    """Returns the member of a new row that makes it one of a single answer; that answer may be of other people."""
    name, body = promise.by.partition(".")[0], child.create.body if child.create else None
    schema = probe.contract.member(body.schema, name) if body and probe.is_alone else {}
    key = value_at(probe.call(get).record, promise.key) if schema and "{" not in get.path else MISSING
    return {} if key is MISSING else {name: value_naming(probe.contract.document, schema, (), key)}


def _first_and_newest(probe: Probe, get: Operation) -> list[Keys]:
    """Returns path keys of two records, to the newest of which the check may have added a row."""
    if "{" not in get.path:
        return [{}]
    resource = resource_of(probe, get)
    parents = next(iter(probe.parents(resource, most=1)), {})
    rows = probe.list_records(resource, parents)
    return [parents | {resource.key: key_of(resource.key, row)} for row in [*rows[:1], *rows[1:][-1:]]]


def _suspects(probe: Probe, get: Operation, whole: list[tuple[Visible, Resource]]) -> list[Keys]:
    """Returns path keys of a record whose row, in the list that was read first, differs from the list of its own."""
    if "{" not in get.path:
        return []
    resource = resource_of(probe, get)
    for parents in probe.parents(resource, most=1):
        for row in probe.first_list(resource, parents):
            if any(_is_suspect(probe, row, *one) for one in whole):
                return [parents | {resource.key: key_of(resource.key, row)}]
    return []


def _is_suspect(probe: Probe, row: Record, promise: Visible, child: Resource) -> bool:
    shown, key, path = value_at(row, promise.rows), value_at(row, promise.key), tuple(promise.by.split("."))
    if not promise.by or child.parent_keys or not isinstance(shown, list):
        return False
    rows = (one for one in probe.first_list(child, {}) if key in _keys_at(one, path))
    return {one.get("id") for one in rows} != {*_keys_at(shown, ())}


def _keys_at(value: Any, path: MemberPath) -> list[Any]:
    """Returns the keys that a member has: of a record, of several, or the keys themselves."""
    part = value_at(value, path) if path else value
    return [one.get("id") if isinstance(one, dict) else one for one in (part if isinstance(part, list) else [part])]


def _check_nested(
    probe: Probe, get: Operation, keys: Keys, answer: Received, promise: Visible, children: Resource
) -> None:
    below = {name: keys[name] for name in children.parent_keys}
    if (found := _difference(answer, promise.rows, _rows(probe, promise, children, below, answer))) is None:
        return
    # Others may work on the target: what differs has to differ again.
    answer = probe.call(get, keys)
    listed = _rows(probe, promise, children, below, answer)
    if found == _difference(answer, promise.rows, listed):
        received, documented = found
        is_exact = children.accepts(promise.by) or not promise.by
        missing = [key for key in documented if key not in received]
        added = [key for key in received if key not in documented]
        expected = answer.expects(same_rows, promise.rows, listed.member() if is_exact else documented)
        # Without a row of the run, the fault may not show.
        known = probe.log.created_before(answer.request.number)
        rows = [one for one in known if one.path == children.collection.format(**below)]
        acts = [one.request for one in rows if one.values.get("id") in (*missing, *added)]
        expected = replace(expected, acts=tuple(acts[:1]))
        parts = [f"{'.'.join(promise.rows)} with {len(received)} rows"]
        parts += [f"{word} {show(keys)}" for word, keys in (("without", missing), ("with", added)) if keys]
        texts = ", ".join(parts), f"{len(documented)} rows, as {promise.within} has"
        probe.report(get, "nested_record_agrees", answer, *texts, expected, member=promise.rows[0])


def _rows(probe: Probe, promise: Visible, children: Resource, below: Keys, answer: Received) -> Received:
    """Requests the records of the list that belong to an answer."""
    value, is_filter = value_at(answer.record, promise.key), children.accepts(promise.by)
    query = {promise.by: value} if is_filter else {}
    listed = probe.call(children.listing, below, query | {"_limit": MOST})
    path = () if is_filter else tuple(filter(None, promise.by.split(".")))
    parts = [(row, value_at(row, path)) for row in listed.records]
    rows = [row for row, part in parts if not path or value in (part if isinstance(part, list) else [part])]
    return replace(listed, json=rows)


def _difference(answer: Received, path: MemberPath, listed: Received) -> tuple[list[Any], list[Any]] | None:
    """Returns the ids of a nested list and of the list of its own; None if they are the same, or one is not whole."""
    shown = value_at(answer.record, path)
    if not isinstance(shown, list) or not listed.ok or len(listed.records) >= MOST:
        return None
    ids = [row.get("id") if isinstance(row, dict) else row for row in shown]
    wanted = [row.get("id") for row in listed.records]
    return None if sorted(map(str, ids)) == sorted(map(str, wanted)) else (ids, wanted)


@for_each_operation
def nested_lists_are_in_order(probe: Probe, get: Operation) -> None:
    """Makes a nested list with a promised order differ from the orders of creation and names; the watch checks it."""
    for promise in promises_of_kind(probe, get, Order):
        children = f"{get.path}/{'/'.join(promise.member)}"
        resource = next((one for one in probe.contract.resources if one.collection == children), None)
        if resource is None or resource.update is None or len(promise.by[0][0]) != 1:
            continue
        last_name = {"name": f"{probe.mark} zz"}
        moved = [create_record(probe, resource, more) for more in (last_name, None)]
        create_record(probe, resource)
        for keys, _ in moved if all(created.record for _, created in moved) else ():
            # Behind all others: at the front, they could be equal to another one.
            probe.call(resource.update, keys, body={promise.by[0][0][0]: BEHIND})
            probe.call(get, {name: keys[name] for name in resource.parent_keys})
