"""Promises of whole lists: their pages, their order, and the parent of their records.

A list that changes during a check is skipped: others may work on the target.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, value_at, with_value
from mockserver.text import count_of
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.lists.filters import Query, free_keys, selective_filters, selective_letters
from mockserver.verify.checks.writes.samples import sample_body
from mockserver.verify.judging.assertions import (
    contains_value,
    has_length,
    instant,
    is_alphabetical,
    is_in_order,
    is_page_of,
    is_sorted,
    letters_are_sorted,
    mirrors,
)
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Answers, Keys, Received, Record, show
from mockserver.verify.resources import Resource
from mockserver.verify.watching.promise_watch import describe_order

PAGE = 2  # records: pages this small exist in nearly every list
SECOND: Query = {"_start": 1, "_limit": PAGE}
MOST_FREE_KEYS = 2  # of the records' objects, to sort by
STAMPS = ("created_at", "updated_at")
NUMBERS = (9, 10)  # as texts, the second one comes first
NEW_ROWS = 10  # that a list may get between two requests


def pages_have_no_gap_and_no_repeat(probe: Probe) -> None:
    """A page is a part of its list: at the start and the end, by default, with equal members, of a filter or search."""
    for resource, keys in probe.lists("_start", most=1):
        known = probe.first_list(resource, keys)
        pages = [{"_start": start, "_limit": PAGE} for start in (0, PAGE)]
        ends: list[Query] = [{}, {"_start": 1}, {"_start": len(known), "_limit": PAGE}] if known else []
        _check_pages(probe, resource, keys, {}, pages + ends, known)
        ties = [{"_sort": f"{name}:ASC"} for name in _repeating_names(probe, resource, keys)][:1]
        turned = [{"_sort": f"{name}:DESC"} for name in resource.sort_names[:1] if len(known) > 1]
        turned += [{"_sort": f"{path[-1]}:DESC"} for path in _varied_keys(probe, resource, keys)[:1]]
        for query in (*ties, *turned):
            rows = probe.first_answer(resource, keys, sort=str(query["_sort"])).records
            rest: Query = {"_start": 1, "_limit": max(len(rows), 1)}  # a page that is nearly full
            _check_pages(probe, resource, keys, query, pages if query in ties else [SECOND, rest], rows)
        for query, rows in selective_filters(probe, resource, keys):
            _check_pages(probe, resource, keys, query, [SECOND], rows)
        for letter in selective_letters(probe, resource, keys)[:1]:
            rows = probe.call(resource.listing, keys, {"_q": letter, "_limit": MOST}).records
            _check_pages(probe, resource, keys, {"_q": letter}, [SECOND], rows)


def _varied_keys(probe: Probe, resource: Resource, keys: Keys) -> list[MemberPath]:
    """Returns the keys of the records' objects, first the one with the most different values."""
    known = probe.first_list(resource, keys)
    values = {path: {str(value_at(record, path)) for record in known} for path in free_keys(probe, resource, keys)}
    return sorted(values, key=lambda path: -len(values[path]))


def _check_pages(
    probe: Probe, resource: Resource, keys: Keys, query: Query, pages: list[Query], known: list[Record]
) -> None:
    """Compares pages with parts of a list, as it is `known`; a page that differs is requested again with its list."""
    for window in pages if len(known) < MOST else ():
        page = probe.call(resource.listing, keys, query | window)
        start, end = _place(resource, window)
        if page.ok and _ids(page.records) != _ids(known[start:end]):
            _check_page(probe, resource, keys, query, window)
            return


def _check_page(probe: Probe, resource: Resource, keys: Keys, query: Query, window: Query) -> None:
    """Reports a page that is no part of its list."""
    before, page, after = (
        probe.call(resource.listing, keys, query | more) for more in ({"_limit": MOST}, window, {"_limit": MOST})
    )
    start, end = _place(resource, window)
    wanted = _ids(after.records[start:end])
    # Others may work on the target: the list counts only if it is still the same.
    is_same = before.ok and after.ok and _ids(before.records) == _ids(after.records)
    if page.ok and is_same and len(after.records) < MOST and _ids(page.records) != wanted:
        expected = page.expects(is_page_of, after.member(), start, end - start)
        received = f"{_describe_ids(_ids(page.records))} for {urlencode(query | window) or 'no query'}"
        documented = f"{_describe_ids(wanted)}, this part of the whole list"
        probe.report(resource.listing, "pages_have_no_gap_and_no_repeat", page, received, documented, expected)


def _describe_ids(ids: list[Any]) -> str:
    return f"{count_of(len(ids), 'record')}, the ids {ids[:8]}"


def _place(resource: Resource, window: Query) -> tuple[int, int]:
    """Returns the places in a list where a page begins and where it ends."""
    limit, start = resource.parameter("_limit"), window.get("_start", 0)
    default = limit.schema.get("default", MOST) if limit else MOST
    return start, start + window.get("_limit", default)


@for_each_resource
def pages_keep_their_limit(probe: Probe, resource: Resource) -> None:
    """A page has at most `_limit` records; the limits of the contract are accepted."""
    limit = resource.parameter("_limit")
    if limit is None:
        return
    for keys in probe.parents(resource, most=1):
        least, most = limit.schema.get("minimum", 1), limit.schema.get("maximum")
        for number in filter(None, (least, most)):
            is_known = number == MOST
            response = (
                probe.first_answer(resource, keys)
                if is_known
                else probe.call(resource.listing, keys, {"_limit": number})
            )
            if len(response.records) > number:
                received = f"{len(response.records)} records for _limit={number}"
                expected = response.expects(has_length, 0, number)
                probe.report(
                    resource.listing, "page_keeps_its_limit", response, received, f"at most {number}", expected
                )
            elif not response.ok and probe.call(resource.listing, keys, {"_limit": PAGE + 1}).ok:
                texts = f"_limit={number}", "a page: _limit is in its limits"
                probe.expect_success(resource.listing, "valid_value_is_accepted", response, *texts)


@for_each_resource
def pages_are_full(probe: Probe, resource: Resource) -> None:
    """A page ends only where the list does, or at `_limit`. Calls themselves may add rows, such as those of a log."""
    for keys in probe.parents(resource, most=1) if resource.accepts("_start") else ():
        page = probe.call(resource.listing, keys, {"_limit": MOST})
        behind = len(page.records) + NEW_ROWS
        rest = probe.call(resource.listing, keys, {"_start": behind, "_limit": 1})
        if page.ok and len(page.records) < MOST and rest.records:
            received = f"{len(page.records)} records for _limit={MOST}, and another one at _start={behind}"
            expected = page.expects(has_length, behind, MOST)
            probe.report(resource.listing, "page_is_full", page, received, "all records up to _limit", expected)


@for_each_resource
def equal_members_are_sorted_by_the_next(probe: Probe, resource: Resource) -> None:
    """Records with equal values of the first members in `_sort` are sorted by the last one."""
    for keys in probe.parents(resource, most=1) if resource.accepts("_sort") else ():
        repeating = list(_repeating_names(probe, resource, keys))
        for names in [*([name] for name in repeating), *([repeating[:2]] if len(repeating) > 1 else [])]:
            _check_ties(probe, resource, keys, names)


def _check_ties(probe: Probe, resource: Resource, keys: Keys, names: list[str]) -> None:
    """Reports a list sorted by these members and by the id, where it is not sorted by the id."""
    sort = ",".join([*(f"{name}:ASC" for name in names), "id:DESC"])
    response = probe.call(resource.listing, keys, {"_sort": sort, "_limit": 50})
    for one, other in pairwise(response.records):
        is_tie = all(one.get(name) == other.get(name) for name in names)
        if is_tie and not is_in_order(((("id",), True),), [one, other]):
            equal = ", ".join(f"{name} {json.dumps(one.get(name))}" for name in names)
            received = f"id {one['id']} before {other['id']} for {equal}"
            by = (*(((name,), False) for name in names), (("id",), True))
            expected = response.expects(is_sorted, (), by)
            probe.report(resource.listing, "next_member_sorts", response, received, f"sorted by {sort}", expected)
            return


def _repeating_names(probe: Probe, resource: Resource, keys: Keys) -> Iterator[str]:
    """Yields the members by which a list can be sorted, and of which several records have the same value."""
    for name in resource.sort_names:
        values = [record[name] for record in probe.first_list(resource, keys) if name in record]
        # A time may be shown with fewer digits than it has.
        is_time = any(instant(value) for value in values)
        if name != "id" and not is_time and len({str(value) for value in values}) < len(values):
            yield name


def both_directions_mirror_each_other(probe: Probe) -> None:
    """Both lists are whole and sorted, and the descending one is the reversed ascending one."""
    for resource, keys in probe.lists("_sort", most=1):
        known = probe.first_list(resource, keys)
        paths = [(name,) for name in resource.sort_names]
        # `_sort` takes keys of free objects where it takes filters by them.
        for path in [*paths, *_varied_keys(probe, resource, keys)[:MOST_FREE_KEYS]]:
            if len({str(value) for record in known if (value := value_at(record, path)) is not MISSING}) > 1:
                up, down = (probe.first_answer(resource, keys, sort=sort) for sort in _directions(path))
                _check_mirror(probe, resource, keys, path, up, down)


@for_each_resource
def numbers_are_sorted_as_numbers(probe: Probe, resource: Resource) -> None:
    """Creates records whose numbers, as texts, have another order than as numbers, and sorts the list by them."""
    create = resource.create
    if create is None or not probe.is_selected(create):
        return
    samples = [sample for _ in NUMBERS if (sample := sample_body(probe, create))]
    paths = _numbers_in(probe, resource, create, samples[0][1]) if samples else []
    if not paths:
        return
    for (keys, body), number in zip(samples, NUMBERS, strict=False):
        for path in paths:
            body = with_value(body, path, number)
        probe.call(create, keys, body=body)
    for path in paths:
        keys = samples[0][0]
        up, down = (probe.call(resource.listing, keys, {"_sort": sort, "_limit": MOST}) for sort in _directions(path))
        _check_mirror(probe, resource, keys, path, up, down)


def _numbers_in(probe: Probe, resource: Resource, create: Operation, body: Record) -> list[MemberPath]:
    """Returns the numbers of a body by which the list can be sorted: members, and keys of its objects."""
    contract, schema = probe.contract, create.body.schema if create.body else {}
    kinds = {name: contract.document.resolve(contract.member(schema, name)) for name in resource.sort_names}
    numbers = [name for name in kinds if kinds[name].get("type") == "integer" and "enum" not in kinds[name]]
    objects = {name: value for name, value in body.items() if isinstance(value, dict)}
    keys = [(name, key) for name, value in objects.items() for key in value if type(value[key]) in (int, float)]
    sort = resource.parameter("_sort")
    inner = [path for path in keys if sort and re.search(sort.schema.get("pattern", ""), f"{path[1]}:ASC")]
    return [*((name,) for name in numbers if name not in contract.references), *inner]


def _directions(path: MemberPath) -> list[str]:
    return [f"{path[-1]}:{direction}" for direction in ("ASC", "DESC")]


def _check_mirror(probe: Probe, resource: Resource, keys: Keys, path: MemberPath, up: Received, down: Received) -> None:
    name = path[-1]
    for response, is_descending in ((up, False), (down, True)):
        _check_sorted(probe, resource, response, path, is_descending=is_descending)
        _check_whole(probe, resource, keys, response, name)
    upwards, downwards = (
        [value for record in response.records if (value := value_at(record, path)) is not MISSING]
        for response in (up, down)
    )
    if up.ok and down.ok and sorted(map(str, upwards)) == sorted(map(str, downwards)) and upwards != downwards[::-1]:
        probe.report(
            resource.listing,
            "both_directions_mirror_each_other",
            down,
            received=f"{name} begins with {json.dumps(downwards[:3])} descending, {json.dumps(upwards[:3])} ascending",
            documented=f"sorted by {name}:DESC",
            expected=down.expects(mirrors, path, up.member()),
        )


def check_time_sorts(probe: Probe, resource: Resource, keys: Keys, after: Answers = ()) -> list[Received]:
    """Sorts a list by each of its times, of which the update of an older record makes the orders different.

    `after` are the requests that make the order. Returns the lists.
    """
    pages = []
    for name in (name for name in STAMPS if name in resource.sort_names):
        page = probe.call(resource.listing, keys, {"_sort": f"{name}:DESC", "_limit": 10})
        _check_sorted(probe, resource, page, (name,), is_descending=True, after=after)
        pages.append(page)
    return pages


def _check_sorted(
    probe: Probe, resource: Resource, page: Received, path: MemberPath, *, is_descending: bool, after: Answers = ()
) -> None:
    """Reports a list that is not in the order of its numbers or times, or of the first letters of its texts."""
    values = [value for record in page.records if (value := value_at(record, path)) not in (None, MISSING)]
    by, is_ordered = ((path, is_descending),), all(type(one) in (int, float) or instant(one) for one in values)
    rows = probe.contract.member(resource.listing.success.schema or {}).get("items", {})
    # A database may sort an enum by the order of its values.
    is_text = all(isinstance(one, str) for one in values) and "enum" not in probe.contract.member(rows, *path)
    if is_ordered and not is_in_order(by, page.records):
        expected = page.expects(is_sorted, (), by, after=after)
    elif is_text and not letters_are_sorted(page.records, path, is_descending=is_descending):
        expected = page.expects(is_alphabetical, path, is_descending)
    else:
        return
    received, documented = f"{'.'.join(path)} {json.dumps(values[:10])}", f"sorted by {describe_order(by)}"
    probe.report(resource.listing, "sorted_list_is_sorted", page, received, documented, expected)


def _check_whole(probe: Probe, resource: Resource, keys: Keys, response: Received, name: str) -> None:
    """Reports a sorted list that lacks a record of the list without `_sort`."""
    found, known = _ids(response.records), _ids(probe.first_list(resource, keys))
    missing = [one for one in known if one not in found]
    if response.ok and missing and missing[0] in _ids(probe.list_records(resource, keys)) and len(found) < MOST:
        received, documented = f"a list without {show(missing[0])}", f"all records, sorted by {name}"
        expected = response.expects(contains_value, ("*", "id"), missing[0])
        probe.report(resource.listing, "sorted_list_is_whole", response, received, documented, expected)


def _ids(records: list[Record]) -> list[Any]:
    return [record.get("id", json.dumps(record)) for record in records]
