"""Promises of answers that summarise others: counts, nested lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Count, MemberPath, Order, Visible, value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.difficult_values import flatten
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised_records import (
    Lists,
    create_record,
    promises_of_kind,
    resource_of,
    whole_lists,
)
from mockserver.verify.checks.samples import Body
from mockserver.verify.judging.assertions import changed_members, counts, is_same, same_rows
from mockserver.verify.probe import MOST, Keys, Probe, Received, show
from mockserver.verify.resources import Resource, key_of
from mockserver.verify.safety.limits import WRITING

BEHIND = 1000  # as a position


def numbers_count_lists(probe: Probe) -> None:
    """A number that counts a list is the length of the list."""
    known: dict[str, Lists] = {}  # the same lists are counted by several operations
    for operation in probe.operations:
        for promise in promises_of_kind(probe, operation, Count):
            known |= {name: whole_lists(probe, name) for name in promise.lists.values() if name not in known}
            response = probe.call(operation) if promise.lists else Received(0)
            for path, name in promise.lists.items():
                _check_number(probe, operation, response, path, name, known[name])


def _check_number(
    probe: Probe, operation: Operation, response: Received, path: MemberPath, name: str, lists: Lists
) -> None:
    number, rows = value_at(response.record, path), value_at(response.record, path[:-1])
    if not isinstance(rows, list):
        _compare_length(probe, operation, response, path, name, (number, lists))
        return
    for row in (row for row in rows if isinstance(row, dict)):
        named = [value for member, value in row.items() if member != path[-1]]
        below = {key: answer for key, answer in lists.items() if key in named}
        _compare_length(probe, operation, response, path, name, (row.get(path[-1]), below))


def _compare_length(
    probe: Probe, operation: Operation, response: Received, path: MemberPath, name: str, pair: tuple[Any, Lists]
) -> None:
    number, lists = pair
    length = _length(lists, lists)
    # Others may work on the target: the list counts only if it has the same length again.
    if not lists or type(number) is not int or number == length or length != _length(whole_lists(probe, name), lists):
        return
    # A caller with fewer rights sees only a part of the list.
    if number < length or probe.is_alone:
        whose = ".".join(filter(None, [name, *(map(str, lists) if len(lists) == 1 else ())]))
        received = f"{'.'.join(path)} {number}, while {whose} has {length} records"
        expected = response.expects(counts, path, *(answer.member() for answer in lists.values()))
        probe.report(operation, "number_counts_the_list", response, received, "the number of records", expected)


def _length(lists: Lists, keys: Iterable[Any]) -> int:
    return sum(len(lists[key].records) for key in keys if key in lists)


@for_each_operation
def nested_lists_are_whole(probe: Probe, get: Operation) -> None:
    """A list in a record has the same rows as the list of its own, also rows that are switched off."""
    for promise in (one for one in promises_of_kind(probe, get, Visible) if one.rows):
        resource = resource_of(probe, get)
        children = next(one for one in probe.contract.resources if one.listing.id == promise.within)
        if children.create is not None and probe.mode in WRITING:
            create_record(probe, children, _switched_off(probe, children.create))
        rows = probe.list_records(resource, {})
        for row in [*rows[:2], *rows[2:][-2:]]:
            _check_nested(probe, get, promise, children, {resource.key: key_of(resource.key, row)})


def _switched_off(probe: Probe, create: Operation) -> Body:
    """Returns values of a creation that may hide the record: false, and the second of two."""
    document, schema = probe.contract.document, create.body.schema if create.body else {}
    flat = {name: flatten(document, part) for name, part in properties_of(document, schema).items()}
    pairs: Body = {name: part["enum"][-1] for name, part in flat.items() if len(part.get("enum", ())) == 2}
    return pairs | {name: False for name, part in flat.items() if part.get("type") == "boolean"}


def _check_nested(probe: Probe, get: Operation, promise: Visible, children: Resource, keys: Keys) -> None:
    below, query = ({}, {promise.by: next(iter(keys.values()))}) if promise.by else (keys, {})
    before, answer, listed = (
        probe.call(children.listing, below, query | {"_limit": MOST}),
        probe.call(get, keys),
        probe.call(children.listing, below, query | {"_limit": MOST}),
    )
    rows = value_at(answer.record, promise.rows)
    # Others may work on the target.
    if not listed.ok or before.json != listed.json or len(listed.records) >= MOST or not isinstance(rows, list):
        return
    name, known = ".".join(promise.rows), {row.get("id"): row for row in listed.records}
    shown, wanted = (sorted(map(str, ids)) for ids in ([row.get("id") for row in rows], known))
    if shown != wanted:
        expected = answer.expects(same_rows, promise.rows, list(known))
        texts = f"{name} with the ids {shown}", f"{wanted}, as {promise.within} has"
        probe.report(get, "nested_list_is_whole", answer, *texts, expected)
        return
    for row in rows:
        other = known[row["id"]]
        for member in (one for one in changed_members(row, other) if not is_same(row[one], other[one])):
            received = f"{name}.{member} {show(row[member])} in the row {row['id']!r}"
            documented = f"{show(other[member])}, as {promise.within} has"
            probe.report(get, "nested_list_is_whole", answer, received, documented)
            return


@for_each_operation
def nested_lists_are_in_order(probe: Probe, get: Operation) -> None:
    """Makes a nested list of which the order is promised differ from the order of creation; the watch checks it."""
    for promise in promises_of_kind(probe, get, Order):
        children = f"{get.path}/{'/'.join(promise.member)}"
        resource = next((one for one in probe.contract.resources if one.collection == children), None)
        if resource is None or resource.update is None or len(promise.by[0][0]) != 1:
            continue
        made = [create_record(probe, resource) for _ in range(2)]
        keys, first = made[0]
        if first.record:
            # Behind all others: at the front, it could be equal to another one.
            probe.call(resource.update, keys, body={promise.by[0][0][0]: BEHIND})
            probe.call(get, {name: keys[name] for name in resource.parent_keys})
