"""Requests for the comparison with the fake: records that a target has made by itself are changed and deleted.

Some of them have to stay, such as the member of an owner. Mode `full` only: a target that lets them go loses them.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract.promises import Unique
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.access.workspace_checks import begin_own_workspace, end_own_workspace
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.promised.promised_records import promises_of_kind
from mockserver.verify.checks.writes.samples import changed_bodies, choices, sample_body
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Record
from mockserver.verify.resources import Resource, is_in_workspace, key_of
from mockserver.verify.safety.ledger import NAMES


def explore_new_workspace(probe: Probe) -> None:
    """Changes and deletes what a new workspace has from the beginning: the run may lose its access to that one only."""
    slug = begin_own_workspace(probe, "preset")
    headers = probe.credentials.headers(en_workspace=slug)
    for resource in probe.resources if slug else ():
        if is_in_workspace(resource.listing) and not resource.parent_keys and resource.key:
            rows = probe.call(resource.listing, query={"_limit": MOST}, headers=headers).records
            for row in rows:
                _change_and_delete(probe, resource, {resource.key: key_of(resource.key, row)}, row, headers)
            _use_names_elsewhere(probe, resource, headers)
    if slug:
        end_own_workspace(probe, slug)


def _use_names_elsewhere(probe: Probe, resource: Resource, headers: Mapping[str, str]) -> None:
    """Gives a new record each unique name that one of the workspace of the run has: it is unique only there."""
    create, sample = resource.create, sample_body(probe, resource.create) if resource.create else None
    if create is None or sample is None:
        return
    names = [one.members[0][0] for one in promises_of_kind(probe, create, Unique) if len(one.members) == 1]
    # An address would reach people.
    for name in (name for name in names if name in NAMES and name != "email"):
        for row in probe.first_list(resource, {})[:1]:
            probe.call(create, {}, body=sample[1] | {name: row[name]}, headers=headers)


def _change_and_delete(probe: Probe, resource: Resource, keys: Keys, row: Record, headers: Mapping[str, str]) -> None:
    """Sets each choice of a record to each value, and deletes it, until the target has done one of that."""
    for body in choices(probe, resource.update):
        if resource.update and probe.is_selected(resource.update):
            response = probe.call(resource.update, keys, body=body, headers=headers)
            if any(name in row and response.record.get(name, row[name]) != row[name] for name in body):
                return
    if resource.delete and probe.is_selected(resource.delete):
        probe.call(resource.delete, keys, headers=headers)


@for_each_resource
def explore_preset_records(probe: Probe, resource: Resource) -> None:
    """Changes and deletes a record with a flag that no request can set."""
    update, delete, flags = resource.update, resource.delete, _preset_flags(probe, resource)
    for keys in probe.parents(resource) if flags and resource.create else ():
        rows = [row for row in probe.list_records(resource, keys) if any(row.get(name) for name in flags)]
        for own in (keys | {resource.key: key_of(resource.key, row)} for row in rows[:1]):
            # They are records of others: what the user has not asked for must not reach them.
            if update and probe.is_selected(update):
                probe.call(update, own, body=changed_bodies(update, rows[0])[0])
            if delete and probe.is_selected(delete):
                probe.call(delete, own)


def _preset_flags(probe: Probe, resource: Resource) -> list[str]:
    """Returns the boolean members of a record that only the target sets."""
    rows = probe.contract.member(resource.listing.success.schema or {}).get("items", {})
    members = properties_of(probe.contract.document, rows).items()
    return [name for name, schema in members if schema.get("readOnly") and schema.get("type") == "boolean"]
