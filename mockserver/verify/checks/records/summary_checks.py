"""Promises of numbers that count lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Count, MemberPath, value_at
from mockserver.verify.checks.promised.promised_records import Lists, promises_of_kind, whole_lists
from mockserver.verify.judging.assertions import counts, row_counts
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Received, Record

# A number at a path, with the key of its row if it is in a list; what it counts, and the query for that.
Counted = tuple[MemberPath, tuple[str, Any] | None, Any, Lists, dict[str, Any]]


def numbers_count_lists(probe: Probe) -> None:
    """A number that counts a list is the length of the list."""
    known: dict[str, Lists] = {}  # the same lists are counted by several operations
    for operation in probe.operations:
        for promise in promises_of_kind(probe, operation, Count):
            new = [name for name in dict.fromkeys(promise.lists.values()) if name not in known]
            known |= {name: whole_lists(probe, name) for name in new}
            response = probe.call(operation) if promise.lists else Received(0)
            for path, name in promise.lists.items():
                for counted in _numbers(response.record, path, promise.by, known[name]):
                    _check_number(probe, operation, response, name, counted)


def _numbers(record: Record, path: MemberPath, by: str, lists: Lists) -> Iterator[Counted]:
    """Yields the number at a path, or each number of an object or a list there."""
    number, rows = value_at(record, path), value_at(record, path[:-1])
    if by and isinstance(number, dict):
        for value in number:
            fitting = {
                key: replace(answer, json=[row for row in answer.records if row.get(by) == value])
                for key, answer in lists.items()
            }
            yield (*path, value), None, number[value], fitting, {by: value}
    elif isinstance(rows, list):
        for row in (row for row in rows if isinstance(row, dict)):
            for name, key in ((name, key) for name, key in row.items() if name != path[-1] and key in [*lists]):
                yield path, (name, key), row.get(path[-1]), {key: lists[key]}, {}
    else:
        yield path, None, number, lists, {}


def _check_number(probe: Probe, operation: Operation, response: Received, name: str, counted: Counted) -> None:
    path, row, number, lists, query = counted
    length = sum(len(answer.records) for answer in lists.values())
    # A caller with fewer rights sees only a part of the list.
    if not lists or type(number) is not int or number == length or (number > length and not probe.is_alone):
        return
    # Others may work on the target: the list counts only if it has the same length again.
    listing = probe.contract.by_id[name]
    again = {"": probe.call(listing, {}, query | {"_limit": MOST})} if query else whole_lists(probe, name)
    lists = {key: again[key] for key in lists if key in again}
    if length == sum(len(answer.records) for answer in lists.values()):
        whose = ".".join([name, *(str(key) for key in lists if key and len(lists) == 1), *map(str, query.values())])
        texts = f"{'.'.join(path)} {number}, while {whose} has {length} records", f"{length}, the number of records"
        promised = (row_counts, path[:-1], *row, path[-1]) if row else (counts, path)
        expected = response.expects(*promised, *(answer.member() for answer in lists.values()))
        probe.report(operation, "number_counts_the_list", response, *texts, expected, member=path[0])
