"""`x-promises`: promises of an operation that a schema cannot express, as plain values.

`mockserver lint` validates them, the docs page shows them, and both `mockserver verify` and the tests of the fake check
them. `status` is how certain a promise is, `rule` its number in the reference of the API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeAlias

from mockserver.contract.document import Document
from mockserver.errors import StartError

MemberPath: TypeAlias = tuple[str, ...]
SortKey: TypeAlias = tuple[MemberPath, bool]  # a member, and true for descending

NOT_NULL = "not null"  # as an expected value: any value but null
LAST = "last + 1"  # as an expected value: one more than the highest of a list
SLUG = "slug of name"  # as an expected value: the name in lower case, with dashes
CALL_PARTS = ("method", "path", "status", "workspace")  # what a row of a log may show of a call


class PromiseError(StartError):
    """Raised for a promise that cannot be parsed; `where` is its member, empty for the promise as a whole."""

    def __init__(self, where: str, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.where, self.problem, self.fix = where, problem, fix


def _path(written: Any) -> MemberPath:
    return tuple(_text(written).split("."))


def _paths(written: Any) -> tuple[MemberPath, ...]:
    if not isinstance(written, list) or not written:
        raise ValueError("a list of members")
    return tuple(map(_path, written))


def _text(written: Any) -> str:
    if not isinstance(written, str) or not written:
        raise ValueError("a text")
    return written


def sort_keys(written: Any) -> tuple[SortKey, ...]:
    """Parses sort keys such as `position:ASC`. Raises `ValueError`."""
    keys = [_text(key).partition(":") for key in written] if isinstance(written, list) else []
    if not keys or any(direction not in ("ASC", "DESC") for _, _, direction in keys):
        raise ValueError("a list such as [position:ASC, id:ASC]")
    return tuple((_path(name), direction == "DESC") for name, _, direction in keys)


def _values(written: Any) -> dict[MemberPath, Any]:
    if not isinstance(written, dict) or not written:
        raise ValueError("members with their values")
    return {_path(name): value for name, value in written.items()}


def _list(written: Any) -> tuple[Any, ...]:
    if not isinstance(written, list) or not written:
        raise ValueError("a list of values")
    return tuple(written)


def _one_of(*words: str) -> Callable[[Any], str]:
    def parse(written: Any) -> str:
        if written not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return str(written)

    return parse


def _parts_of_calls(written: Any) -> dict[MemberPath, Any]:
    values = _values(written)
    if any(part not in CALL_PARTS for part in values.values()):
        raise ValueError(f"members with one of {', '.join(CALL_PARTS)}")
    return values


def _part(parse: Callable[[Any], Any], about: str = "", **default: Any) -> Any:
    """Returns a field with its parser. `about`: `body` and `answer` for member paths, `operation` for an id."""
    return field(metadata={"parse": parse, "about": about}, **default)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What all kinds have."""

    status: str = _part(_one_of("documented", "partly-documented", "inferred"))
    rule: str = _part(_text)


@dataclass(frozen=True, kw_only=True)
class Equal(Promise):
    """Members of a record that always have the same value, which may be that of the path key `path`."""

    members: tuple[MemberPath, ...] = _part(_paths, "answer")
    path: str = _part(_text, default="")


@dataclass(frozen=True, kw_only=True)
class Order(Promise):
    """The order of a list: of the answer itself, or of the one in `member`."""

    member: MemberPath = _part(_path, "answer", default=())
    by: tuple[SortKey, ...] = _part(sort_keys)


@dataclass(frozen=True, kw_only=True)
class Effect(Promise):
    """What a write changes beyond the members sent.

    `given` is how the record was created, `when` what the write sends, `then` the members afterwards. `shows_in` is an
    operation whose answer then has the record (or the ids sent in `sent`) in the list `member`, or no longer; an id
    that is in the list already, or not at all, is ignored. With `key` too, the ids sent name the records of `shows_in`,
    which then have the `key` of the new record. `merged`: an update of the object `member` leaves the keys that are not
    sent. With `each`, `shows_in` has under the filter `by`, which names the new record, a row with each record of that
    operation in `member` that fits `where` and has the same `key` as the new one. `calls`: whatever is sent adds a row
    to the list, with the method, path, status or workspace of the call at each of these paths.
    """

    given: dict[MemberPath, Any] = _part(_values, default_factory=dict)
    when: dict[MemberPath, Any] = _part(_values, "body", default_factory=dict)
    then: dict[MemberPath, Any] = _part(_values, "answer", default_factory=dict)
    shows_in: str = _part(_text, "operation", default="")
    key: MemberPath = _part(_path, default=())
    member: MemberPath = _part(_path, default=())
    sent: str = _part(_text, default="")
    each: str = _part(_text, "operation", default="")
    where: dict[MemberPath, Any] = _part(_values, default_factory=dict)
    by: str = _part(_text, default="")
    becomes: str = _part(_one_of("present", "absent", "merged"), default="present")
    calls: dict[MemberPath, Any] = _part(_parts_of_calls, "answer", default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Referrers(Promise):
    """What a deletion does to records that `of` creates with a reference to the deleted one in `member`."""

    of: str = _part(_text, "operation")
    member: MemberPath = _part(_path)
    key: MemberPath = _part(_path, default=("id",))
    becomes: str = _part(_one_of("null", "removed", "deleted"))


@dataclass(frozen=True, kw_only=True)
class Default(Promise):
    """The values of members that a creation leaves out.

    With `of`, they are paths in what that operation answers, for the record that `key` of the new one names; of a list,
    in its first row that fits `where`, with the filter `by` set to what `key` names.
    """

    members: dict[MemberPath, Any] = _part(_values, "answer")
    of: str = _part(_text, "operation", default="")
    key: MemberPath = _part(_path, "answer", default=())
    by: str = _part(_text, default="")
    where: dict[MemberPath, Any] = _part(_values, default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Immutable(Promise):
    """Members that no update changes, whether it is refused or ignored."""

    members: tuple[MemberPath, ...] = _part(_paths, "answer")


@dataclass(frozen=True, kw_only=True)
class Unique(Promise):
    """Members that no second record has: a repeated creation is refused, or answers the same record."""

    members: tuple[MemberPath, ...] = _part(_paths, "body")
    repeated: str = _part(_one_of("refused", "kept"), default="refused")


@dataclass(frozen=True, kw_only=True)
class Timestamps(Promise):
    """The time of creation, which is that of the request and stays, and the time of the last change, which moves."""

    created: MemberPath = _part(_path, "answer")
    updated: MemberPath = _part(_path, "answer", default=())


@dataclass(frozen=True, kw_only=True)
class Count(Promise):
    """Numbers that count the records of a list, or that are the sum of other numbers.

    A number in a row counts the list below the record that the row names; with `by`, one in an object counts the
    records that have its name as this member, which is a filter too.
    """

    lists: dict[MemberPath, str] = _part(_values, "answer", default_factory=dict)
    sums: dict[MemberPath, str] = _part(_values, "answer", default_factory=dict)
    by: str = _part(_text, default="")


CALLER = "caller"  # as `by` of a list: its rows are those of the caller


@dataclass(frozen=True, kw_only=True)
class Visible(Promise):
    """Something that exists only within something else.

    `member` has to name a record of the list `within` by its `key`. It takes that, or its `values`, only together with
    the members in `needs`: with this value of each, or with one of a list. Without `member`, the rows of the answer are
    those rows of `within` that fit `where`. With `rows`, an object shows its record in `within` as it is, and a list
    has all records that belong to the answer: by the path, or by the filter or member `by`, which has the value of
    `key` in the answer. With `by: caller` alone, no other person's answer has the rows.
    """

    member: MemberPath = _part(_path, "body", default=())
    within: str = _part(_text, "operation", default="")
    key: MemberPath = _part(_path, default=("id",))
    where: dict[MemberPath, Any] = _part(_values, default_factory=dict)
    rows: MemberPath = _part(_path, "answer", default=())
    by: str = _part(_text, default="")
    values: tuple[Any, ...] = _part(_list, default=())
    needs: dict[MemberPath, Any] = _part(_values, default_factory=dict)


KINDS: dict[str, type[Promise]] = {
    "equal": Equal,
    "order": Order,
    "effect": Effect,
    "referrers": Referrers,
    "default": Default,
    "immutable": Immutable,
    "unique": Unique,
    "timestamps": Timestamps,
    "count": Count,
    "visible": Visible,
}


def parse_promise(written: Any) -> Promise:
    """Parses one entry of `x-promises`. Raises `PromiseError`."""
    kind = str(written.get("kind")) if isinstance(written, dict) else ""
    if kind not in KINDS:
        raise PromiseError("kind", f"`{kind}` is not a kind of promise", f"write one of {', '.join(KINDS)}")
    parts = {part.name: part for part in fields(KINDS[kind])}
    for name in written.keys() - {"kind", *parts}:
        raise PromiseError(name, f"`{name}` is no part of the kind {kind}", f"write some of {', '.join(parts)}")
    for name, part in parts.items():
        if name not in written and part.default is MISSING and part.default_factory is MISSING:
            raise PromiseError("", f"a promise of the kind {kind} has no `{name}`", f"add `{name}`")
    return KINDS[kind](**{name: _parse(part, written[name]) for name, part in parts.items() if name in written})


def _parse(part: Field[Any], written: Any) -> Any:
    try:
        return part.metadata["parse"](written)
    except ValueError as error:
        raise PromiseError(part.name, f"`{part.name}` is `{written}`", f"write {error}") from None


def promises_of(document: Document) -> dict[str, tuple[Promise, ...]]:
    """Returns the promises of each operation by its id. Raises `PromiseError` for one that cannot be parsed."""
    return {
        entry.value["operationId"]: tuple(map(parse_promise, entry.value["x-promises"]))
        for entry in document.operations()
        if "x-promises" in entry.value
    }


def parts_about(promise: Promise, about: str) -> Iterator[tuple[str, Any]]:
    """Yields the parts with this meaning by name, if they are given: paths in the body or answer, ids of operations."""
    for part in fields(promise):
        if part.metadata["about"] == about and (value := getattr(promise, part.name)):
            yield part.name, value


def value_at(value: Any, path: MemberPath) -> Any:
    """Returns the value at a path of a record, `MISSING` if there is none; of a list, the values of its rows."""
    for number, name in enumerate(path):
        if isinstance(value, list):
            return [value_at(row, path[number:]) for row in value]
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


def with_value(record: dict[str, Any], path: MemberPath, value: Any) -> dict[str, Any]:
    """Returns a copy of a record with another value at a path; objects on the way are made."""
    name, *rest = path
    inner = record.get(name)
    below = with_value(inner if isinstance(inner, dict) else {}, tuple(rest), value) if rest else value
    return record | {name: below}
