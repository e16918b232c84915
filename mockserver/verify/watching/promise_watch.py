"""Promises that a single answer can break, checked in every answer, whoever has sent the request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

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
    sort_keys,
    value_at,
)
from mockserver.verify.judging.assertions import (
    are_equal,
    has_no_repeat,
    has_value,
    instant,
    is_in_order,
    is_sorted,
    sums_up,
    times_are_ordered,
)
from mockserver.verify.received import show
from mockserver.verify.resources import Contract, Resource, key_of


class BrokenInAnswer(NamedTuple):
    """A promise that an answer breaks; `asserted` is a function of `assertions` with its arguments."""

    promise: str
    received: str
    documented: str
    asserted: tuple[Any, ...]
    member: str = ""


def broken_in_answer(contract: Contract, operation: Operation, url: str, body: Any) -> Iterator[BrokenInAnswer]:
    """Yields each promise that a successful answer breaks."""
    above = ("*",) if isinstance(body, list) else ()
    records = [row for row in (body if isinstance(body, list) else [body]) if isinstance(row, dict)]
    split, segments = urlsplit(url), operation.path.split("/")
    # The path of the target may have more segments at its beginning.
    keys = dict(zip(segments[::-1], unquote(split.path).split("/")[::-1], strict=False))
    for resource in contract.resources:
        if operation == resource.listing and above:
            yield from _repeated(records)
        elif operation == resource.get and records:
            yield from _another(resource, keys[segments[-1]], records[0])
    for promise in (*contract.promises(operation), *_default_order(operation), *_shared_times(contract, operation)):
        if isinstance(promise, Order) and not promise.member:
            asserted = (is_sorted, (), promise.by)
            is_default = "_sort" not in parse_qs(split.query)
            yield from _disorder(promise, records, "the list", asserted) if is_default else ()
            continue
        for record in records:
            if found := next(_broken(promise, record, above, keys), None):
                yield found
                break


def _default_order(operation: Operation) -> list[Order]:
    """Returns the default of `_sort` as a promise."""
    defaults = [str(one.schema.get("default")) for one in operation.parameters if one.name == "_sort"]
    orders = [sort_keys(one.split(",")) for one in defaults if re.fullmatch(r"(\w+:(ASC|DESC)(,|$))+", one)]
    return [Order(by=order, status="documented", rule="") for order in orders]


def _shared_times(contract: Contract, operation: Operation) -> list[Timestamps]:
    """Returns the times that creations and updates promise, for reads that show members of the same names."""
    writes = [one for one in contract.operations if operation.method == "GET" and one.method != "GET"]
    promised = (one for write in writes for one in contract.promises(write) if isinstance(one, Timestamps))
    names = {(one.created, one.updated): one for one in promised if one.created and one.updated}
    return [one for paths, one in names.items() if all(contract.declares(operation, path[0]) for path in paths)]


def _repeated(records: list[dict[str, Any]]) -> Iterator[BrokenInAnswer]:
    """Yields the first record that a list has twice."""
    ids = [json.dumps(record.get("id", record)) for record in records]
    for twice in [one for one in dict.fromkeys(ids) if ids.count(one) > 1][:1]:
        asserted = (has_no_repeat, ("*", "id"))
        yield BrokenInAnswer("record_is_listed_once", f"the record {twice} twice", "each record once", asserted)


def _another(resource: Resource, asked: str, record: dict[str, Any]) -> Iterator[BrokenInAnswer]:
    """Yields a record that has another key than the request."""
    key = key_of(resource.key, record)
    if type(key) in (int, str) and str(key) != asked:
        name = resource.key if resource.key in record else "id"
        asserted = (has_value, (name,), int(asked) if type(key) is int and asked.isdecimal() else asked)
        received, documented = f"{name} {show(key)} for {show(asked)}", "the record that was asked for"
        yield BrokenInAnswer("record_is_the_one_asked_for", received, documented, asserted)


def _broken(
    promise: Promise, record: dict[str, Any], above: MemberPath, keys: dict[str, str]
) -> Iterator[BrokenInAnswer]:
    """Yields the promises that a record breaks; `above` is the path of the records in the answer, `keys` its own."""
    if isinstance(promise, Equal) and promise.path:
        [path], asked = promise.members, keys[f"{{{promise.path}}}"]
        if isinstance(value := value_at(record, path), str) and value != asked:
            texts = f"{'.'.join(path)} {show(value)}", f"{show(asked)}, as in the path"
            yield BrokenInAnswer("records_belong_to_their_parent", *texts, (has_value, (*above, *path), asked))
    elif isinstance(promise, Equal):
        yield from _unequal(promise.members, record, above)
    elif isinstance(promise, Order):
        rows = value_at(record, promise.member)
        rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        # In a list, one of the rows has the wrong order: an assertion for each row would have to name it.
        asserted = () if above else (is_sorted, promise.member, promise.by)
        yield from _disorder(promise, rows, ".".join(promise.member), asserted)
    elif isinstance(promise, Visible) and not promise.member:
        for path, wanted in promise.where.items():
            received = value_at(record, path)
            # A value of another type is a fault of the shape.
            if type(received) is type(wanted) and received != wanted:
                text = f"a record with {'.'.join(path)} {json.dumps(received)}"
                documented = f"only records with {'.'.join(path)} {json.dumps(wanted)}"
                yield BrokenInAnswer("only_visible_is_listed", text, documented, (has_value, (*above, *path), wanted))
    elif isinstance(promise, Timestamps):
        yield from _wrong_times(promise, record, above)
    elif isinstance(promise, Count):
        yield from _wrong_sums(promise, record, above)


def _wrong_times(promise: Timestamps, record: dict[str, Any], above: MemberPath) -> Iterator[BrokenInAnswer]:
    asserted = (times_are_ordered, above, promise.created, promise.updated)
    written = [(path, value_at(record, path)) for path in (promise.created, promise.updated) if path]
    for path, value in written:
        if isinstance(value, str) and instant(value) is None:
            received = f"{'.'.join(path)} {show(value)}"
            yield BrokenInAnswer("times_are_instants", received, "a date and time with an offset or Z", asserted)
    times = [instant(value) for _, value in written]
    if len(times) == 2 and times[0] and times[1] and times[1] < times[0]:
        received = f"{written[1][1]}, created {written[0][1]}"
        yield BrokenInAnswer("updated_is_not_before_created", received, "a later time", asserted)


def _unequal(members: tuple[MemberPath, ...], record: dict[str, Any], above: MemberPath) -> Iterator[BrokenInAnswer]:
    values = [value_at(record, path) for path in members]
    names = [".".join(path) for path in members]
    if len({type(value) for value in values}) == 1 and any(value != values[0] for value in values):
        text = ", ".join(f"{name} {json.dumps(value)}" for name, value in zip(names, values, strict=True))
        documented = f"{' and '.join(names)} with the same value"
        yield BrokenInAnswer("members_are_equal", text, documented, (are_equal, above, members))


def _disorder(
    promise: Order, rows: list[dict[str, Any]], what: str, asserted: tuple[Any, ...]
) -> Iterator[BrokenInAnswer]:
    if not is_in_order(promise.by, rows):
        key = promise.by[0][0]
        text = f"{what} with {'.'.join(key)} {json.dumps([value_at(row, key) for row in rows][:8])}"
        yield BrokenInAnswer("list_is_in_order", text, f"{what} by {describe_order(promise.by)}", asserted)


def describe_order(by: tuple[SortKey, ...]) -> str:
    """Renders sort keys as the parameter `_sort` writes them."""
    return ",".join(f"{'.'.join(path)}:{'DESC' if is_descending else 'ASC'}" for path, is_descending in by)


def _wrong_sums(promise: Count, record: dict[str, Any], above: MemberPath) -> Iterator[BrokenInAnswer]:
    for path, written in promise.sums.items():
        total, parts = value_at(record, path), value_at(record, tuple(written.split(".")))
        numbers = list(parts.values()) if isinstance(parts, dict) else parts
        if type(total) is not int or not isinstance(numbers, list) or not all(type(n) is int for n in numbers):
            continue
        if sum(numbers) != total:
            received = f"{'.'.join(path)} {total}, while {written} sums to {sum(numbers)}"
            asserted = (sums_up, above, path, tuple(written.split(".")))
            yield BrokenInAnswer("sum_is_right", received, "the same number", asserted, path[-1])
