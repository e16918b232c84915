"""Promises of separate workspaces: what one of them has does not exist in another one of the same key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.yaml_text import leaves
from mockserver.verify.checks.isolation import for_each_operation, for_each_resource
from mockserver.verify.checks.lists.count_checks import check_count
from mockserver.verify.checks.lists.filters import SEARCHED_IN
from mockserver.verify.judging.assertions import lacks_text, lacks_value
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource, is_in_workspace, key_of

# A record, or a list below one, that the workspace should not have.
UNLISTED = "unlisted_is_hidden"
SEPARATE = "workspaces_are_separate"
MOST_FOREIGN = 2  # records of another workspace that are requested
MOST_NEIGHBOURS = 4  # keys of one list that are requested although it lacks them


@for_each_resource
def other_workspaces_are_separate(probe: Probe, resource: Resource) -> None:
    """Records of another workspace are in no list, no search finds them, and their keys answer 404."""
    for workspace in other_workspaces(probe)[:1] if resource.is_in_workspace else ():
        own = {
            str(record.get("id")): record
            for keys in probe.parents(resource)
            for record in probe.first_list(resource, keys)
        }
        for number, (keys, record) in enumerate(foreign_records(probe, resource, workspace)):
            if own.get(str(record.get("id"))) == record:
                _check_lists(probe, resource, record, workspace, is_listed=True)
            elif str(record.get("id")) not in own:
                _check_hidden(probe, resource, keys, record, workspace)
                if number == 0:
                    _check_lists(probe, resource, record, workspace, is_listed=False)
                    _check_below(probe, resource, keys, record, workspace)


@for_each_resource
def unlisted_neighbours_are_hidden(probe: Probe, resource: Resource) -> None:
    """A key beside those of a list, which lacks it, may be that of a record in another workspace: it answers 404."""
    rows = probe.first_list(resource, {}) if resource.is_in_workspace and not resource.parent_keys else []
    known = _keys(resource, rows) if len(rows) < MOST and resource.key else set()
    path = f"{resource.collection}/{{{resource.key}}}"
    readers = [one for one in probe.operations if one.method == "GET" and one.path.startswith(path)]
    for key in _neighbours(known):
        for operation in (one for one in readers if len(one.parameters_in("path")) == 1):
            if probe.has_reported(operation, SEPARATE):
                continue
            answer = probe.call(operation, {resource.key: key})
            if (answer.record or answer.records) and _is_unlisted(probe, resource, key):
                what, documented = f"the key {key}, which {resource.listing.id} does not list", "404: no such record"
                probe.expect_refusal(operation, UNLISTED, answer, what, documented, statuses=(404,))
                return


def _is_unlisted(probe: Probe, resource: Resource, key: Any) -> bool:
    """True if a list still lacks a key, which others may have created, and does not go on behind its longest page."""
    page = probe.list_records(resource, {})
    if key in _keys(resource, page):
        return False
    behind = {"_start": len(page), "_limit": 1}
    return not (resource.accepts("_start") and probe.call(resource.listing, {}, behind).records)


def _keys(resource: Resource, rows: list[Record]) -> set[Any]:
    return {key_of(resource.key, row) for row in rows}


def _neighbours(known: set[Any]) -> list[int]:
    """Returns numbers next to known ones, the lowest ones first: those of later records may be in use soon."""
    numbers = {key for key in known if type(key) is int}
    beside = {near for number in numbers for near in (number - 1, number + 1) if near > 0}
    return sorted(beside - numbers)[:MOST_NEIGHBOURS]


@for_each_operation
def single_answers_are_of_the_workspace(probe: Probe, operation: Operation) -> None:
    """Sends each GET without path keys once: a workspace that its answer names is the one in the header."""
    is_listing = operation in [resource.listing for resource in probe.contract.resources]
    if operation.method != "GET" or "{" in operation.path or is_listing:
        return
    response, own = probe.call(operation), probe.credentials.workspace
    texts = {text for _, text in leaves(response.json)} if response.ok else set()
    for other in other_workspaces(probe) if is_in_workspace(operation) else ():
        if other in texts and own not in texts:
            expected = response.expects(lacks_text, f'"{re.escape(other)}"')
            received, documented = f"the workspace {other}", f"the workspace {own}, as in the header"
            probe.report(operation, "answer_is_of_the_workspace", response, received, documented, expected)


def other_workspaces(probe: Probe) -> list[str]:
    """Returns the slugs of the other workspaces that the key of the run may read."""
    listing = next((one for one in probe.contract.resources if not one.is_in_workspace and one.create), None)
    slugs = [str(row["slug"]) for row in probe.first_list(listing, {}) if "slug" in row] if listing else []
    return [slug for slug in slugs if slug != probe.credentials.workspace and probe.mark not in slug]


def foreign_records(probe: Probe, resource: Resource, workspace: str) -> Iterator[tuple[Keys, Record]]:
    """Yields a few records of another workspace, with the path keys of their list."""
    headers = probe.credentials.headers(en_workspace=workspace)
    above = probe.contract.above(resource)
    parents: list[Keys] = [] if resource.parent_keys else [{}]
    if above is not None and not above.parent_keys:
        rows = probe.call(above.listing, {}, {"_limit": MOST_FOREIGN}, headers=headers).records
        parents = [{above.key: key_of(above.key, row)} for row in rows]
    for keys in parents:
        rows = probe.call(resource.listing, keys, {"_limit": MOST_FOREIGN}, headers=headers).records
        yield from ((keys, row) for row in rows)


def _check_lists(probe: Probe, resource: Resource, record: Record, workspace: str, *, is_listed: bool) -> None:
    """Reports a record of another workspace in the whole list or, for one that is not there, in a search for it."""
    text = next((text for name in SEARCHED_IN if isinstance(text := record.get(name), str)), "")
    query = {"_limit": MOST} if is_listed else {"_q": text} if text and resource.accepts("_q") else {}
    for keys in probe.parents(resource, most=1) if query else ():
        answer = probe.call(resource.listing, keys, query)
        if is_listed or record.get("id") in [row.get("id") for row in answer.records]:
            received = f"the record {record.get('id')}, which the workspace {workspace} lists too"
            received += "" if is_listed else f", for _q={text}"
            expected = answer.expects(lacks_value, ("*", "id"), record.get("id"))
            documented = "only records of the workspace in the header"
            probe.report(resource.listing, SEPARATE, answer, received, documented, expected)
        else:
            check_count(probe, resource, keys, query)


def _check_below(probe: Probe, resource: Resource, keys: Keys, record: Record, workspace: str) -> None:
    """Reports a record of another workspace in the list below its parent, which is in that workspace too."""
    answer = probe.call(resource.listing, keys) if keys else Received(0)
    if record.get("id") in [row.get("id") for row in answer.records]:
        received = f"the record {record.get('id')}, below a record of the workspace {workspace}"
        expected = answer.expects(lacks_value, ("*", "id"), record.get("id"))
        documented = "404: what the path names is in another workspace"
        probe.report(resource.listing, UNLISTED, answer, received, documented, expected)


def _check_hidden(probe: Probe, resource: Resource, keys: Keys, record: Record, workspace: str) -> None:
    get = resource.get
    if get is None or not probe.is_selected(get):
        return
    for parents in [keys, *(probe.parents(resource, most=1) if keys else [])]:
        response = probe.call(get, parents | {resource.key: key_of(resource.key, record)})
        # A key such as a slug may exist in both workspaces: only the very record is a leak.
        if response.record.get("id") == record.get("id") and response.ok:
            what = f"the record {record.get('id')} of the workspace {workspace}"
            documented = "404: the record is in another workspace"
            probe.expect_refusal(get, SEPARATE, response, what, documented)
            return
