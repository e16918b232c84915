"""Promises of filters: which records they leave, and how many."""

from __future__ import annotations

import json
from typing import Any

from mockserver.contract.operations import Operation, Parameter
from mockserver.verify.probe import MOST, Keys, Probe
from mockserver.verify.resources import Resource


def count_agrees_with_list(probe: Probe) -> None:
    """A count is the length of its list, without a filter and with each one."""
    for resource, keys in probe.lists():
        if resource.count is None or not probe.is_selected(resource.count):
            continue
        _check_count(probe, resource, resource.count, keys, {})
        for parameter in _filters(resource.count):
            value = _value_for(probe, resource, keys, parameter)
            if value is not None and resource.accepts(parameter.name):
                _check_count(probe, resource, resource.count, keys, {parameter.name: _query_text(value)})


def _check_count(probe: Probe, resource: Resource, count: Operation, keys: Keys, query: dict[str, Any]) -> None:
    listed = probe.call(resource.listing, keys, query | {"_limit": MOST})
    response = probe.call(count, keys, query)
    length = len(listed.records)
    # A full page says nothing about the length of the list.
    if not listed.ok or type(response.json) is not int or response.json == length or length >= MOST:
        return
    # Others may work on the target: the list counts only if it has the same length again.
    is_steady = length == len(probe.call(resource.listing, keys, query | {"_limit": MOST}).records)
    if response.ok and is_steady:
        probe.report(
            count,
            "count_agrees_with_list",
            response,
            received=f"{response.json}, while the list{_describe_query(query)} has {length}",
            documented="the length of the list under the same filters",
        )


def filter_leaves_what_is_equal(probe: Probe) -> None:
    """A filter with the name of a member leaves the records with an equal value."""
    for resource, keys in probe.lists():
        for parameter in _filters(resource.listing):
            _check_filter(probe, resource, keys, parameter)


def _check_filter(probe: Probe, resource: Resource, keys: Keys, parameter: Parameter) -> None:
    name, kind = parameter.name, parameter.schema.get("type", "")
    value = _value_for(probe, resource, keys, parameter)
    if value is None:
        return
    response = probe.call(resource.listing, keys, {name: _query_text(value), "_limit": 100})
    others = [v for v in (_comparable(record.get(name), kind) for record in response.records) if v != value]
    if others or (
        response.ok and not response.records and probe.list_records(resource, keys) == probe.first_list(resource, keys)
    ):
        probe.report(
            resource.listing,
            "filter_leaves_what_is_equal",
            response,
            received=f"records with {name} {json.dumps(others[0])}" if others else "no record",
            documented=f"those whose {name} is {json.dumps(value)}",
        )


def _value_for(probe: Probe, resource: Resource, keys: Keys, parameter: Parameter) -> Any:
    """Returns the rarest value of the listed records; None if they have none to filter by."""
    kind = parameter.schema.get("type", "")
    values = [_comparable(record.get(parameter.name), kind) for record in probe.first_list(resource, keys)]
    # The rarest: a filter that is ignored shows most records that do not match.
    return min((value for value in values if value is not None), key=values.count, default=None)


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
