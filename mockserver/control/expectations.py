"""Verification of recorded calls: expectations, their counts and order, and the nearest call of a failed one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, reduce
from math import inf
from operator import or_
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import re2

from mockserver.control.background import TimeLimit, TooLong
from mockserver.control.matching import Comparison, Difference
from mockserver.pipeline.journal import Entry
from mockserver.secrets import SECRET_HEADERS, SecretMembers, mask_path, mask_text

Json = dict[str, Any]

# A long list of expected items would hide the first difference.
_MAX_DIFFERENCES = 10
_MAX_NUMBERS = 100
# Of all expectations of a request together. A hundred of them for a full journal take a second.
_MAX_SECONDS = 10.0


class BadExpectation(ValueError):
    """An expectation that cannot be evaluated; the message says why."""


class Call:
    """A recorded call as expectations describe it."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.number, self.secrets = entry, entry.number, entry.secrets

    # Once for each call, however many expectations there are: masking takes longer than comparing.
    @cached_property
    def head(self) -> Json:
        """All parts but the body."""
        entry = self.entry
        return {
            "operation": entry.operation,
            "method": entry.method,
            "path": mask_path(entry.path.decode("latin-1")),
            "status": entry.status,
            "query": _query(entry),
            "headers": {name.decode("latin-1"): value.decode("latin-1") for name, value in entry.headers.items()},
        }


Calls: TypeAlias = Sequence[Call]


def verify(entries: Sequence[Entry], expectations: list[Json], *, in_order: bool) -> Json:
    """Checks the calls, oldest first, against each expectation and, with `in_order`, against their order.

    Raises `BadExpectation`.
    """
    return Verification(entries).verify(expectations, in_order=in_order)


def find_calls(entries: Sequence[Entry], expectation: Json) -> list[Entry]:
    """Returns the entries of the calls that are as expected. Raises `BadExpectation`."""
    verification = Verification(entries)
    return [call.entry for call in verification.calls if not verification.find_differences(expectation, call)]


@dataclass(frozen=True)
class Bounds:
    """How often a call is expected."""

    least: int
    most: float

    @classmethod
    def parse(cls, expectation: Json) -> Bounds:
        """The bounds in `times`; at least once without it."""
        times = expectation.get("times", {"at_least": 1})
        if "exactly" in times:
            return cls(times["exactly"], times["exactly"])
        least, most = times.get("at_least", 0), times.get("at_most", inf)
        if least > most:
            raise BadExpectation(f"times: at_least {least} is more than at_most {most}")
        return cls(least, most)

    def __str__(self) -> str:
        if self.most == 0:
            return "no such call"
        if self.least == self.most:
            return f"exactly {self.least}"
        if self.most == inf:
            return f"at least {self.least}"
        return f"{self.least} to {self.most}" if self.least else f"at most {self.most}"


class Verification:
    """Checks calls, oldest first, against expectations, within a time limit."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.calls = [Call(entry) for entry in entries]
        self._limit = TimeLimit(_MAX_SECONDS)

    def verify(self, expectations: list[Json], *, in_order: bool) -> Json:
        results = [self._check(expectation) for expectation in expectations]
        # An order of calls that are missing says nothing.
        if in_order and all(result["passed"] for result in results):
            self._check_order(expectations, results)
        return {"passed": all(result["passed"] for result in results), "calls": len(self.calls), "results": results}

    def find_differences(self, expectation: Json, call: Call) -> list[Difference]:
        """Where a call is not as expected; empty if it is. Raises `BadExpectation`."""
        try:
            return list(self._differences(expectation, call))
        except re2.error as error:
            raise BadExpectation(f"$matches: {error.args[0].decode()} (patterns are those of RE2)") from error
        except TooLong as error:
            raise BadExpectation(f"{error}; expect fewer calls at once, or compare fewer values") from error

    def _check(self, expectation: Json) -> Json:
        """The result of one expectation."""
        bounds = Bounds.parse(expectation)
        differences = {call: self.find_differences(expectation, call) for call in self.calls}
        found = [call for call, parts in differences.items() if not parts]
        passed = bounds.least <= len(found) <= bounds.most
        result = {
            "expectation": self._secrets(expectation).mask(expectation),
            "passed": passed,
            "count": len(found),
            "numbers": [call.number for call in found[:_MAX_NUMBERS]],
        }
        if not passed:
            result["why"] = f"expected {bounds}, received {len(found)}"
            if len(found) < bounds.least and self.calls:
                result["nearest"] = _describe_nearest(differences)
        return result

    def _secrets(self, expectation: Json) -> SecretMembers:
        """The secrets that an expectation may quote."""
        alike = (
            call for call in self.calls if expectation.get("operation", call.entry.operation) == call.entry.operation
        )
        # What an object may show depends on its operation: `data` of an item is no `data` of an integration.
        return reduce(or_, {id(call.secrets): call.secrets for call in alike}.values(), self._general_secrets)

    @cached_property
    def _general_secrets(self) -> SecretMembers:
        """Secrets of all calls: an expectation can quote one that only the contract of some operation declares."""
        return SECRET_HEADERS | SecretMembers(frozenset[str]().union(*(call.secrets.names for call in self.calls)))

    def _check_order(self, expectations: list[Json], results: list[Json]) -> None:
        """Fails the first expectation without a call after the one that met the expectation before it."""
        last = -1
        for expectation, result in zip(expectations, results, strict=True):
            if Bounds.parse(expectation).most == 0:  # a call that must not exist has no place in the order
                continue
            following = range(last + 1, len(self.calls))
            index = next(
                (index for index in following if not self.find_differences(expectation, self.calls[index])), None
            )
            if index is None:
                result["passed"] = False
                before = self.calls[last].number if last >= 0 else 0
                result["why"] = f"no such call after call {before}, which met the expectation before this one"
                return
            last = index

    def _differences(self, expectation: Json, call: Call) -> Iterator[Difference]:
        head, body = Comparison(SECRET_HEADERS, self._limit), Comparison(call.secrets, self._limit)
        for name in filter(expectation.__contains__, call.head):
            specification = expectation[name]
            if name == "headers":
                specification = {header.lower(): value for header, value in specification.items()}
            yield from head.find_differences(specification, call.head[name], name)
        if "body" in expectation:
            yield from body.find_differences(expectation["body"], call.entry.body, "body")


def _describe_nearest(differences: dict[Call, list[Difference]]) -> Json:
    """The call with the fewest differences. The same operation comes first, then the newest call."""

    def rank(call: Call) -> tuple[bool, int, int]:
        # A call of another operation is rarely the one that the test meant, however alike it is otherwise.
        is_other = any(part.where in ("operation", "method", "path") for part in differences[call])
        return is_other, len(differences[call]), -call.number

    nearest = min(differences, key=rank)
    return {
        "number": nearest.number,
        "call": mask_text(f"{nearest.head['method']} {nearest.head['path']}"),
        "differences": [asdict(difference) for difference in differences[nearest][:_MAX_DIFFERENCES]],
    }


def _query(entry: Entry) -> dict[str, str | list[str]]:
    """The query by name. A repeated name has a list of values."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(entry.query.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}
