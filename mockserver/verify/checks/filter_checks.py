"""Promises of filters: the records that are left, and their count."""

from __future__ import annotations

import json
from typing import Any

from mockserver.contract.operations import Operation, Parameter
from mockserver.verify.probe import MOST, Keys, Probe
from mockserver.verify.resources import Resource


def count_agrees_with_list(probe: Probe) -> None:
    """A count is the length of its list, of all records and of those that a filter leaves."""
    for resource, keys in probe.lists():
        if resource.count is None or not probe.is_wanted(resource.count):
            continue
        _judge_count(probe, resource, resource.count, keys, {})
        for parameter in _filters(resource.count):
            value = _value_for(probe, resource, keys, parameter)
            if value is not None and resource.takes(parameter.name):
                _judge_count(probe, resource, resource.count, keys, {parameter.name: _written(value)})


def _judge_count(probe: Probe, resource: Resource, count: Operation, keys: Keys, query: dict[str, Any]) -> None:
    listed = probe.call(resource.listing, keys, query | {"_limit": MOST})
    answer = probe.call(count, keys, query)
    held = len(listed.records)
    if not listed.ok or type(answer.json) is not int or answer.json == held or held >= MOST:
        return
    is_steady = held == len(probe.call(resource.listing, keys, query | {"_limit": MOST}).records)
    if answer.ok and is_steady:
        probe.tell(
            count,
            "count_agrees_with_list",
            answer,
            received=f"{answer.json}, while the list{_told_query(query)} holds {held}",
            documented="the length of the list under the same filters",
        )


def filter_leaves_what_is_equal(probe: Probe) -> None:
    """A filter named like a member leaves the records that are equal in it."""
    for resource, keys in probe.lists():
        for parameter in _filters(resource.listing):
            _judge_filter(probe, resource, keys, parameter)


def _judge_filter(probe: Probe, resource: Resource, keys: Keys, parameter: Parameter) -> None:
    name, kind = parameter.name, parameter.schema.get("type", "")
    value = _value_for(probe, resource, keys, parameter)
    if value is None:
        return
    answer = probe.call(resource.listing, keys, {name: _written(value), "_limit": 100})
    others = [v for v in (_comparable(record.get(name), kind) for record in answer.records) if v != value]
    if others or (answer.ok and not answer.records and probe.all_of(resource, keys) == probe.known(resource, keys)):
        probe.tell(
            resource.listing,
            "filter_leaves_what_is_equal",
            answer,
            received=f"records with {name} {json.dumps(others[0])}" if others else "no record",
            documented=f"those whose {name} is {json.dumps(value)}",
        )


def _value_for(probe: Probe, resource: Resource, keys: Keys, parameter: Parameter) -> Any:
    """A value of the known records that few of them have; None if there is none to filter by."""
    kind = parameter.schema.get("type", "")
    values = [_comparable(record.get(parameter.name), kind) for record in probe.known(resource, keys)]
    return min((value for value in values if value is not None), key=values.count, default=None)


def _comparable(value: Any, kind: str) -> Any:
    """The part of a member that a filter of this type compares; None if there is none."""
    if isinstance(value, dict):
        value = value.get("id") if kind == "integer" else value.get("slug")
    fits = {"integer": int, "boolean": bool, "string": str}.get(kind)
    return value if fits is not None and type(value) is fits else None


def _filters(operation: Operation) -> list[Parameter]:
    return [parameter for parameter in operation.parameters_in("query") if not parameter.name.startswith("_")]


def _written(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _told_query(query: dict[str, Any]) -> str:
    return "".join(f" with {name} {json.dumps(value)}" for name, value in query.items())
