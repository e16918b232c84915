"""Promises that a single answer can break, checked in every answer, whoever has sent the request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mockserver.contract.operations import Operation
from mockserver.contract.promises import (
    Count,
    Equal,
    MemberPath,
    Order,
    Promise,
    SortKey,
    Timestamps,
    Visible,
    value_at,
)
from mockserver.verify.checks.comparison import instant
from mockserver.verify.resources import Contract


def broken_in_answer(contract: Contract, operation: Operation, url: str, body: Any) -> Iterator[tuple[str, str, str]]:
    """Yields name, received and documented of each promise that a successful answer breaks."""
    records = [row for row in (body if isinstance(body, list) else [body]) if isinstance(row, dict)]
    is_sorted = "_sort" in parse_qs(urlsplit(url).query)
    for promise in contract.promises(operation):
        if isinstance(promise, Order) and not promise.member:
            yield from () if is_sorted else _disorder(promise, records, "the list")
            continue
        for record in records:
            if found := next(_broken(promise, record), None):
                yield found
                break


def _broken(promise: Promise, record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if isinstance(promise, Equal):
        yield from _unequal(promise.members, record)
    elif isinstance(promise, Order):
        rows = value_at(record, promise.member)
        rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        yield from _disorder(promise, rows, ".".join(promise.member))
    elif isinstance(promise, Visible) and not promise.member:
        for path, wanted in promise.where.items():
            received = value_at(record, path)
            # A value of another type is a fault of the shape.
            if type(received) is type(wanted) and received != wanted:
                text = f"a record with {'.'.join(path)} {json.dumps(received)}"
                yield "only_visible_is_listed", text, f"only records with {'.'.join(path)} {json.dumps(wanted)}"
    elif isinstance(promise, Timestamps):
        yield from _wrong_times(promise, record)
    elif isinstance(promise, Count):
        yield from _wrong_sums(promise, record)


def _wrong_times(promise: Timestamps, record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    written = [(path, value_at(record, path)) for path in (promise.created, promise.updated) if path]
    for path, value in written:
        if isinstance(value, str) and instant(value) is None:
            yield "times_are_instants", f"{'.'.join(path)} {value!r}", "a date and time with an offset or Z"
    times = [instant(value) for _, value in written]
    if len(times) == 2 and times[0] and times[1] and times[1] < times[0]:
        yield "updated_is_not_before_created", f"{written[1][1]}, created {written[0][1]}", "a later time"


def _unequal(members: tuple[MemberPath, ...], record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    values = [value_at(record, path) for path in members]
    names = [".".join(path) for path in members]
    if len({type(value) for value in values}) == 1 and any(value != values[0] for value in values):
        text = ", ".join(f"{name} {json.dumps(value)}" for name, value in zip(names, values, strict=True))
        yield "members_are_equal", text, f"{' and '.join(names)} with the same value"


def _disorder(promise: Order, rows: list[dict[str, Any]], what: str) -> Iterator[tuple[str, str, str]]:
    if not is_in_order(promise.by, rows):
        key = promise.by[0][0]
        text = f"{what} with {'.'.join(key)} {json.dumps([value_at(row, key) for row in rows][:8])}"
        yield "list_is_in_order", text, f"{what} by {describe_order(promise.by)}"


def is_in_order(by: tuple[SortKey, ...], rows: list[dict[str, Any]]) -> bool:
    """True if each row comes after the one before it. Rows whose values cannot be compared are in order."""
    for row, following in pairwise(rows):
        for path, is_descending in by:
            one, other = value_at(row, path), value_at(following, path)
            if type(one) is not type(other) or one is None or one is MISSING or isinstance(one, (dict, list)):
                break
            if one != other:
                if (one < other) == is_descending:
                    return False
                break
    return True


def describe_order(by: tuple[SortKey, ...]) -> str:
    """Renders sort keys as the parameter `_sort` writes them."""
    return ",".join(f"{'.'.join(path)}:{'DESC' if is_descending else 'ASC'}" for path, is_descending in by)


def _wrong_sums(promise: Count, record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for path, written in promise.sums.items():
        total, parts = value_at(record, path), value_at(record, tuple(written.split(".")))
        numbers = list(parts.values()) if isinstance(parts, dict) else parts
        if type(total) is not int or not isinstance(numbers, list) or not all(type(n) is int for n in numbers):
            continue
        if sum(numbers) != total:
            yield "sum_is_right", f"{'.'.join(path)} {total}, while {written} sums to {sum(numbers)}", "the same number"
