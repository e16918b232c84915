"""Promises about keys: none, a wrong one, an expired one, one of another workspace, a read-only one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.yaml_text import leaves
from mockserver.verify.checks.lists.filters import SEARCHED_IN
from mockserver.verify.checks.lists.query_steps import LONGEST_SEARCH
from mockserver.verify.checks.records.record_checks import absent_keys, absent_query, first_keys
from mockserver.verify.checks.writes.samples import changed_bodies, sample_body
from mockserver.verify.credentials import NO_SUCH_WORKSPACE
from mockserver.verify.judging.assertions import has_status, instant, lacks_value
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Keys, Received, Record
from mockserver.verify.resources import Resource, is_in_workspace, key_of

# It has the form of a real key: others might be refused for their form.
UNKNOWN_KEY = "en." + "NoSuchKey0" * 3 + "0000"
MOST_SEARCHED, SHORTEST = 3, 4  # texts of a hidden record, longer than words of an enum
# Promises with what is documented.
NO_KEY = ("no_key_is_refused", "401 without a key")
WRONG_KEY = ("wrong_key_is_refused", "401 for an unknown key")
EXPIRED_KEY = ("expired_key_is_refused", "401 for an expired key")
WEAK_KEY = ("weak_key_reads_only", "403 for a read-only key")
NO_WORKSPACE = ("missing_workspace_is_refused", "400 without a workspace")
FOREIGN_WORKSPACE = ("foreign_workspace_is_refused", "403 for a workspace of another key")


def bad_keys_are_refused(probe: Probe) -> None:
    """A request without a key, with an unknown one, or with an expired one is a 401."""
    keys = [(NO_KEY, ""), (WRONG_KEY, UNKNOWN_KEY), (EXPIRED_KEY, probe.credentials.expired_key)]
    for promised, key in keys if probe.credentials.expired_key else keys[:2]:
        # An empty alternative in `security` means that the operation is open.
        for operation in (one for one in probe.operations if one.security and () not in one.security):
            _check_refusal(probe, operation, probe.credentials.headers(x_api_key=key), promised, {401})
            if not is_in_workspace(operation) and not probe.has_reported(operation, promised[0]):
                alone = probe.credentials.headers(x_api_key=key, en_workspace="")
                _check_refusal(probe, operation, alone, promised, {401})


def missing_workspace_is_refused(probe: Probe) -> None:
    """A request without a workspace is a 400."""
    headers = probe.credentials.headers(en_workspace="")
    for operation in filter(is_in_workspace, probe.operations):
        _check_refusal(probe, operation, headers, NO_WORKSPACE, {400}, _own_sample(probe, operation))


def foreign_workspace_is_refused(probe: Probe) -> None:
    """A key can neither read nor write a workspace that is not its own."""
    for workspace in filter(None, (probe.credentials.foreign_workspace, NO_SUCH_WORKSPACE)):
        headers = probe.credentials.headers(en_workspace=workspace)
        for operation in filter(is_in_workspace, probe.operations):
            # 400 and 404 are allowed too: a target may hide that the workspace exists.
            sample = _own_sample(probe, operation)
            _check_refusal(probe, operation, headers, FOREIGN_WORKSPACE, {400, 403, 404}, sample)


def _own_sample(probe: Probe, operation: Operation) -> tuple[Keys, Record] | None:
    """Returns a valid creation, unless others work on the target: one that lands elsewhere after all is left there."""
    return sample_body(probe, operation) if probe.is_alone else None


def _check_refusal(
    probe: Probe,
    operation: Operation,
    headers: Mapping[str, str],
    promised: tuple[str, str],
    statuses: set[int],
    sample: tuple[Keys, Record] | None = None,
) -> None:
    """Reads an existing record, but writes to a missing one: nothing is lost if the target lets the write pass."""
    if operation.method != "GET":
        response = write_as(probe, operation, headers, sample)
    elif (keys := first_keys(probe, operation)) is not None:
        response = probe.call(operation, keys, headers=headers)
    else:
        return
    # A 5xx is a finding of `not_a_server_error` already.
    if response.status and response.status not in statuses and response.status < 500:
        expected = response.expects(has_status, *map(str, sorted(statuses)))
        received = str(response.status)
        if response.status >= 400:  # it was refused for what it asks for
            received += ": this caller is let through, or looked at too late"
        probe.report(operation, promised[0], response, received, promised[1], expected)


def write_as(
    probe: Probe, operation: Operation, headers: Mapping[str, str], request: tuple[Keys, Any] | None
) -> Received:
    """Sends a request with the headers of another caller: the one with these path keys and this body, else one for a
    missing record."""
    body: Any = {} if operation.body else NOT_SET
    # A valid update, but no valid creation: without the mark of the run, it would stay.
    body = changed_bodies(operation, {})[0] if operation.method in ("PUT", "PATCH") else body
    keys, body = request or (absent_keys(operation), body)
    return probe.call(operation, keys, absent_query(operation), body, headers)


def hidden_records_are_refused(probe: Probe) -> None:
    """A record that a list does not show to a key with fewer rights is in no search of it and cannot be read."""
    for headers in probe.credentials.lesser_headers:
        for resource, keys in probe.lists(most=1):
            _check_hidden(probe, resource, keys, headers)


def _check_hidden(probe: Probe, resource: Resource, keys: Keys, headers: Mapping[str, str]) -> None:
    # First the own list: what others create until the other one is read is not hidden.
    rows, shown = probe.first_list(resource, keys), probe.first_answer(resource, keys, headers)
    known, get = [row.get("id") for row in shown.records], resource.get
    hidden = [row for row in rows if row.get("id") not in known]
    for row in hidden[:1] if shown.ok and len(known) < MOST else ():
        if get is not None and probe.is_selected(get):
            response = probe.call(get, keys | {resource.key: key_of(resource.key, row)}, headers=headers)
            what = f"the record {row.get('id')}, which the list does not show to this key"
            probe.expect_refusal(get, "hidden_records_are_refused", response, what, "404")
        _check_not_found(probe, resource, keys, headers, row)


def _check_not_found(probe: Probe, resource: Resource, keys: Keys, headers: Mapping[str, str], hidden: Record) -> None:
    """Searches for a few texts of a record that the list does not show to a key, names first."""
    texts = [text for _, text in leaves(hidden) if isinstance(text, str) and len(text) > SHORTEST and not instant(text)]
    names = [text for name in SEARCHED_IN if isinstance(text := hidden.get(name), str)]
    for text in list(dict.fromkeys([*names, *texts]))[:MOST_SEARCHED] if resource.accepts("_q") else ():
        found = probe.call(resource.listing, keys, {"_q": text[:LONGEST_SEARCH].strip()}, headers=headers)
        if hidden.get("id") in [one.get("id") for one in found.records]:
            expected = found.expects(lacks_value, ("*", "id"), hidden.get("id"))
            received = f"the record {hidden.get('id')} for _q={text[:LONGEST_SEARCH]}"
            documented = "only records that the list shows to this key"
            probe.report(resource.listing, "hidden_records_are_refused", found, received, documented, expected)
            return


def weak_key_reads_only(probe: Probe) -> None:
    """Each write refuses a key without the scope `write`, whatever it names."""
    headers = probe.credentials.headers(x_api_key=probe.credentials.weak_key)
    for operation in (one for one in probe.operations if one.method != "GET" and probe.credentials.weak_key):
        _check_refusal(probe, operation, headers, WEAK_KEY, {403}, sample_body(probe, operation))
