"""Promises of success: what the contract allows is accepted at least once.

Checks of single values compare with a request that was accepted, and checks of records need records, so that both are
silent about an operation that refuses everything. This one asks once more what was never accepted.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.operations import Operation
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import repeat_write
from mockserver.verify.checks.records.record_checks import first_keys
from mockserver.verify.judging.assertions import has_status
from mockserver.verify.probe import REFUSALS, Probe
from mockserver.verify.received import Received

ACCEPTED_ONCE = "operation_is_accepted_once"


@for_each_operation
def operation_is_accepted_once(probe: Probe, operation: Operation) -> None:
    """An operation that has refused everything accepts a request with existing keys and a body of its schema."""
    if _was_accepted(probe, operation):
        return
    response = _read(probe, operation) if operation.method == "GET" else repeat_write(probe, operation)
    create: Any = next((one.create for one in probe.contract.resources if operation in (one.update, one.delete)), None)
    # Without a record there is nothing to update or to delete.
    refusing = operation if response.request.method == operation.method else create
    if response.status in (*REFUSALS, 404) and not probe.has_reported(refusing, ACCEPTED_ONCE):
        received = f"{response.status} for {refusing.method} {refusing.path}, and no success of {operation.id} before"
        documented = "a success: the contract allows this request"
        probe.report(refusing, ACCEPTED_ONCE, response, received, documented, response.expects(has_status, "2xx"))


def _was_accepted(probe: Probe, operation: Operation) -> bool:
    entries = (entry for entry in probe.log.entries if entry.is_success and entry.request.method == operation.method)
    return any(probe.contract.match(operation.method, entry.path) == operation for entry in entries)


def _read(probe: Probe, operation: Operation) -> Received:
    keys = first_keys(probe, operation)
    is_plain = not any(parameter.required for parameter in operation.parameters_in("query"))
    return Received(0) if keys is None or not is_plain else probe.call(operation, keys)
