"""What a check may do: send a request through the guard, see the answer judged by the contract, tell a violation.

Requests are Schemathesis' cases and answers pass its response checks, so that a request of ours is judged like its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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
from mockserver.verify.engine import Failed, failed, is_excused
from mockserver.verify.resources import Contract, Resource, key_of
from mockserver.verify.safety.limits import WRITING, Mode
from mockserver.verify.safety.request_guard import REFUSED

MOST = 1000
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

Record = dict[str, Any]
Keys = dict[str, Any]


def secret_of(mark: str) -> str:
    """A value that is sent as a secret; no answer may hold it."""
    return f"sk-{mark}-not-to-be-told"


@dataclass(frozen=True)
class Answer:
    """What came back, and what was asked for it. Status 0: nothing came back, or nothing was sent."""

    status: int
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    url: str = ""
    sent_headers: Mapping[str, str] = field(default_factory=dict)
    sent_body: bytes | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def records(self) -> list[Record]:
        """The rows of a list; empty if it is none."""
        rows = self.json if self.ok and isinstance(self.json, list) else []
        return [row for row in rows if isinstance(row, dict)]

    @property
    def record(self) -> Record:
        """The object; empty if it is none."""
        return self.json if self.ok and isinstance(self.json, dict) else {}


@dataclass(frozen=True)
class Violation:
    """A promise of our own checks that was not kept."""

    operation: str
    promise: str
    received: str
    documented: str
    answer: Answer
    always: bool = False  # holds for every operation, however sure the contract is of this one


@dataclass(frozen=True)
class Access:
    """The credentials of a run: the key that does the work, and others that must be able to do less."""

    key: str
    workspace: str
    weak_key: str = ""
    expired_key: str = ""
    foreign_workspace: str = ""

    def headers(self, **changed: str) -> dict[str, str]:
        """The headers of a request; an empty text leaves one out."""
        both = {"x-api-key": self.key, "en-workspace": self.workspace} | {
            name.replace("_", "-"): value for name, value in changed.items()
        }
        return {name: value for name, value in both.items() if value}


class Probe:
    """The target as the checks see it."""

    def __init__(
        self,
        contract: Contract,
        schema: Any,
        access: Access,
        mode: Mode,
        mark: str,
        wanted: Callable[[Operation], bool],
    ) -> None:
        self.contract, self.access, self.mode, self.mark = contract, access, mode, mark
        self._schema, self._wanted = schema, wanted
        self._session = requests.Session()
        self.failures: list[Failed] = []
        self.violations: list[Violation] = []
        self._lists: dict[tuple[str, str], list[Record]] = {}
        self._own: dict[str, Record] = {}

    @property
    def may_write(self) -> bool:
        return self.mode in WRITING

    @property
    def is_alone(self) -> bool:
        """True if nobody else is at work on the target: a run that may do anything owns it."""
        return self.mode is Mode.FULL

    @property
    def resources(self) -> Iterable[Resource]:
        """The resources whose list is to be tested."""
        return [resource for resource in self.contract.resources if self._wanted(resource.listing)]

    @property
    def operations(self) -> list[Operation]:
        return [operation for operation in self.contract.operations if self._wanted(operation)]

    def is_wanted(self, operation: Operation | None) -> bool:
        """True for an operation that is there and is to be tested."""
        return operation is not None and self._wanted(operation)

    def call(
        self,
        operation: Operation,
        keys: Keys | None = None,
        query: dict[str, Any] | None = None,
        body: Any = NOT_SET,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends one request; the answer has been held against the contract."""
        case = self._schema.find_operation_by_id(operation.id).Case(
            path_parameters=dict(keys or {}),
            query=dict(query or {}),
            headers=dict(self.access.headers() if headers is None else headers),
            body=body,
            media_type=None if body is NOT_SET else "application/json",
        )
        try:
            response = case.call(session=self._session)
        except requests.RequestException:
            return Answer(0)
        if REFUSED in response.headers:
            return Answer(0)
        self._judge(case, response)
        return _answer(response)

    def _judge(self, case: Any, response: Any) -> None:
        try:
            case.validate_response(response, checks=_CHECKS, headers=dict(response.request.headers))
        except FailureGroup as group:
            failures = list(group.exceptions)
        except Failure as single:
            failures = [single]
        else:
            return
        for failure in failures:
            if isinstance(failure, Failure) and not is_excused(failure, response):
                sent = response.request
                name = failure.checks[0] if failure.checks else "not_a_server_error"
                self.failures.append(
                    failed(name, failure, sent.method, sent.url, sent.headers, _bytes(sent.body), response.status_code)
                )

    def tell(
        self,
        operation: Operation,
        promise: str,
        answer: Answer,
        *,
        received: str,
        documented: str,
        always: bool = False,
    ) -> None:
        """A promise was not kept."""
        self.violations.append(Violation(operation.id, promise, received, documented, answer, always))

    def all_of(self, resource: Resource, keys: Keys) -> list[Record]:
        """The records of a list, as far as one page goes; read anew each time."""
        return self.call(resource.listing, keys, {"_limit": MOST}).records

    def known(self, resource: Resource, keys: Keys) -> list[Record]:
        """The records of a list as they were when it was first asked for."""
        place = (resource.collection, str(keys))
        if place not in self._lists:
            self._lists[place] = self.all_of(resource, keys)
        return self._lists[place]

    def places(self, resource: Resource, most: int = 2) -> list[Keys]:
        """Path keys under which the collection can be listed, taken from the lists above it."""
        wanted = resource.parent_keys
        if not wanted:
            return [{}]
        above = next((r for r in self.contract.resources if r.key == wanted[-1]), None)
        if above is None:
            return []
        return [
            place | {wanted[-1]: key_of(wanted[-1], record)}
            for place in self.places(above)
            for record in self.known(above, place)[:most]
        ]

    def lists(self) -> Iterator[tuple[Resource, Keys]]:
        """The lists to be tested, each below a few records if it lies below any."""
        for resource in self.resources:
            for keys in self.places(resource):
                yield resource, keys

    def own_record(self, operation: str, sample: Callable[[], tuple[Keys, Record]]) -> Record:
        """A record of ours under which others can be made, made when it is first asked for; empty if it cannot be."""
        if operation not in self._own and operation in self.contract.by_id:
            keys, body = sample()
            self._own[operation] = self.call(self.contract.by_id[operation], keys, body=body).record
        return self._own.get(operation, {})

    def planted_secrets(self) -> list[str]:
        """What the checks send as secrets."""
        return [secret_of(self.mark)]

    def close(self) -> None:
        self._session.close()


def _answer(response: Any) -> Answer:
    try:
        body = response.json()
    except ValueError:
        body = None
    sent = response.request
    headers = {name: values[0] for name, values in response.headers.items()}
    return Answer(response.status_code, body, headers, sent.method, sent.url, dict(sent.headers), _bytes(sent.body))


def _bytes(body: Any) -> bytes | None:
    return body.encode() if isinstance(body, str) else body
