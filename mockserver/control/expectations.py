"""Verification of recorded calls: expectations, their counts and order, and the nearest call of a failed one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from math import inf
from operator import or_
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import re2

from mockserver.control.matching import Comparison, Difference
from mockserver.pipeline.journal import Entry
from mockserver.secrets import SECRET_HEADERS, SecretMembers, mask_path, mask_text

Json = dict[str, Any]
Calls: TypeAlias = Sequence[Entry]

# A long list of expected items would hide the first difference.
_MAX_DIFFERENCES = 10
_MAX_NUMBERS = 100


class BadExpectation(ValueError):
    """An expectation that cannot be evaluated; the message says why."""


def verify(calls: Calls, expectations: list[Json], *, in_order: bool) -> Json:
    """Checks the calls, oldest first, against each expectation and, with `in_order`, against their order.

    Raises `BadExpectation`.
    """
    results = [_check(calls, expectation) for expectation in expectations]
    # An order of calls that are missing says nothing.
    if in_order and all(result["passed"] for result in results):
        _check_order(calls, expectations, results)
    return {"passed": all(result["passed"] for result in results), "calls": len(calls), "results": results}


def find_differences(expectation: Json, call: Entry) -> list[Difference]:
    """Where a call is not as expected; empty if it is. Raises `BadExpectation`."""
    try:
        return list(_differences(expectation, call))
    except re2.error as error:
        raise BadExpectation(f"$matches: {error.args[0].decode()} (patterns are those of RE2)") from error


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


def _check(calls: Calls, expectation: Json) -> Json:
    """The result of one expectation."""
    found = [call for call in calls if not find_differences(expectation, call)]
    bounds = Bounds.parse(expectation)
    passed = bounds.least <= len(found) <= bounds.most
    # An expectation can quote a secret that only the contract of some operation declares.
    names = frozenset[str]().union(*(call.secrets.names for call in calls))
    # What an object may show depends on its operation: `data` of an item is no `data` of an integration.
    alike = (call.secrets for call in calls if expectation.get("operation", call.operation) == call.operation)
    secrets = reduce(or_, alike, SECRET_HEADERS | SecretMembers(names))
    result = {
        "expectation": secrets.mask(expectation),
        "passed": passed,
        "count": len(found),
        "numbers": [call.number for call in found[:_MAX_NUMBERS]],
    }
    if not passed:
        result["why"] = f"expected {bounds}, received {len(found)}"
        if len(found) < bounds.least and calls:
            result["nearest"] = _find_nearest(calls, expectation)
    return result


def _check_order(calls: Calls, expectations: list[Json], results: list[Json]) -> None:
    """Fails the first expectation without a call after the one that met the expectation before it."""
    last = -1
    for expectation, result in zip(expectations, results, strict=True):
        if Bounds.parse(expectation).most == 0:  # a call that must not exist has no place in the order
            continue
        following = range(last + 1, len(calls))
        index = next((index for index in following if not find_differences(expectation, calls[index])), None)
        if index is None:
            result["passed"] = False
            before = calls[last].number if last >= 0 else 0
            result["why"] = f"no such call after call {before}, which met the expectation before this one"
            return
        last = index


def _find_nearest(calls: Calls, expectation: Json) -> Json:
    """The call with the fewest differences. The same operation comes first, then the newest call."""

    def rank(call: Entry) -> tuple[bool, int, int]:
        differences = find_differences(expectation, call)
        # A call of another operation is rarely the one that the test meant, however alike it is otherwise.
        is_other = any(difference.where in ("operation", "method", "path") for difference in differences)
        return is_other, len(differences), -call.number

    nearest = min(calls, key=rank)
    differences = find_differences(expectation, nearest)[:_MAX_DIFFERENCES]
    return {
        "number": nearest.number,
        "call": mask_text(f"{nearest.method} {_path(nearest)}"),
        "differences": [asdict(difference) for difference in differences],
    }


def _differences(expectation: Json, call: Entry) -> Iterator[Difference]:
    head, body = Comparison(SECRET_HEADERS), Comparison(call.secrets)
    plain = {"operation": call.operation, "method": call.method, "path": _path(call), "status": call.status}
    for name in filter(expectation.__contains__, plain):
        yield from head.find_differences(expectation[name], plain[name], name)
    if "query" in expectation:
        yield from head.find_differences(expectation["query"], _query(call), "query")
    if "headers" in expectation:
        specification = {name.lower(): value for name, value in expectation["headers"].items()}
        yield from head.find_differences(specification, _headers(call), "headers")
    if "body" in expectation:
        yield from body.find_differences(expectation["body"], call.body, "body")


def _path(call: Entry) -> str:
    return mask_path(call.path.decode("latin-1"))


def _query(call: Entry) -> dict[str, str | list[str]]:
    """The query by name. A repeated name has a list of values."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(call.query.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}


def _headers(call: Entry) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers.items()}
