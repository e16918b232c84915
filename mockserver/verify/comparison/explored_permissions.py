"""Permissions, for the comparison with the fake: what a limited key may do while its role has one more of them.

Mode `full` only: the role is one of the target, and its other members may do the same until the permission is removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.promises import value_at
from mockserver.verify.checks.promised.promised_records import create_record, resource_of
from mockserver.verify.checks.writes.samples import changed_bodies, sample_body
from mockserver.verify.probe import Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource

_ROLE = ("member", "role")  # in the context of a key
_ACTIONS = ("read", "create", "update", "delete")  # the last one may take the record away
_NEEDED_BY = {"items": "createItem", "settings": "createRole"}  # areas, and a creation that needs a permission in each


def explore_permissions(probe: Probe) -> None:
    """Gives the role of the limited key one action of an area after the other, and sends each request with that key."""
    names = ("getWorkspaceContext", "addRolePermission", "removeRolePermission", *_NEEDED_BY.values())
    known = [probe.contract.by_id[name] for name in names if name in probe.contract.by_id]
    if not probe.credentials.limited_key or len(known) < len(names):
        return
    context, grant, revoke, *creations = known
    headers = probe.credentials.headers(x_api_key=probe.credentials.limited_key)
    role = value_at(probe.call(context, headers=headers).record, _ROLE)
    # If the target does not remove permissions, the role would keep them.
    if role in (None, MISSING) or any(broken.operation == revoke.id for broken in probe.broken_promises):
        return
    for area, resource in zip(_NEEDED_BY, (resource_of(probe, create) for create in creations), strict=True):
        is_selected = any(map(probe.is_selected, (grant, revoke, *_operations(resource))))
        keys, created = create_record(probe, resource) if is_selected else ({}, Received(0))
        for action in _ACTIONS if created.record else ():
            own_type = {"item_type": keys["slug"]} if "slug" in keys else {}
            granted = probe.call(grant, {"roleId": role}, body={"area": area, "action": action} | own_type)
            _try_each(probe, resource, keys, created.record, headers)
            if granted.record:
                probe.call(revoke, {"roleId": role, "permissionId": granted.record.get("id")})
            if action == "read":
                probe.call(resource.listing, keys, headers=headers)


def _operations(resource: Resource) -> list[Any]:
    return [resource.listing, resource.get, resource.create, resource.update, resource.delete]


def _try_each(probe: Probe, resource: Resource, keys: Keys, record: Record, headers: Mapping[str, str]) -> None:
    """Sends each operation of a resource with the headers of another caller, to a record of the run."""
    for operation in filter(probe.is_selected, _operations(resource)):
        sample = sample_body(probe, operation) if operation == resource.create else (keys, NOT_SET)
        if operation == resource.update:
            sample = keys, changed_bodies(operation, record)[0]
        if sample is not None:
            probe.call(operation, sample[0], body=sample[1], headers=headers)
