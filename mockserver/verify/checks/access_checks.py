"""Promises about keys: none, a wrong one, an expired one, one of another workspace, one with fewer rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.verify.checks.record_checks import absent_keys, absent_query, first_keys
from mockserver.verify.checks.samples import sample_body
from mockserver.verify.probe import Probe

UNKNOWN_KEY = "en." + "NoSuchKey0" * 3 + "0000"
NO_SUCH_WORKSPACE = "no-such-workspace-here"


def no_key_is_refused(probe: Probe) -> None:
    """A request without a key is a 401."""
    _refused(probe, probe.access.headers(x_api_key=""), "no_key_is_refused", "401 without a key", {401})


def wrong_key_is_refused(probe: Probe) -> None:
    """A request with an unknown key is a 401."""
    headers = probe.access.headers(x_api_key=UNKNOWN_KEY)
    _refused(probe, headers, "wrong_key_is_refused", "401 for an unknown key", {401})


def expired_key_is_refused(probe: Probe) -> None:
    """A request with an expired key is a 401."""
    if probe.access.expired_key:
        headers = probe.access.headers(x_api_key=probe.access.expired_key)
        _refused(probe, headers, "expired_key_is_refused", "401 for an expired key", {401})


def missing_workspace_is_refused(probe: Probe) -> None:
    """A request without a workspace is a 400."""
    headers, documented = probe.access.headers(en_workspace=""), "400 without a workspace"
    for operation in _of_a_workspace(probe):
        _refuse(probe, operation, headers, "missing_workspace_is_refused", documented, {400})


def foreign_workspace_is_refused(probe: Probe) -> None:
    """A key reads nothing of a workspace that is not one of its own."""
    for workspace in filter(None, (probe.access.foreign_workspace, NO_SUCH_WORKSPACE)):
        headers = probe.access.headers(en_workspace=workspace)
        documented = "403 for a workspace that is not the key's"
        for operation in _of_a_workspace(probe):
            _refuse(probe, operation, headers, "foreign_workspace_is_refused", documented, {400, 403, 404})


def _of_a_workspace(probe: Probe) -> list[Operation]:
    return [o for o in probe.operations if any("WorkspaceAuth" in alternative for alternative in o.security)]


def _refused(probe: Probe, headers: Mapping[str, str], promise: str, documented: str, good: set[int]) -> None:
    for operation in probe.operations:
        if operation.security and () not in operation.security:
            _refuse(probe, operation, headers, promise, documented, good)


def _refuse(
    probe: Probe, operation: Operation, headers: Mapping[str, str], promise: str, documented: str, good: set[int]
) -> None:
    """A read asks for what is there; a write names what is not, so that nothing is lost if it is let in."""
    keys = first_keys(probe, operation) if operation.method == "GET" else absent_keys(operation)
    if keys is None:
        return
    query = absent_query(operation) if operation.method != "GET" else {}
    body: Any = {} if operation.body else NOT_SET
    answer = probe.call(operation, keys, query, body, headers)
    if answer.status and answer.status not in good and answer.status < 500:
        probe.tell(operation, promise, answer, received=str(answer.status), documented=documented, always=answer.ok)


def weak_key_reads_only(probe: Probe) -> None:
    """A key without the scope `write` creates, changes and deletes nothing."""
    if not probe.access.weak_key:
        return
    headers, documented = probe.access.headers(x_api_key=probe.access.weak_key), "403 for a key that may only read"
    for operation in probe.operations:
        if operation.method == "GET":
            continue
        if made := sample_body(probe, operation):
            keys, body = made
            answer = probe.call(operation, keys, body=body, headers=headers)
            if answer.ok:
                received = str(answer.status)
                probe.tell(
                    operation, "weak_key_reads_only", answer, received=received, documented=documented, always=True
                )
        else:
            _refuse(probe, operation, headers, "weak_key_reads_only", documented, {403})
