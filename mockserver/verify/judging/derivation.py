"""Derivation of reproductions from the log of a run.

A sequence has the creations that the observed requests depend on, writes to those records, the observed requests
themselves, and the deletions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.yaml_text import leaves
from mockserver.verify.judging.placeholders import Names, Placeholders
from mockserver.verify.judging.reproductions import PLACEHOLDER, AnswerMember, Expectation, Reproduction, Step
from mockserver.verify.safety.ledger import is_at_or_below
from mockserver.verify.watching.exchange_log import ExchangeLog, LoggedExchange, SentRequest

MOST_WRITES = 6  # writes of a sequence that may turn out to be needless; a check sends many to the same record


class NoReproductionError(Exception):
    """Raised with the reason when no sequence can be derived."""


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
            template = self._log.template_of("/".join(segments[:length]))
            for creation in reversed(self._log.created_before(number)) if template else ():
                if creation.template == template:
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
        return all(one.is_read or not one.is_success or self._is_own(one) for one in needed)

    def _is_own(self, entry: LoggedExchange) -> bool:
        records = [one.record for one in map(self._entry, self._needed) if one.record]
        return any(is_at_or_below(entry.path, record) for record in records) or bool(entry.record)

    def _with_dependencies(self, numbers: Iterable[int]) -> set[int]:
        """Returns these requests and all that they depend on."""
        needed = set[int]()
        for number in sorted(numbers):
            self._need(number, needed)
        for number in () if self._is_fresh else list(self._earlier_creations(needed)):
            self._need(number, needed)
        return needed

    def _earlier_creations(self, needed: set[int]) -> Iterator[int]:
        """Yields the creations before those of what existed already, which have only changed it."""
        made = [entry for entry in map(self._entry, sorted(needed)) if entry.record]
        for entry in made:
            earlier = self._log.creation_of(entry.record, entry.request.number)
            is_single = [one.record for one in made].count(entry.record) == 1
            if earlier and is_single and not self._is_deleted(earlier, entry.request.number):
                yield earlier.request.number

    def _need(self, number: int, needed: set[int]) -> None:
        """Adds an exchange, and those that have created what it names."""
        if number in needed:
            return
        entry = self._entry(number)
        needed.add(number)
        if self._names.mark in entry.request.headers.get("en-workspace", ""):
            raise NoReproductionError("it needs a workspace of its own")
        named = [*leaves(entry.json), *_pairs(entry.request)]
        for other in self._log.created_before(number):
            is_named = is_at_or_below(self._path_of(entry), other.record) or any(
                self._names.is_reference(name, value, other, known) for name, value in named for known in other.values
            )
            # A record of the same kind is beside it, not needed by it.
            is_setup = other.is_setup and entry.record and other.template != entry.template
            is_beside = is_setup and _parent(other) == _parent(entry)
            is_below_own = is_beside and self._log.creation_of(_parent(other), number) is not None
            if is_below_own or (is_named and self._log.creation_of(other.record, number) is other):
                self._need(other.request.number, needed)
        if not self._is_fresh:
            self._need_deletions(entry, needed)

    def _is_deleted(self, creation: LoggedExchange, before: int) -> bool:
        """True if a created record was deleted before a place."""
        later = self._log.entries[creation.request.number : before - 1]
        return any(one.request.method == "DELETE" and one.is_success and one.path == creation.record for one in later)

    def _need_deletions(self, entry: LoggedExchange, needed: set[int]) -> None:
        """Adds earlier deletions of the records that an exchange names: without them they would still exist."""
        for other in self._log.entries[: entry.request.number - 1]:
            is_deletion = other.request.method == "DELETE" and other.is_success
            creation = self._log.creation_of(other.path, other.request.number) if is_deletion else None
            if creation and creation.request.number in needed and is_at_or_below(entry.path, other.path):
                needed.add(other.request.number)

    def _writes(self) -> list[int]:
        """Returns the successful writes to the needed records, and below them, before the last observed request."""
        records = [entry.record for entry in map(self._entry, self._needed) if entry.record]
        first, last = min(self._needed), max(self._observed)
        return [
            entry.request.number
            for entry in self._log.entries[first - 1 : last]
            if entry.is_success and not entry.is_read
            if entry.request.method != "DELETE" or entry.path not in records
            if any(is_at_or_below(entry.path, record) for record in records)
        ]

    def sequence(self, writes: Iterable[int] = ()) -> Reproduction:
        """Returns the sequence with these optional writes."""
        chosen = sorted(self._with_dependencies({*self._observed, *writes}))
        places = {number: place for place, number in enumerate(chosen, 1)}
        placeholders = Placeholders(self._log, self._names, places)
        steps = [self._step(number, places[number], placeholders) for number in chosen]
        steps += self._deletions(places, placeholders)
        saved = _placeholders([[step.path, step.headers, step.body, step.content] for step in steps])
        arguments = tuple(self._argument(one, places, placeholders) for one in self._expectation.arguments)
        saved |= _placeholders([one.path if isinstance(one, AnswerMember) else one for one in arguments])
        steps = [replace(step, saves=_saves(step.number, saved)) for step in steps]
        observed = places[self._log.number_of(self._expectation.request)]
        return Reproduction(tuple(steps), self._promise, observed, arguments)

    def _argument(self, argument: Any, places: dict[int, int], placeholders: Placeholders) -> Any:
        last = max(self._observed) + 1
        if isinstance(argument, AnswerMember):
            number = places[self._log.number_of(argument.request)]
            return replace(argument, number=number, path=tuple(placeholders.fill(argument.path, last)))
        return placeholders.fill(argument, last)

    def _step(self, number: int, place: int, placeholders: Placeholders) -> Step:
        entry = self._entry(number)
        request, body, query = entry.request, entry.json, urlsplit(entry.request.url).query
        path = placeholders.path(self._path_of(entry), number)
        return Step(
            number=place,
            method=request.method,
            path=path + (f"?{placeholders.query(query, number)}" if query else ""),
            headers={n: placeholders.header(n, value) for n, value in request.headers.items() if value != "*/*"},
            body=placeholders.fill(body, number),
            content="" if body is not None else placeholders.fill(_text(request.body or b""), number),
            is_success=entry.is_success,
            is_observed=number in self._observed,
        )

    def _deletions(self, places: dict[int, int], placeholders: Placeholders) -> Iterator[Step]:
        """Yields the deletions of the records that the sequence has left, children first."""
        gone = {self._entry(n).path for n in places if self._entry(n).request.method == "DELETE"}
        headers = {"x-api-key": "<<key>>", "en-workspace": "<<workspace>>"}
        number = len(places)
        for created in sorted(places, reverse=True):
            entry = self._entry(created)
            key = self._key_like(entry)
            if key and entry.is_deletable and entry.record not in gone:
                number += 1
                path = f"{placeholders.path(entry.path, created)}/<<{key}_{places[created]}>>"
                if entry.record:
                    path = placeholders.path(entry.record, created + 1)
                yield Step(number, "DELETE", path, headers, deletes=places[created])

    def _key_like(self, entry: LoggedExchange) -> str:
        """Returns the key in answers to such a creation: another target may accept one that was refused here."""
        alike = (one for one in self._log.entries if one.record and one.path == entry.path and one.is_deletable)
        return next((one.key for one in alike if entry.request.method == "POST"), "")


def _parent(entry: LoggedExchange) -> str:
    """Returns the path of the record that contains a created one."""
    return entry.record.rpartition("/")[0].rpartition("/")[0]


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise NoReproductionError("its body is no text") from None


def _pairs(request: SentRequest) -> Iterable[tuple[str, str]]:
    for part in urlsplit(request.url).query.split("&"):
        name, _, value = part.partition("=")
        yield name, value


def _placeholders(value: Any) -> set[str]:
    return {name for _, name in PLACEHOLDER.findall(json.dumps(value, ensure_ascii=False))}


def _saves(number: int, names: Iterable[str]) -> tuple[str, ...]:
    found = (name.rpartition("_") for name in sorted(names))
    return tuple(member for member, _, place in found if place == str(number))
