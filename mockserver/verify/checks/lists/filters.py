"""The filters of a list, which are parameters or keys of objects, and the values worth trying."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from string import ascii_lowercase
from typing import Any

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.records.record_checks import MISSING_KEYS
from mockserver.verify.probe import Probe
from mockserver.verify.received import Keys, Record
from mockserver.verify.resources import Resource

Query = dict[str, Any]

SEARCHED_IN = ("name", "title", "email")
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


def free_keys(probe: Probe, resource: Resource, keys: Keys) -> list[MemberPath]:
    """Returns the keys of objects that a list filters by without naming them; a declared filter wins over a key."""
    free = free_members(probe, resource)
    records = probe.first_list(resource, keys) if free else []
    names = {(name, key) for record in records for name in free for key in record.get(name) or {}}
    return sorted(path for path in names if not resource.accepts(path[1]))


def free_members(probe: Probe, resource: Resource) -> list[str]:
    """Returns the members with objects by whose keys a list filters."""
    if not any(part.schema.get("type") == "object" for part in declared_filters(resource.listing)):
        return []
    contract = probe.contract
    rows = contract.document.resolve(resource.listing.success.schema or {}).get("items", {})
    return [n for n in properties_of(contract.document, rows) if contract.member(rows, n).get("additionalProperties")]


def selective_filters(probe: Probe, resource: Resource, keys: Keys) -> Iterator[tuple[Query, list[Record]]]:
    """Yields each filter with a value for which the records behind the first one are others than without it, and those.

    Filters leave what is equal, which is a promise of its own.
    """
    known = probe.first_list(resource, keys)
    for one in filters_of(probe, resource, keys):
        values = [one.value_of(record) for record in known]
        for value in (value for value in dict.fromkeys(values) if value is not None):
            places = [place for place, other in enumerate(values) if other == value]
            if _is_selective(places, known):
                yield {one.name: query_text(value)}, [known[place] for place in places]
                break


def selective_letters(probe: Probe, resource: Resource, keys: Keys) -> list[str]:
    """Returns letters that a search finds in several records, behind the first one in others than without it."""
    known, paths = probe.first_list(resource, keys), searched_in(probe, resource, keys)
    texts = [" ".join(str(value_at(row, path)) for path in paths).lower() for row in known]
    places = {one: [n for n, text in enumerate(texts) if one in text] for one in ascii_lowercase}
    letters = [one for one in ascii_lowercase if len(places[one]) > 1 and _is_selective(places[one], known)]
    return letters if resource.accepts("_q") else []


def _is_selective(places: list[int], known: list[Record]) -> bool:
    """True if the records at these places of a list are not those with which its second page begins."""
    return places[1:3] != [1, 2][: len(known) - 1]


def searched_in(probe: Probe, resource: Resource, keys: Keys) -> list[MemberPath]:
    """Returns the members in which a search looks: names, or else the texts of an object with free keys."""
    names: list[MemberPath] = [(name,) for name in SEARCHED_IN]
    return [*names, *free_keys(probe, resource, keys)]


def values_for(probe: Probe, resource: Resource, keys: Keys, one: Filter) -> list[Any]:
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


def describe_query(query: dict[str, Any]) -> str:
    return "".join(f" with {name} {json.dumps(value)}" for name, value in query.items())


def fits_query(record: Record, wanted: Wanted) -> bool | None:
    """True if a record fits a query; None if a member has another type, which is a fault of the shape."""
    if any(one.has_other_type(record) for one, _ in wanted):
        return None
    return all(one.value_of(record) == value for one, value in wanted)
