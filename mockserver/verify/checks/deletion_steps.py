"""The end of the life of a record: it is gone from everywhere, and nothing else is."""

from __future__ import annotations

from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import value_at
from mockserver.verify.checks.filter_checks import SEARCHED_IN, declared_filters, query_text
from mockserver.verify.checks.record_checks import absent_keys, absent_query
from mockserver.verify.checks.record_life import RecordLife, check_neighbours
from mockserver.verify.checks.samples import changed_bodies, sample_body
from mockserver.verify.judging.assertions import has_length, has_status, lacks_value
from mockserver.verify.probe import Received


def check_delete(life: RecordLife, delete: Operation) -> None:
    """Deletes the record, and looks for it wherever it was."""
    probe, resource, before = life.probe, life.resource, life.list_all()
    response = life.deletion = probe.call(delete, life.own_keys)
    if 409 not in delete.responses:
        texts = "a record of the run", "a success"
        probe.expect_success(delete, "record_can_be_deleted", response, *texts, after=[life.response])
    if not response.ok:
        return
    check_neighbours(life, delete, response, before)
    get, whole = resource.get, life.list_all()
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


def check_not_found(life: RecordLife, created: Received, deletion: Received) -> None:
    """Checks that no filter of its list finds a deleted record by a value that it had."""
    listing = life.resource.listing
    for one in declared_filters(listing):
        value = one.value_of(created.record)
        found = life.list_all(**{one.name: query_text(value)}) if value is not None else Received(0)
        if created.record.get("id") in [row.get("id") for row in found.records]:
            expected = found.expects(lacks_value, ("*", "id"), created.member("id"), after=[deletion])
            received = f"the deleted record with {one.name}={query_text(value)}"
            life.probe.report(listing, "deleted_is_not_listed", found, received, "a list without it", expected)


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
            received = f"{len(response.records)} records of {listing.id} with {name} {query[name]!r}"
            expected = response.expects(has_length, 0, 0, after=[life.response, life.deletion])
            documented = "none: there is no such record any more"
            life.probe.report(delete, "deletion_reaches_referrers", life.deletion, received, documented, expected)
