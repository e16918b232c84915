"""Requests for the comparison with the fake: records with a flag that no request can set are changed and deleted.

Mode `full` only: a target that lets them go loses them.
"""

from __future__ import annotations

from mockserver.contract.walk import properties_of
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.writes.samples import changed_bodies
from mockserver.verify.probe import Probe
from mockserver.verify.resources import Resource, key_of


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
