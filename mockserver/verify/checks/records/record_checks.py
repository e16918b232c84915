"""Promises of single records that reads can check."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.path_matcher import key_names
from mockserver.traffic.fidelity import KEYS
from mockserver.verify.judging.assertions import has_value
from mockserver.verify.probe import Probe
from mockserver.verify.received import Keys, Record, show
from mockserver.verify.resources import Resource, key_of

MOST_READ = 4  # records of a list; of one to which the run can add none
MOST_READ_ALONE = 6
# A number, a slug and a public id: the first that the parameter accepts is used.
TOO_LARGE = 2**63  # for a column of a database
MISSING_KEYS = (2_000_000_011, "no-such-record-here", "Zz00Zz00Zz00Zz00")
READING = "reading_changes_nothing"


def listed_record_can_be_read(probe: Probe) -> None:
    """GET with the key of a listed record returns the same record."""
    for resource, get, keys in probe.readable():
        most = MOST_READ if resource.create else MOST_READ_ALONE
        for record in _unlike(probe.first_list(resource, keys), most):
            response = probe.call(get, keys | {resource.key: key_of(resource.key, record)})
            received = response.record.get("id", record.get("id"))
            if response.status == 404 or (response.ok and received != record.get("id")):
                shown = f"{response.status}" if not response.ok else f"the record {show(received)}"
                expected = response.expects(has_value, ("id",), record.get("id"))
                documented = f"the record {show(record.get('id'))}, which is in the list"
                probe.report(get, "listed_record_can_be_read", response, shown, documented, expected)


def _unlike(records: list[Record], most: int) -> list[Record]:
    """Returns a few records that together have many different values, at first those that other records have too."""
    values = [{f"{name} {_key_text(part)}" for name, part in row.items()} for row in records]
    every = Counter(one for row in values for one in row)
    chosen: list[int] = []
    shown: set[str] = set()
    while len(chosen) < min(most, len(records)):
        news = [(len([one for one in row - shown if every[one] > 1]), len(row - shown)) for row in values]
        chosen.append(max((number for number in range(len(records)) if number not in chosen), key=news.__getitem__))
        shown |= values[chosen[-1]]
    return [records[number] for number in chosen]


def _key_text(part: Any) -> str:
    """Renders a value, of a record within another one its key; numbers, lists and other objects count as equal."""
    key = part.get("id", part.get("slug", "")) if isinstance(part, dict) else ""
    return json.dumps(part) if not part or isinstance(part, (str, bool)) else str(key)


def missing_record_is_404(probe: Probe) -> None:
    """GET of a missing record is a 404, also by a key like one that exists, or by another name of a record."""
    for resource, get, keys in probe.readable(most=1):
        for missing in [_missing_key(get, resource.key), *_similar_keys(probe, resource, keys)]:
            response = probe.call(get, keys | {resource.key: missing})
            texts = f"{resource.key} {show(missing)}", "404, no such record"
            # A key that no record can have may be refused as invalid.
            statuses = (404,) if missing != TOO_LARGE and _fits_key(get, resource.key, missing) else ()
            if probe.expect_refusal(get, "missing_record_is_404", response, *texts, statuses=statuses):
                break


def absent_is_404(probe: Probe) -> None:
    """Whatever is below a missing record is a 404, and so are PUT and DELETE of one."""
    # To delete what a guess names is safe only on a target of one's own.
    methods = ("GET", "PUT", "PATCH", "DELETE") if probe.is_alone else ("GET",)
    readers = [resource.get for resource in probe.contract.resources]  # checked above
    for operation in (one for one in probe.operations if "{" in one.path and one not in readers):
        if operation.method in methods:
            body: Any = {"name": "x", "title": "x", "status": "active"} if operation.body else NOT_SET
            query = absent_query(operation)
            response = probe.call(operation, absent_keys(operation), query, body)
            # A body or a query may be invalid beside another record.
            statuses = () if query or operation.body else (404,)
            texts = "a missing record", "404"
            probe.expect_refusal(operation, "absent_is_404", response, *texts, statuses=statuses)


def _similar_keys(probe: Probe, resource: Resource, keys: Keys) -> list[Any]:
    """Returns keys that a careless target takes for the one of a listed record, and a number that no column holds.

    Numbers beside those of a whole list may be of other workspaces, or deleted.
    """
    known = [key_of(resource.key, record) for record in probe.first_list(resource, keys)]
    texts = [other for key in known if isinstance(key, str) and (other := key.swapcase()) not in known]
    parts = [part for record in probe.first_list(resource, keys) for part in record.values() if isinstance(part, dict)]
    inner = [key for part in parts if type(key := part.get("id")) is int and key not in known]
    first = next(iter(probe.first_list(resource, keys)), {})
    others = [name for part in KEYS if (name := first.get(part)) is not None and str(name) not in map(str, known)]
    if texts or not known:
        return [*texts[:1], *others[:1]]
    return [f"{known[0]}x", TOO_LARGE, *others[:1], *inner[:1], *_beside(probe, resource, keys, known)]


def _beside(probe: Probe, resource: Resource, keys: Keys, known: list[Any]) -> list[int]:
    """Returns numbers before, within and after those of a list that it lacks, if the count says that it is whole."""
    if resource.count is None or probe.call(resource.count, keys).json != len(known):
        return []
    numbers = sorted({key for key in known if type(key) is int})
    before = [number - 1 for number in numbers if number > 1 and number - 1 not in numbers]
    # Somebody else may create the next one.
    after = [number + 1 for number in numbers[-1:] if probe.is_alone]
    return list(dict.fromkeys([*before[:1], *before[-1:], *after]))


def record_is_only_below_its_parent(probe: Probe) -> None:
    """GET of a record with the key of another parent is a 404."""
    for resource in probe.resources:
        get, lists = resource.get, [(keys, probe.first_list(resource, keys)) for keys in probe.parents(resource)]
        if get is None or not probe.is_selected(get) or len(lists) < 2:
            continue
        (own, records), (other, others) = lists[0], lists[1]
        for record in [one for one in records if one not in others][:1]:
            response = probe.call(get, other | {resource.key: key_of(resource.key, record)})
            if response.record.get("id") == record.get("id"):
                places = (", ".join(map(str, keys.values())) for keys in (own, other))
                what = f"the record {record.get('id')} of {' below '.join(places)}"
                probe.expect_refusal(get, "record_is_only_below_its_parent", response, what, "404")


def reading_changes_nothing(probe: Probe) -> None:
    """Two GETs of a record in a row have the same answer."""
    for resource, get, keys in probe.readable(most=1):
        for record in probe.first_list(resource, keys)[:1]:
            own = keys | {resource.key: key_of(resource.key, record)}
            answers = [probe.call(get, own) for _ in range(2)]
            first, second = (answer.record for answer in answers)
            # Others may work on the target: a record that changes only once is no fault.
            if first and second and first != second and probe.call(get, own).record != second:
                names = [name for name in first if first[name] != second.get(name)]
                why = ", the same each time"
                probe.report_value(get, READING, answers[1], answers[1], (names[0],), answers[0], why)


def first_keys(probe: Probe, operation: Operation) -> Keys | None:
    """Returns path keys of an existing record; None if the lists have none."""
    names = key_names(operation.path)
    if not names:
        return {}
    # The list above the last key of the path names the records of that key.
    collection = operation.path.rpartition("/{")[0]
    for resource in probe.contract.resources:
        if resource.collection == collection:
            for keys in probe.parents(resource, most=1):
                for record in probe.first_list(resource, keys)[:1]:
                    return keys | {names[-1]: key_of(names[-1], record)}
    return None


def absent_keys(operation: Operation) -> Keys:
    """Returns valid path keys of a missing record."""
    return {parameter.name: _missing_key(operation, parameter.name) for parameter in operation.parameters_in("path")}


def absent_query(operation: Operation) -> dict[str, Any]:
    """Returns the required query parameters, with the id of a missing record."""
    return {p.name: str(MISSING_KEYS[0]) for p in operation.parameters_in("query") if p.required}


def _missing_key(operation: Operation, name: str) -> Any:
    return next((value for value in MISSING_KEYS if _fits_key(operation, name, value)), MISSING_KEYS[0])


def _fits_key(operation: Operation, name: str, value: Any) -> bool:
    parameter = next(p for p in operation.parameters_in("path") if p.name == name)
    if parameter.schema.get("type") == "integer":
        return isinstance(value, int)
    return isinstance(value, str) and re.search(parameter.schema.get("pattern", ""), value) is not None
