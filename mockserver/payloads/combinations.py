"""Schemas with branches (`anyOf`, `oneOf`), and values that have to be validated on each call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from mockserver.payloads.discriminators import discriminated
from mockserver.payloads.merging import MergedSchema, alternatives
from mockserver.payloads.payload_error import NoValue
from mockserver.payloads.randomness import Draw, Seed, sometimes_null

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler, Fits, SchemaLocation

# Several `oneOf` multiply their branches.
_MAX_BRANCHES = 64
_SCALARS = ("string", "integer", "number", "boolean")
# From this level on, a record may be its id: with the records inside of records, answers of Stripe take three times as
# long, when they are first generated, and as many bytes.
_SCALARS_FROM = 2
# Draws for one value; each of them usually succeeds.
_TRIES = 6


def compile_branches(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    """Draws from one of the branches at random; null, where it is one of them, is rare."""
    branches = list(islice(_branches(compiler, schema, location), _MAX_BRANCHES))
    may_be_null = any(branch.is_null for branch in branches)
    scalars = [branch for branch in branches if branch.is_scalar] if location.level >= _SCALARS_FROM else []
    draws = _compile(scalars) or _compile(branches)
    if may_be_null and (location.minimal or not draws):
        return lambda seed: None
    if not draws:
        raise NoValue(location.pointer, "no branch of it has a value")
    draw = _any_of(draws, f"{location.pointer} branch")
    return sometimes_null(draw, location.pointer) if may_be_null and not location.never_null else draw


def _compile(branches: Sequence[Branch]) -> list[Draw]:
    """Compiles the branches that have a value besides null; one without may stand beside one that has values."""
    draws: list[Draw] = []
    for branch in branches:
        with suppress(NoValue):
            draws += [] if branch.is_null else [branch.compile()]
    return draws


def verified(draw: Draw, is_valid: Fits, fitting: Sequence[Any], key: str) -> Draw:
    """Validates each value and draws again; as a last resort it takes one of the values known to be valid."""

    def draw_verified(seed: Seed) -> Any:
        for number in range(_TRIES):
            value = draw(seed.derive(f"{key} try {number}") if number else seed)
            if is_valid(value):
                return value
        return deepcopy(seed.choose(fitting, key))

    return draw_verified


@dataclass(frozen=True)
class Branch:
    """One branch, merged with the keywords beside it, or a combination of branches."""

    is_null: bool
    is_scalar: bool
    compile: Callable[[], Draw]


def _branches(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Iterator[Branch]:
    """Yields each combination of branches that does not contradict itself."""
    for merged in _merged_branches(compiler, schema):
        compile_it = partial(_compile_variant, compiler, schema, merged, location)
        yield Branch(_is_null(merged), _is_scalar(merged), compile_it)


def _merged_branches(compiler: Compiler, schema: MergedSchema) -> Iterator[MergedSchema]:
    if len(schema.choices) > 1 or "type" in schema.keywords or schema.constraints:
        yield from alternatives(compiler.document, schema)
        return
    # Without keywords beside the branches there is nothing to merge, so that a `$ref` stays one component.
    for branch in schema.choices[0].branches:
        with suppress(NoValue):
            yield compiler.merge(branch)


def _compile_variant(compiler: Compiler, schema: MergedSchema, variant: MergedSchema, location: SchemaLocation) -> Draw:
    is_component = "$ref" in variant.written
    draw = (compiler.compile_merged if is_component else compiler.compile_inline)(variant, location)
    return discriminated(compiler, schema, variant, draw)


def _is_null(schema: MergedSchema) -> bool:
    return schema.keywords.get("enum") == [None]


def _is_scalar(schema: MergedSchema) -> bool:
    return not schema.choices and schema.keywords.get("type") in _SCALARS and not _is_null(schema)


def _any_of(draws: Sequence[Draw], key: str) -> Draw:
    return draws[0] if len(draws) == 1 else lambda seed: seed.choose(draws, key)(seed)
