"""`x-faker`: what the contract itself says a value looks like.

    x-faker: type.slug                            the member `slug` of a row of the vocabulary's family `type`
    x-faker: company                              a method of Faker
    x-faker: {numerify: {text: '%##'}}            the same with arguments

Without a hint, the names may make one: the `name` of a Workspace is `workspace.name` if there is such a family.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.payloads.compiler import Compiler
from mockserver.payloads.constants import unshared
from mockserver.payloads.merging import Merged
from mockserver.payloads.payload_error import PayloadError
from mockserver.payloads.pools import UnknownMethod
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, in_turn, key_of, pick
from mockserver.payloads.text import snake
from mockserver.payloads.vocabulary import Row, Vocabulary

_POOL = 64


def hinted(compiler: Compiler, whole: Merged, place: Place) -> Make | None:
    """What the hint asks for. `PayloadError` if it cannot be understood, or if nothing that it gives fits."""
    hint = whole.keywords.get("x-faker")
    if hint is None:
        return None
    if isinstance(hint, str) and "." in hint:
        return _of_family(compiler, whole, place, hint)
    return _of_faker(compiler, whole, place, hint)


def implied(compiler: Compiler, whole: Merged, place: Place) -> Make | None:
    """A row of the vocabulary that the names speak of, if it fits."""
    hint = implied_hint(compiler.vocabulary, place.name, place.owner)
    values = _of_rows(compiler, whole, place, hint)
    return _in_turn(values, hint) if values else None


def implied_hint(vocabulary: Vocabulary, name: str, owner: str) -> str:
    """`type.slug` for a member `type_slug`, or for the `slug` of a Type; empty if no family is spoken of."""
    member, whose = snake(name), snake(owner)
    first, _, last = member.rpartition("_")
    spoken_of = ((whose, member), (whose.removesuffix("s"), member), (first, last), (member, "slug"), (member, "name"))
    found = (f"{family}.{part}" for family, part in spoken_of if any(part in row for row in vocabulary.get(family, ())))
    return next(found, "")


def fitting_rows(compiler: Compiler, parts: Mapping[str, Merged], owner: str) -> dict[str, list[Row]]:
    """For each family that members of one object name, the rows that suit all of these members."""
    rows: dict[str, list[Row]] = {}
    for name, part in parts.items():
        family, dot, member = _row_hint(compiler, part, name, owner).partition(".")
        if dot and family in compiler.vocabulary:
            fits = compiler.fits(part)
            candidates = rows.get(family, compiler.vocabulary[family])
            # Where no row suits all, each member takes what suits it alone.
            rows[family] = [row for row in candidates if member in row and fits(row[member])] or candidates
    return rows


def _row_hint(compiler: Compiler, part: Merged, name: str, owner: str) -> str:
    hint = part.keywords.get("x-faker")
    if hint is None and part.keywords.get("type") == "string" and not {"format", "enum"} & part.keywords.keys():
        hint = implied_hint(compiler.vocabulary, name, owner)
    return hint if isinstance(hint, str) else ""


def _of_family(compiler: Compiler, whole: Merged, place: Place, hint: str) -> Make | None:
    family, _, member = hint.partition(".")
    if not compiler.vocabulary:
        # Started without fixtures: the rest of the schema still says what a value is.
        return None
    if not any(member in row for row in compiler.vocabulary.get(family, ())):
        mend = f"add the member `{member}` to the rows of `{family}` in the vocabulary, or correct the hint"
        raise PayloadError(place.pointer, f"`x-faker: {hint}` names nothing in the vocabulary", mend)
    return _in_turn(_some(_of_rows(compiler, whole, place, hint), place, hint), hint)


def _of_rows(compiler: Compiler, whole: Merged, place: Place, hint: str) -> list[Any]:
    family, _, member = hint.partition(".")
    rows = place.rows.get(family) or compiler.vocabulary.get(family, [])
    fits = compiler.fits(whole)
    return [row[member] for row in rows if member in row and fits(row[member])]


def _in_turn(values: list[Any], hint: str) -> Make:
    return unshared(in_turn(values, key_of(hint.partition(".")[0])), values)


def _of_faker(compiler: Compiler, whole: Merged, place: Place, hint: Any) -> Make:
    method, arguments = _call(place, hint)
    try:
        drawn = compiler.fakers.values(method, arguments, _POOL)
    except UnknownMethod as error:
        mend = "name a method of Faker that does not read the clock, or `family.member` of the vocabulary"
        raise PayloadError(place.pointer, f"`x-faker: {method}` is unknown", mend) from error
    except PayloadError:
        raise
    except Exception as error:
        raise PayloadError(place.pointer, f"`x-faker: {method}` fails: {error}", "correct its arguments") from error
    values = _some(list(filter(compiler.fits(whole), drawn)), place, method)
    return unshared(pick(values, place.key), values)


def _call(place: Place, hint: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(hint, str):
        return hint, {}
    if isinstance(hint, dict) and len(hint) == 1:
        [(method, arguments)] = hint.items()
        if isinstance(method, str) and isinstance(arguments or {}, dict):
            return method, arguments or {}
    mend = "write `family.member`, a method of Faker, or one `method: {argument: value}`"
    raise PayloadError(place.pointer, f"`x-faker: {hint}` is no hint", mend)


def _some(values: list[Any], place: Place, hint: str) -> list[Any]:
    if not values:
        mend = "loosen the schema, or correct the hint"
        raise PayloadError(place.pointer, f"`x-faker: {hint}` gives no value that fits its schema", mend)
    return values
