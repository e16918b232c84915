"""Discriminators: the member of an object that names its variant, so that clients can decode it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.contract.document import Schema
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.randomness import Draw, Seed

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler


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
