"""Promises of counts: each is the length of its list."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.verify.checks.lists.filters import Query, Wanted, describe_query, fits_query
from mockserver.verify.judging.assertions import counts
from mockserver.verify.probe import MOST, REFUSALS, Probe
from mockserver.verify.received import Keys, Received
from mockserver.verify.resources import Resource


def count_agrees_with_list(probe: Probe) -> None:
    """A count is the length of its list, also for a key with fewer rights. Checks of filters count their lists too."""
    callers = [probe.credentials.headers(), *probe.credentials.lesser_headers]
    for resource, keys in probe.lists():
        for headers in callers if probe.is_selected(resource.count) else ():
            listed = probe.first_answer(resource, keys, headers)
            check_count(probe, resource, keys, {}, headers=headers, listed=listed)


def check_count(
    probe: Probe,
    resource: Resource,
    keys: Keys,
    query: Query,
    wanted: Wanted | None = None,
    headers: Mapping[str, str] | None = None,
    listed: Received | None = None,
) -> None:
    """Compares a count with its list, where there is one to be tested. Rows not as `wanted` are a fault of the list."""
    count = resource.count
    if count is None or not probe.is_selected(count):
        return
    listed = listed or probe.call(resource.listing, keys, query | {"_limit": MOST}, headers=headers)
    response = probe.call(count, keys, query, headers=headers)
    length = len({str(row.get("id")) for row in listed.records})  # a row twice is a fault of the list
    is_fitting = listed.ok and length < MOST and all(fits_query(row, wanted or []) for row in listed.records)
    is_refused = response.status in (*REFUSALS, 403)
    # A full page says nothing about the length of the list.
    if not is_fitting or not (is_refused or (response.ok and type(response.json) is int and response.json != length)):
        return
    # Others may work on the target: the list counts only if it has the same length again.
    again = probe.call(resource.listing, keys, query | {"_limit": MOST}, headers=headers)
    if length == len(again.records):
        shown = response.status if is_refused else response.json
        received = f"{shown}, while the list{describe_query(query)} has {length}"
        expected = response.expects(counts, (), again.member())
        documented = "the length of the list under the same filters"
        probe.report(count, "count_agrees_with_list", response, received, documented, expected)
