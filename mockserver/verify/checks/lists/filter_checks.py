"""Promises of filters: each leaves what is equal, several leave what fits all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING
from itertools import combinations, islice, pairwise
from typing import Any, NamedTuple

from mockserver.contract.promises import value_at
from mockserver.verify.checks.lists.count_checks import check_count
from mockserver.verify.checks.lists.filters import (
    Filter,
    Query,
    Wanted,
    declared_filters,
    describe_query,
    filters_of,
    fits_query,
    query_text,
    values_for,
)
from mockserver.verify.judging.assertions import contains_value, has_value, is_in_order, is_part_of, is_sorted
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource

ALL: Query = {}
LEAVES_EQUAL = "filter_leaves_what_is_equal"
MOST_FILTERED = 100  # records
NEWEST_FIRST = ((("id",), True),)


def filter_leaves_what_is_equal(probe: Probe) -> None:
    """A filter by a member, or by a key of an object, leaves exactly the records with an equal value."""
    for resource, keys in probe.lists():
        for one in filters_of(probe, resource, keys):
            for value in values_for(probe, resource, keys, one):
                _check_filter(probe, resource, keys, [(one, value)])


def filters_are_combined(probe: Probe) -> None:
    """Two filters leave the records that fit both, and three those that fit all."""
    for resource, keys in probe.lists(most=1):
        filters, rows = filters_of(probe, resource, keys), probe.first_list(resource, keys)
        for three in islice(_threes(filters, rows), 1):
            _check_filter(probe, resource, keys, three)
        for one, other in combinations(filters, 2):
            pairs = [(one.value_of(row), other.value_of(row)) for row in rows]
            if any(None not in pair for pair in pairs):
                wanted: Wanted = list(zip((one, other), _most_selective(pairs), strict=True))
                _check_filter(probe, resource, keys, wanted)


def _threes(filters: list[Filter], rows: list[Record]) -> Iterator[Wanted]:
    """Yields three filters with values of a record: another one has the first two of them only."""
    for three in combinations(filters, 3):
        values = [[one.value_of(row) for one in three] for row in rows]
        for known in (one for one in values if None not in one):
            if any(other[:2] == known[:2] and other[2] != known[2] for other in values):
                yield list(zip(three, known, strict=True))


def _most_selective(pairs: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Returns the pair of which most records have only one of the two values: whichever filter is ignored shows.

    If the values of each record are its own, only a pair that no record has shows that.
    """

    def half_fitting(wanted: tuple[Any, Any]) -> tuple[int, int]:
        halves = [sum(pair[n] == wanted[n] and pair[1 - n] != wanted[1 - n] for pair in pairs) for n in (0, 1)]
        return min(halves), sum(halves)

    known = [pair for pair in dict.fromkeys(pairs) if None not in pair]
    best = max(known, key=half_fitting)
    mixed = [(one[0], other[1]) for one, other in pairwise(known)]
    return best if half_fitting(best)[0] else max(mixed, key=half_fitting, default=best)


def check_sorted_search(probe: Probe, resource: Resource, keys: Keys, text: str, found: list[Record]) -> None:
    """A search finds the same records if they are sorted."""
    _check_filter(probe, resource, keys, [], {"_q": text}, found)


def check_filtered_search(probe: Probe, resource: Resource, keys: Keys, text: str) -> None:
    """A search and a filter leave the records that fit both, also sorted."""
    known = probe.call(resource.listing, keys, {"_q": text, "_limit": MOST}).records
    for one in filters_of(probe, resource, keys):
        values = [value for record in known if (value := one.value_of(record)) is not None]
        if len(set(values)) > 1:
            _check_filter(probe, resource, keys, [(one, min(values, key=values.count))], {"_q": text}, known)


def _check_filter(
    probe: Probe,
    resource: Resource,
    keys: Keys,
    wanted: Wanted,
    search: Query = ALL,
    found_by: list[Record] | None = None,
) -> None:
    """Compares a filtered list with the one without the filter, which may be what a search has found."""
    query = search | {one.name: query_text(value) for one, value in wanted}
    sort = {"_sort": "id:DESC"} if "id" in resource.sort_names else {}
    response = probe.call(resource.listing, keys, query | sort | {"_limit": MOST_FILTERED})
    if not response.ok:
        _check_refusal(probe, resource, keys, response, wanted)
        return
    if sort:
        _check_order(probe, resource, response, query | sort)
    wrong = _compare(response, probe.first_list(resource, keys) if found_by is None else found_by, wanted)
    if not any(wrong):
        _check_count(probe, resource, keys, query, wanted, response)
        return
    # Others may work on the target: a row counts only if the whole list still shows it to be wrong.
    whole = probe.call(resource.listing, keys, search | {"_limit": MOST})
    still = _compare(response, whole.records, wanted)
    others = [row for row in wrong.others if row in still.others]
    missing = [row for row in wrong.missing if row in still.missing]
    if others:
        _report_other(probe, resource, response, others[0], query, wanted, whole)
    elif missing:
        key, values = missing[0].get("id"), _describe_values(missing[0], wanted)
        received = f"{len(response.records)} records, without {key}{values}"
        expected = response.expects(contains_value, ("*", "id"), key)
        probe.report(resource.listing, LEAVES_EQUAL, response, received, _documented(query), expected)


class _Wrong(NamedTuple):
    """The rows that a filtered list has and should not have, and those that it lacks."""

    others: list[Record]
    missing: list[Record]


def _compare(response: Received, known: list[Record], wanted: Wanted) -> _Wrong:
    """Compares a filtered list with the rows that are known without the filter; a full page of them proves less."""
    found, ids = ({str(row.get("id")) for row in rows} for rows in (response.records, known))
    is_whole, is_cut = 0 < len(known) < MOST, len(found) >= MOST_FILTERED
    others = [row for row in response.records if fits_query(row, wanted) is False]
    unknown = [row for row in response.records if is_whole and str(row.get("id")) not in ids]
    missing = [row for row in known if not is_cut and fits_query(row, wanted) and str(row.get("id")) not in found]
    return _Wrong([*others, *unknown], missing)


def _check_order(probe: Probe, resource: Resource, response: Received, query: Query) -> None:
    """Checks that a filtered list is sorted too."""
    if not is_in_order(NEWEST_FIRST, response.records):
        received = f"the ids {[row.get('id') for row in response.records][:8]}" + describe_query(query)
        expected = response.expects(is_sorted, (), NEWEST_FIRST)
        probe.report(resource.listing, "filtered_list_is_sorted", response, received, "sorted by id:DESC too", expected)


def _check_count(
    probe: Probe, resource: Resource, keys: Keys, query: Query, wanted: Wanted, response: Received
) -> None:
    """Checks that the count under the same filters is the length of the list, if it takes all of them."""
    counted = [one.name for one in declared_filters(resource.count)] if resource.count else []
    is_counted = all(one.name in counted or not resource.accepts(one.name) for one, _ in wanted)
    if is_counted and len(response.records) < MOST_FILTERED:
        check_count(probe, resource, keys, query, wanted, listed=response)


def _report_other(
    probe: Probe, resource: Resource, response: Received, row: Record, query: Query, wanted: Wanted, whole: Received
) -> None:
    """Reports a row that does not fit, or that the `whole` list without the filter does not have."""
    differing = [(part.path, value) for part, value in wanted if _differs(row, part, value)]
    expected = response.expects(is_part_of, whole.member())
    if differing:
        expected = response.expects(has_value, ("*", *differing[0][0]), differing[0][1])
    received = f"{len(response.records)} records, with {row.get('id')}{_describe_values(row, wanted)}"
    if fits_query(row, wanted):
        received += ", and which the list without the filter lacks"
    probe.report(resource.listing, LEAVES_EQUAL, response, received, _documented(query), expected)


def _describe_values(row: Record, wanted: Wanted) -> str:
    """Describes the values of a row that a query asks for; empty for a search without filters."""
    shown = ", ".join(f"{part.name} {json.dumps(part.value_of(row))}" for part, _ in wanted)
    return f", which has {shown}" if shown else ""


def _documented(query: Query) -> str:
    return "those with" + describe_query(query).removeprefix(" with")


def _differs(record: Record, part: Filter, value: Any) -> bool:
    """True if a record shows another value than a filter asks for, such as null."""
    return part.value_of(record) != value and value_at(record, part.path) is not MISSING


def _check_refusal(probe: Probe, resource: Resource, keys: Keys, response: Received, wanted: Wanted) -> None:
    """Reports a refused value that the contract lists, if the list is answered without it."""
    if len(wanted) != 1:
        return
    [(one, value)] = wanted
    is_listed = value in one.schema.get("enum", (True, False))
    if is_listed and probe.list_records(resource, keys):
        texts = f"{one.name}={query_text(value)}", "a list: the contract allows this value"
        probe.expect_success(resource.listing, "valid_value_is_accepted", response, *texts)
