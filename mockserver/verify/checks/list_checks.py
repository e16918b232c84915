"""Promises of whole lists: their pages, their order, and the parent of their records.

A list that changes during a check is skipped: others may work on the target.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from mockserver.contract.promises import SortKey
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.judging.assertions import (
    has_length,
    has_status,
    has_value,
    instant,
    is_in_order,
    is_page_of,
    is_sorted,
    mirrors,
)
from mockserver.verify.probe import MOST, REFUSALS, Keys, Probe, Received, Record
from mockserver.verify.promise_watch import describe_order
from mockserver.verify.resources import Resource

# Pages this small exist in nearly every list, and the start of the list suffices to show gaps and repeats.
PAGE = 2
PAGES = 4
NEW_ROWS = 10  # that a list may get between two requests
# Where `_sort` takes any name: members that most records have.
SORTED_BY = ("id", "name", "title", "status", "created_at")
# The names that the pattern of `_sort` lists.
_SORT_NAMES = re.compile(r"\(([a-z_]+(?:\|[a-z_]+)+)\)")


def pages_have_no_gap_and_no_repeat(probe: Probe) -> None:
    """The pages of a list add up to the list."""
    for resource, keys in probe.lists(most=1):
        whole = _ids(probe.list_records(resource, keys))[: PAGE * PAGES]
        if len(whole) <= PAGE:
            continue
        paged: list[Any] = []
        pages: list[Received] = []
        for start in range(0, len(whole), PAGE):
            response = probe.call(resource.listing, keys, {"_start": start, "_limit": PAGE})
            paged += _ids(response.records)
            pages.append(response)
            if not response.ok:
                break
        paged, everything = paged[: len(whole)], probe.call(resource.listing, keys, {"_limit": MOST})
        if response.ok and paged != whole and _ids(everything.records)[: len(whole)] == whole:
            wrong = next(n for n, page in enumerate(pages) if _ids(page.records) != whole[n * PAGE : n * PAGE + PAGE])
            probe.report(
                resource.listing,
                "pages_have_no_gap_and_no_repeat",
                response,
                received=f"ids by pages of {PAGE}: {paged}",
                documented=f"the ids of the whole list: {whole}",
                expected=pages[wrong].expects(is_page_of, everything.member(), wrong * PAGE),
            )


@for_each_resource
def pages_keep_their_limit(probe: Probe, resource: Resource) -> None:
    """A page has at most `_limit` records; the limits of the contract are accepted, their neighbours are refused."""
    limit = resource.parameter("_limit")
    if limit is None:
        return
    for keys in probe.parents(resource, most=1):
        least, most = limit.schema.get("minimum", 1), limit.schema.get("maximum")
        for number in filter(None, (least, most)):
            response = probe.call(resource.listing, keys, {"_limit": number})
            if len(response.records) > number:
                received = f"{len(response.records)} records for _limit={number}"
                expected = response.expects(has_length, 0, number)
                probe.report(
                    resource.listing, "page_keeps_its_limit", response, received, f"at most {number}", expected
                )
            elif response.status in REFUSALS and probe.call(resource.listing, keys, {"_limit": PAGE + 1}).ok:
                received = f"{response.status} for _limit={number}"
                texts, expected = (received, "a page: _limit is in its limits"), response.expects(has_status, "2xx")
                probe.report(resource.listing, "valid_value_is_accepted", response, *texts, expected)
        for number in (least - 1, most + 1) if most else ():
            response = probe.call(resource.listing, keys, {"_limit": number})
            if response.ok:
                received = f"{response.status} for _limit={number}"
                texts, expected = (received, "400: beyond the limits"), response.expects(has_status, "4xx")
                probe.report(resource.listing, "invalid_value_is_refused", response, *texts, expected)


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
def list_has_its_default_order(probe: Probe, resource: Resource) -> None:
    """Without `_sort`, a list has the order that the contract names as the default of `_sort`."""
    parameter = resource.parameter("_sort")
    order = _sort_keys(parameter.schema.get("default", "")) if parameter else ()
    for keys in probe.parents(resource) if order else ():
        response = probe.call(resource.listing, keys, {"_limit": 50})
        if not is_in_order(order, _with_numbers(response.records)):
            received = (
                f"{'.'.join(order[0][0])} {json.dumps([row.get(order[0][0][0]) for row in response.records][:8])}"
            )
            expected, wanted = response.expects(is_sorted, (), order), f"sorted by {describe_order(order)}"
            probe.report(resource.listing, "list_is_in_order", response, received, wanted, expected)


def _sort_keys(written: str) -> tuple[SortKey, ...]:
    keys = [key.partition(":") for key in written.split(",") if key]
    return tuple(((name,), direction == "DESC") for name, _, direction in keys)


def _with_numbers(records: list[Record]) -> list[Record]:
    """Returns records whose id is a number even where it is written as a text of digits."""
    return [record | {"id": int(record["id"])} if str(record.get("id")).isdecimal() else record for record in records]


@for_each_resource
def equal_members_are_sorted_by_the_next(probe: Probe, resource: Resource) -> None:
    """Records with equal values of the first member in `_sort` are sorted by the second one."""
    for keys in probe.parents(resource, most=1) if resource.accepts("_sort") else ():
        for name in _sort_names(resource):
            values = [record[name] for record in probe.first_list(resource, keys) if name in record]
            # A time may be shown with fewer digits than it has.
            is_time = any(instant(value) for value in values)
            if name == "id" or is_time or len({str(value) for value in values}) >= len(values):
                continue
            response = probe.call(resource.listing, keys, {"_sort": f"{name}:ASC,id:DESC", "_limit": 50})
            for one, other in pairwise(_with_numbers(response.records)):
                if one.get(name) == other.get(name) and not is_in_order(((("id",), True),), [one, other]):
                    received = f"id {one['id']} before {other['id']} for {name} {json.dumps(one.get(name))}"
                    wanted = f"sorted by {name}:ASC,id:DESC"
                    expected = response.expects(is_sorted, (), (((name,), False), (("id",), True)))
                    probe.report(resource.listing, "next_member_sorts", response, received, wanted, expected)
                    break


def _sort_names(resource: Resource) -> list[str]:
    """Returns the members by which a list can be sorted."""
    parameter = resource.parameter("_sort")
    found = _SORT_NAMES.search(parameter.schema.get("pattern", "")) if parameter else None
    return found[1].split("|") if found else list(SORTED_BY)


def both_directions_mirror_each_other(probe: Probe) -> None:
    """Both lists are sorted by numbers such as the id, and the descending list is the reversed ascending list.

    The order of texts itself is not checked: it depends on the collation of the target.
    """
    for resource, keys in probe.lists("_sort", most=1):
        for name in _sort_names(resource):
            if len({str(record.get(name)) for record in probe.first_list(resource, keys) if name in record}) > 1:
                _check_mirror(probe, resource, keys, name)


def _check_mirror(probe: Probe, resource: Resource, keys: Keys, name: str) -> None:
    up, down = (
        probe.call(resource.listing, keys, {"_sort": f"{name}:{direction}", "_limit": MOST})
        for direction in ("ASC", "DESC")
    )
    for response, is_descending in ((up, False), (down, True)):
        values = [record.get(name) for record in response.records]
        by = (((name,), is_descending),)
        if all(type(value) is int for value in values) and not is_in_order(by, response.records):
            documented = f"sorted by {describe_order(by)}"
            expected = response.expects(is_sorted, (), by)
            received = f"{name} {json.dumps(values[:10])}"
            probe.report(resource.listing, "sorted_list_is_sorted", response, received, documented, expected)
    upwards, downwards = ([record.get(name) for record in response.records] for response in (up, down))
    if up.ok and down.ok and sorted(map(str, upwards)) == sorted(map(str, downwards)) and upwards != downwards[::-1]:
        probe.report(
            resource.listing,
            "both_directions_mirror_each_other",
            down,
            received=f"{name} begins with {json.dumps(downwards[:3])} descending, {json.dumps(upwards[:3])} ascending",
            documented=f"sorted by {name}:DESC",
            expected=down.expects(mirrors, name, up.member()),
        )


def records_belong_to_their_parent(probe: Probe) -> None:
    """A record below a type names that type."""
    for resource, keys in probe.lists():
        slug = keys.get("slug")
        for record in probe.first_list(resource, keys) if slug else ():
            if _is_of_another_type(record, slug):
                whole = probe.call(resource.listing, keys, {"_limit": MOST})
                _report_foreign_record(probe, resource, keys, whole, record)
                break
        else:
            _check_short_page(probe, resource, keys)


def _check_short_page(probe: Probe, resource: Resource, keys: Keys) -> None:
    """Checks a short page too: a target may filter by the parent only after it has cut the page."""
    if slug := keys.get("slug"):
        response = probe.call(resource.listing, keys, {"_limit": 3})
        foreign = [record for record in response.records if _is_of_another_type(record, slug)]
        if foreign:
            _report_foreign_record(probe, resource, keys, response, foreign[0])


def _report_foreign_record(probe: Probe, resource: Resource, keys: Keys, response: Received, record: Record) -> None:
    probe.report(
        resource.listing,
        "records_belong_to_their_parent",
        response,
        received=f"the record {record.get('id')} of the type {record['item_type'].get('slug')!r}",
        documented=f"records of the type {keys['slug']!r}",
        expected=response.expects(has_value, ("*", "item_type", "slug"), keys["slug"]),
    )


def _is_of_another_type(record: Record, slug: Any) -> bool:
    item_type = record.get("item_type")
    return isinstance(item_type, dict) and item_type.get("slug") not in (None, slug)


def _ids(records: list[Record]) -> list[Any]:
    return [record.get("id", json.dumps(record)) for record in records]
