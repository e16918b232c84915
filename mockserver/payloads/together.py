"""What the members of one object, or the rows of one list, have to do with each other.

Names decide, while compiling, which of these rules an object gets; where a schema might refuse the result, it is looked
at on each call. People, times and rows of the vocabulary need no rule: they follow from the seed that the members of
an object share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mockserver.payloads.hints import implied_hint
from mockserver.payloads.merging import Merged
from mockserver.payloads.numbers import integers_from
from mockserver.payloads.place import Place
from mockserver.payloads.source import key_of
from mockserver.payloads.spelling import slug_of

if TYPE_CHECKING:
    from mockserver.payloads.compile import Compiler

Members: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Members, int], None]
RowsRule: TypeAlias = Callable[[list[Members], int], None]
Tell: TypeAlias = Callable[[Members, int], None]
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
_NUMBERED = ("position", "order", "index", "rank")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_MESSAGES = {
    400: "Validation failed",
    401: "Invalid or missing API key",
    403: "Insufficient permissions",
    500: "An internal server error occurred",
}
_ENVELOPE: dict[str, Callable[[int], Any]] = {
    "statusCode": lambda status: status,
    "error": lambda status: _PHRASES.get(status, "Error"),
    "message": lambda status: _MESSAGES.get(status) or _PHRASES.get(status, "Error"),
}
# Ids of one list are at most this far apart, and a list is hardly ever longer than this.
_GAP, _LONG = 3, 1000


def rules_for(compiler: Compiler, parts: Parts, place: Place) -> list[Rule]:
    found = (finding for find in _FINDERS for finding in find(compiler, parts, place))
    return [_rule(compiler, parts[finding.member], finding) for finding in found]


def rows_rules_for(compiler: Compiler, items: Merged) -> list[RowsRule]:
    if items.keywords.get("type") != "object" or items.keywords["nullable"] or items.choices:
        return []
    integers = {
        name: part
        for name, schema in items.keywords.get("properties", {}).items()
        if schema and (part := compiler.merge(schema)).keywords.get("type") == "integer" and part.sure
    }
    numbered = [_numbered(name, part) for name, part in integers.items() if name in _NUMBERED and _is_open(part)]
    ids = integers.get("id")
    return [_ascending(ids), *numbered] if ids and not {"enum", "x-faker"} & ids.keywords.keys() else numbered


def status_rule(compiler: Compiler, whole: Merged) -> Tell | None:
    """For an error envelope, a function that writes the status into it."""
    properties = whole.keywords.get("properties", {})
    if whole.keywords.get("type") != "object" or not {"statusCode", "error"} <= properties.keys():
        return None
    fits = {name: compiler.fits(compiler.merge(properties[name])) for name in _ENVELOPE if name in properties}

    def tell(value: Members, status: int) -> None:
        for name, fit in fits.items():
            if name in value and fit(said := _ENVELOPE[name](status)):
                value[name] = said

    return tell


def told_by_others(parts: Parts) -> list[Told]:
    """The members whose being null is not left to chance."""
    return [told for told in _TOLD if told.member in parts and told.values & _values(parts.get(told.by))]


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
        if slug in parts and name in parts and not _has_words(compiler, parts[slug], slug, place):
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
        shares = _shares(whole, len(breakdown), seed, key)
        if isinstance(breakdown, dict):
            return dict(zip(breakdown, shares, strict=True))
        share = next((share for share in _SHARES if isinstance(breakdown[0], dict) and share in breakdown[0]), None)
        return [row | {share: part} for row, part in zip(breakdown, shares, strict=True)] if share else breakdown

    return computed


def _shares(whole: int, count: int, seed: int, key: int) -> list[int]:
    weights = [(seed * (key + 2 * number) >> 24) % 8 + 1 for number in range(count)]
    shares = [whole * weight // sum(weights) for weight in weights]
    return [whole - sum(shares[1:]), *shares[1:]]


def _ascending(ids: Merged) -> RowsRule:
    """Ids that go up from that of the first row; with a maximum, from early enough to stay below it."""
    least, step, room = integers_from(ids)
    key = key_of("distance between ids")

    def rule(rows: list[Members], seed: int) -> None:
        start = rows[0]["id"] if rows else least
        for number, row in enumerate(rows):
            row["id"] = start + step * (_GAP * number + (seed * (key + 2 * number) >> 24) % _GAP)

    def bounded_rule(rows: list[Members], seed: int) -> None:
        assert room is not None
        start = min((rows[0]["id"] - least) // step, max(0, room - _LONG)) if rows else 0
        for number, row in enumerate(rows):
            row["id"] = least + step * ((start + number) % room)

    return rule if room is None else bounded_rule


def _numbered(name: str, part: Merged) -> RowsRule:
    first = max(0, part.keywords.get("minimum", 0))

    def rule(rows: list[Members], seed: int) -> None:
        for number, row in enumerate(rows):
            row[name] = first + number

    return rule


def _is_open(part: Merged) -> bool:
    """Any higher number does as well."""
    return part.constraints.keys() <= {"minimum"} and isinstance(part.keywords.get("minimum", 0), int)


def _has_words(compiler: Compiler, part: Merged, name: str, place: Place) -> bool:
    return "x-faker" in part.keywords or bool(implied_hint(compiler.vocabulary, name, place.owner))


def _values(part: Merged | None) -> frozenset[Any]:
    return frozenset(value for value in (part.keywords.get("enum", ()) if part else ()) if isinstance(value, str))


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
