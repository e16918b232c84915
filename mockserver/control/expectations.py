"""Verification: were the calls made that a test expects? If not, which came nearest, and where does it differ?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from mockserver.control.matching import Difference, Matching
from mockserver.pipeline.journal import Entry
from mockserver.secrets import mask_path, mask_text, mask_value

Json = dict[str, Any]
Calls: TypeAlias = Sequence[Entry]

_TOLD_NEAREST = 10


class BadExpectation(ValueError):
    """An expectation that cannot be judged; says why."""


def verify(calls: Calls, expectations: list[Json], *, in_order: bool) -> Json:
    """Judges the calls (oldest first): each expectation alone and, if asked, their order."""
    results = [_result(calls, expectation) for expectation in expectations]
    if in_order and all(result["passed"] for result in results):
        _judge_order(calls, expectations, results)
    return {"passed": all(result["passed"] for result in results), "calls": len(calls), "results": results}


def differences_of(expectation: Json, call: Entry) -> list[Difference]:
    """Where a call is not as expected; empty if it is."""
    try:
        return list(_differences(expectation, call))
    except re.error as error:
        raise BadExpectation(f"$matches: {error}") from error


def _result(calls: Calls, expectation: Json) -> Json:
    found = [call for call in calls if not differences_of(expectation, call)]
    least, most = _bounds(expectation)
    passed = least <= len(found) <= most
    secret_names = frozenset().union(*(call.secret_names for call in calls))
    told = mask_value(expectation, secret_names)
    result = {"expectation": told, "passed": passed, "count": len(found), "numbers": _numbers(found)}
    if not passed:
        result["why"] = f"expected {_told_bounds(least, most)}, received {len(found)}"
        if len(found) < least and (nearest := _nearest(calls, expectation)):
            result["nearest"] = nearest
    return result


def _judge_order(calls: Calls, expectations: list[Json], results: list[Json]) -> None:
    """Each expectation has to be met by a call after the one that met the expectation before it."""
    last = -1
    for expectation, result in zip(expectations, results, strict=True):
        if _bounds(expectation)[1] == 0:
            continue
        at = next((at for at in range(last + 1, len(calls)) if not differences_of(expectation, calls[at])), None)
        if at is None:
            result["passed"] = False
            before = calls[last].number if last >= 0 else 0
            result["why"] = f"no such call after call {before}, which met the expectation before this one"
            return
        last = at


def _nearest(calls: Calls, expectation: Json) -> Json | None:
    """The call with the fewest differences, the same operation first; the newest of equals."""
    best: tuple[tuple[bool, int, int], Entry, list[Difference]] | None = None
    for call in calls:
        found = differences_of(expectation, call)
        other = any(difference.where in ("operation", "method", "path") for difference in found)
        rank = (other, len(found), -call.number)
        if best is None or rank < best[0]:
            best = (rank, call, found)
    if best is None:
        return None
    _, call, found = best
    told = [vars(difference) for difference in found[:_TOLD_NEAREST]]
    return {"number": call.number, "call": mask_text(f"{call.method} {_path(call)}"), "differences": told}


def _differences(expectation: Json, call: Entry) -> Iterator[Difference]:
    in_head, in_body = Matching(), Matching(call.secret_names)
    plain = {"operation": call.operation, "method": call.method, "path": _path(call), "status": call.status}
    for name in filter(expectation.__contains__, plain):
        yield from in_head.differences(expectation[name], plain[name], name)
    if "query" in expectation:
        yield from in_head.differences(expectation["query"], _query(call), "query")
    if "headers" in expectation:
        wanted = {name.lower(): value for name, value in expectation["headers"].items()}
        yield from in_head.differences(wanted, _headers(call), "headers")
    if "body" in expectation:
        yield from in_body.differences(expectation["body"], call.body, "body")


def _path(call: Entry) -> str:
    return mask_path(call.path.decode("latin-1"))


def _query(call: Entry) -> dict[str, str | list[str]]:
    """By name the value, or the values if there are more."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(call.query.decode("latin-1"), True):
        values.setdefault(name, []).append(value)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}


def _headers(call: Entry) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers.items()}


def _bounds(expectation: Json) -> tuple[int, float]:
    """How often, at least and at most; once or more where nothing is said."""
    times = expectation.get("times", {"at_least": 1})
    if "exactly" in times:
        return times["exactly"], times["exactly"]
    least, most = times.get("at_least", 0), times.get("at_most", float("inf"))
    if least > most:
        raise BadExpectation(f"times: at_least {least} is more than at_most {most}")
    return least, most


def _told_bounds(least: int, most: float) -> str:
    if most == 0:
        return "no such call"
    if least == most:
        return f"exactly {least}"
    if most == float("inf"):
        return f"at least {least}"
    return f"{least} to {most}" if least else f"at most {most}"


def _numbers(calls: Calls) -> list[int]:
    return [call.number for call in calls[:100]]
