"""`x-faker`: hints in the contract that say where realistic values come from.

    x-faker: type.slug                            the member `slug` of a row of the vocabulary's family `type`
    x-faker: company                              a method of Faker
    x-faker: {numerify: {text: '%##'}}            the same with arguments

Without a hint, names may imply one: the `name` of a Workspace is `workspace.name` if there is such a family.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from mockserver.payloads.fakers import UnknownMethod
from mockserver.payloads.meaning import snake_case
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.payload_error import PayloadError
from mockserver.payloads.randomness import Draw
from mockserver.payloads.scalars import choose_copy
from mockserver.payloads.vocabulary import Row, Vocabulary

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler, SchemaLocation

_CANDIDATES = 64


def compile_hint(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw | None:
    """Compiles the hint, if there is one. Raises `PayloadError` if it is not understood or gives no valid value."""
    hint = schema.keywords.get("x-faker")
    if hint is None:
        return None
    if isinstance(hint, str) and "." in hint:
        return _compile_family_hint(compiler, schema, location, hint)
    return _compile_method_hint(compiler, schema, location, hint)


def draw_implied(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw | None:
    """Draws from the rows of the vocabulary that the names imply, if any of their values fits."""
    hint = implied_hint(compiler.vocabulary, location.name, location.owner)
    values = _row_values(compiler, schema, location, hint)
    return _choose_by_row(values) if values else None


def implied_hint(vocabulary: Vocabulary, name: str, owner: str) -> str:
    """Returns `type.slug` for a member `type_slug`, or for the `slug` of a Type; empty if no family is implied."""
    member, whose = snake_case(name), snake_case(owner)
    first, _, last = member.rpartition("_")
    implied = ((whose, member), (whose.removesuffix("s"), member), (first, last), (member, "slug"), (member, "name"))
    known = (f"{family}.{part}" for family, part in implied if any(part in row for row in vocabulary.get(family, ())))
    return next(known, "")


def fitting_rows(compiler: Compiler, parts: Mapping[str, MergedSchema], owner: str) -> dict[str, list[Row]]:
    """Returns, for each family that members of one object use, the rows that suit all of these members."""
    rows: dict[str, list[Row]] = {}
    for name, part in parts.items():
        family, dot, member = _family_hint_of(compiler, part, name, owner).partition(".")
        if dot and family in compiler.vocabulary:
            fits = compiler.fits(part)
            candidates = rows.get(family, compiler.vocabulary[family])
            # Where no row suits all members, each of them takes what suits it alone.
            rows[family] = [row for row in candidates if member in row and fits(row[member])] or candidates
    return rows


def _family_hint_of(compiler: Compiler, part: MergedSchema, name: str, owner: str) -> str:
    hint = part.keywords.get("x-faker")
    if hint is None and part.keywords.get("type") == "string" and not {"format", "enum"} & part.keywords.keys():
        hint = implied_hint(compiler.vocabulary, name, owner)
    return hint if isinstance(hint, str) else ""


def _compile_family_hint(compiler: Compiler, schema: MergedSchema, location: SchemaLocation, hint: str) -> Draw | None:
    family, _, member = hint.partition(".")
    if not compiler.vocabulary:
        # Without fixtures the rest of the schema still describes a value.
        return None
    if not any(member in row for row in compiler.vocabulary.get(family, ())):
        fix = f"add the member `{member}` to the rows of `{family}` in the vocabulary, or correct the hint"
        raise PayloadError(location.pointer, f"`x-faker: {hint}` names nothing in the vocabulary", fix)
    values = _row_values(compiler, schema, location, hint)
    _require_values(values, location, hint)
    return _choose_by_row(values)


def _row_values(compiler: Compiler, schema: MergedSchema, location: SchemaLocation, hint: str) -> list[Any]:
    family, _, member = hint.partition(".")
    rows = location.rows.get(family) or compiler.vocabulary.get(family, [])
    fits = compiler.fits(schema)
    return [row[member] for row in rows if member in row and fits(row[member])]


def _choose_by_row(values: list[Any]) -> Draw:
    return lambda seed: deepcopy(seed.choose_by_row(values))


def _compile_method_hint(compiler: Compiler, schema: MergedSchema, location: SchemaLocation, hint: Any) -> Draw:
    method, arguments = _parse_method_hint(location, hint)
    try:
        candidates = compiler.fakers.values(method, arguments, _CANDIDATES)
    except UnknownMethod as error:
        fix = "name a method of Faker that does not read the clock, or `family.member` of the vocabulary"
        raise PayloadError(location.pointer, f"`x-faker: {method}` is unknown", fix) from error
    except PayloadError:
        raise
    except Exception as error:
        raise PayloadError(location.pointer, f"`x-faker: {method}` fails: {error}", "correct its arguments") from error
    values = list(filter(compiler.fits(schema), candidates))
    _require_values(values, location, method)
    return choose_copy(values, location.pointer)


def _parse_method_hint(location: SchemaLocation, hint: Any) -> tuple[str, dict[str, Any]]:
    """Returns the name of the method and its arguments."""
    if isinstance(hint, str):
        return hint, {}
    if isinstance(hint, dict) and len(hint) == 1:
        [(method, arguments)] = hint.items()
        if isinstance(method, str) and isinstance(arguments or {}, dict):
            return method, arguments or {}
    fix = "write `family.member`, a method of Faker, or one `method: {argument: value}`"
    raise PayloadError(location.pointer, f"`x-faker: {hint}` is no hint", fix)


def _require_values(values: list[Any], location: SchemaLocation, hint: str) -> None:
    if not values:
        fix = "loosen the schema, or correct the hint"
        raise PayloadError(location.pointer, f"`x-faker: {hint}` gives no value that fits its schema", fix)
