"""Promises of whole lists: their pages, their order, and the parent of their records.

A list that changes during a check is skipped: others may work on the target.
"""

from __future__ import annotations

import json
from typing import Any

from mockserver.verify.probe import MOST, Keys, Probe, Record
from mockserver.verify.resources import Resource

# Pages this small exist in nearly every list, and the start of the list suffices to show gaps and repeats.
PAGE = 2
PAGES = 4
# Beside the id, if the records have them; the contract documents no other sort keys.
SORTED_BY = ("name", "title", "created_at")


def pages_have_no_gap_and_no_repeat(probe: Probe) -> None:
    """The pages of a list add up to the list."""
    for resource, keys in probe.lists():
        whole = _ids(probe.list_records(resource, keys))[: PAGE * PAGES]
        if len(whole) <= PAGE:
            continue
        paged: list[Any] = []
        for start in range(0, len(whole), PAGE):
            response = probe.call(resource.listing, keys, {"_start": start, "_limit": PAGE})
            paged += _ids(response.records)
        paged = paged[: len(whole)]
        if response.ok and paged != whole and _ids(probe.list_records(resource, keys))[: len(whole)] == whole:
            probe.report(
                resource.listing,
                "pages_have_no_gap_and_no_repeat",
                response,
                received=f"ids by pages of {PAGE}: {paged}",
                documented=f"the ids of the whole list: {whole}",
            )


def sorted_list_is_sorted(probe: Probe) -> None:
    """`_sort` by id works, ascending and descending."""
    for resource, keys in probe.lists("_sort"):
        for direction in ("ASC", "DESC"):
            response = probe.call(resource.listing, keys, {"_sort": f"id:{direction}", "_limit": 50})
            ids = [record.get("id") for record in response.records]
            # Other ids, such as texts, have no order that the contract documents.
            if not all(type(number) is int for number in ids):
                continue
            if ids != sorted(ids, reverse=direction == "DESC"):  # type: ignore[type-var]
                probe.report(
                    resource.listing,
                    "sorted_list_is_sorted",
                    response,
                    received=f"ids {ids[:10]}",
                    documented=f"sorted by id:{direction}",
                )


def both_directions_mirror_each_other(probe: Probe) -> None:
    """The descending list is the reversed ascending list. The order of texts itself is not checked: it depends on the
    collation of the target."""
    for resource, keys in probe.lists("_sort"):
        for name in SORTED_BY:
            if len({str(record.get(name)) for record in probe.first_list(resource, keys) if name in record}) > 1:
                _check_mirror(probe, resource, keys, name)


def _check_mirror(probe: Probe, resource: Resource, keys: Keys, name: str) -> None:
    up, down = (
        probe.call(resource.listing, keys, {"_sort": f"{name}:{direction}", "_limit": MOST})
        for direction in ("ASC", "DESC")
    )
    upwards, downwards = ([record.get(name) for record in response.records] for response in (up, down))
    if up.ok and down.ok and sorted(map(str, upwards)) == sorted(map(str, downwards)) and upwards != downwards[::-1]:
        probe.report(
            resource.listing,
            "both_directions_mirror_each_other",
            down,
            received=f"{name} begins with {json.dumps(downwards[:3])} descending, {json.dumps(upwards[:3])} ascending",
            documented=f"sorted by {name}:DESC",
        )


def records_belong_to_their_parent(probe: Probe) -> None:
    """A record below a type names that type."""
    for resource, keys in probe.lists():
        slug = keys.get("slug")
        for record in probe.first_list(resource, keys) if slug else ():
            if _is_of_another_type(record, slug):
                _report_foreign_record(probe, resource, keys, record)
                break
        else:
            _check_short_page(probe, resource, keys)


def _check_short_page(probe: Probe, resource: Resource, keys: Keys) -> None:
    """Checks a short page too: a target may filter by the parent only after it has cut the page."""
    if slug := keys.get("slug"):
        response = probe.call(resource.listing, keys, {"_limit": 3})
        foreign = [record for record in response.records if _is_of_another_type(record, slug)]
        if foreign:
            _report_foreign_record(probe, resource, keys, foreign[0])


def _report_foreign_record(probe: Probe, resource: Resource, keys: Keys, record: Record) -> None:
    probe.report(
        resource.listing,
        "records_belong_to_their_parent",
        probe.call(resource.listing, keys, {"_limit": 3}),
        received=f"the record {record.get('id')} of the type {record['item_type'].get('slug')!r}",
        documented=f"records of the type {keys['slug']!r}",
    )


def _is_of_another_type(record: Record, slug: Any) -> bool:
    item_type = record.get("item_type")
    return isinstance(item_type, dict) and item_type.get("slug") not in (None, slug)


def _ids(records: list[Record]) -> list[Any]:
    return [record.get("id", json.dumps(record)) for record in records]
