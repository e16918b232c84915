"""Reproductions: the shortest sequence of requests that shows a fault on a fresh record, and what is asserted.

A sequence is derived from the log: the creations that the observed requests depend on, the writes to those records, the
observed requests, and the deletions. Texts hold placeholders such as `<<mark>>`, `<<key>>` and `<<id_2>>` (the member
`id` of the second answer); `<<#id_2>>` stands for a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from mockserver.verify.exchange_log import ExchangeLog, LoggedExchange, SentRequest
from mockserver.verify.safety.creations import path_keys

PLACEHOLDER = re.compile(r"<<(#?)(\w+)>>")
MOST_WRITES = 6  # writes of a sequence that may turn out to be needless; a check sends many to the same record


@dataclass(frozen=True)
class AnswerMember:
    """A member of the answer to a request, as an argument of an assertion."""

    request: SentRequest
    path: tuple[str, ...]
    number: int = 0  # of the step, once the sequence is known


@dataclass(frozen=True)
class Expectation:
    """A promise as an assertion: a function of `assertions`, true for the answer to `request` if the promise is kept.

    `acts` are other requests that the sequence needs. `is_general`: it holds for every record, so that a new one may
    replace the one named. With a `gap` there is no reproduction, for this reason.
    """

    promise: Callable[..., bool] | None = None
    request: SentRequest = field(default_factory=SentRequest)
    arguments: tuple[Any, ...] = ()
    acts: tuple[SentRequest, ...] = ()
    is_general: bool = False
    gap: str = ""

    @property
    def requests(self) -> list[SentRequest]:
        """The requests whose answers are observed, and the acts."""
        others = [one.request for one in self.arguments if isinstance(one, AnswerMember)]
        return [self.request, *others, *self.acts]


NOT_ASSERTED = Expectation(gap="no assertion expresses it")


@dataclass(frozen=True)
class Step:
    """One request of a sequence. `number` is its place, from 1; a step may save members of its answer."""

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: Any = None  # JSON
    content: str = ""  # another body
    is_success: bool = True  # as it was when the fault was found
    is_observed: bool = False
    saves: tuple[str, ...] = ()
    deletes: int = 0  # number of the step that has created the record


@dataclass(frozen=True)
class Reproduction:
    """A sequence of requests with an assertion about the answer to step `observed`."""

    steps: tuple[Step, ...]
    promise: Callable[..., bool]
    observed: int
    arguments: tuple[Any, ...]


class NoReproductionError(Exception):
    """Raised with the reason when no sequence can be derived."""


@dataclass(frozen=True)
class Names:
    """What differs from run to run: the mark, and the values of headers by the placeholder that stands for them."""

    mark: str
    workspace: str
    keys: dict[str, str]
    references: frozenset[str] = frozenset()  # members of bodies that name other records


class Derivation:
    """Derives sequences for one expectation: with all writes to its records, or with some of them."""

    def __init__(self, log: ExchangeLog, expectation: Expectation, names: Names, is_fresh: bool = False) -> None:
        if expectation.gap or expectation.promise is None:
            raise NoReproductionError(expectation.gap or "this promise has no assertion")
        self._log, self._expectation, self._names = log, expectation, names
        self._promise = expectation.promise
        observed = [log.number_of(request) for request in expectation.requests if request.url]
        if not observed or not all(observed):
            raise NoReproductionError("its request is not in the log")
        self._observed = set(observed)
        self._paths: dict[int, str] = {}  # those that differ from the log
        self._is_fresh = is_fresh
        for number in sorted(self._observed) if is_fresh else ():
            self._paths[number] = self._fresh_path(number)
        self._needed = self._with_dependencies(self._observed)
        self.optional = [number for number in self._writes() if number not in self._needed][-MOST_WRITES:]

    def _entry(self, number: int) -> LoggedExchange:
        return self._log.entries[number - 1]

    def _path_of(self, entry: LoggedExchange) -> str:
        return self._paths.get(entry.request.number, entry.path)

    def _fresh_path(self, number: int) -> str:
        """Returns the path of a request with a record of the run in place of another one of the same kind."""
        path = self._entry(number).path
        segments = path.split("/")
        for length in range(len(segments), 1, -1):
            for creation in reversed(self._created_before(number)):
                if path_keys(creation.template, "/".join(segments[:length])) is not None:
                    return "/".join([creation.record, *segments[length:]])
        raise NoReproductionError("its record is not of this run, and no longer as it was")

    @property
    def is_on_own_record(self) -> bool:
        """True if the observed request names a record that the sequence creates, or creates one."""
        return self._is_own(self._entry(self._log.number_of(self._expectation.request)))

    @property
    def is_harmless(self) -> bool:
        """True unless the sequence changes a record that it has not created."""
        needed = map(self._entry, self._needed)
        return all(one.request.method in ("GET", "HEAD") or not one.is_success or self._is_own(one) for one in needed)

    def _is_own(self, entry: LoggedExchange) -> bool:
        records = [one.record for one in map(self._entry, self._needed) if one.record]
        return any(_is_at_or_below(entry.path, record) for record in records) or bool(entry.record)

    def _with_dependencies(self, numbers: Iterable[int]) -> set[int]:
        """Returns these requests and all that they depend on."""
        needed = set[int]()
        for number in sorted(numbers):
            self._need(number, needed)
        return needed

    def _need(self, number: int, needed: set[int]) -> None:
        """Adds an exchange, and those that have created what it names."""
        if number in needed:
            return
        entry = self._entry(number)
        needed.add(number)
        if self._names.mark in entry.request.headers.get("en-workspace", ""):
            raise NoReproductionError("it needs a workspace of its own")
        named = [*leaves(_json(entry.request)), *_pairs(entry.request)]
        for other in self._created_before(number):
            is_named = _is_at_or_below(self._path_of(entry), other.record) or any(
                self._is_reference(name, value, known) for name, value in named for known in other.values.values()
            )
            is_setup = other.is_setup and entry.record and _parent(other) == _parent(entry)
            is_below_own = is_setup and self._creation_of(_parent(other), number) is not None
            if is_below_own or (is_named and self._creation_of(other.record, number) is other):
                self._need(other.request.number, needed)
        if not self._is_fresh:
            self._need_deletions(entry, needed)

    def _created_before(self, number: int) -> list[LoggedExchange]:
        return [entry for entry in self._log.entries[: number - 1] if entry.record]

    def _need_deletions(self, entry: LoggedExchange, needed: set[int]) -> None:
        """Adds earlier deletions of the records that an exchange names: without them they would still exist."""
        for other in self._log.entries[: entry.request.number - 1]:
            is_deletion = other.request.method == "DELETE" and other.is_success
            creation = self._creation_of(other.path, other.request.number) if is_deletion else None
            if creation and creation.request.number in needed and _is_at_or_below(entry.path, other.path):
                needed.add(other.request.number)

    def _creation_of(self, path: str, before: int) -> LoggedExchange | None:
        return next((one for one in reversed(self._created_before(before)) if one.record == path), None)

    def _is_reference(self, name: str, value: Any, known: Any) -> bool:
        """True if a member or query parameter names the record that has this value."""
        if isinstance(value, str) and self._names.mark in value:
            return bool(value == known)
        return name in self._names.references and not isinstance(value, bool) and str(value) == str(known)

    def _writes(self) -> list[int]:
        """Returns the successful writes to the needed records, and below them, before the last observed request."""
        records = [entry.record for entry in map(self._entry, self._needed) if entry.record]
        first, last = min(self._needed), max(self._observed)
        return [
            entry.request.number
            for entry in self._log.entries[first - 1 : last]
            if entry.is_success and entry.request.method not in ("GET", "HEAD")
            if entry.request.method != "DELETE" or entry.path not in records
            if any(_is_at_or_below(entry.path, record) for record in records)
        ]

    def sequence(self, writes: Iterable[int] = ()) -> Reproduction:
        """Returns the sequence with these optional writes."""
        chosen = sorted(self._with_dependencies({*self._observed, *writes}))
        places = {number: place for place, number in enumerate(chosen, 1)}
        steps = [self._step(number, places) for number in chosen]
        steps += self._deletions(places, len(steps))
        saved = _placeholders([[step.path, step.headers, step.body, step.content] for step in steps])
        arguments = tuple(self._argument(one, places) for one in self._expectation.arguments)
        saved |= _placeholders([one for one in arguments if not isinstance(one, AnswerMember)])
        steps = [replace(step, saves=_saves(step.number, saved)) for step in steps]
        observed = places[self._log.number_of(self._expectation.request)]
        return Reproduction(tuple(steps), self._promise, observed, arguments)

    def _argument(self, argument: Any, places: dict[int, int]) -> Any:
        if isinstance(argument, AnswerMember):
            return replace(argument, number=places[self._log.number_of(argument.request)])
        return self._templated(argument, places, max(self._observed) + 1)

    def _step(self, number: int, places: dict[int, int]) -> Step:
        entry = self._entry(number)
        request, body = entry.request, _json(entry.request)
        content = "" if body is not None or not request.body else self._text(request.body)
        query = urlsplit(request.url).query
        path = self._path(self._path_of(entry), places, number)
        return Step(
            number=places[number],
            method=request.method,
            path=path + (f"?{self._query(query, places, number)}" if query else ""),
            headers={name: self._header(name, value) for name, value in request.headers.items() if value != "*/*"},
            body=self._templated(body, places, number),
            content=self._templated(content, places, number),
            is_success=entry.is_success,
            is_observed=number in self._observed,
        )

    def _deletions(self, places: dict[int, int], number: int) -> Iterable[Step]:
        """Yields the deletions of the records that the sequence has left, children first."""
        gone = {self._entry(n).path for n in places if self._entry(n).request.method == "DELETE"}
        for created in sorted(places, reverse=True):
            entry = self._entry(created)
            key = entry.key if entry.record else self._key_like(entry)
            if key and entry.is_deletable and entry.record not in gone:
                number += 1
                path = f"{self._path(entry.path, places, created)}/<<{key}_{places[created]}>>"
                if entry.record:
                    path = self._path(entry.record, places, created + 1)
                headers = {"x-api-key": "<<key>>", "en-workspace": "<<workspace>>"}
                yield Step(number, "DELETE", path, headers, deletes=places[created])

    def _key_like(self, entry: LoggedExchange) -> str:
        """Returns the key in the answer to a creation that was refused here: another target may accept it."""
        alike = (one for one in self._log.entries if one.record and one.path == entry.path and one.is_deletable)
        return next((one.key for one in alike if entry.request.method == "POST"), "")

    def _path(self, path: str, places: dict[int, int], number: int) -> str:
        segments = path.split("/")
        written = list(segments)
        for length in range(2, len(segments) + 1):
            creation = self._creation_of("/".join(segments[:length]), number)
            if creation and creation.request.number in places and creation.key:
                written[length - 1] = f"<<{creation.key}_{places[creation.request.number]}>>"
        return self._marked("/".join(written))

    def _query(self, query: str, places: dict[int, int], number: int) -> str:
        parts = [part.partition("=") for part in query.split("&")]
        return "&".join(f"{name}{sign}{self._templated(value, places, number, name)}" for name, sign, value in parts)

    def _reference(self, name: str, value: Any, places: dict[int, int], number: int) -> str:
        """Returns the placeholder for the key of a created record; empty for another value."""
        for entry in reversed([one for one in self._created_before(number) if one.request.number in places]):
            for member, known in entry.values.items():
                if self._is_reference(name, value, known):
                    return f"<<{'#' if isinstance(value, int) else ''}{member}_{places[entry.request.number]}>>"
        return ""

    def _templated(self, value: Any, places: dict[int, int], number: int, name: str = "") -> Any:
        """Copies a value with placeholders; `name` is the member that has it."""
        if isinstance(value, dict):
            return {self._marked(n): self._templated(part, places, number, n) for n, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._templated(part, places, number, name) for part in value]
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            known = self._reference(name, value, places, number)
            return known or (self._marked(value) if isinstance(value, str) else value)
        return value

    def _marked(self, text: str) -> str:
        return text.replace(self._names.mark, "<<mark>>")

    def _header(self, name: str, value: str) -> str:
        known = (f"<<{variable}>>" for variable, key in self._names.keys.items() if key and key == value)
        if name in ("x-api-key", "authorization"):
            return next(known, value)
        return "<<workspace>>" if name == "en-workspace" and value == self._names.workspace else self._marked(value)

    def _text(self, body: bytes) -> str:
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise NoReproductionError("its body is no text") from None


def _parent(entry: LoggedExchange) -> str:
    """Returns the path of the record that contains a created one."""
    return entry.record.rpartition("/")[0].rpartition("/")[0]


def _is_at_or_below(path: str, record: str) -> bool:
    return path == record or path.startswith(record + "/")


def _json(request: SentRequest) -> Any:
    try:
        return json.loads(request.body) if request.body else None
    except ValueError:
        return None


def _pairs(request: SentRequest) -> Iterable[tuple[str, str]]:
    for part in urlsplit(request.url).query.split("&"):
        name, _, value = part.partition("=")
        yield name, value


def leaves(value: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    """Yields the texts and numbers in a JSON value, each with the name of its member."""
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from leaves(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, name)
    elif isinstance(value, (str, int)):
        yield name, value


def _placeholders(value: Any) -> set[str]:
    return {name for _, name in PLACEHOLDER.findall(json.dumps(value, ensure_ascii=False))}


def _saves(number: int, names: Iterable[str]) -> tuple[str, ...]:
    found = (name.rpartition("_") for name in sorted(names))
    return tuple(member for member, _, place in found if place == str(number))
