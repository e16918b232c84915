"""Discriminators: the member of an object that names its variant, so that clients can decode it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import Document, Schema
from mockserver.payloads.merging import Choice, MergedSchema
from mockserver.payloads.randomness import Draw, Seed

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler


def find_subtypes(document: Document) -> dict[str, list[str]]:
    """Finds the components that extend one with a discriminator by `allOf`: their references by its reference."""
    found: dict[str, list[str]] = {}
    for name, schema in document.raw.get("components", {}).get("schemas", {}).items():
        for part in schema.get("allOf", ()):
            if "$ref" in part and "discriminator" in document.resolve(part):
                found.setdefault(part["$ref"], []).append(f"#/components/schemas/{name}")
    return found


def choose_subtype(schema: MergedSchema, subtypes: Sequence[str]) -> MergedSchema:
    """Returns the schema of any subtype, for a component of which each value is one of them."""
    branches: tuple[Schema, ...] = tuple({"$ref": ref} for ref in subtypes)
    keywords = {"discriminator": schema.keywords["discriminator"]}
    return replace(schema, keywords=keywords, choices=(Choice(only_one=False, branches=branches),))


def discriminated(compiler: Compiler, owner: MergedSchema, variant: MergedSchema, draw: Draw) -> Draw:
    """Returns a draw whose objects name their variant as the discriminator of `owner` documents it."""
    discriminator = owner.keywords.get("discriminator")
    if not isinstance(discriminator, dict) or not variant.component:
        return draw
    member, name = discriminator["propertyName"], _name_of(discriminator, variant.component)
    documented = variant.keywords.get("properties", {}).get(member, {})
    # A variant may document the name itself, as an enum of one value.
    if not compiler.fits(compiler.merge(documented))(name):
        return draw
    return _naming(draw, member, name)


def _naming(draw: Draw, member: str, name: str) -> Draw:
    def draw_named(seed: Seed) -> Any:
        value = draw(seed)
        return {**value, member: name} if isinstance(value, dict) else value

    return draw_named


def _name_of(discriminator: Schema, component: str) -> str:
    """Returns the name of a variant: its key in the mapping, else that of its component."""
    mapping: dict[str, str] = discriminator.get("mapping", {})
    return next((key for key, target in mapping.items() if target.rpartition("/")[2] == component), component)
