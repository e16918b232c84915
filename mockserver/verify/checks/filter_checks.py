"""Promises of filters: which records they leave, and how many."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from itertools import combinations, islice, pairwise
from typing import Any

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.record_checks import MISSING_KEYS
from mockserver.verify.judging.assertions import (
    contains_value,
    counts,
    has_value,
    is_in_order,
    is_part_of,
    is_sorted,
)
from mockserver.verify.probe import MOST, REFUSALS, Keys, Probe, Received, Record, show
from mockserver.verify.resources import Resource

Query = dict[str, Any]
ALL: Query = {}

SEARCHED_IN = ("name", "title", "email")
MOST_FILTERED = 100  # records
LONGEST_SEARCH = 40  # characters
UNKNOWN_VALUE = "no_such_value:ASC"
NEWEST_FIRST = ((("id",), True),)
FINDS_WRITTEN = "query_finds_what_was_written"
INDEX_DELAY = 1  # second, after which the index of a search has to have what was written
TYPES: dict[str, set[type]] = {"string": {str}, "integer": {int}, "number": {int, float}, "boolean": {bool}}


@dataclass(frozen=True)
class Filter:
    """A filter of a list: a parameter, or a key of the objects in its records; `path` is what it compares."""

    name: str
    path: MemberPath
    schema: Schema

    def value_of(self, record: Record) -> Any:
        """Returns the part of a record that is compared; None if there is none, or of another type."""
        value, kind = value_at(record, self.path), self.schema.get("type", "")
        if isinstance(value, dict):
            value = value.get("id") if kind == "integer" else value.get("slug")
        return value if type(value) in TYPES.get(kind, ()) else None

    def has_other_type(self, record: Record) -> bool:
        """True if a member has a value that cannot be compared, which is a fault of the shape."""
        return self.value_of(record) is None and value_at(record, self.path) not in (None, MISSING)


Wanted = list[tuple[Filter, Any]]  # the filters of a query with their values


def declared_filters(operation: Operation) -> list[Filter]:
    """Returns the filters that are parameters."""
    named = [one for one in operation.parameters_in("query") if not one.name.startswith("_")]
    return [Filter(one.name, (one.name,), one.schema) for one in named]


def filters_of(probe: Probe, resource: Resource, keys: Keys) -> list[Filter]:
    """Returns all filters of a list of which its records have values."""
    declared, records = declared_filters(resource.listing), probe.first_list(resource, keys)
    free = [Filter(path[-1], path, {"type": _type_at(records, path)}) for path in free_keys(probe, resource, keys)]
    return [one for one in (*declared, *free) if any(value_at(row, one.path) is not MISSING for row in records)]


def _type_at(records: list[Record], path: MemberPath) -> str:
    """Returns the JSON type of the values at a path, empty if they differ."""
    values = [value for row in records if (value := value_at(row, path)) not in (None, MISSING)]
    kinds = [name for name, types in TYPES.items() if values and all(type(value) in types for value in values)]
    return next(iter(kinds), "")


def count_agrees_with_list(probe: Probe) -> None:
    """A count is the length of its list, also for a key with fewer rights. Checks of filters count their lists too."""
    weak = probe.credentials.headers(x_api_key=probe.credentials.weak_key) if probe.credentials.weak_key else None
    for resource, keys in probe.lists():
        for headers in filter(None, (probe.credentials.headers(), weak)):
            check_count(probe, resource, keys, {}, headers=headers)


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
    is_fitting = listed.ok and length < MOST and all(_fits(row, wanted or []) for row in listed.records)
    is_refused = response.status in (*REFUSALS, 403)
    # A full page says nothing about the length of the list.
    if not is_fitting or not (is_refused or (response.ok and type(response.json) is int and response.json != length)):
        return
    # Others may work on the target: the list counts only if it has the same length again.
    again = probe.call(resource.listing, keys, query | {"_limit": MOST}, headers=headers)
    if length == len(again.records):
        shown = response.status if is_refused else response.json
        received = f"{shown}, while the list{_describe_query(query)} has {length}"
        expected = response.expects(counts, (), again.member())
        documented = "the length of the list under the same filters"
        probe.report(count, "count_agrees_with_list", response, received, documented, expected)


def filter_leaves_what_is_equal(probe: Probe) -> None:
    """A filter by a member, or by a key of an object, leaves exactly the records with an equal value."""
    for resource, keys in probe.lists():
        for one in filters_of(probe, resource, keys):
            for value in _values_for(probe, resource, keys, one):
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


def selective_filters(probe: Probe, resource: Resource, keys: Keys) -> Iterator[tuple[Query, list[Record]]]:
    """Yields each filter with a value for which the records behind the first one are others than without it, and those.

    Filters leave what is equal, which is a promise of its own.
    """
    known = probe.first_list(resource, keys)
    for one in filters_of(probe, resource, keys):
        values = [one.value_of(record) for record in known]
        for value in (value for value in dict.fromkeys(values) if value is not None):
            places = [place for place, other in enumerate(values) if other == value]
            if places[1:3] != [1, 2][: len(values) - 1]:
                yield {one.name: query_text(value)}, [known[place] for place in places]
                break


def free_keys(probe: Probe, resource: Resource, keys: Keys) -> list[MemberPath]:
    """Returns the keys of objects that a list filters by without naming them; a declared filter wins over a key."""
    free = _free_members(probe, resource)
    records = probe.first_list(resource, keys) if free else []
    names = {(name, key) for record in records for name in free for key in record.get(name) or {}}
    return sorted(path for path in names if not resource.accepts(path[1]))


def _free_members(probe: Probe, resource: Resource) -> list[str]:
    """Returns the members with objects by whose keys a list filters."""
    if not any(part.schema.get("type") == "object" for part in declared_filters(resource.listing)):
        return []
    contract = probe.contract
    rows = contract.document.resolve(resource.listing.success.schema or {}).get("items", {})
    return [n for n in properties_of(contract.document, rows) if contract.member(rows, n).get("additionalProperties")]


def check_filtered_search(probe: Probe, resource: Resource, keys: Keys, text: str) -> None:
    """A search and a filter leave the records that fit both, also sorted; so does a search without a filter."""
    known = probe.call(resource.listing, keys, {"_q": text, "_limit": MOST}).records
    _check_filter(probe, resource, keys, [], {"_q": text}, known)
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
    if sort and not is_in_order(NEWEST_FIRST, response.records):
        received = f"the ids {[row.get('id') for row in response.records][:8]}" + _describe_query(query | sort)
        expected = response.expects(is_sorted, (), NEWEST_FIRST)
        probe.report(resource.listing, "filtered_list_is_sorted", response, received, "sorted by id:DESC too", expected)
    found = {str(record.get("id")) for record in response.records}
    known = probe.first_list(resource, keys) if found_by is None else found_by
    ids = {str(record.get("id")) for record in known} if len(known) < MOST else found
    # A row that does not fit, or that the list does not have without the filter.
    others = [row for row in response.records if _fits(row, wanted) is False or str(row.get("id")) not in ids]
    missing = [one for one in known if _fits(one, wanted) and str(one.get("id")) not in found]
    if not (others or missing):
        counted = [one.name for one in declared_filters(resource.count)] if resource.count else []
        is_counted = all(one.name in counted or not resource.accepts(one.name) for one, _ in wanted)
        if is_counted and len(found) < MOST_FILTERED:
            check_count(probe, resource, keys, query, wanted, listed=response)
        return
    whole = probe.call(resource.listing, keys, search | {"_limit": MOST})
    others, missing = _still_wrong(wanted, others, missing if len(found) < MOST_FILTERED else [], whole.records)
    if not (others or missing):
        return
    record, word = (others[0], "with") if others else (missing[0], "without")
    expected = response.expects(contains_value, ("*", "id"), record.get("id"))
    if others:
        differing = [(part.path, value) for part, value in wanted if _differs(record, part, value)]
        expected = response.expects(is_part_of, whole.member())
        if differing:
            expected = response.expects(has_value, ("*", *differing[0][0]), differing[0][1])
    shown = ", ".join(f"{part.name} {json.dumps(part.value_of(record))}" for part, _ in wanted)
    shown = f"{shown}, and which the list without the filter lacks" if others and _fits(record, wanted) else shown
    received = f"{len(response.records)} records, {word} {record.get('id')}" + (f", which has {shown}" if shown else "")
    documented = "those with" + _describe_query(query).removeprefix(" with")
    probe.report(resource.listing, "filter_leaves_what_is_equal", response, received, documented, expected)


def _differs(record: Record, part: Filter, value: Any) -> bool:
    """True if a record shows another value than a filter asks for, such as null."""
    return part.value_of(record) != value and value_at(record, part.path) is not MISSING


def _still_wrong(
    wanted: Wanted, others: list[Record], missing: list[Record], now: list[Record]
) -> tuple[list[Record], list[Record]]:
    """Returns the wrong rows of a filtered list that the whole list still shows to be wrong: others may work on it."""
    ids, is_whole = {str(row.get("id")) for row in now}, 0 < len(now) < MOST
    unknown = [row for row in others if not _fits(row, wanted) or (is_whole and str(row.get("id")) not in ids)]
    return unknown, [row for row in missing if row in now]


def check_queries(
    probe: Probe, resource: Resource, keys: Keys, writes: list[Received], shown: Record, name: str, before: Record
) -> None:
    """Checks that a filter and a search find a record by the value that the last of some writes has given to a member.

    In an object that is searched, each write may have set another key.
    """
    write, value, above = writes[-1], shown.get(name), {key: keys[key] for key in resource.parent_keys}
    wanted = [(one, one.value_of(shown)) for one in declared_filters(resource.listing) if one.name == name]
    queries: list[Query] = [{name: query_text(part)} for _, part in wanted if part is not None]
    text = value if name in SEARCHED_IN else None
    if name in _free_members(probe, resource):
        write, text = _last_new_text(writes, name, value, before.get(name))
    if resource.accepts("_q") and isinstance(text, str):
        queries.append({"_q": text[:LONGEST_SEARCH].strip()})
    # Where none is found, to wait for each would take long.
    for query in queries if not probe.has_reported(resource.listing, FINDS_WRITTEN) else ():
        answer = find_later(probe, resource, above, query, shown)
        if lacks_record(answer, shown):
            received = f"{len(answer.records)} records{_describe_query(query)}, without {show(shown.get('id'))}"
            expected = answer.expects(contains_value, ("*", "id"), write.member("id"), after=[write])
            documented = f"the record too: its {name} has been set to {json.dumps(value)[:80]}"
            probe.report(resource.listing, FINDS_WRITTEN, answer, received, documented, expected)
            return


def _last_new_text(writes: list[Received], name: str, shown: Any, before: Any) -> tuple[Received, str | None]:
    """Returns the last write that has set a key of an object to a text that shows now and did not before, with that."""
    for write in reversed(writes) if isinstance(shown, dict) and isinstance(before, dict) else ():
        sent = json.loads(write.request.body or b"{}").get(name) or {}
        new = [key for key, text in sent.items() if isinstance(text, str) and shown.get(key) == text != before.get(key)]
        if new:
            return write, max((sent[key] for key in new), key=len)
    return writes[-1], None


def find_later(probe: Probe, resource: Resource, keys: Keys, query: Query, record: Record) -> Received:
    """Requests a list in which a record has to be, once more after a second without it: an index may lag."""
    answer = probe.call(resource.listing, keys, query | {"_limit": MOST})
    if lacks_record(answer, record):
        time.sleep(INDEX_DELAY)
        answer = probe.call(resource.listing, keys, query | {"_limit": MOST})
    return answer


def lacks_record(answer: Received, record: Record) -> bool:
    """True for a whole list without a record."""
    # An id of another type is a fault of its own.
    ids = [str(row.get("id")) for row in answer.records]
    return answer.ok and len(ids) < MOST and str(record.get("id")) not in ids


def _check_refusal(probe: Probe, resource: Resource, keys: Keys, response: Received, wanted: Wanted) -> None:
    """Reports a refused value that the contract lists, if the list is answered without it."""
    if len(wanted) != 1:
        return
    [(one, value)] = wanted
    is_listed = value in one.schema.get("enum", (True, False))
    if is_listed and probe.list_records(resource, keys):
        texts = f"{one.name}={query_text(value)}", "a list: the contract allows this value"
        probe.expect_success(resource.listing, "valid_value_is_accepted", response, *texts)


def invalid_queries_are_refused(probe: Probe) -> None:
    """A filter takes only the values that the contract lists, `_sort` only the members that it lists."""
    for resource in probe.resources:
        for keys in probe.parents(resource, most=1):
            for parameter in resource.listing.parameters_in("query"):
                pattern, is_flag = parameter.schema.get("pattern", ""), parameter.schema.get("type") == "boolean"
                # A member without a direction is nearly valid.
                for value in ("1",) if is_flag else (UNKNOWN_VALUE, "id") if pattern else (UNKNOWN_VALUE,):
                    if not (is_flag or "enum" in parameter.schema or (pattern and not re.search(pattern, value))):
                        continue
                    response = probe.call(resource.listing, keys, {parameter.name: value})
                    what, documented = f"{parameter.name}={value}", "400: the contract forbids this value"
                    probe.expect_refusal(resource.listing, "invalid_value_is_refused", response, what, documented)


def _fits(record: Record, wanted: Wanted) -> bool | None:
    """True if a record fits a query; None if a member has another type, which is a fault of the shape."""
    if any(one.has_other_type(record) for one, _ in wanted):
        return None
    return all(one.value_of(record) == value for one, value in wanted)


def _values_for(probe: Probe, resource: Resource, keys: Keys, one: Filter) -> list[Any]:
    """Returns each value that the contract lists for a filter, else the rarest one of the records and one of none."""
    values = [value for row in probe.first_list(resource, keys) if (value := one.value_of(row)) is not None]
    if one.schema.get("type") == "boolean":
        return [True, False]
    listed = [value for value in one.schema.get("enum", ()) if value is not None]
    # The rarest: a filter that is ignored shows most records that do not match. Accents may get lost.
    rarest = min(values, key=lambda value: (values.count(value), str(value).isascii()), default=None)
    return listed or ([] if rarest is None else [rarest, *_near(one, rarest, values)])


def _near(one: Filter, value: Any, values: list[Any]) -> list[Any]:
    """Returns values of no record that show whether a filter takes more than what is equal."""
    if isinstance(value, str):
        return [other for other in (value[:-1], value.swapcase()) if len(other) > 1 and other not in values]
    most = one.schema.get("maximum")
    return [other for other in range(value + 1, most + 1) if other not in values][:1] if most else [MISSING_KEYS[0]]


def query_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _describe_query(query: dict[str, Any]) -> str:
    return "".join(f" with {name} {json.dumps(value)}" for name, value in query.items())
