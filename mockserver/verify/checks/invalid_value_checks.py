"""Promises of invalid values: a write that sends one is refused, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mockserver.contract.promises import MemberPath
from mockserver.verify.checks.difficult_values import flatten, invalid_values
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.samples import Body, changed_bodies, refused_members, sample_body
from mockserver.verify.checks.write import Write, own_record
from mockserver.verify.judging.assertions import changed_members, contains_value, lacks_value
from mockserver.verify.probe import MOST, REFUSALS, Keys, Probe, Received
from mockserver.verify.resources import Resource
from mockserver.verify.safety.ledger import NAMES


@for_each_resource
def invalid_values_are_refused(probe: Probe, resource: Resource) -> None:
    """A value of another type, beyond a limit or outside an enum is refused, by an update of an own record."""
    if (life := own_record(probe, resource)) is None:
        return
    write, own, _ = life
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
    _check_unchanged(write, own, valid | bad if bad else {}, entries)
    if "minProperties" in flatten(probe.contract.document, write.operation.body.schema if write.operation.body else {}):
        _is_accepted(write, probe.call(write.operation, own, body={}), "an empty body")


def _entries(refusal: Received) -> dict[str, MemberPath]:
    """Returns the texts in the rows of the lists of a refusal, such as the names of bad members, with their paths."""
    lists = [(name, part) for name, part in refusal.error.items() if isinstance(part, list)]
    rows = [(name, row) for name, part in lists for row in part if isinstance(row, dict)]
    return {text: (name, "*", key) for name, row in rows for key, text in row.items() if isinstance(text, str)}


def _check_unchanged(write: Write, own: Keys, sent: Body, entries: dict[str, MemberPath]) -> None:
    """Checks that an update with invalid members keeps nothing of what else it sends, and names each of them.

    `entries` are the members that a refusal names if they are the only invalid one.
    """
    probe, get = write.probe, write.resource.get
    before, response, after = (
        probe.call(get, own),  # type: ignore[arg-type]
        probe.call(write.operation, own, body=sent) if sent else Received(0),
        probe.call(get, own),  # type: ignore[arg-type]
    )
    changed = changed_members(before.record, after.record)
    if response.status in REFUSALS and changed:
        promise, why = "refused_write_changes_nothing", f", as before the {response.status}"
        probe.report_value(write.operation, promise, response, after, (changed[0],), before, why)
    missing = [name for name in entries if name not in _entries(response)] if response.status in REFUSALS else []
    if missing:
        received, documented = f"no entry for {missing[0]} among {len(sent)} members", "one for each bad member"
        expected = response.expects(contains_value, entries[missing[0]], missing[0])
        probe.report(write.operation, "each_bad_member_is_named", response, received, documented, expected)


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
    refused: list[tuple[str, Any, Received]] = []
    for what, changed, left_out in bodies:
        sent = write.fresh(base) | changed
        response = probe.call(create, keys, body={name: sent[name] for name in sent if name != left_out})
        if _is_accepted(write, response, what):
            write.delete(keys, response.record)
        names = [name for name in NAMES if name in sent and name != left_out and name not in changed]
        refused += [(name, sent[name], response) for name in names if response.status in REFUSALS]
    whole = probe.call(resource.listing, keys, {"_limit": MOST})
    for name, value, response in refused:
        if any(row.get(name) == value for row in whole.records):
            received, documented = f"a record with {name} {value!r} after a {response.status}", "no new record"
            expected = whole.expects(lacks_value, ("*", name), value, after=[response])
            probe.report(create, "refused_write_changes_nothing", response, received, documented, expected)


def _invalid(write: Write) -> Iterator[tuple[str, Any]]:
    document, mark = write.probe.contract.document, write.probe.mark
    for name, schema in write.members.items():
        yield from ((name, value) for value in invalid_values(document, schema, mark))
        inner = flatten(document, schema).get("properties", {})
        base: Body = sent if isinstance(sent := write.base.get(name), dict) else {}
        for key in (key for key in inner if key in base):
            yield from ((name, base | {key: value}) for value in invalid_values(document, inner[key], mark))
    yield from refused_members(write.probe, write.operation, write.base)


def _is_accepted(write: Write, response: Received, what: str) -> bool:
    promise, documented = "invalid_value_is_refused", "400: the contract forbids it"
    return write.probe.expect_refusal(write.operation, promise, response, what, documented)
