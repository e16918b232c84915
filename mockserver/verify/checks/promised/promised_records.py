"""What checks of promises share: the promises of a kind, and records that are created and read for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, Referrers, value_at, with_value
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.writes.difficult_values import flatten, value_naming
from mockserver.verify.checks.writes.samples import Body, changed_bodies, sample_body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource, key_of

Lists = dict[Any, Received]  # by the key of the parent
BEHIND = 1000  # as a position: behind all others


def promises_of_kind(probe: Probe, operation: Operation, kind: type[Any]) -> Iterator[Any]:
    return (promise for promise in probe.contract.promises(operation) if isinstance(promise, kind))


def resource_of(probe: Probe, operation: Operation) -> Resource:
    """Returns the resource with this operation, or the one whose record the operation is below."""
    for one in probe.contract.resources:
        if operation in (one.listing, one.create, one.get, one.update, one.delete):
            return one
    resources = [one for one in probe.contract.resources if one.key]
    return next(one for one in resources if operation.path.startswith(f"{one.collection}/{{{one.key}}}"))


def create_record(
    probe: Probe,
    resource: Resource,
    more: Body | None = None,
    without: tuple[MemberPath, ...] = (),
    sample: tuple[Keys, Body] | None = None,
) -> tuple[Keys, Received]:
    """Creates a record; the keys are those of the record itself."""
    sample = sample or (sample_body(probe, resource.create) if resource.create else None)
    if sample is None or resource.create is None:
        return {}, Received(0)
    keys, base = sample
    body = Write(probe, resource, resource.create, base).fresh(base)
    for name, value in (more or {}).items():
        has_both = isinstance(value, dict) and isinstance(body.get(name), dict)
        body[name] = body[name] | value if has_both else value
    for path in without:
        body = without_member(body, path)
    response = probe.call(resource.create, keys, body=body)
    if response.record and resource.key:
        keys = keys | {resource.key: key_of(resource.key, response.record)}
    return keys, response


def repeat_write(probe: Probe, operation: Operation) -> Received:
    """Sends a creation, an update or a deletion once more, to a new record of the run."""
    resource = next((r for r in probe.contract.resources if operation in (r.create, r.update, r.delete)), None)
    keys, created = create_record(probe, resource) if resource else ({}, Received(0))
    if not resource or operation == resource.create or not created.record:
        return created
    body = changed_bodies(operation, created.record)[0] if operation == resource.update else NOT_SET
    return probe.call(operation, keys, body=body)


def read_record(probe: Probe, resource: Resource, keys: Keys) -> tuple[Received, tuple[str, ...]]:
    """Reads a record again, with its GET or in its list; returns the answer and the path of the records in it."""
    if resource.get is not None:
        return probe.call(resource.get, keys), ()
    parents = {name: keys[name] for name in resource.parent_keys}
    return probe.call(resource.listing, parents, {"_limit": MOST}), ("*",)


def record_in(answer: Received, created: Received) -> Record:
    """Returns the created record as an answer shows it."""
    rows = (row for row in answer.records if row.get("id") == created.record.get("id"))
    return answer.record or next(rows, {})


def referring_body(probe: Probe, promise: Referrers, *keys: Any) -> Body:
    """Returns the member of a new record that refers to records with these keys; an object may have only one."""
    schema, (first, *inner) = _referring_schema(probe, promise), promise.member
    named = [{str(key): "text"} for key in keys] if referring_kind(probe, promise) == "object" else keys
    return {first: value_naming(probe.contract.document, schema, tuple(inner), *named)}


def referring_kind(probe: Probe, promise: Referrers) -> str:
    """Returns the type of the member: `object` if keys of it refer to records, `array` if its rows do."""
    kind: str = probe.contract.member(_referring_schema(probe, promise), *promise.member[1:]).get("type", "")
    return kind


def _referring_schema(probe: Probe, promise: Referrers) -> Schema:
    create = probe.contract.by_id[promise.of]
    schema: Schema = probe.contract.member(create.body.schema if create.body else {}, promise.member[0])
    return schema


def whole_lists(probe: Probe, listing: str) -> Lists:
    """Requests a list below each of its parents; empty if a page is full or a list is missing."""
    resource = probe.contract.by_listing[listing]
    above = probe.contract.above(resource)
    if len(resource.parent_keys) > (1 if above else 0):  # a parent without a list, or below another one
        return {}
    # Records that this run has created count too, so that the parents are read again.
    parents = [key_of(above.key, row) for row in probe.list_records(above, {})] if above else [""]
    lists = {key: probe.call(resource.listing, {above.key: key} if above else {}, {"_limit": MOST}) for key in parents}
    is_whole = all(answer.ok and len(answer.records) < MOST for answer in lists.values()) and len(parents) < MOST
    return lists if is_whole else {}


def without_member(body: Body, path: MemberPath) -> Body:
    """Returns a copy of a body without a member, or without a key of an object in it."""
    name, *inner = path
    if not inner:
        return {other: value for other, value in body.items() if other != name}
    return body | {name: without_member(body[name], tuple(inner))} if isinstance(body.get(name), dict) else body


def switched_off(probe: Probe, create: Operation) -> Body:
    """Returns values of a creation that may hide the record: false, and the second of two."""
    document, schema = probe.contract.document, create.body.schema if create.body else {}
    flat = {name: flatten(document, part) for name, part in properties_of(document, schema).items()}
    pairs: Body = {name: part["enum"][-1] for name, part in flat.items() if len(part.get("enum", ())) == 2}
    return pairs | {name: False for name, part in flat.items() if part.get("type") == "boolean"}


def nested_body(values: dict[MemberPath, Any]) -> Body:
    body: Body = {}
    for path, value in values.items():
        body = with_value(body, path, value)
    return body


def member_fits(probe: Probe, operation: Operation, path: MemberPath, received: Any) -> bool:
    return len(path) > 1 or probe.contract.fits(operation, path[0], received)


def ids_of(rows: Any) -> list[Any]:
    """Returns the sorted ids of a list of records or ids; none for anything else."""
    return sorted(value_at(row, ("id",)) if isinstance(row, dict) else row for row in rows or ())
