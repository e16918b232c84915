"""Promises of success: what the contract allows is accepted at least once.

Checks of single values compare with a request that was accepted, and checks of records need records, so that both are
silent about an operation that refuses everything. This one asks once more what was never accepted.
"""

from __future__ import annotations

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised_records import create_record
from mockserver.verify.checks.record_checks import first_keys
from mockserver.verify.checks.samples import changed_bodies, sample_body
from mockserver.verify.judging.assertions import has_status
from mockserver.verify.probe import REFUSALS, Probe, Received


@for_each_operation
def operation_is_accepted_once(probe: Probe, operation: Operation) -> None:
    """An operation that has refused everything accepts a request with existing keys and a body of its schema."""
    if _was_accepted(probe, operation):
        return
    response = _read(probe, operation) if operation.method == "GET" else _write(probe, operation)
    if response.status in (*REFUSALS, 404):
        received = f"{response.status} for {response.request.method} {operation.path}, and no success before"
        documented = "a success: the contract allows this request"
        expected = response.expects(has_status, "2xx")
        probe.report(operation, "operation_is_accepted_once", response, received, documented, expected)


def _was_accepted(probe: Probe, operation: Operation) -> bool:
    entries = (entry for entry in probe.log.entries if entry.is_success and entry.request.method == operation.method)
    return any(probe.contract.match(operation.method, entry.path) == operation for entry in entries)


def _read(probe: Probe, operation: Operation) -> Received:
    keys = first_keys(probe, operation)
    is_plain = not any(parameter.required for parameter in operation.parameters_in("query"))
    return Received(0) if keys is None or not is_plain else probe.call(operation, keys)


def _write(probe: Probe, operation: Operation) -> Received:
    """Creates a record, or changes a new one."""
    for resource in probe.contract.resources:
        if operation == resource.create and (sample := sample_body(probe, operation)):
            return probe.call(operation, sample[0], body=sample[1])
        if operation in (resource.update, resource.delete):
            keys, created = create_record(probe, resource)
            body = changed_bodies(operation, created.record)[0] if operation == resource.update else NOT_SET
            return probe.call(operation, keys, body=body) if created.record else Received(0)
    return Received(0)
