"""Promises of lists. A list that changes while it is judged (others work on the target) is not judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.verify.probe import MOST, Keys, Probe, Record
from mockserver.verify.resources import Resource

PAGE = 2
PAGES = 4


def count_agrees_with_list(probe: Probe) -> None:
    """A count is the length of its list."""
    for resource, keys in _listed(probe):
        if resource.count is None or not probe.is_wanted(resource.count):
            continue
        listed = probe.call(resource.listing, keys, {"_limit": MOST})
        before = len(listed.records)
        answer = probe.call(resource.count, keys)
        is_steady = before == len(probe.all_of(resource, keys))
        if listed.ok and answer.ok and is_steady and isinstance(answer.json, int) and answer.json != before < MOST:
            probe.tell(
                resource.count,
                "count_agrees_with_list",
                answer,
                received=f"{answer.json}, while the list holds {before}",
                documented="the length of the list under the same filters",
            )


def pages_have_no_gap_and_no_repeat(probe: Probe) -> None:
    """The pages of a list, put together, are the list."""
    for resource, keys in _listed(probe):
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
    for resource, keys in _listed(probe):
        if not _takes(resource.listing, "_sort"):
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


def filter_leaves_what_is_equal(probe: Probe) -> None:
    """A filter named like a member leaves the records that are equal in it."""
    for resource, keys in _listed(probe):
        for parameter in resource.listing.parameters_in("query"):
            if not parameter.name.startswith("_"):
                _judge_filter(probe, resource, keys, parameter.name, parameter.schema.get("type", ""))


def _judge_filter(probe: Probe, resource: Resource, keys: Keys, name: str, kind: str) -> None:
    values = [_comparable(record.get(name), kind) for record in probe.known(resource, keys)]
    value = min((v for v in values if v is not None), key=values.count, default=None)
    if value is None:
        return
    written = str(value).lower() if isinstance(value, bool) else value
    answer = probe.call(resource.listing, keys, {name: written, "_limit": 100})
    others = [v for v in (_comparable(record.get(name), kind) for record in answer.records) if v != value]
    if others or (answer.ok and not answer.records and probe.all_of(resource, keys) == probe.known(resource, keys)):
        probe.tell(
            resource.listing,
            "filter_leaves_what_is_equal",
            answer,
            received=f"records with {name} {json.dumps(others[0])}" if others else "no record",
            documented=f"those whose {name} is {json.dumps(value)}",
        )


def _comparable(value: Any, kind: str) -> Any:
    """The part of a member that a filter of this type compares; None if there is none."""
    if isinstance(value, dict):
        value = value.get("id") if kind == "integer" else value.get("slug")
    fits = {"integer": int, "boolean": bool, "string": str}.get(kind)
    return value if fits is not None and type(value) is fits else None


def search_leaves_what_holds_the_text(probe: Probe) -> None:
    """A search for a text that nothing holds finds nothing."""
    for resource, keys in _listed(probe):
        if not _takes(resource.listing, "_q"):
            continue
        text = f"zq{probe.mark}qz"
        answer = probe.call(resource.listing, keys, {"_q": text})
        without = [record for record in answer.records if text not in json.dumps(record)]
        if without:
            probe.tell(
                resource.listing,
                "search_leaves_what_holds_the_text",
                answer,
                received=f"{len(without)} records, the first with id {without[0].get('id')}",
                documented=f"only records that hold {text!r}",
            )


def records_belong_to_their_parent(probe: Probe) -> None:
    """What is listed below a record names that record as its own."""
    for resource, keys in _listed(probe):
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


def odd_queries_are_refused_in_form(probe: Probe) -> None:
    """A limit that is no number and a very long search are answered in form; the contract's checks judge how."""
    for resource, keys in _listed(probe):
        probe.call(resource.listing, keys, {"_limit": "none"})
        if _takes(resource.listing, "_q"):
            probe.call(resource.listing, keys, {"_q": "a" * 300})


def _listed(probe: Probe) -> Iterator[tuple[Resource, Keys]]:
    for resource in probe.resources:
        for keys in probe.places(resource):
            yield resource, keys


def _takes(operation: Operation, name: str) -> bool:
    return any(parameter.name == name for parameter in operation.parameters)


def _ids(records: list[Record]) -> list[Any]:
    return [record.get("id", json.dumps(record)) for record in records]
