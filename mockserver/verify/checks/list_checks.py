"""Promises of lists as a whole: their pages, their order, and where their records belong.

A list that changes while it is judged (others work on the target) is not judged.
"""

from __future__ import annotations

import json
from typing import Any

from mockserver.verify.probe import MOST, Keys, Probe, Record
from mockserver.verify.resources import Resource

PAGE = 2
PAGES = 4
# Beside the id, where the records have them; what else a target can sort by, the contract does not say.
SORTED_BY = ("name", "title", "created_at")


def pages_have_no_gap_and_no_repeat(probe: Probe) -> None:
    """The pages of a list, put together, are the list."""
    for resource, keys in probe.lists():
        whole = _ids(probe.all_of(resource, keys))[: PAGE * PAGES]
        if len(whole) <= PAGE:
            continue
        paged: list[Any] = []
        for start in range(0, len(whole), PAGE):
            answer = probe.call(resource.listing, keys, {"_start": start, "_limit": PAGE})
            paged += _ids(answer.records)
        paged = paged[: len(whole)]
        if answer.ok and paged != whole and _ids(probe.all_of(resource, keys))[: len(whole)] == whole:
            probe.tell(
                resource.listing,
                "pages_have_no_gap_and_no_repeat",
                answer,
                received=f"ids by pages of {PAGE}: {paged}",
                documented=f"the ids of the whole list: {whole}",
            )


def sorted_list_is_sorted(probe: Probe) -> None:
    """`_sort` is kept, up and down."""
    for resource, keys in probe.lists():
        if not resource.takes("_sort"):
            continue
        for direction in ("ASC", "DESC"):
            answer = probe.call(resource.listing, keys, {"_sort": f"id:{direction}", "_limit": 50})
            ids = [record.get("id") for record in answer.records]
            if not all(type(number) is int for number in ids):
                continue
            if ids != sorted(ids, reverse=direction == "DESC"):  # type: ignore[type-var]
                probe.tell(
                    resource.listing,
                    "sorted_list_is_sorted",
                    answer,
                    received=f"ids {ids[:10]}",
                    documented=f"sorted by id:{direction}",
                )


def both_directions_mirror_each_other(probe: Probe) -> None:
    """Sorted by another member, the list upwards is the list downwards turned around; how texts sort is not judged."""
    for resource, keys in probe.lists():
        for name in SORTED_BY if resource.takes("_sort") else ():
            if len({str(record.get(name)) for record in probe.known(resource, keys) if name in record}) > 1:
                _judge_mirror(probe, resource, keys, name)


def _judge_mirror(probe: Probe, resource: Resource, keys: Keys, name: str) -> None:
    up, down = (
        probe.call(resource.listing, keys, {"_sort": f"{name}:{direction}", "_limit": MOST})
        for direction in ("ASC", "DESC")
    )
    upwards, downwards = ([record.get(name) for record in answer.records] for answer in (up, down))
    if up.ok and down.ok and sorted(map(str, upwards)) == sorted(map(str, downwards)) and upwards != downwards[::-1]:
        probe.tell(
            resource.listing,
            "both_directions_mirror_each_other",
            down,
            received=f"{name} begins with {json.dumps(downwards[:3])} downwards, {json.dumps(upwards[:3])} upwards",
            documented=f"sorted by {name}:DESC",
        )


def records_belong_to_their_parent(probe: Probe) -> None:
    """What is listed below a record names that record as its own."""
    for resource, keys in probe.lists():
        slug = keys.get("slug")
        for record in probe.known(resource, keys) if slug else ():
            told = record.get("item_type")
            if isinstance(told, dict) and told.get("slug") not in (None, slug):
                _tell_of_foreign(probe, resource, keys, record)
                break
        else:
            _judge_page(probe, resource, keys)


def _judge_page(probe: Probe, resource: Resource, keys: Keys) -> None:
    """A page is cut after the parent has been judged, by a target that goes wrong only there."""
    if slug := keys.get("slug"):
        answer = probe.call(resource.listing, keys, {"_limit": 3})
        types = [record.get("item_type") for record in answer.records]
        if any(isinstance(told, dict) and told.get("slug") not in (None, slug) for told in types):
            _tell_of_foreign(probe, resource, keys, answer.records[-1])


def _tell_of_foreign(probe: Probe, resource: Resource, keys: Keys, record: Record) -> None:
    probe.tell(
        resource.listing,
        "records_belong_to_their_parent",
        probe.call(resource.listing, keys, {"_limit": 3}),
        received=f"the record {record.get('id')} of the type {record['item_type'].get('slug')!r}",
        documented=f"records of the type {keys['slug']!r}",
    )


def _ids(records: list[Record]) -> list[Any]:
    return [record.get("id", json.dumps(record)) for record in records]
