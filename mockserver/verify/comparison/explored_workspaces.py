"""Requests for the comparison with the fake: what happens in one workspace must not reach another one.

Mode `full` only. Some records that a new workspace has from the beginning have to stay, as the member of its owner.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract.promises import Effect, Unique
from mockserver.verify.checks.access.workspace_checks import begin_own_workspace, end_own_workspace
from mockserver.verify.checks.promised.promised_records import promises_of_kind, resource_of
from mockserver.verify.checks.writes.samples import choices, sample_body
from mockserver.verify.checks.writes.write import Write
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
            _share_record(probe, resource, headers)
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


def _share_record(probe: Probe, resource: Resource, headers: Mapping[str, str]) -> None:
    """Creates the same record in both workspaces, in the new one in a list of another record, and deletes the own one.

    Both are of one person, who has to stay in that list.
    """
    create, sample = resource.create, sample_body(probe, resource.create) if resource.create else None
    if create is None or sample is None:
        return
    for promise in (one for one in promises_of_kind(probe, create, Effect) if one.key):
        shows = probe.contract.by_id[promise.shows_in]
        there = _create_there(probe, resource_of(probe, shows), headers)
        probe.call(create, {}, body=sample[1] | {promise.sent: [*there.values()]}, headers=headers)
        own = probe.call(create, {}, body=sample[1]).record
        if there and own:
            probe.call(shows, there, headers=headers)
            Write(probe, resource, create, sample[1]).delete({}, own)
            probe.call(shows, there, headers=headers)


def _create_there(probe: Probe, resource: Resource, headers: Mapping[str, str]) -> Keys:
    """Creates a record in the new workspace, and returns its path keys; empty if there is none."""
    sample = sample_body(probe, resource.create) if resource.create else None
    created = probe.call(resource.create, {}, body=sample[1], headers=headers) if resource.create and sample else None
    return {resource.key: key_of(resource.key, created.record)} if created and created.record else {}
