"""Log of all requests of a run, whoever has sent them: reproductions are derived from it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import requests

from mockserver.verify.safety.bounded_transport import parse_json
from mockserver.verify.safety.creations import Creations

# Headers of the HTTP client itself say nothing about the target.
SENT_HEADERS = ("content-type", "accept", "x-api-key", "en-workspace", "prefer")
_VARIABLES = {
    "x-api-key": "$MOCKSERVER_VERIFY_KEY",
    "authorization": "$MOCKSERVER_VERIFY_AUTHORIZATION",
}


@dataclass(frozen=True)
class SentRequest:
    """A request as it was sent; without a URL if nothing was sent. `number` is its place in the log, 0 for none."""

    method: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    number: int = 0

    @classmethod
    def of(cls, request: requests.PreparedRequest, number: int = 0) -> Self:
        """Returns the request that a session has sent."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        sent = {name: value for name, value in headers.items() if name in (*SENT_HEADERS, *_VARIABLES)}
        return cls(request.method or "", request.url or "", sent, body if isinstance(body, bytes) else None, number)

    def curl(self, keys: Mapping[str, str] | None = None) -> str:
        """Renders the request as a command, credentials as variables; empty if nothing was sent.

        `keys` are those of the run by their names; another one belongs to nobody.
        """
        if not self.url:
            return ""
        parts = ["curl", "-X", self.method, shlex.quote(self.url)]
        for name, value in self.headers.items():
            variable = _VARIABLES.get(name.lower(), "")
            if keys and name.lower() == "x-api-key":
                named = (f"$MOCKSERVER_VERIFY_{one.upper()}" for one, key in keys.items() if key == value)
                variable = next(named, "")
            if variable:
                parts += ["-H", f'"{name}: {variable}"']
            elif name.lower() in SENT_HEADERS:
                parts += ["-H", shlex.quote(f"{name}: {value}")]
        if self.body:
            parts += ["--data-binary", shlex.quote(self.body.decode("utf-8", "replace"))]
        return " ".join(parts)


@dataclass
class LoggedExchange:
    """A request with its status. `path` is that of the contract.

    `record` is the path of the record that it has created, `template` that path in the contract, and `key` the member
    of the answer in it. Other requests may refer to `values`. `is_setup`: the record exists because others need it.
    """

    request: SentRequest
    path: str
    status: int
    record: str = ""
    template: str = ""
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    is_setup: bool = False
    is_deletable: bool = True

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_read(self) -> bool:
        return self.request.method in ("GET", "HEAD")

    @property
    def json(self) -> Any:
        """The body of the request as a JSON value; None for another body."""
        try:
            return json.loads(self.request.body) if self.request.body else None
        except ValueError:
            return None


class ExchangeLog:
    """The requests of a run in order; the number of a request is its place, from 1."""

    def __init__(self, target: str = "", creations: Creations | None = None) -> None:
        self._prefix, self._creations = urlsplit(target).path, creations or Creations()
        self.entries: list[LoggedExchange] = []
        self._created: list[LoggedExchange] = []  # those that have created a record: few of many

    def observe(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Takes in one response of the target."""
        path = urlsplit(request.url or "").path.removeprefix(self._prefix)
        entry = LoggedExchange(SentRequest.of(request, len(self.entries) + 1), path, response.status_code)
        body = parse_json(response.content) if request.method == "POST" and entry.is_success else None
        if isinstance(body, dict):
            entry.values = {name: body[name] for name in ("id", "slug") if type(body.get(name)) in (int, str)}
            self._note_record(entry, body)
        self.entries.append(entry)
        self._created += [entry] if entry.record else []

    def _note_record(self, entry: LoggedExchange, body: dict[str, Any]) -> None:
        creation, own = self._creations.at(entry.path), self._creations.namer(entry.path)(body)
        if creation and own:
            key = own.path.rpartition("/")[2]
            members = [name for name, value in body.items() if type(value) in (int, str) and str(value) == key]
            entry.record, entry.template, entry.key = own.path, creation.record, next(iter(members), "")
            entry.values |= {name: body[name] for name in members[:1]}
        elif "id" in entry.values:
            entry.record, entry.key, entry.is_deletable = f"{entry.path}/{body['id']}", "id", False

    def template_of(self, path: str) -> str:
        """Returns the path in the contract of a record that can be created; empty for another path."""
        creation = self._creations.of_record(path)
        return creation.record if creation else ""

    def last(self, request: requests.PreparedRequest) -> SentRequest:
        """Returns the newest request, as which `request` was observed."""
        return self.entries[-1].request if self.entries else SentRequest.of(request)

    def number_of(self, request: SentRequest) -> int:
        """Returns the place of a request, the last one that is equal to it; 0 if there is none."""
        numbers = (entry.request.number for entry in reversed(self.entries) if _is_like(entry.request, request))
        return request.number or next(numbers, 0)

    def created_before(self, number: int) -> list[LoggedExchange]:
        """Returns the creations of records before a place."""
        return [entry for entry in self._created if entry.request.number < number]

    def creation_of(self, path: str, before: int) -> LoggedExchange | None:
        """Returns the last creation of the record at a path before a place."""
        return next((one for one in reversed(self.created_before(before)) if one.record == path), None)

    def mark_as_setup(self) -> None:
        """Marks the newest request: other records need the one that it has created."""
        if self.entries:
            self.entries[-1].is_setup = True


def _is_like(one: SentRequest, other: SentRequest) -> bool:
    return (one.method, one.url, one.body or None) == (other.method, other.url, other.body or None)
