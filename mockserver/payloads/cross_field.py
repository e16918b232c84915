"""What the members of one object have to do with each other.

Names decide, while compiling, which of these rules an object gets; where a schema might refuse the result, it is looked
at on each call. People, times and rows of the vocabulary need no rule: they follow from the seed that the members of
an object share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from mockserver.payloads.compiler import Compiler
from mockserver.payloads.faker_hints import implied_hint
from mockserver.payloads.merging import Merged
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import key_of
from mockserver.payloads.text import slug_of

Members: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Members, int], None]
Parts: TypeAlias = Mapping[str, Merged]


class Told(NamedTuple):
    """`member` is null unless `by` has one of the values; then it is not."""

    member: str
    by: str
    values: frozenset[str]


class Finding(NamedTuple):
    """`member` is to be what `computed` says of the members and the seed; `sure` if the schema cannot refuse that."""

    member: str
    computed: Callable[[Members, int], Any]
    sure: bool = False


_DONE = frozenset(("completed", "complete", "done", "finished", "closed", "concluido", "concluida"))
_TOLD = (
    Told("options", "type", frozenset(("select", "multiselect", "radio", "checkbox"))),
    Told("completed_at", "status", _DONE),
    Told("finished_at", "status", _DONE),
    Told("approval", "kind", frozenset(("approval",))),
    Told("stage", "action", frozenset(("go_to_stage",))),
)
_EQUAL = (("order", "position"),)
_TOTALS = (("total", "counts"),)
_SLUGS = (("slug", "name"), ("slug", "title"))
# `items_by_type` sums to `items`; in a list of objects, the first of these members is what is summed.
_BREAKDOWN = re.compile(r"(\w+?)_by_\w+")
_SHARES = ("count", "total", "quantity", "amount")


def rules_for(compiler: Compiler, parts: Parts, place: Place) -> list[Rule]:
    found = (finding for find in _FINDERS for finding in find(compiler, parts, place))
    return [_rule(compiler, parts[finding.member], finding) for finding in found]


def told_by_others(parts: Parts) -> list[Told]:
    """The members whose being null is not left to chance."""
    return [told for told in _TOLD if told.member in parts and _is_told(told, parts.get(told.by))]


def _is_told(told: Told, by: Merged | None) -> bool:
    values = by.keywords.get("enum", ()) if by else ()
    return _is_text(by) and any(value in told.values for value in values)


def _null_unless_told(compiler: Compiler, parts: Parts, place: Place) -> Iterator[Finding]:
    for member, by, values in told_by_others(parts):
        if compiler.fits(parts[member])(None):
            yield Finding(member, _kept_for(member, by, values), sure=True)


def _equal(compiler: Compiler, parts: Parts, place: Place) -> Iterator[Finding]:
    for member, other in _EQUAL:
        if member in parts and other in parts:
            yield Finding(member, _copied_from(other))


def _slug_fits_name(compiler: Compiler, parts: Parts, place: Place) -> Iterator[Finding]:
    for slug, name in _SLUGS:
        if _is_text(parts.get(slug)) and _is_text(parts.get(name)) and not _has_words(compiler, parts, slug, place):
            yield Finding(slug, _slugged(slug, name))
            return


def _total_of_counts(compiler: Compiler, parts: Parts, place: Place) -> Iterator[Finding]:
    for total, counts in _TOTALS:
        if total in parts and counts in parts:
            yield Finding(total, _summed(total, counts))


def _breakdown_sums_up(compiler: Compiler, parts: Parts, place: Place) -> Iterator[Finding]:
    for name in parts:
        match = _BREAKDOWN.fullmatch(name)
        if match and match[1] in parts:
            yield Finding(name, _shared_out(match[1], name, key_of(f"{place.pointer} {name}")))


_FINDERS = (_null_unless_told, _equal, _slug_fits_name, _total_of_counts, _breakdown_sums_up)


def _rule(compiler: Compiler, part: Merged, finding: Finding) -> Rule:
    member, computed = finding.member, finding.computed
    fits = compiler.fits(part)

    def rule(value: Members, seed: int) -> None:
        value[member] = computed(value, seed)

    def careful_rule(value: Members, seed: int) -> None:
        if fits(result := computed(value, seed)):
            value[member] = result

    return rule if finding.sure else careful_rule


def _kept_for(member: str, by: str, values: frozenset[str]) -> Callable[[Members, int], Any]:
    return lambda value, seed: value[member] if value[by] in values else None


def _copied_from(other: str) -> Callable[[Members, int], Any]:
    return lambda value, seed: value[other]


def _slugged(slug: str, name: str) -> Callable[[Members, int], Any]:
    return lambda value, seed: slug_of(value[name] or "") or value[slug]


def _summed(total: str, counts: str) -> Callable[[Members, int], Any]:
    def computed(value: Members, seed: int) -> Any:
        parts = value[counts]
        return sum(filter(_is_integer, parts.values())) if isinstance(parts, dict) else value[total]

    return computed


def _shared_out(total: str, name: str, key: int) -> Callable[[Members, int], Any]:
    """The breakdown with its numbers changed so that they sum to the total."""

    def computed(value: Members, seed: int) -> Any:
        whole, breakdown = value[total], value[name]
        if not _is_integer(whole) or whole < 0 or not breakdown:
            return breakdown
        if isinstance(breakdown, dict) and all(map(_is_integer, breakdown.values())):
            return dict(zip(breakdown, _shares(whole, len(breakdown), seed, key), strict=True))
        for share in _SHARES if isinstance(breakdown, list) else ():
            if all(isinstance(row, dict) and share in row for row in breakdown):
                parts = _shares(whole, len(breakdown), seed, key)
                return [row | {share: part} for row, part in zip(breakdown, parts, strict=True)]
        return breakdown

    return computed


def _shares(whole: int, count: int, seed: int, key: int) -> list[int]:
    weights = [(seed * (key + 2 * number) >> 24) % 8 + 1 for number in range(count)]
    shares = [whole * weight // sum(weights) for weight in weights]
    return [whole - sum(shares[1:]), *shares[1:]]


def _has_words(compiler: Compiler, parts: Parts, name: str, place: Place) -> bool:
    return "x-faker" in parts[name].keywords or bool(implied_hint(compiler.vocabulary, name, place.owner))


def _is_text(part: Merged | None) -> bool:
    return part is not None and part.keywords.get("type") == "string"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
