"""Reads for the comparison with the fake, which alone looks at their answers.

At the start the records of the target are read, which the fake needs to answer alike. After the checks, queries and
readers are combined in ways that no single promise describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.walk import properties_of
from mockserver.contract.yaml_text import leaves
from mockserver.verify.checks.access.tenancy_checks import other_workspaces
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.lists.filters import SEARCHED_IN, Filter, filters_of, query_text
from mockserver.verify.judging.assertions import instant
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Record
from mockserver.verify.resources import Resource, is_in_workspace, key_of

_MOST_LISTS = 100  # of one resource
_MOST_TEXTS = 3  # that are searched for in one list
_MOST_READ = 50  # rows of one list whose texts may be searched for
_COMBINED = 3  # queries of one list
_MOST_PARENTS = 5  # below which a record is read with each key
_READ_BY_BOTH = 1  # record of one list, and one that only the stronger key may read
Query = dict[str, Any]


def look_around(probe: Probe) -> None:
    """Reads each answer without path keys with each key and in each workspace, and with the own key all lists."""
    own = probe.credentials.headers()
    others = [probe.credentials.headers(en_workspace=workspace) for workspace in other_workspaces(probe)]
    # The own workspace is counted by a check, with each key.
    counts = [resource.count for resource in probe.resources if resource.count]
    for headers in (own, *probe.credentials.lesser_headers, *others):
        for operation in (one for one in probe.contract.operations if one.method == "GET" and "{" not in one.path):
            is_counted = operation in counts and headers not in others
            if (headers == own or is_in_workspace(operation)) and not is_counted:
                _read(probe, operation, headers)
    for headers in (own, *others) if probe.is_alone else ():
        for resource in (one for one in probe.contract.resources if one.parent_keys and is_in_workspace(one.listing)):
            for keys in list(_parents(probe, resource, headers))[:_MOST_LISTS]:
                probe.first_answer(resource, keys, headers)


def _read(probe: Probe, operation: Operation, headers: Mapping[str, str]) -> None:
    listed = probe.contract.by_listing.get(operation.id)
    if listed is not None:
        probe.first_answer(listed, {}, headers)
    elif not any(parameter.required for parameter in operation.parameters_in("query")):
        probe.call(operation, headers=headers)


def _parents(probe: Probe, resource: Resource, headers: Mapping[str, str]) -> Iterator[Keys]:
    """Yields the path keys of all records above a resource."""
    names = resource.parent_keys
    above = probe.contract.above(resource)
    if not names:
        yield {}
    elif above is not None:
        for keys in _parents(probe, above, headers):
            for record in probe.first_answer(above, keys, headers).records:
                yield keys | {names[-1]: key_of(names[-1], record)}


@for_each_resource
def explore_queries(probe: Probe, resource: Resource) -> None:
    """Sends queries to a list and its count: for parts of texts, for values nearly right, and combined at random."""
    weak = probe.credentials.weak_key
    for keys in probe.parents(resource, most=1):
        rows = probe.list_records(resource, keys)
        filters = filters_of(probe, resource, keys)
        searches = _searches(probe, resource, rows)
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
    if sorting := [name for name in resource.sort_names if not any(_is_coarse(row.get(name)) for row in rows)]:
        names = random.sample(sorting, min(2, len(sorting)))
        query["_sort"] = ",".join(f"{name}:{random.choice(('ASC', 'DESC'))}" for name in names)
    for name, most in (("_start", len(rows) // 2), ("_limit", len(rows))):
        if resource.accepts(name) and random.random() < 0.5:
            query[name] = random.randint(int(name == "_limit"), max(most, 1))
    return query


def _is_coarse(value: Any) -> bool:
    """True for a time that is shown without a fraction: the target may sort by it, and the fake cannot."""
    return instant(value) is not None and "." not in str(value)


def explore_readers(probe: Probe) -> None:
    """Reads records with all keys: what one may read must not depend on what another one has read."""
    own, others = probe.credentials.headers(), probe.credentials.lesser_headers
    begun = set[str]()
    for resource, get, parents in probe.readable(most=_MOST_PARENTS) if others else ():
        rows, is_first = probe.list_records(resource, parents), resource.collection not in begun
        begun.add(resource.collection)
        # Below the other parents one read is enough: a role may allow some of them only.
        for row in rows[:_READ_BY_BOTH] if not is_first else ():
            for headers in others[1:]:
                probe.call(get, parents | {resource.key: key_of(resource.key, row)}, headers=headers)
        for headers in others if is_first else ():
            shown = probe.call(resource.listing, parents, {"_limit": MOST}, headers=headers).records
            hidden = [row for row in rows if row not in shown]
            for row in [*rows[:_READ_BY_BOTH], *hidden[:_READ_BY_BOTH]]:
                keys = parents | {resource.key: key_of(resource.key, row)}
                for one in (own, headers) if headers is others[0] else (headers,):
                    probe.call(get, keys, headers=one)
