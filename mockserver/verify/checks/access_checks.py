"""Promises about keys: none, a wrong one, an expired one, one of another workspace, a read-only one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.verify.checks.record_checks import absent_keys, absent_query, first_keys
from mockserver.verify.checks.samples import sample_body
from mockserver.verify.judging.assertions import has_status
from mockserver.verify.probe import Probe

# It has the form of a real key: others might be refused for their form.
UNKNOWN_KEY = "en." + "NoSuchKey0" * 3 + "0000"
NO_SUCH_WORKSPACE = "no-such-workspace-here"


def no_key_is_refused(probe: Probe) -> None:
    """A request without a key is a 401."""
    _check_refusals(probe, probe.credentials.headers(x_api_key=""), "no_key_is_refused", "401 without a key", {401})


def wrong_key_is_refused(probe: Probe) -> None:
    """A request with an unknown key is a 401."""
    headers = probe.credentials.headers(x_api_key=UNKNOWN_KEY)
    _check_refusals(probe, headers, "wrong_key_is_refused", "401 for an unknown key", {401})


def expired_key_is_refused(probe: Probe) -> None:
    """A request with an expired key is a 401."""
    if probe.credentials.expired_key:
        headers = probe.credentials.headers(x_api_key=probe.credentials.expired_key)
        _check_refusals(probe, headers, "expired_key_is_refused", "401 for an expired key", {401})


def missing_workspace_is_refused(probe: Probe) -> None:
    """A request without a workspace is a 400."""
    headers, documented = probe.credentials.headers(en_workspace=""), "400 without a workspace"
    for operation in _workspace_operations(probe):
        _check_refusal(probe, operation, headers, "missing_workspace_is_refused", documented, {400})


def foreign_workspace_is_refused(probe: Probe) -> None:
    """A key cannot read a workspace that is not its own."""
    # 400 and 404 are allowed too: a target may hide that the workspace exists.
    for workspace in filter(None, (probe.credentials.foreign_workspace, NO_SUCH_WORKSPACE)):
        headers = probe.credentials.headers(en_workspace=workspace)
        documented = "403 for a workspace of another key"
        for operation in _workspace_operations(probe):
            _check_refusal(probe, operation, headers, "foreign_workspace_is_refused", documented, {400, 403, 404})


def _workspace_operations(probe: Probe) -> list[Operation]:
    return [o for o in probe.operations if any("WorkspaceAuth" in alternative for alternative in o.security)]


def _check_refusals(
    probe: Probe, headers: Mapping[str, str], promise: str, documented: str, expected: set[int]
) -> None:
    for operation in probe.operations:
        # An empty alternative in `security` means that the operation is open.
        if operation.security and () not in operation.security:
            _check_refusal(probe, operation, headers, promise, documented, expected)


def _check_refusal(
    probe: Probe, operation: Operation, headers: Mapping[str, str], promise: str, documented: str, expected: set[int]
) -> None:
    """Reads an existing record, but writes to a missing one: nothing is lost if the target lets the write pass."""
    keys = first_keys(probe, operation) if operation.method == "GET" else absent_keys(operation)
    if keys is None:
        return
    query = absent_query(operation) if operation.method != "GET" else {}
    body: Any = {} if operation.body else NOT_SET
    response = probe.call(operation, keys, query, body, headers)
    # A 5xx is a finding of `not_a_server_error` already.
    if response.status and response.status not in expected and response.status < 500:
        allowed = response.expects(has_status, *map(str, sorted(expected)))
        probe.report(
            operation, promise, response, received=str(response.status), documented=documented, expected=allowed
        )


def weak_key_reads_only(probe: Probe) -> None:
    """A key without the scope `write` creates, changes and deletes nothing."""
    weak_key, promise, documented = probe.credentials.weak_key, "weak_key_reads_only", "403 for a read-only key"
    if not weak_key:
        return
    headers = probe.credentials.headers(x_api_key=weak_key)
    for operation in probe.operations:
        if operation.method == "GET":
            continue
        if sample := sample_body(probe, operation):
            keys, body = sample
            response = probe.call(operation, keys, body=body, headers=headers)
            if response.ok:
                received, allowed = str(response.status), response.expects(has_status, "403")
                probe.report(operation, promise, response, received=received, documented=documented, expected=allowed)
        else:
            _check_refusal(probe, operation, headers, promise, documented, {403})
