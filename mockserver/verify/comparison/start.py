"""What a run reads before it writes: the records of the target, which a fake needs to answer like it."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.verify.probe import MOST, Keys, Probe
from mockserver.verify.resources import Resource, key_of

_MOST_LISTS = 100  # of one resource


def look_around(probe: Probe) -> None:
    """Reads all lists, and each other answer without path keys, with each key."""
    credentials = probe.credentials
    for headers in [credentials.headers(x_api_key=key) for key in (credentials.key, credentials.weak_key) if key]:
        for operation in (one for one in probe.contract.operations if one.method == "GET" and "{" not in one.path):
            query = operation.parameters_in("query")
            if not any(parameter.required for parameter in query):
                limit = {"_limit": MOST} if "_limit" in [parameter.name for parameter in query] else {}
                probe.call(operation, query=limit, headers=headers)
    for resource in probe.contract.resources if probe.is_alone else ():
        for keys in list(_parents(probe, resource))[:_MOST_LISTS]:
            probe.first_list(resource, keys)


def _parents(probe: Probe, resource: Resource) -> Iterator[Keys]:
    """Yields the path keys of all records above a resource."""
    names = resource.parent_keys
    above = next((one for one in probe.contract.resources if names and one.key == names[-1]), None)
    if not names:
        yield {}
    elif above is not None:
        for keys in _parents(probe, above):
            for record in probe.first_list(above, keys):
                yield keys | {names[-1]: key_of(names[-1], record)}
