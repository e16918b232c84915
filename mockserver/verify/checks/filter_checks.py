"""Promises of filters: which records they leave, and how many."""

from __future__ import annotations

import json
import re
import time
from itertools import combinations
from typing import Any

from mockserver.contract.operations import Operation, Parameter
from mockserver.contract.promises import MemberPath, value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.record_checks import MISSING_KEYS
from mockserver.verify.judging.assertions import (
    contains_value,
    counts,
    has_length,
    has_value,
    is_in_order,
    is_part_of,
    is_sorted,
)
from mockserver.verify.probe import MOST, Keys, Probe, Received, Record
from mockserver.verify.resources import Resource

Query = dict[str, Any]
Rows = list[Record]
Wanted = list[tuple[Parameter, Any]]  # the filters of a query with their values
ALL: Query = {}

SEARCHED_IN = ("name", "title", "email")
LONGEST_SEARCH = 40  # characters
UNKNOWN_VALUE = "no_such_value:ASC"
NEWEST_FIRST = ((("id",), True),)
FINDS_WRITTEN = "query_finds_what_was_written"
INDEX_DELAY = 1  # second, after which the index of a search has to have what was written


def count_agrees_with_list(probe: Probe) -> None:
    """A count is the length of its list, without a filter and with each one."""
    for resource, keys in probe.lists():
        if resource.count is None or not probe.is_selected(resource.count):
            continue
        check_count(probe, resource, resource.count, keys, {})
        for parameter in _filters(resource.count):
            for value in _values_for(probe, resource, keys, parameter) if resource.accepts(parameter.name) else ():
                query = {parameter.name: _query_text(value)}
                check_count(probe, resource, resource.count, keys, query, [(parameter, value)])


def check_count(
    probe: Probe, resource: Resource, count: Operation, keys: Keys, query: Query, wanted: Wanted | None = None
) -> Received:
    """Compares a count with its list, and returns the list. Rows that do not fit `wanted` are a fault of the list."""
    listed = probe.call(resource.listing, keys, query | {"_limit": MOST})
    response = probe.call(count, keys, query)
    length = len({str(row.get("id")) for row in listed.records})  # a row twice is a fault of the list
    if query and listed.ok:
        texts = f"a count{_describe_query(query)}", "a number: the list takes this value"
        probe.expect_success(count, "valid_value_is_accepted", response, *texts)
    # A full page says nothing about the length of the list.
    if not listed.ok or type(response.json) is not int or response.json == length or length >= MOST:
        return listed
    if not all(_fits(row, wanted or []) for row in listed.records):
        return listed
    # Others may work on the target: the list counts only if it has the same length again.
    again = probe.call(resource.listing, keys, query | {"_limit": MOST})
    if response.ok and length == len(again.records):
        received = f"{response.json}, while the list{_describe_query(query)} has {length}"
        documented, expected = "the length of the list under the same filters", (counts, (), again.member())
        probe.report(count, "count_agrees_with_list", response, received, documented, response.expects(*expected))
    return listed


def filter_leaves_what_is_equal(probe: Probe) -> None:
    """A filter with the name of a member leaves exactly the records with an equal value, for each of its values."""
    for resource, keys in probe.lists():
        for parameter in _filters(resource.listing):
            for value in _values_for(probe, resource, keys, parameter):
                _check_filter(probe, resource, keys, [(parameter, value)])


def filters_are_combined(probe: Probe) -> None:
    """Two filters leave the records that fit both."""
    for resource, keys in probe.lists(most=1):
        for one, other in combinations(_filters(resource.listing), 2):
            pairs = [(_value_of(record, one), _value_of(record, other)) for record in probe.first_list(resource, keys)]
            if any(None not in pair for pair in pairs):
                value, second = _most_selective(pairs)
                _check_filter(probe, resource, keys, [(one, value), (other, second)])


def _most_selective(pairs: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Returns the pair of which most records have only one of the two values: whichever filter is ignored shows."""

    def half_fitting(wanted: tuple[Any, Any]) -> tuple[int, int]:
        halves = [sum(pair[n] == wanted[n] and pair[1 - n] != wanted[1 - n] for pair in pairs) for n in (0, 1)]
        return min(halves), sum(halves)

    return max((pair for pair in dict.fromkeys(pairs) if None not in pair), key=half_fitting)


def filter_for_later_rows(probe: Probe, resource: Resource, keys: Keys) -> Query:
    """Returns a filter that only records behind the first two fit, or an empty query."""
    for parameter in _filters(resource.listing):
        values = [_value_of(record, parameter) for record in probe.first_list(resource, keys)]
        for value in values[2:]:
            if value is not None and value not in values[:2]:
                return {parameter.name: _query_text(value)}
    return {}


def values_filter_by_equality(probe: Probe) -> None:
    """A query name that is a key of an object in the records filters by its value, and not by a part of it."""
    for resource, keys in probe.lists():
        for path in free_keys(probe, resource, keys):
            values = [value_at(record, path) for record in probe.first_list(resource, keys)]
            for value in _values_to_ask_for(values):
                _check_value(probe, resource, keys, path, value)


def _values_to_ask_for(values: list[Any]) -> list[Any]:
    """Returns a few of different values of the same type, and a text that only begins like one of them."""
    texts, numbers, flags = ([v for v in values if type(v) in kinds] for kinds in ((str,), (int, float), (bool,)))
    if len(set(texts)) > 1:
        text = max(texts, key=len)
        return [text, text[:-1]]
    if len(set(numbers)) > 1:
        return numbers[-1:]
    return [False] if len(set(flags)) > 1 else []


def free_keys(probe: Probe, resource: Resource, keys: Keys) -> list[MemberPath]:
    """Returns the keys of objects that a list filters by without naming them; a declared filter wins over a key."""
    if not any(part.schema.get("type") == "object" for part in _filters(resource.listing)):
        return []
    records, contract = probe.first_list(resource, keys), probe.contract
    rows = contract.document.resolve(resource.listing.success.schema or {}).get("items", {})
    free = [n for n in properties_of(contract.document, rows) if contract.member(rows, n).get("additionalProperties")]
    names = {(name, key) for record in records for name in free for key in record.get(name) or {}}
    return sorted(path for path in names if not resource.accepts(path[1]))


def _check_value(probe: Probe, resource: Resource, keys: Keys, path: MemberPath, asked: Any) -> None:
    query, known = {path[-1]: _query_text(asked)}, probe.first_list(resource, keys)
    response = probe.call(resource.listing, keys, query | {"_limit": MOST})
    wanted = [record.get("id") for record in known if value_at(record, path) == asked]
    found = [record.get("id") for record in response.records]
    is_same = sorted(map(str, found)) == sorted(map(str, wanted))
    if not response.ok or is_same or len(known) >= MOST or probe.list_records(resource, keys) != known:
        return
    received = f"{len(found)} records for {path[-1]}={json.dumps(asked, ensure_ascii=False)}"
    expected = response.expects(has_length, len(wanted), len(wanted))
    documented = f"the {len(wanted)} with this value"
    probe.report(resource.listing, "value_filters_by_equality", response, received, documented, expected)


def check_filtered_search(probe: Probe, resource: Resource, keys: Keys, text: str) -> None:
    """A search and a filter leave the records that fit both."""
    known = probe.call(resource.listing, keys, {"_q": text, "_limit": MOST}).records
    for parameter in _filters(resource.listing):
        values = [value for record in known if (value := _value_of(record, parameter)) is not None]
        if len(set(values)) > 1:
            _check_filter(probe, resource, keys, [(parameter, min(values, key=values.count))], {"_q": text}, known)
            return


def _check_filter(
    probe: Probe, resource: Resource, keys: Keys, wanted: Wanted, search: Query = ALL, found_by: Rows | None = None
) -> None:
    """Compares a filtered list with the one without the filter, which may be what a search has found."""
    query = search | {parameter.name: _query_text(value) for parameter, value in wanted}
    sort = {"_sort": "id:DESC"} if "id" in resource.sort_names else {}
    response = probe.call(resource.listing, keys, query | sort | {"_limit": 100})
    if not response.ok:
        _check_refusal(probe, resource, keys, response, wanted)
        return
    if sort and not is_in_order(NEWEST_FIRST, response.records):
        received = f"the ids {[row.get('id') for row in response.records][:8]}" + _describe_query(query | sort)
        expected = response.expects(is_sorted, (), NEWEST_FIRST)
        probe.report(resource.listing, "filtered_list_is_sorted", response, received, "sorted by id:DESC too", expected)
    found = {str(record.get("id")) for record in response.records}
    whole = search | {"_limit": MOST}
    known = probe.first_list(resource, keys) if found_by is None else found_by
    ids = {str(record.get("id")) for record in known} if len(known) < MOST else found
    # A row that does not fit, or that the list does not have without the filter.
    others = [row for row in response.records if _fits(row, wanted) is False or str(row.get("id")) not in ids]
    missing = [one for one in known if _fits(one, wanted) and str(one.get("id")) not in found]
    # Others may work on the target: a missing record counts only if the list is still the same.
    is_doubtful = not others or _fits(others[0], wanted)
    if not (others or missing):
        return
    if is_doubtful and (len(found) >= 100 or probe.call(resource.listing, keys, whole).records != known):
        return
    record, word = (others[0], "with") if others else (missing[0], "without")
    expected = response.expects(contains_value, ("*", "id"), record.get("id"))
    if others:
        differing = [(part.name, value) for part, value in wanted if _value_of(record, part) != value]
        expected = response.expects(is_part_of, probe.call(resource.listing, keys, whole).member())
        if differing:
            expected = response.expects(has_value, ("*", differing[0][0]), differing[0][1])
    shown = ", ".join(f"{part.name} {json.dumps(_value_of(record, part))}" for part, _ in wanted)
    received = f"{len(response.records)} records, {word} {record.get('id')}, which has {shown}"
    documented = "those with" + _describe_query(query).removeprefix(" with")
    probe.report(resource.listing, "filter_leaves_what_is_equal", response, received, documented, expected)


def check_queries(probe: Probe, resource: Resource, keys: Keys, write: Received, shown: Record, name: str) -> None:
    """Checks that a filter and a search find a record by the value that a write has given to a member."""
    value, parameter = shown.get(name), resource.parameter(name)
    above = {key: keys[key] for key in resource.parent_keys}
    wanted = _value_of(shown, parameter) if parameter else None
    queries: list[Query] = [] if wanted is None else [{name: _query_text(wanted)}]
    if name in SEARCHED_IN and resource.accepts("_q") and isinstance(value, str):
        queries.append({"_q": value[:LONGEST_SEARCH].strip()})
    # One that waits for each value would take long where none is found.
    for query in queries if not probe.has_reported(resource.listing, FINDS_WRITTEN) else ():
        answer = probe.call(resource.listing, above, query | {"_limit": MOST})
        if _lacks(answer, shown):
            time.sleep(INDEX_DELAY)
            answer = probe.call(resource.listing, above, query | {"_limit": MOST})
        if _lacks(answer, shown):
            received = f"{len(answer.records)} records{_describe_query(query)}, without {shown.get('id')!r}"
            expected = answer.expects(contains_value, ("*", "id"), write.member("id"), after=[write])
            documented = f"the record too: its {name} has been set to {json.dumps(value)[:80]}"
            probe.report(resource.listing, FINDS_WRITTEN, answer, received, documented, expected)
            return


def _lacks(answer: Received, record: Record) -> bool:
    # An id of another type is a fault of its own.
    ids = [str(row.get("id")) for row in answer.records]
    return answer.ok and len(ids) < MOST and str(record.get("id")) not in ids


def _check_refusal(probe: Probe, resource: Resource, keys: Keys, response: Received, wanted: Wanted) -> None:
    """Reports a refused value that the contract lists, if the list is answered without it."""
    [(parameter, value), *more] = wanted
    is_listed = value in parameter.schema.get("enum", (True, False))
    if not more and is_listed and probe.list_records(resource, keys):
        texts = f"{parameter.name}={_query_text(value)}", "a list: the contract allows this value"
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


def _fits(record: dict[str, Any], wanted: Wanted) -> bool | None:
    """True if a record fits a query; None if a member has another type, which is a fault of the shape."""
    for parameter, _ in wanted:
        if _value_of(record, parameter) is None and record.get(parameter.name) is not None:
            return None
    return all(_value_of(record, parameter) == value for parameter, value in wanted)


def _value_of(record: dict[str, Any], parameter: Parameter) -> Any:
    return _comparable(record.get(parameter.name), parameter.schema.get("type", ""))


def _values_for(probe: Probe, resource: Resource, keys: Keys, parameter: Parameter) -> list[Any]:
    """Returns each value that the contract lists for a filter, else the rarest one of the records and one of none."""
    records = probe.first_list(resource, keys)
    if not any(parameter.name in record for record in records):
        return []
    if parameter.schema.get("type") == "boolean":
        return [True, False]
    listed = [value for value in parameter.schema.get("enum", ()) if value is not None]
    values = [value for record in records if (value := _value_of(record, parameter)) is not None]
    # The rarest: a filter that is ignored shows most records that do not match. Accents may get lost.
    rarest = min(values, key=lambda value: (values.count(value), str(value).isascii()), default=None)
    return listed or ([] if rarest is None else [rarest, *_near(parameter, rarest, values)])


def _near(parameter: Parameter, value: Any, values: list[Any]) -> list[Any]:
    """Returns values of no record that show whether a filter takes more than what is equal."""
    if isinstance(value, str):
        return [one for one in (value[:-1], value.swapcase()) if len(one) > 1 and one not in values]
    most = parameter.schema.get("maximum")
    return [one for one in range(value + 1, most + 1) if one not in values][:1] if most else [MISSING_KEYS[0]]


def _comparable(value: Any, kind: str) -> Any:
    """Returns the part of a member that a filter of this type compares; None if there is none."""
    if isinstance(value, dict):
        value = value.get("id") if kind == "integer" else value.get("slug")
    fits = {"integer": int, "boolean": bool, "string": str}.get(kind)
    return value if fits is not None and type(value) is fits else None


def _filters(operation: Operation) -> list[Parameter]:
    return [parameter for parameter in operation.parameters_in("query") if not parameter.name.startswith("_")]


def _query_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _describe_query(query: dict[str, Any]) -> str:
    return "".join(f" with {name} {json.dumps(value)}" for name, value in query.items())
