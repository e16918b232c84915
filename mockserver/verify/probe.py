"""Probe: the target as our own checks see it. It sends requests, validates responses, and collects broken promises.

Requests are cases of Schemathesis and responses pass its checks, so both count as if Schemathesis had generated them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mockserver.contract.operations import Operation
from mockserver.contract.promises import MemberPath, value_at
from mockserver.verify.credentials import Credentials
from mockserver.verify.engine import FailedCheck, failed_check
from mockserver.verify.judging.assertions import first_difference, has_status, has_value
from mockserver.verify.judging.reproductions import NOT_ASSERTED, Expectation
from mockserver.verify.received import Answers, Keys, Received, Record, show
from mockserver.verify.resources import Contract, Resource, key_of
from mockserver.verify.results import NotTested
from mockserver.verify.safety.bounded_transport import CUT, parse_json
from mockserver.verify.safety.limits import Mode, is_trouble
from mockserver.verify.safety.request_guard import REFUSED
from mockserver.verify.watching.exchange_log import ExchangeLog
from mockserver.verify.watching.shown_records import ShownRecords

MOST = 1000  # records per page, the highest `_limit` of the contract
MOST_PARENTS = 6  # of which the richest are used
# Named here, because the default list of Schemathesis also has checks that send requests of their own.
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# Statuses of a request that the target does not accept as it is; others have to do with the key or the load.
REFUSALS = (400, 409, 413, 422)
# Promises about records that are not there.
OF_MISSING = ("absent_is_404", "missing_record_is_404", "workspaces_are_separate", "record_is_only_below_its_parent")


def planted_secret(mark: str) -> str:
    """Returns a value that checks send as a secret; no response may contain it."""
    return f"sk-{mark}-never-returned"


@dataclass(frozen=True)
class BrokenPromise:
    """A promise that one of our own checks has found broken."""

    operation: str
    promise: str
    received: str
    documented: str
    response: Received
    is_guess: bool = False  # the contract may lack something, and the target be right
    expectation: Expectation = NOT_ASSERTED
    member: str = ""  # of the record, that has a wrong value


class Probe:
    """Sends the requests of our checks through one guarded session."""

    def __init__(
        self,
        contract: Contract,
        schema: Any,
        session: requests.Session,
        credentials: Credentials,
        mode: Mode,
        mark: str,
        is_selected: Callable[[Operation], bool],
        log: ExchangeLog | None = None,
    ) -> None:
        self.log = log or ExchangeLog()
        self.contract, self.credentials, self.mode, self.mark = contract, credentials, mode, mark
        self._schema, self._session, self._is_selected = schema, session, is_selected
        self.shown = ShownRecords(contract)
        self.failures: list[FailedCheck] = []
        self.broken_promises: list[BrokenPromise] = []
        self.not_tested: list[NotTested] = []
        self._first_lists: dict[tuple[str, str, str, str], Received] = {}
        self._shared_records: dict[str, Record] = {}
        self._appeared: set[tuple[str, str]] = set()

    @property
    def is_alone(self) -> bool:
        """True if nobody else works on the target: a run in mode `full` owns it."""
        return self.mode is Mode.FULL

    @property
    def resources(self) -> Iterable[Resource]:
        """The resources whose list is selected."""
        return [resource for resource in self.contract.resources if self._is_selected(resource.listing)]

    @property
    def operations(self) -> list[Operation]:
        return [operation for operation in self.contract.operations if self._is_selected(operation)]

    def is_selected(self, operation: Operation | None) -> bool:
        """True for an operation that exists and is selected."""
        return operation is not None and self._is_selected(operation)

    def call(
        self,
        operation: Operation,
        keys: Keys | None = None,
        query: dict[str, Any] | None = None,
        body: Any = NOT_SET,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Sends one request and validates the response against the contract.

        Without one of the path keys nothing is sent: the creation that would have made it has brought none.
        """
        if not {parameter.name for parameter in operation.parameters_in("path")} <= (keys or {}).keys():
            return Received(0)
        case = self._schema.find_operation_by_id(operation.id).Case(
            path_parameters=dict(keys or {}),
            query=dict(query or {}),
            headers=dict(self.credentials.headers() if headers is None else headers),
            body=body,
            media_type=None if body is NOT_SET else "application/json",
        )
        try:
            response = case.call(session=self._session)
        except requests.RequestException:
            return Received(0)
        if REFUSED in response.headers or is_trouble(response.status_code, response.content):
            return Received(0)
        # The user has not asked for what a check needs only on the way, and half a body proves nothing.
        if self._is_selected(operation) and CUT not in response.headers:
            self._validate(case, response)
        received, sent = _received(response, self.log), case.headers
        caller = sent.get("x-api-key", ""), sent.get("en-workspace", "")
        self.shown.note(operation, caller, received, partial(self.call, operation, keys, query, headers=headers))
        return received

    def head(self, operation: Operation) -> None:
        """Sends a HEAD to the path of a GET."""
        case = self._schema.find_operation_by_id(operation.id).Case(method="HEAD", headers=self.credentials.headers())
        with suppress(requests.RequestException):
            case.call(session=self._session)

    def _validate(self, case: Any, response: Any) -> None:
        try:
            case.validate_response(response, checks=_CHECKS, headers=dict(response.request.headers))
        except FailureGroup as group:
            failures = list(group.exceptions)
        except Failure as single:
            failures = [single]
        else:
            return
        for failure in failures:
            if isinstance(failure, Failure):
                name = failure.checks[0] if failure.checks else "not_a_server_error"
                request = self.log.last(response.request)
                self.failures.append(failed_check(name, failure, request, response.status_code))

    def report(
        self,
        operation: Operation,
        promise: str,
        response: Received,
        received: Any,
        documented: Any,
        expected: Expectation | None = None,
        *,
        member: str = "",
    ) -> None:
        """Notes a broken promise; its reproduction asserts `expected`, and repeats a write that `response` answers."""
        broken = BrokenPromise(operation.id, promise, str(received), str(documented), response, member=member)
        if expected is not None:
            is_write = response.request.method not in ("", "GET")
            acts = (*expected.acts, response.request) if is_write else expected.acts
            broken = replace(broken, expectation=replace(expected, acts=acts))
        self.broken_promises.append(broken)

    def report_value(
        self,
        operation: Operation,
        promise: str,
        response: Received,
        shown: Received,
        path: MemberPath,
        wanted: Any,
        why: str,
    ) -> None:
        """Reports a member that an answer shows with another value: than `wanted`, or than in that earlier answer."""
        is_earlier = isinstance(wanted, Received)
        value = value_at(wanted.record, path) if is_earlier else wanted
        # Of an object, only the key that differs.
        key = first_difference(value, value_at(shown.record, path))
        path, value = (*path, *key), value_at(value, key)
        name = ".".join(path)
        expected = shown.expects(has_value, path, wanted.member(*path) if is_earlier else value)
        received = f"{name} {show(value_at(shown.record, path))}"
        self.report(operation, promise, response, received, f"{name} {show(value)}{why}", expected, member=path[0])

    def has_reported(self, operation: Operation, promise: str) -> bool:
        """True if an operation is known to break a promise."""
        return any((broken.operation, broken.promise) == (operation.id, promise) for broken in self.broken_promises)

    def is_wrong(self, operation: Operation, member: str) -> bool:
        """True if an operation is known to set a member wrongly: what follows from that is no further fault."""
        return any((broken.operation, broken.member) == (operation.id, member) for broken in self.broken_promises)

    def expect_refusal(
        self,
        operation: Operation,
        promise: str,
        response: Received,
        what: str,
        documented: str,
        after: Answers = (),
        statuses: tuple[int, ...] = (),
    ) -> bool:
        """Reports a success where a refusal is promised, and returns whether it was one.

        A refusal with another status is reported too, where these `statuses` are the only right ones.
        """
        if promise in OF_MISSING and self.has_appeared(response):
            return response.ok
        is_other = statuses and 400 <= response.status < 500 and response.status not in statuses
        if response.ok or is_other:
            expected = response.expects(has_status, *(map(str, statuses) if is_other else ["4xx"]), after=after)
            self.report(operation, promise, response, f"{response.status} for {what}", documented, expected)
        return response.ok

    def has_appeared(self, response: Received) -> bool:
        """True if a request for a missing record follows an update of it that was accepted: there is one now.

        The update itself is the fault, and is noted here.
        """
        place = urlsplit(response.request.url).path, response.request.headers.get("en-workspace", "")
        if response.ok and response.request.method in ("PUT", "PATCH"):
            self._appeared.add(place)
            return False
        return response.ok and place in self._appeared

    def expect_success(
        self, operation: Operation, promise: str, response: Received, what: str, documented: str, after: Answers = ()
    ) -> bool:
        """Reports a refusal where a success is promised, and returns whether it was one."""
        is_refused = response.status in REFUSALS
        if is_refused:
            expected = response.expects(has_status, "2xx", after=after)
            self.report(operation, promise, response, f"{response.status} for {what}", documented, expected)
        return is_refused

    def list_records(self, resource: Resource, keys: Keys) -> list[Record]:
        """Requests the records of a list, at most one page of `MOST`."""
        return self.call(resource.listing, keys, {"_limit": MOST}).records

    def first_list(self, resource: Resource, keys: Keys) -> list[Record]:
        """Returns the records of a list as they were at the first request."""
        return self.first_answer(resource, keys).records

    def first_answer(
        self, resource: Resource, keys: Keys, headers: Mapping[str, str] | None = None, sort: str = ""
    ) -> Received:
        """Returns the first answer to the request for a list, of another caller if there are `headers`.

        Kept for the run, because nearly every check starts from a list and each request costs time on the target.
        """
        caller = self.credentials.headers() if headers is None else headers
        name, query = (resource.collection, str(keys), str(caller), sort), {"_sort": sort} if sort else {}
        if name not in self._first_lists:
            self._first_lists[name] = self.call(resource.listing, keys, query | {"_limit": MOST}, headers=caller)
        return self._first_lists[name]

    def parents(self, resource: Resource, most: int = 2) -> list[Keys]:
        """Returns path keys of the collection, for up to `most` records above it: those with the richest lists."""
        names = resource.parent_keys
        if not names:
            return [{}]
        above = self.contract.above(resource)
        if above is None:
            return []
        every = [
            keys | {names[-1]: key_of(names[-1], record)}
            for keys in self.parents(above)
            for record in self.first_list(above, keys)[:MOST_PARENTS]
        ]
        return sorted(every, key=lambda keys: _richness(self.first_list(resource, keys)), reverse=True)[:most]

    def lists(self, parameter: str = "", most: int = 2) -> Iterator[tuple[Resource, Keys]]:
        """The selected lists that accept a parameter, each below up to `most` parent records if it has any."""
        for resource in self.resources:
            if not parameter or resource.accepts(parameter):
                for keys in self.parents(resource, most):
                    yield resource, keys

    def readable(self, most: int = 2) -> Iterator[tuple[Resource, Operation, Keys]]:
        """The resources whose list and GET are selected, with the GET, below up to `most` parent records."""
        for resource in self.resources:
            if resource.get is not None and self._is_selected(resource.get):
                for keys in self.parents(resource, most):
                    yield resource, resource.get, keys

    def shared_record(self, operation: str, sample: Callable[[], tuple[Keys, Record]], use: str = "") -> Record:
        """Returns one record of ours for others to lie below, created at the first call; empty if that fails."""
        name = f"{operation} {use}"
        if name not in self._shared_records and operation in self.contract.by_id:
            keys, body = sample()
            self._shared_records[name] = self.call(self.contract.by_id[operation], keys, body=body).record
            if self._shared_records[name]:
                self.log.mark_as_setup()
        return self._shared_records.get(name, {})


def _richness(records: list[Record]) -> tuple[int, int]:
    """Returns how many members have a value in any of the records, and how many records there are."""
    return len({name for record in records for name, value in record.items() if value}), len(records)


def _received(response: Any, log: ExchangeLog) -> Received:
    # JSON in another charset is a fault of its own: its texts would differ from those of other answers.
    body = parse_json(response.content)
    return Received(response.status_code, body, log.last(response.request), _date(response))


def _date(response: Any) -> datetime | None:
    """Parses the `Date` header of a response; None without a readable one."""
    header = response.headers.get("date", "")
    try:
        # Schemathesis keeps the values of a header as a list.
        return parsedate_to_datetime(header[0] if isinstance(header, list) else header)
    except (ValueError, IndexError):
        return None
