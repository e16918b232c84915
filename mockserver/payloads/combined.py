"""Schemas that are more than their keywords: `anyOf`, `oneOf`, `not`, and what could not be folded together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import combinations, islice
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.payloads.compiler import Compiler
from mockserver.payloads.constants import fresh
from mockserver.payloads.merging import Choice, Merged, alternatives, both, merge
from mockserver.payloads.payload_error import NoValue
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, element, key_of, pick, samples, sometimes_null

_MOST_WAYS = 64
_TRIES, _TRIES_PER_CALL = 64, 6


def chosen(compiler: Compiler, whole: Merged, place: Place) -> Make:
    """One of the branches at random; null, where it is one of them, is rare."""
    makes: list[Make] = []
    may_be_null = False
    for is_null, compiled in islice(_branches(compiler, whole, place), _MOST_WAYS):
        try:
            make = compiled()
        except NoValue:
            continue
        may_be_null = may_be_null or is_null
        if not is_null:
            makes.append(make)
    if may_be_null and (place.minimal or not makes):
        return lambda seed: None
    if not makes:
        raise NoValue(place.pointer, "no branch of it has a value")
    make = _any_of(makes, key_of(f"{place.pointer} branch"))
    return sometimes_null(make, place.key) if may_be_null and not place.known else make


def proven(document: Document, whole: Merged) -> bool:
    """There is no doubt: whatever is made of its keywords and of one branch is a value of the whole."""
    if not whole.exact or whole.refused:
        return False
    return all(not choice.only_one or _exclude_each_other(document, whole, choice) for choice in whole.choices)


def checked(makes: Sequence[Make], fits: Callable[[Any], bool], place: Place) -> Make:
    """Values that are looked at on each call, with one that is known to fit in reserve."""
    found = [[value for value in map(make, samples(_TRIES)) if fits(value)] for make in makes]
    useful = [make for make, values in zip(makes, found, strict=True) if values]
    if not useful:
        raise NoValue(place.pointer, "no value was found that fits all parts of it")
    reserve = next(values[0] for values in found if values)

    def make_checked(seed: int) -> Any:
        for number in range(_TRIES_PER_CALL):
            value = useful[number % len(useful)](element(seed, number) if number else seed)
            if fits(value):
                return value
        return fresh(reserve)

    return make_checked


def _branches(compiler: Compiler, whole: Merged, place: Place) -> Iterator[tuple[bool, Callable[[], Make]]]:
    """For each way through the branches, whether it is null, and how it is compiled."""
    if len(whole.choices) > 1 or "type" in whole.keywords or whole.constraints:
        for way in alternatives(compiler.document, whole):
            yield _is_null(way), partial(compiler.of, way, place)
        return
    # Nothing stands beside the branches: what a `$ref` names is compiled once for all places.
    for branch in whole.choices[0].branches:
        with suppress(NoValue):
            yield _is_null(compiler.merge(branch)), partial(compiler.compile, branch, place)


def _is_null(way: Merged) -> bool:
    return way.keywords.get("enum") == [None]


def _any_of(makes: Sequence[Make], key: int) -> Make:
    choose = pick(makes, key)
    return makes[0] if len(makes) == 1 else lambda seed: choose(seed)(seed)


def _exclude_each_other(document: Document, whole: Merged, choice: Choice) -> bool:
    """No value can be of two branches. Only what is plain to see is seen; a false answer costs a check on each call."""
    ways = []
    for branch in choice.branches:
        with suppress(NoValue):
            ways.append(both(replace(whole, choices=()), merge(document, branch)).keywords)
    return all(_disjoint(*two) or _told_apart(document, *two) for two in combinations(ways, 2))


def _disjoint(left: Schema, right: Schema) -> bool:
    if "enum" in left and "enum" in right:
        return not any(value == other for value in left["enum"] for other in right["enum"])
    if "type" not in left or "type" not in right or (left["nullable"] and right["nullable"]):
        return False
    return left["type"] != right["type"] and {left["type"], right["type"]} != {"integer", "number"}


def _told_apart(document: Document, left: Schema, right: Schema) -> bool:
    """Both are objects, and a member that one of them needs is refused or of another value in the other."""
    if left.get("type") != "object" or right.get("type") != "object" or (left["nullable"] and right["nullable"]):
        return False
    sides = ((left, right), (right, left))
    return any(_member_differs(document, one, other, name) for one, other in sides for name in _needed(one))


def _member_differs(document: Document, one: Schema, other: Schema, name: str) -> bool:
    theirs = other.get("properties", {}).get(name, other.get("additionalProperties", True))
    ours = one.get("properties", {}).get(name, True)
    if theirs is False:
        return True
    if True in (ours, theirs) or name not in _needed(other):
        return False
    return _disjoint(merge(document, ours).keywords, merge(document, theirs).keywords)


def _needed(keywords: Schema) -> list[str]:
    return list(keywords.get("required", ()))
