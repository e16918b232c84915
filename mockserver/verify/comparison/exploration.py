"""Requests for the comparison with the fake, which alone looks at their answers.

At the start the records of the target are read, which the fake needs to answer alike. After the checks, queries,
deletions and readers are combined in ways that no single promise describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from itertools import islice
from random import Random
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Effect, Referrers, value_at
from mockserver.contract.walk import properties_of
from mockserver.contract.yaml_text import leaves
from mockserver.verify.checks import PromiseCheck
from mockserver.verify.checks.access_checks import write_as
from mockserver.verify.checks.filter_checks import SEARCHED_IN, Filter, filters_of, query_text
from mockserver.verify.checks.isolation import for_each_operation, for_each_resource
from mockserver.verify.checks.promised_records import create_record, promises_of_kind, referring_body, resource_of
from mockserver.verify.checks.samples import changed_bodies, sample_bodies, sample_body
from mockserver.verify.checks.tenancy_checks import other_workspaces
from mockserver.verify.judging.assertions import instant
from mockserver.verify.probe import MOST, Keys, Probe, Received, Record
from mockserver.verify.resources import Resource, is_in_workspace, key_of
from mockserver.verify.safety.ledger import NAMES
from mockserver.verify.safety.limits import WRITING

_MOST_LISTS = 100  # of one resource
_MOST_TEXTS = 3  # that are searched for in one list
_MOST_READ = 50  # rows of one list whose texts may be searched for
_COMBINED = 3  # queries of one list
_MOST_STATES = 5  # values of one enum
_MOST_PARENTS = 5  # below which a record is read with each key
_READ_BY_BOTH = 1  # record of one list, and one that only the stronger key may read

Query = dict[str, Any]


def look_around(probe: Probe) -> None:
    """Reads each answer without path keys with each key and in each workspace, and with the own key all lists."""
    own = probe.credentials.headers()
    others = [probe.credentials.headers(en_workspace=workspace) for workspace in other_workspaces(probe)]
    for headers in (own, *_of_other_keys(probe), *others):
        for operation in (one for one in probe.contract.operations if one.method == "GET" and "{" not in one.path):
            if headers == own or is_in_workspace(operation):
                _read(probe, operation, headers)
    for headers in (own, *others) if probe.is_alone else ():
        for resource in (one for one in probe.contract.resources if one.parent_keys and is_in_workspace(one.listing)):
            for keys in list(_parents(probe, resource, headers))[:_MOST_LISTS]:
                _list(probe, resource, keys, headers)


def _of_other_keys(probe: Probe) -> list[dict[str, str]]:
    """Returns the headers with each key that may do less than the own one."""
    credentials = probe.credentials
    keys = credentials.weak_key, credentials.limited_key, credentials.viewer_key
    return [credentials.headers(x_api_key=key) for key in keys if key]


def _read(probe: Probe, operation: Operation, headers: Mapping[str, str]) -> None:
    query = operation.parameters_in("query")
    if not any(parameter.required for parameter in query):
        limit = {"_limit": MOST} if "_limit" in [parameter.name for parameter in query] else {}
        probe.call(operation, query=limit, headers=headers)


def _parents(probe: Probe, resource: Resource, headers: Mapping[str, str]) -> Iterator[Keys]:
    """Yields the path keys of all records above a resource."""
    names = resource.parent_keys
    above = probe.contract.above(resource)
    if not names:
        yield {}
    elif above is not None:
        for keys in _parents(probe, above, headers):
            for record in _list(probe, above, keys, headers):
                yield keys | {names[-1]: key_of(names[-1], record)}


def _list(probe: Probe, resource: Resource, keys: Keys, headers: Mapping[str, str]) -> list[Record]:
    if headers == probe.credentials.headers():
        return probe.first_list(resource, keys)
    return probe.call(resource.listing, keys, {"_limit": MOST}, headers=headers).records


@for_each_resource
def explore_queries(probe: Probe, resource: Resource) -> None:
    """Sends queries to a list and its count: for parts of texts, for values nearly right, and combined at random."""
    weak = probe.credentials.weak_key
    for keys in probe.parents(resource, most=1):
        rows = probe.list_records(resource, keys)
        filters = filters_of(probe, resource, keys)
        searches = _searches(probe, resource, rows)
        for query in searches[:1]:  # a count takes no page
            probe.call(resource.listing, keys, query | {"_start": 1})
        alone = [*searches, *_padded_filters(filters, rows), *_hidden(probe, resource)]
        random, parts = Random(resource.collection), [*alone, *_filters(filters, rows)]
        combined = [_combination(resource, rows, parts, random) for _ in range(_COMBINED if rows else 0)]
        for query in (*alone, *combined):
            _ask(probe, resource, keys, query)
        for query in combined[:1] if weak else ():
            _ask(probe, resource, keys, query, probe.credentials.headers(x_api_key=weak))


def _ask(probe: Probe, resource: Resource, keys: Keys, query: Query, headers: Mapping[str, str] | None = None) -> None:
    """Sends a query to a list and, as far as it takes it, to its count."""
    probe.call(resource.listing, keys, query, headers=headers)
    if resource.count is not None and probe.is_selected(resource.count):
        taken = [parameter.name for parameter in resource.count.parameters_in("query")]
        counted = {name: value for name, value in query.items() if name in taken}
        if counted:
            probe.call(resource.count, keys, counted, headers=headers)


def _searches(probe: Probe, resource: Resource, rows: list[Record]) -> list[Query]:
    """Returns searches, each for a part of another text of the records.

    Members that a client writes come first, and texts that no other member of their record contains.
    """
    if not resource.accepts("_q"):
        return []
    schema = resource.create.body.schema if resource.create and resource.create.body else {}
    written = [*properties_of(probe.contract.document, schema or {})] or SEARCHED_IN
    rows = rows[:_MOST_READ][::-1]  # so that the first text of a name stays
    parts = [*({name: row[name] for name in written if name in row} for row in rows), *rows]
    pairs = [(row, name, text) for row in parts for name, text in leaves(row) if _is_searchable(text)]
    found = {name: text for _, name, text in pairs} | {
        name: text for row, name, text in pairs if _is_only(row, name, text)
    }
    texts = dict.fromkeys(text[1:40] for text in found.values())
    return [{"_q": text} for text in islice(texts, _MOST_TEXTS)]


def _is_searchable(value: Any) -> bool:
    """False for a short text, a time, and a word as enums have them, which searches leave out."""
    is_long = isinstance(value, str) and len(value) > 4
    return is_long and not instant(value) and not (value.islower() and value.isidentifier())


def _is_only(row: Record, name: str, text: str) -> bool:
    """True if no member of another name has the text."""
    return not any(text.casefold() in str(value).casefold() for other, value in leaves(row) if other != name)


def _filters(filters: list[Filter], rows: list[Record]) -> list[Query]:
    """Returns a query for each filter, by a value that a record has; checks ask for each of them alone."""
    return [{one.name: query_text(value)} for one in filters for value in _values(one, rows)]


def _padded_filters(filters: list[Filter], rows: list[Record]) -> list[Query]:
    """Returns a filter by each text that a record has, with a space behind it."""
    return [{one.name: f"{text} "} for one in filters for text in _values(one, rows) if isinstance(text, str)]


def _values(one: Filter, rows: list[Record]) -> list[Any]:
    """Returns the last value that a record has."""
    return [value for row in rows if (value := one.value_of(row)) is not None][-1:]


def _hidden(probe: Probe, resource: Resource) -> list[Query]:
    """Returns the filter of workspaces by one that the key may not see."""
    workspace = "" if resource.is_in_workspace else probe.credentials.foreign_workspace
    return [{"slug": workspace}] if workspace and resource.accepts("slug") else []


def _combination(resource: Resource, rows: list[Record], parts: list[Query], random: Random) -> Query:
    """Returns a query of two others, an order and a page."""
    query: Query = {}
    for part in random.sample(parts, min(2, len(parts))):
        query |= part
    if resource.sort_names:
        names = random.sample(resource.sort_names, min(2, len(resource.sort_names)))
        query["_sort"] = ",".join(f"{name}:{random.choice(('ASC', 'DESC'))}" for name in names)
    for name, most in (("_start", len(rows) // 2), ("_limit", len(rows))):
        if resource.accepts(name) and random.random() < 0.5:
            query[name] = random.randint(int(name == "_limit"), max(most, 1))
    return query


@for_each_operation
def explore_deletions(probe: Probe, delete: Operation) -> None:
    """Deletes a record to which others refer that refer to nothing else, in each of their states."""
    for promise in promises_of_kind(probe, delete, Referrers):
        _delete_named(probe, delete, promise)


def _delete_named(probe: Probe, delete: Operation, promise: Referrers) -> None:
    create, (keys, deleted) = probe.contract.by_id[promise.of], create_record(probe, resource_of(probe, delete))
    of, key = resource_of(probe, create), value_at(deleted.record, promise.key)
    if key is MISSING:
        return
    body, states = referring_body(probe, promise, key), _states(probe, create)
    own, referrer = create_record(probe, of, body)
    if referrer.record:
        others = [create_record(probe, of, state | body)[0] for state in states]
        later = {name: state for name, state in _states(probe, of.update)[-1].items() if name not in states[-1]}
        if of.update and later:
            probe.call(of.update, others[-1], body=later)
        elsewhere = _name_below_another_parent(probe, resource_of(probe, delete), of, deleted.record, body)
        # Each may have a parent of its own. In `own-data`, what goes with the record must have been shown before.
        parents = [{name: keys[name] for name in of.parent_keys} for keys in (own, *others, *elsewhere)]
        lists = [one for number, one in enumerate(parents) if one not in parents[:number]]
        for above in lists:
            probe.call(of.listing, above, {"_limit": MOST})
        probe.call(delete, keys)
        for above in lists:
            probe.call(of.listing, above, {"_limit": MOST})


def _name_below_another_parent(
    probe: Probe, resource: Resource, of: Resource, record: Record, body: Record
) -> list[Keys]:
    """Creates a record with the same names below another parent, and a referrer to it; returns the referrer's keys."""
    above = probe.contract.above(resource)
    sample = sample_body(probe, resource.create) if resource.create else None
    if above is None or sample is None or of.parent_keys != resource.parent_keys:
        return []
    parent, created = create_record(probe, above)
    if not created.record:
        return []
    names = {name: record[name] for name in NAMES if name in record}
    if not create_record(probe, resource, names, sample=(parent, sample[1]))[1].record:
        return []
    keys, referrer = create_record(probe, of, body, sample=(parent, {}))
    return [keys] if referrer.record else []


def _states(probe: Probe, write: Operation | None) -> list[Record]:
    """Returns bodies with each value of each member that has an enum, or is a boolean; those of several go together."""
    members = properties_of(probe.contract.document, write.body.schema if write and write.body else {})
    values = {
        name: schema.get("enum", [True, False])
        for name, schema in members.items()
        if "enum" in schema or schema.get("type") == "boolean"
    }
    most = max(map(len, values.values()), default=1)
    return [{name: some[number % len(some)] for name, some in values.items()} for number in range(most)]


@for_each_operation
def explore_states(probe: Probe, update: Operation) -> None:
    """Moves a record from each value of an enum to each other one: what else changes may depend on both."""
    effects = [promise for promise in promises_of_kind(probe, update, Effect) if not promise.given]
    members = properties_of(probe.contract.document, update.body.schema if update.body else {})
    for name in dict.fromkeys(path[0] for promise in effects for path in promise.when):
        values = members[name].get("enum", [])[:_MOST_STATES]
        keys, created = create_record(probe, resource_of(probe, update)) if values else ({}, Received(0))
        for value in _tour(values) if created.record else ():
            probe.call(update, keys, body={name: value})


def _tour(values: list[Any]) -> list[Any]:
    """Returns values in an order in which each one follows each other one."""
    pairs = [(one, other) for number, one in enumerate(values) for other in values[number + 1 :]]
    return [*(one for pair in pairs for one in pair), *values[:1]]


def explore_readers(probe: Probe) -> None:
    """Reads records with all keys: what one may read must not depend on what another one has read."""
    own, others = probe.credentials.headers(), _of_other_keys(probe)
    begun = set[str]()
    for resource, get, parents in probe.readable(most=_MOST_PARENTS) if others else ():
        rows, is_first = probe.list_records(resource, parents), resource.collection not in begun
        begun.add(resource.collection)
        # Below the other parents one read is enough: a role may allow some of them only.
        for row in rows[:_READ_BY_BOTH] if not is_first else ():
            for headers in others[1:]:
                probe.call(get, parents | {resource.key: key_of(resource.key, row)}, headers=headers)
        for headers in others if is_first else ():
            shown = _list(probe, resource, parents, headers)
            hidden = [row for row in rows if row not in shown]
            for row in [*rows[:_READ_BY_BOTH], *hidden[:_READ_BY_BOTH]]:
                keys = parents | {resource.key: key_of(resource.key, row)}
                for one in (own, headers) if headers is others[0] else (headers,):
                    probe.call(get, keys, headers=one)


@for_each_operation
def explore_writers(probe: Probe, operation: Operation) -> None:
    """Sends a write with the keys of members that may do less: it depends on their roles whether it is refused."""
    keys = [key for key in (probe.credentials.limited_key, probe.credentials.viewer_key) if key]
    if operation.method == "GET" or not is_in_workspace(operation) or not keys:
        return
    of = next((one for one in probe.contract.resources if operation in (one.create, one.update, one.delete)), None)
    # In `full`, one of them is of a kind that a role may allow.
    samples: list[Any] = (sample_bodies(probe, of.create) if of and of.create else []) or [None]
    for sample in samples:
        request: tuple[Keys, Any] | None = None
        for key in keys:
            if of and (request is None or operation == of.delete):
                request = _write_of(probe, operation, of, sample)
            write_as(probe, operation, probe.credentials.headers(x_api_key=key), request)


def _write_of(
    probe: Probe, operation: Operation, of: Resource, sample: tuple[Keys, Any] | None
) -> tuple[Keys, Any] | None:
    """Returns path keys and a body: of the sample for a creation, else of a record that is made of it."""
    if sample is None or operation == of.create:
        return sample
    own, created = create_record(probe, of, sample=sample)
    body = changed_bodies(operation, created.record)[0] if operation.body else NOT_SET
    return (own, body) if created.record else None


@for_each_resource
def explore_generated(probe: Probe, resource: Resource) -> None:
    """Creates a record with its relations filled in after all others, on which may depend what is created with it.

    What is created with it is in the lists without a creation of their own.
    """
    for sample in sample_bodies(probe, resource.create)[1:] if resource.create else ():
        create_record(probe, resource, sample=sample)
        for other in (one for one in probe.contract.resources if one.create is None and not one.parent_keys):
            order = {"_sort": "id:DESC"} if "id" in other.sort_names else {}
            probe.call(other.listing, {}, {"_limit": MOST} | order)


EXPLORATION = (
    PromiseCheck(explore_queries),
    PromiseCheck(explore_deletions, WRITING),
    PromiseCheck(explore_states, WRITING),
    PromiseCheck(explore_readers),
    PromiseCheck(explore_writers, WRITING),
    PromiseCheck(explore_generated, WRITING),
)
