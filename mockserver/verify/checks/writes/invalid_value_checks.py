"""Promises of invalid values: a write that sends one is refused, and the refusal names it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mockserver.contract.promises import MemberPath
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.writes.difficult_values import flatten, invalid_values
from mockserver.verify.checks.writes.record_life import begin_full_life
from mockserver.verify.checks.writes.samples import Body, changed_bodies, sample_body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.judging.assertions import contains_value
from mockserver.verify.probe import REFUSALS, Probe
from mockserver.verify.received import Keys, Received
from mockserver.verify.resources import Resource
from mockserver.verify.safety.ledger import NAMES

MALFORMED = b'{"name": '


@for_each_resource
def invalid_values_are_refused(probe: Probe, resource: Resource) -> None:
    """A value of another type, beyond a limit or outside an enum is refused, by an update of an own record."""
    if (life := begin_full_life(probe, resource)) is None:
        return
    write, own = life.update, life.own_keys
    valid: Body = changed_bodies(write.operation, write.base)[0]
    bad: Body = {}
    entries: dict[str, MemberPath] = {}  # of the refusals
    for name, value in _invalid(write):
        response = probe.call(write.operation, own, body={name: value})
        if _is_accepted(write, response, f"{name} {json.dumps(value)[:80]}") and name in NAMES:
            # Cleanup recognises the record by its name.
            probe.call(write.operation, own, body=write.fresh({name: write.base[name]}))
        if response.status in REFUSALS and name not in valid:
            bad.setdefault(name, value)  # the first ones are those that the schema forbids
            entries |= {text: path for text, path in _entries(response).items() if text == name}
    _check_named(write, own, bad, entries)
    _is_accepted(write, probe.call(write.operation, own, body=MALFORMED), "half a JSON object")
    if "minProperties" in flatten(probe.contract.document, write.operation.body.schema if write.operation.body else {}):
        _is_accepted(write, probe.call(write.operation, own, body={}), "an empty body")


def _entries(refusal: Received) -> dict[str, MemberPath]:
    """Returns the texts in the rows of the lists of a refusal, such as the names of bad members, with their paths."""
    lists = [(name, part) for name, part in refusal.error.items() if isinstance(part, list)]
    rows = [(name, row) for name, part in lists for row in part if isinstance(row, dict)]
    return {text: (name, "*", key) for name, row in rows for key, text in row.items() if isinstance(text, str)}


def _check_named(write: Write, own: Keys, sent: Body, entries: dict[str, MemberPath]) -> None:
    """Checks that the refusal of several invalid members names each of them, as it does for each alone."""
    response = write.probe.call(write.operation, own, body=sent) if len(entries) > 1 else Received(0)
    missing = [name for name in entries if name not in _entries(response)] if response.status in REFUSALS else []
    if missing:
        received, documented = f"no entry for {missing[0]} among {len(sent)} members", "one for each bad member"
        expected = response.expects(contains_value, entries[missing[0]], missing[0])
        write.probe.report(write.operation, "each_bad_member_is_named", response, received, documented, expected)


@for_each_resource
def invalid_creations_are_refused(probe: Probe, resource: Resource) -> None:
    """A creation with an invalid value, or without a member that is required, is refused."""
    create = resource.create
    if create is None or not probe.is_selected(create) or (sample := sample_body(probe, create)) is None:
        return
    keys, base = sample
    write = Write(probe, resource, create, base)
    schema = flatten(probe.contract.document, create.body.schema if create.body else {})
    bodies = [(f"{name} {json.dumps(value)[:80]}", {name: value}, "") for name, value in _invalid(write)]
    bodies += [(f"a body without {name}", {}, name) for name in schema.get("required", ()) if name in base]
    for what, changed, left_out in bodies:
        sent = write.fresh(base) | changed
        response = probe.call(create, keys, body={name: sent[name] for name in sent if name != left_out})
        if _is_accepted(write, response, what):
            write.delete(keys, response.record)
    _is_accepted(write, probe.call(create, keys, body=MALFORMED), "half a JSON object")


def invalid_members(write: Write) -> Body:
    """Returns an invalid value for each member of a body."""
    return dict(reversed(list(_invalid(write))))


def invalid_objects(write: Write) -> Iterator[Body]:
    """Yields for each object of which an update keeps the rest a body with other values, of which one is invalid."""
    for name, base in write.base.items():
        bad = (value for member, value in _invalid(write) if member == name and isinstance(value, dict))
        odd = next(({key: value[key]} for value in bad for key in base if value.get(key) != base[key]), None)
        if odd is not None and write.is_merged(name):
            yield {name: write.other_keys(name) | odd}


def _invalid(write: Write) -> Iterator[tuple[str, Any]]:
    document, mark = write.probe.contract.document, write.probe.mark
    for name, schema in write.members.items():
        yield from ((name, value) for value in invalid_values(document, schema, mark))
        flat = flatten(document, schema)
        inner, base = flat.get("properties", {}), sent if isinstance(sent := write.base.get(name), dict) else {}
        for key in (key for key in inner if key in base):
            yield from ((name, base | {key: value}) for value in invalid_values(document, inner[key], mark))
        for needed in flat.get("required", ()) if base and not write.is_update else ():
            yield name, {key: value for key, value in base.items() if key != needed}


def _is_accepted(write: Write, response: Received, what: str) -> bool:
    promise, documented = "invalid_value_is_refused", "400: the contract forbids it"
    write.probe.expect_refusal(write.operation, promise, response, what, documented, statuses=(*REFUSALS, 403))
    return response.ok
