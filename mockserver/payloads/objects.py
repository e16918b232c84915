"""Objects: which members a value has, and what each of them shares with the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any

from mockserver.contract.document import Schema
from mockserver.payloads.compiler import Compiler
from mockserver.payloads.constants import example_of, unshared
from mockserver.payloads.cross_field import Rule, rules_for, told_by_others
from mockserver.payloads.faker_hints import fitting_rows
from mockserver.payloads.meaning import SAME_PERSON, tells_a_person
from mockserver.payloads.merging import Merged
from mockserver.payloads.payload_error import Endless, NoValue
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, apart, pick
from mockserver.payloads.text import snake

# Members of an object of which only the kind of value is known.
_ORDINARY = 2


def record(compiler: Compiler, whole: Merged, place: Place) -> Make:
    if not whole.keywords.get("properties") and (example := example_of(compiler, whole)) and not place.minimal:
        return unshared(pick(example, place.key), example)
    parts = _parts(compiler, whole, place)
    owner = whole.component or place.name or place.owner
    rows = fitting_rows(compiler, parts, owner)
    inside = replace(place, owner=owner, is_person=any(map(tells_a_person, parts)), rows=rows)
    members = list(_members(compiler, parts, inside, whole.keywords.get("required", ())))
    if len(members) < whole.keywords.get("minProperties", 0):
        raise Endless(place.pointer)
    rules = rules_for(compiler, {name: parts[name] for name, _ in members}, inside)
    make = _built(members, rules)
    return make if place.shares else apart(make, place.key)


def _built(members: Sequence[tuple[str, Make]], rules: Sequence[Rule]) -> Make:
    if not rules:
        return lambda seed: {name: make(seed) for name, make in members}

    def make_related(seed: int) -> dict[str, Any]:
        value = {name: make(seed) for name, make in members}
        for rule in rules:
            rule(value, seed)
        return value

    return make_related


def _members(
    compiler: Compiler, parts: dict[str, Merged], inside: Place, required: Sequence[str]
) -> Iterator[tuple[str, Make]]:
    told = {member for member, _, _ in told_by_others(parts)}
    for name, part in parts.items():
        shares = inside.is_person and snake(name) in SAME_PERSON
        try:
            yield name, compiler.compile_whole(part, inside.member(name, known=name in told, shares=shares))
        except Endless:
            if name in required:
                raise


def _parts(compiler: Compiler, whole: Merged, place: Place) -> dict[str, Merged]:
    """The members that a value has, in the order of the schema: all, or as few as may be in a minimal one."""
    keywords = whole.keywords
    parts = _declared(compiler, whole, place)
    required = [name for name in keywords.get("required", ()) if name in parts]
    least, most = keywords.get("minProperties", 0), keywords.get("maxProperties", len(parts))
    by_need = [*required, *(name for name in parts if name not in required)]
    enough = by_need[: max(least, len(required))] if place.minimal else by_need[: max(most, len(required))]
    if len(required) > keywords.get("maxProperties", len(required)):
        raise NoValue(place.pointer, "more members are required than there may be")
    kept = {name: part for name, part in parts.items() if name in enough}
    return kept | _further(compiler, whole, place, kept)


def _declared(compiler: Compiler, whole: Merged, place: Place) -> dict[str, Merged]:
    """Members that are named by the schema and may be in an answer."""
    properties, required = whole.keywords.get("properties", {}), whole.keywords.get("required", ())
    parts = {}
    for name in [*properties, *(name for name in required if name not in properties)]:
        schema = properties.get(name, whole.keywords.get("additionalProperties", True))
        part = None if schema is False else compiler.merge({} if schema is True else schema)
        if part is not None and {} not in part.refused and not part.keywords.get("writeOnly"):
            parts[name] = part
        elif name in required and not (part and part.keywords.get("writeOnly")):
            raise NoValue(place.pointer, f"the member `{name}` is both required and refused")
    return parts


def _further(compiler: Compiler, whole: Merged, place: Place, kept: dict[str, Merged]) -> dict[str, Merged]:
    """Members that only `additionalProperties` speaks of."""
    keywords, rest = whole.keywords, whole.keywords.get("additionalProperties", True)
    least = keywords.get("minProperties", 0)
    if isinstance(rest, dict) and rest and not keywords.get("properties") and not place.minimal:
        least = max(least, min(_ORDINARY, keywords.get("maxProperties", _ORDINARY)))
    missing = max(0, least - len(kept))
    if missing and rest is False:
        raise NoValue(place.pointer, "fewer members are declared than there must be")
    part = compiler.merge(rest if isinstance(rest, dict) else {})
    return dict.fromkeys(islice(_new_names(compiler, whole), missing), part)


def _new_names(compiler: Compiler, whole: Merged) -> Iterator[str]:
    declared: Schema = whole.keywords.get("properties", {})
    slugs = dict.fromkeys(slug.replace("-", "_") for slug in compiler.words.slugs)
    yield from (slug for slug in slugs if slug not in declared)
    yield from (name for number in count(1) if (name := f"campo_{number}") not in declared)
