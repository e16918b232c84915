"""The end of the life of a record: it is gone from everywhere, nothing else is, and nothing of it comes back."""

from __future__ import annotations

from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Unique, value_at
from mockserver.verify.checks.lists.filters import SEARCHED_IN, declared_filters, query_text
from mockserver.verify.checks.records.record_checks import absent_keys, absent_query
from mockserver.verify.checks.writes.record_life import RecordLife, check_bystanders, check_neighbours, unusual_values
from mockserver.verify.checks.writes.samples import changed_bodies, sample_body
from mockserver.verify.judging.assertions import changed_members, has_length, has_status, lacks_value
from mockserver.verify.received import Received, show


def check_delete(life: RecordLife, delete: Operation) -> None:
    """Deletes the record, and looks for it wherever it was."""
    probe, resource, before = life.probe, life.resource, life.list_before_write()
    response = life.deletion = probe.call(delete, life.own_keys)
    if 409 not in delete.responses:
        texts = "a record of the run", "a success"
        probe.expect_success(delete, "record_can_be_deleted", response, *texts, after=[life.response])
    if not response.ok:
        return
    get, whole = resource.get, check_neighbours(life, delete, response, before)
    check_bystanders(life, delete, response)
    is_listed = bool(life.listed(whole))
    read = probe.call(get, life.own_keys) if get is not None else Received(0)
    is_readable = read.ok
    if is_readable and get is not None:
        received, expected = "200 for the deleted record", read.expects(has_status, "4xx")
        life.probe.report(delete if is_listed else get, "deleted_is_gone", response, received, "404", expected)
    else:
        again, texts = probe.call(delete, life.own_keys), ("a record that is gone", "404")
        probe.expect_refusal(delete, "deleted_twice_is_refused", again, *texts, after=[response], statuses=(404,))
    if is_listed:
        source = delete if is_readable or get is None else resource.listing
        received, expected = (
            "the deleted record in its list",
            whole.expects(lacks_value, ("*", "id"), life.response.member("id")),
        )
        life.probe.report(source, "deleted_is_not_listed", response, received, "a list without it", expected)
    if not is_readable and not is_listed:
        _check_absent(life)
        _check_forgotten(life, delete)


def _check_absent(life: RecordLife) -> None:
    """Checks that whatever addresses the deleted record, or something below it, is refused."""
    path = f"{life.resource.collection}/{{{life.resource.key}}}"
    for operation in life.probe.operations:
        names = [parameter.name for parameter in operation.parameters_in("path")]
        is_below = operation.path == path or operation.path.startswith(f"{path}/")
        if not is_below or operation in (life.resource.get, life.resource.delete):
            continue
        keys = absent_keys(operation) | {name: key for name, key in life.own_keys.items() if name in names}
        sample = sample_body(life.probe, operation)
        body: Any = (sample[1] if sample else {}) if operation.body else NOT_SET
        if operation == life.resource.update:
            body = changed_bodies(operation, life.body)[0]
        response = life.probe.call(operation, keys, absent_query(operation), body)
        life.probe.expect_refusal(operation, "absent_is_404", response, "what was deleted", "404")


def _check_forgotten(life: RecordLife, delete: Operation) -> None:
    """Checks that no list finds records by the key of the deleted one, and no search the deleted one itself."""
    name = next((name for name in SEARCHED_IN if name in life.last.record and life.resource.accepts("_q")), "")
    found = life.list_all(**{"_q": life.last.record[name]}) if name else Received(0)
    if life.listed(found):
        expected = found.expects(lacks_value, ("*", "id"), life.response.member("id"), after=[life.last, life.deletion])
        received, listing = f"the deleted record in a search for its {name}", life.resource.listing
        life.probe.report(listing, "deleted_is_not_listed", found, received, "a list without it", expected)
    for listing, name, path in life.probe.contract.filters_naming(life.resource):
        query = {name: value_at(life.record, path)}
        response = life.probe.call(listing, query=query) if "{" not in listing.path else Received(0)
        if response.records:
            received = f"{len(response.records)} records of {listing.id} with {name} {show(query[name])}"
            expected = response.expects(has_length, 0, 0, after=[life.response, life.deletion])
            documented = "none: there is no such record any more"
            life.probe.report(delete, "deletion_reaches_referrers", life.deletion, received, documented, expected)


def check_last(life: RecordLife, delete: Operation) -> None:
    """Deletes the other records of the run too: below a parent of the run, one may be the last one."""
    neighbour = life.neighbour
    for sibling in life.siblings[:-1]:
        life.probe.call(delete, life.keys_of(sibling))
    deletion = life.probe.call(delete, life.keys_of(neighbour)) if neighbour.record else Received(0)
    whole = life.list_all() if deletion.ok else Received(0)
    if neighbour.record.get("id") in [row.get("id") for row in whole.records]:
        get = life.resource.get
        is_gone = get is not None and not life.probe.call(get, life.keys_of(neighbour)).ok
        texts = "the deleted record in its list", "a list without it"
        expected = whole.expects(lacks_value, ("*", "id"), neighbour.member("id"))
        source = life.resource.listing if is_gone else delete
        life.probe.report(source, "deleted_is_not_listed", deletion, *texts, expected)


def check_free(life: RecordLife, create: Operation) -> None:
    """Checks that the unique members of a deleted record, which had unusual values, can be used again."""
    delete = life.resource.delete
    # What is still there, or there again, is no fault of the creation.
    is_there = delete is not None and life.probe.has_reported(delete, "deleted_is_gone")
    if is_there or life.probe.has_appeared(life.deletion):
        return
    promised = [one for one in life.probe.contract.promises(create) if isinstance(one, Unique)]
    names = {path[0] for promise in promised for path in promise.members if path[0] in life.body}
    body = life.body | {name: life.last.record.get(name, life.body[name]) for name in names}
    before = [life.response, life.last, life.deletion]
    unusual = life.probe.call(create, life.keys, body=unusual_values(life.creation) | body)
    if unusual.record and life.resource.delete:
        deletion = life.probe.call(life.resource.delete, life.keys_of(unusual))
        _check_not_found(life, unusual, deletion)
        before, life.last = [unusual, deletion], unusual
    response = life.probe.call(create, life.keys, body=body) if names else Received(0)
    texts = f"the {', '.join(sorted(names))} of a deleted record", "a success: no record has it any more"
    life.probe.expect_success(create, "deleted_value_is_free", response, *texts, after=before)
    if response.record:
        _check_new(life, create, response)


def _check_new(life: RecordLife, create: Operation, again: Received) -> None:
    """Checks that a new record with the unique members of a deleted one has nothing of it: no value and no children."""
    write = life.creation
    left_out = [name for name in changed_members(life.record, again.record) if name in write.members]
    returned = [name for name in left_out if again.record[name] == life.last.record.get(name)]
    for name in (name for name in returned if name not in life.body and not write.probe.is_wrong(create, name)):
        why = ", as in a record that has never had another value"
        life.probe.report_value(create, "deleted_values_do_not_return", again, again, (name,), life.response, why)
    own = life.keys_of(again)
    for child in life.probe.contract.resources:
        if child.parent_keys == list(own):
            rows = life.probe.call(child.listing, own)
            if rows.records:
                received = f"{len(rows.records)} records of {child.listing.id} below the new record"
                expected = rows.expects(has_length, 0, 0, after=[life.deletion])
                texts = received, "none: those of the deleted one are gone with it"
                life.probe.report(
                    life.resource.delete or create, "deleted_values_do_not_return", again, *texts, expected
                )


def _check_not_found(life: RecordLife, created: Received, deletion: Received) -> None:
    """Checks that no filter of its list finds a deleted record by a value that it had."""
    listing = life.resource.listing
    for one in declared_filters(listing) if deletion.ok else ():
        value = one.value_of(created.record)
        found = life.list_all(**{one.name: query_text(value)}) if value is not None else Received(0)
        if created.record.get("id") in [row.get("id") for row in found.records]:
            expected = found.expects(lacks_value, ("*", "id"), created.member("id"), after=[deletion])
            received = f"the deleted record with {one.name}={query_text(value)}"
            life.probe.report(listing, "deleted_is_not_listed", found, received, "a list without it", expected)
