"""Objects: which members a value has, and which of them describe the same person or row of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from math import inf
from typing import TYPE_CHECKING, Any

from mockserver.payloads.cross_field import compile_rules, members_required_by_others
from mockserver.payloads.discriminators import discriminated
from mockserver.payloads.faker_hints import fitting_rows
from mockserver.payloads.meaning import SAME_PERSON, identifies_person, snake_case
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.payload_error import Endless, NoValue
from mockserver.payloads.randomness import Draw, Seed, derived
from mockserver.payloads.scalars import choose_copy, fitting_example

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler, SchemaLocation

# How many members a map such as `{additionalProperties: {type: integer}}` gets.
_MAP_MEMBERS = 2


def compile_object(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    is_free = not schema.keywords.get("properties")
    if is_free and not location.minimal and (example := fitting_example(compiler, schema)):
        return choose_copy(example, location.pointer)
    parts = _select_members(compiler, schema, location)
    # The name of a component says best what an object is: `author: {$ref: …/User}` is a User.
    owner = schema.component or location.name or location.owner
    rows = fitting_rows(compiler, parts, owner)
    inside = replace(location, owner=owner, is_person=any(map(identifies_person, parts)), rows=rows)
    draws = dict(_compile_members(compiler, parts, inside, schema.keywords.get("required", ())))
    # Members without a value are left out, which may be too many.
    if len(draws) < schema.keywords.get("minProperties", 0):
        raise Endless(location.pointer)
    rules = compile_rules(compiler, {name: parts[name] for name in draws}, inside)

    def draw_object(seed: Seed) -> dict[str, Any]:
        value = {name: draw(seed) for name, draw in draws.items()}
        for rule in rules:
            rule(value, seed)
        return value

    draw = discriminated(compiler, schema, schema, draw_object)
    return draw if location.shares_seed else derived(draw, location.pointer)


def _compile_members(
    compiler: Compiler, parts: dict[str, MergedSchema], inside: SchemaLocation, required: Sequence[str]
) -> Iterator[tuple[str, Draw]]:
    required_by_others = members_required_by_others(parts)
    for name, part in parts.items():
        shares_seed = inside.is_person and snake_case(name) in SAME_PERSON
        location = inside.member(name, never_null=name in required_by_others, shares_seed=shares_seed)
        try:
            yield name, compiler.compile_merged(part, location)
        except NoValue as error:
            if name in required or not (compiler.is_foreign or isinstance(error, Endless)):
                raise


def _select_members(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> dict[str, MergedSchema]:
    """Selects the members of a value, in the order of the schema: all, or as few as possible at a minimal location."""
    keywords = schema.keywords
    required, least, most = (
        keywords.get("required", ()),
        keywords.get("minProperties", 0),
        keywords.get("maxProperties", inf),
    )
    names = list(dict.fromkeys([*keywords.get("properties", {}), *required]))
    wanted = least if location.minimal else most
    selected: dict[str, MergedSchema] = {}
    # Required ones come first. Only what is selected is read: a schema may have hundreds of members.
    for name in sorted(names, key=lambda name: name not in required):
        if name not in required and len(selected) >= wanted:
            break
        if part := _declared_member(compiler, schema, location, name):
            selected[name] = part
    if max(least, sum(name in required for name in selected)) > most:
        raise NoValue(location.pointer, "more members are required than there may be")
    ordered = {name: selected[name] for name in names if name in selected}
    return ordered | _additional_members(compiler, schema, location, len(selected))


def _declared_member(
    compiler: Compiler, schema: MergedSchema, location: SchemaLocation, name: str
) -> MergedSchema | None:
    """Returns the schema of a member; None if it cannot be in a response."""
    keywords, is_required = schema.keywords, name in schema.keywords.get("required", ())
    written = keywords.get("properties", {}).get(name, keywords.get("additionalProperties", True))
    try:
        part = compiler.merge({"not": {}} if written is False else {} if written is True else written)
    except NoValue:
        # In our own contract it is a fault, in others the answer is valid without it.
        if is_required or not compiler.is_foreign:
            raise
        return None
    # Only requests have write-only members, even if they are required.
    if part.keywords.get("writeOnly"):
        return None
    if {} in part.refused:
        if is_required:
            raise NoValue(location.pointer, f"the member `{name}` is both required and refused")
        return None
    return part


def _additional_members(
    compiler: Compiler, schema: MergedSchema, location: SchemaLocation, selected: int
) -> dict[str, MergedSchema]:
    """Returns members of which only `additionalProperties` speaks."""
    keywords, rest = schema.keywords, schema.keywords.get("additionalProperties", True)
    least = keywords.get("minProperties", 0)
    if isinstance(rest, dict) and rest and not keywords.get("properties") and not location.minimal:
        least = max(least, min(_MAP_MEMBERS, keywords.get("maxProperties", _MAP_MEMBERS)))
    missing = max(0, least - selected)
    if missing and rest is False:
        raise NoValue(location.pointer, "fewer members are declared than there must be")
    part = compiler.merge(rest if isinstance(rest, dict) else {})
    return dict.fromkeys(islice(_unused_names(compiler, schema), missing), part)


def _unused_names(compiler: Compiler, schema: MergedSchema) -> Iterator[str]:
    declared = schema.keywords.get("properties", {})
    slugs = dict.fromkeys(slug.replace("-", "_") for slug in compiler.words.slugs)
    yield from (slug for slug in slugs if slug not in declared)
    yield from (name for number in count(1) if (name := f"campo_{number}") not in declared)
