"""Cross-field rules of generated objects: slug from name, totals, null unless.

The names of the members decide which rules an object gets. A rule changes a member only if the result is valid. People,
times and rows of the vocabulary need no rule: they follow from the seed that the members share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mockserver.payloads.faker_hints import implied_hint
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.randomness import Seed
from mockserver.text import slug_of

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler, Fits, SchemaLocation

Members: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Members, Seed], None]
Parts: TypeAlias = Mapping[str, MergedSchema]


@dataclass(frozen=True)
class NullUnless:
    """`member` is null unless `by` has one of the values; then it is not null."""

    member: str
    by: str
    values: frozenset[str]


@dataclass(frozen=True)
class ComputedMember:
    """`member` is computed from the generated members and the seed."""

    member: str
    compute: Callable[[Members, Seed], Any]


_DONE = frozenset(("completed", "complete", "done", "finished", "closed", "concluido", "concluida"))
_NULL_UNLESS = (
    NullUnless("options", "type", frozenset(("select", "multiselect", "radio", "checkbox"))),
    NullUnless("completed_at", "status", _DONE),
    NullUnless("finished_at", "status", _DONE),
    NullUnless("approval", "kind", frozenset(("approval",))),
    NullUnless("stage", "action", frozenset(("go_to_stage",))),
)
# `items_by_type` sums to `items`; in a list of objects, the first of these members is what is summed.
_BREAKDOWN = re.compile(r"(\w+?)_by_\w+")
_SUMMED = ("count", "total", "quantity", "amount")


def compile_rules(compiler: Compiler, parts: Parts, location: SchemaLocation) -> list[Rule]:
    """Compiles the rules between the members of one object."""
    computed = [*_null_unless(parts), *_copies(parts), *_slugs(compiler, parts, location)]
    computed += [*_totals(parts), *_breakdowns(parts, location)]
    return [_rule(one, compiler.fits(parts[one.member])) for one in computed]


def members_required_by_others(parts: Parts) -> set[str]:
    """Returns the members that are generated as not null, because a rule decides when they are null."""
    return {rule.member for rule in _applicable(parts)}


def _rule(computed: ComputedMember, fits: Fits) -> Rule:
    def rule(members: Members, seed: Seed) -> None:
        value = computed.compute(members, seed)
        # A slug may be too long for its schema, for example; then the generated one stays.
        if fits(value):
            members[computed.member] = value

    return rule


def _applicable(parts: Parts) -> Iterator[NullUnless]:
    for rule in _NULL_UNLESS:
        by = parts.get(rule.by)
        values = by.keywords.get("enum", ()) if by is not None and _is_text(by) else ()
        if rule.member in parts and not rule.values.isdisjoint(values):
            yield rule


def _null_unless(parts: Parts) -> Iterator[ComputedMember]:
    for rule in _applicable(parts):
        yield ComputedMember(rule.member, _null_unless_one_of(rule))


def _null_unless_one_of(rule: NullUnless) -> Callable[[Members, Seed], Any]:
    return lambda members, seed: members[rule.member] if members[rule.by] in rule.values else None


def _copies(parts: Parts) -> Iterator[ComputedMember]:
    if "order" in parts and "position" in parts:
        yield ComputedMember("order", lambda members, seed: members["position"])


def _slugs(compiler: Compiler, parts: Parts, location: SchemaLocation) -> Iterator[ComputedMember]:
    """Derives the slug from the name or the title, unless the vocabulary has slugs for this object."""
    source = next((name for name in ("name", "title") if _is_text(parts.get(name))), None)
    if source is None or not _is_text(parts.get("slug")):
        return
    from_vocabulary = implied_hint(compiler.vocabulary, "slug", location.owner)
    if "x-faker" not in parts["slug"].keywords and not from_vocabulary:
        yield ComputedMember("slug", lambda members, seed: slug_of(members[source] or "") or members["slug"])


def _totals(parts: Parts) -> Iterator[ComputedMember]:
    if "total" in parts and "counts" in parts:
        yield ComputedMember("total", lambda members, seed: _sum_of(members["counts"], members["total"]))


def _sum_of(counts: Any, otherwise: Any) -> Any:
    return sum(filter(_is_integer, counts.values())) if isinstance(counts, dict) else otherwise


def _breakdowns(parts: Parts, location: SchemaLocation) -> Iterator[ComputedMember]:
    for name in parts:
        match = _BREAKDOWN.fullmatch(name)
        if match and match[1] in parts:
            yield ComputedMember(name, _summing_to(match[1], name, f"{location.pointer} {name}"))


def _summing_to(total: str, name: str, key: str) -> Callable[[Members, Seed], Any]:
    """Returns a function that changes the numbers of a breakdown so that they sum to the total."""

    def compute(members: Members, seed: Seed) -> Any:
        whole, breakdown = members[total], members[name]
        if not _is_integer(whole) or not breakdown:
            return breakdown
        if isinstance(breakdown, dict) and all(map(_is_integer, breakdown.values())):
            return dict(zip(breakdown, _split(whole, len(breakdown), seed, key), strict=True))
        for summed in _SUMMED if isinstance(breakdown, list) else ():
            if all(isinstance(row, dict) and summed in row for row in breakdown):
                numbers = _split(whole, len(breakdown), seed, key)
                return [row | {summed: number} for row, number in zip(breakdown, numbers, strict=True)]
        return breakdown

    return compute


def _split(whole: int, count: int, seed: Seed, key: str) -> list[int]:
    """Splits a number into random parts."""
    # No weight is 0, so that no part is without reason.
    weights = [seed.below(8, f"{key} {number}") + 1 for number in range(count)]
    parts = [whole * weight // sum(weights) for weight in weights]
    # The first part takes the remainder of the divisions.
    return [whole - sum(parts[1:]), *parts[1:]]


def _is_text(part: MergedSchema | None) -> bool:
    return part is not None and part.keywords.get("type") == "string"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
