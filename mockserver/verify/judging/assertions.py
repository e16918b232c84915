"""Assertions about answers: the checks use them, and reproductions copy them into files that run without this package.

Only the standard library and names of this file are used for that reason. A path is a sequence of member names; `*`
stands for every row of a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any, NamedTuple

Path = Sequence[str]


class ReceivedAnswer(NamedTuple):
    """An answer; names of headers are in lower case, and `json` is `...` for a body that is no JSON."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any


def values_at(value: Any, path: Path) -> list[Any]:
    """Returns all values at a path, none for a missing member."""
    if not path:
        return [value]
    if path[0] == "*":
        rows = value if isinstance(value, list) else []
        return [found for row in rows for found in values_at(row, path[1:])]
    return values_at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def pick(value: Any, path: Path) -> Any:
    """Returns the value at a path, `...` for a missing member."""
    return next(iter(values_at(value, path)), ...)


def has_status(answer: ReceivedAnswer, *statuses: str) -> bool:
    """True for one of these statuses; `4xx` stands for all of a kind."""
    return any(re.fullmatch(status.replace("x", "[0-9]"), str(answer.status)) for status in statuses)


def has_value(answer: ReceivedAnswer, path: Path, value: Any) -> bool:
    """True if all values at a path are the same as this one; also if the path goes through a list without rows."""
    is_empty_list = list(path[:1]) == ["*"] and answer.json == []
    return is_empty_list or all(is_same(value, found) for found in values_at(answer.json, path) or [...])


def lacks_value(answer: ReceivedAnswer, path: Path, value: Any) -> bool:
    """True if no value at a path is this one."""
    return not any(is_same(value, found) for found in values_at(answer.json, path))


def contains_value(answer: ReceivedAnswer, path: Path, value: Any) -> bool:
    """True if a value at a path is this one."""
    return any(is_same(value, found) for found in values_at(answer.json, path))


def has_new_row(answer: ReceivedAnswer, values: Sequence[tuple[Path, Any]]) -> bool:
    """True if one of the first ten rows of a list has all values at their paths."""
    rows = answer.json[:10] if isinstance(answer.json, list) else []
    return any(all(pick(row, path) == value for path, value in values) for row in rows)


def has_no_repeat(answer: ReceivedAnswer, path: Path) -> bool:
    """True if the values at a path differ from each other."""
    values = list(map(json.dumps, values_at(answer.json, path)))
    return len(set(values)) == len(values)


def has_none_of(answer: ReceivedAnswer, others: Any) -> bool:
    """True if a list has no row with the id of a row in another list."""
    ids = [pick(row, ["id"]) for row in others or ()]
    return not any(pick(row, ["id"]) in ids for row in values_at(answer.json, ["*"]))


def row_agrees(answer: ReceivedAnswer, name: str, record: Any) -> bool:
    """True if a list shows a member of a record as the record itself does."""
    rows = [row for row in values_at(answer.json, ["*"]) if pick(row, ["id"]) == pick(record, ["id"])]
    return all(_is_equal(pick(record, [name]), pick(row, [name])) for row in rows or [...])


def row_has(answer: ReceivedAnswer, key: Any, path: Path, value: Any) -> bool:
    """True if a value at a path of the row with this id is this one."""
    rows = [row for row in values_at(answer.json, ["*"]) if pick(row, ["id"]) == key]
    return any(is_same(value, found) for found in values_at(rows, ["*", *path]))


def row_lacks(answer: ReceivedAnswer, key: Any, path: Path, value: Any) -> bool:
    """True if no value at a path of the row with this id is this one."""
    return not row_has(answer, key, path, value)


def keeps_rest(answer: ReceivedAnswer, path: Path, before: Any, key: Any) -> bool:
    """True if the value at a path is as before, in a list without the row that had this key."""
    rows = before if isinstance(before, list) else []
    rest = [row for row in rows if key not in (row, pick(row, ["id"]))]
    return is_same(rest if isinstance(before, list) else before, pick(answer.json, path))


def shows_alike(answer: ReceivedAnswer, member: str, place: tuple[Path, str, Any], other: Any, there: Any) -> bool:
    """True unless two answers show a member of a record differently.

    The record is at a path, by a name and its value: at `place` in this answer, and at the place `there` in the other.
    """
    one, another = (
        [pick(row, [member]) for row in values_at(body, path) if pick(row, [name]) == key]
        for body, (path, name, key) in ((answer.json, place), (other, there))
    )
    return all(is_same(wanted, value) for wanted in another for value in one)


def others_stay(answer: ReceivedAnswer, before: Any, own_id: Any, *ignored: str) -> bool:
    """True if the rows of a list are those from before, without the ignored members, except the one with this id."""
    left_out = dict.fromkeys(ignored)
    lists = [{str(pick(row, ["id"])): row | left_out for row in rows} for rows in (before, answer.json)]
    return bool(lists[0] | {str(own_id): {}} == lists[1] | {str(own_id): {}})


def same_rows(answer: ReceivedAnswer, path: Path, wanted: list[Any]) -> bool:
    """True if the list at a path has exactly these records, which may be named by their ids, in any order."""
    lists = (values_at(answer.json, [*path, "*"]), wanted)
    shown, known = (sorted(pick(row, ["id"]) if isinstance(row, dict) else row for row in rows) for rows in lists)
    return shown == known


def lacks_key(answer: ReceivedAnswer, path: Path, key: Any) -> bool:
    """True if neither the object nor the list at a path has a key, which may be the id of a row."""
    value = pick(answer.json, path)
    return key not in [pick(row, ["id"]) if isinstance(row, dict) else row for row in value or ()]


def is_page_of(answer: ReceivedAnswer, whole: list[Any], start: int, most: int) -> bool:
    """True if a page has the same ids as this part of the whole list."""
    page, rows = (values_at(rows, ["*", "id"]) for rows in (answer.json, whole))
    return page == rows[start : start + most]


def is_part_of(answer: ReceivedAnswer, whole: list[Any]) -> bool:
    """True if a list has no record that the whole list does not have."""
    known = values_at(whole, ["*", "id"])
    return all(key in known for key in values_at(answer.json, ["*", "id"]))


def mirrors(answer: ReceivedAnswer, path: Path, other: list[Any]) -> bool:
    """True if a member has the values of another list in reverse order."""
    return values_at(answer.json, ["*", *path]) == values_at(other, ["*", *path])[::-1]


def counts(answer: ReceivedAnswer, path: Path, *lists: list[Any]) -> bool:
    """True if a number is the length of all lists together."""
    return bool(pick(answer.json, path) == sum(map(len, lists)))


def row_counts(answer: ReceivedAnswer, path: Path, name: str, key: Any, member: str, *lists: list[Any]) -> bool:
    """True if the row with this key, in a list at a path, has the length of all lists together as a member."""
    rows = [row for row in values_at(answer.json, [*path, "*"]) if pick(row, [name]) == key]
    return all(pick(row, [member]) == sum(map(len, lists)) for row in rows or [...])


def rows_contain(answer: ReceivedAnswer, text: str) -> bool:
    """True if each row contains a text, in any case."""
    return all(holds(row, text) for row in values_at(answer.json, ["*"]))


def holds(value: Any, text: str) -> bool:
    """True if a text is in any value of a record."""
    if isinstance(value, (dict, list)):
        return any(holds(part, text) for part in (value.values() if isinstance(value, dict) else value))
    return text.lower() in str(value).lower()


def are_equal(answer: ReceivedAnswer, above: Path, members: Sequence[Path]) -> bool:
    """True if these members of each record have the same value."""
    rows = ([pick(row, path) for path in members] for row in values_at(answer.json, above))
    return all(value == row[0] for row in rows for value in row)


def times_are_ordered(answer: ReceivedAnswer, above: Path, created: Path, updated: Path) -> bool:
    """True if the times of each record have an offset, and none was updated before it was created."""
    rows = ([pick(row, path) for path in (created, updated) if path] for row in values_at(answer.json, above))
    times = [[instant(value) for value in row if isinstance(value, str)] for row in rows]
    return all(None not in row and row == sorted(filter(None, row)) for row in times)


def sums_up(answer: ReceivedAnswer, above: Path, total: Path, parts: Path) -> bool:
    """True if a number of each record is the sum of the numbers in an object, or in the rows of a list."""
    return all(pick(row, total) == sum(numbers_in(row, parts)) for row in values_at(answer.json, above))


def numbers_in(record: Any, path: Path) -> list[Any]:
    """Returns the numbers of the object at a path, or those of a member in each row of a list."""
    value = pick(record, path)
    numbers = list(value.values()) if isinstance(value, dict) else values_at(record, [*path[:-1], "*", path[-1]])
    return [number for number in numbers if type(number) in (int, float)]


def lacks_member(answer: ReceivedAnswer, path: Path) -> bool:
    """True if neither the object nor any row has a value but null at a path; lists on the way count row by row."""
    rows = answer.json if isinstance(answer.json, list) else [answer.json]
    for name in path:
        found = [row[name] for row in rows if isinstance(row, dict) and row.get(name) is not None]
        rows = [part for value in found for part in (value if isinstance(value, list) else [value])]
    return not rows


def is_empty(answer: ReceivedAnswer, path: Path) -> bool:
    """True if there is nothing but null at a path."""
    return all(value is None for value in values_at(answer.json, path))


def is_sorted(answer: ReceivedAnswer, path: Path, by: Sequence[tuple[Path, bool]]) -> bool:
    """True if the list at a path is sorted by members; `True` stands for descending."""
    rows = pick(answer.json, path)
    return is_in_order(by, rows if isinstance(rows, list) else [])


def is_in_order(by: Sequence[tuple[Path, bool]], rows: Sequence[Any]) -> bool:
    """True if each row comes after the one before it. Rows whose values cannot be compared are in order."""
    for row, following in pairwise(rows):
        for path, is_descending in by:
            one, other = _number(pick(row, path)), _number(pick(following, path))
            if type(one) is not type(other) or one in (None, ...) or isinstance(one, (dict, list)):
                break
            if one != other:
                if (one < other) == is_descending:
                    return False
                break
    return True


def is_alphabetical(answer: ReceivedAnswer, path: Path, is_descending: bool) -> bool:
    """True if the first letters of the texts of a list are sorted."""
    return letters_are_sorted(values_at(answer.json, ["*"]), path, is_descending)


def letters_are_sorted(rows: Sequence[Any], path: Path, is_descending: bool) -> bool:
    """True if the texts of rows that begin with A to Z are sorted by that letter, and so are those with a to z.

    How other texts compare, and all of them behind the first letter, depends on the collation.
    """
    first = [value[0] for row in rows for value in values_at(row, path) if isinstance(value, str) and value]
    kinds = [
        [one for one in first if one.isascii() and one.isalpha() and one.isupper() == kind] for kind in (True, False)
    ]
    return all(kind == sorted(kind, reverse=is_descending) for kind in kinds)


def _number(value: Any) -> Any:
    """Returns a text of digits, such as an id, as a number."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def has_length(answer: ReceivedAnswer, least: int, most: int) -> bool:
    """True for a list with a number of rows within these limits."""
    return isinstance(answer.json, list) and least <= len(answer.json) <= most


def is_later(answer: ReceivedAnswer, path: Path, earlier: Any) -> bool:
    """True if a timestamp is later than another one, or the same in whole seconds."""
    one, other = instant(pick(answer.json, path)), instant(earlier)
    return bool(one and other and (one > other or (one == other and not one.microsecond)))


def is_recent(answer: ReceivedAnswer, path: Path) -> bool:
    """True if a timestamp is the time of the answer, by the clock of the target and within two minutes."""
    shown = instant(pick(answer.json, path))
    return shown is not None and abs(shown - parsedate_to_datetime(answer.headers["date"])) <= timedelta(minutes=2)


def lacks_text(answer: ReceivedAnswer, pattern: str) -> bool:
    """True if the body contains nothing that a regular expression describes."""
    return re.search(pattern, answer.text) is None


def has_header(answer: ReceivedAnswer, name: str, pattern: str) -> bool:
    """True if a header begins with what a regular expression describes."""
    return re.match(pattern, answer.headers.get(name, ""), re.IGNORECASE) is not None


def is_json(answer: ReceivedAnswer) -> bool:
    """True if the body is JSON."""
    return answer.json is not ...


def is_strict_json(answer: ReceivedAnswer) -> bool:
    """True if the body is JSON that every client reads."""
    return not beyond_json(answer.text)


def beyond_json(text: str) -> str:
    """Describes what lenient parsers read although it is no JSON; empty if there is none."""
    found = ["a byte order mark"] if text.startswith("\ufeff") else []
    json.loads(text.removeprefix("\ufeff"), parse_constant=found.append)
    return next(iter(found), "")


def has_envelope(answer: ReceivedAnswer) -> bool:
    """True for the error body `{statusCode, error, message}` with the status of the answer."""
    body = answer.json if isinstance(answer.json, dict) else {}
    return {"error", "message"} <= body.keys() and body.get("statusCode") == answer.status


def conforms_at(answer: ReceivedAnswer, path: Path, schema: dict[str, Any]) -> bool:
    """True if all values at a path conform to the keywords that `conforms` knows."""
    return all(conforms(value, schema) for value in values_at(answer.json, path))


def conforms(value: Any, schema: dict[str, Any]) -> bool:
    """True if a value conforms to `type`, `enum`, `required`, limits, `pattern`, `format`, `anyOf` and `not`."""
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}
    types = schema.get("type", [])
    names = [types] if isinstance(types, str) else types
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    is_typed = any(is_number if name == "number" else type(value) is kinds[name] for name in names)
    size = value if is_number else len(value) if isinstance(value, (str, list)) else None
    least, most = (
        [schema[name] for name in schema if name in (f"{limit}imum", f"{limit}Length", f"{limit}Items")]
        for limit in ("min", "max")
    )
    return (
        (is_typed or not names)
        and value in schema.get("enum", [value])
        and all(not isinstance(value, dict) or name in value for name in schema.get("required", []))
        and all(size is None or size >= limit for limit in least)
        and all(size is None or size <= limit for limit in most)
        and (not isinstance(value, str) or re.search(schema.get("pattern", ""), value) is not None)
        and (not isinstance(value, str) or has_format(value, schema.get("format", "")))
        and all(any(conforms(value, part) for part in schema[name]) for name in schema if name in ("anyOf", "oneOf"))
        and ("not" not in schema or not conforms(value, schema["not"]))
    )


def has_format(text: str, name: str) -> bool:
    """True if a text has a format by its name, by a rough description."""
    forms = {"email": r"[^@\s]+@[^@\s]+", "uri": r"[a-z][a-z0-9+.-]*:\S+", "ipv4": r"\d+(\.\d+){3}"}
    forms |= {"date": r"\d{4}-\d\d-\d\d", "date-time": r"\d{4}-\d\d-\d\d[Tt].*([Zz]|[+-]\d\d:\d\d)"}
    return re.fullmatch(forms.get(name, ".*"), text, re.DOTALL) is not None


def is_same(sent: Any, received: Any, hidden: frozenset[str] = frozenset()) -> bool:
    """True if the received value is the one sent; a reference may come back as a whole record.

    `hidden` are names of write-only members, which an answer leaves out.
    """
    if isinstance(sent, dict) and isinstance(received, dict):
        return all(
            name in hidden or (name in received and is_same(value, received[name], hidden))
            for name, value in sent.items()
        )
    if isinstance(received, dict):
        return sent is not None and sent in (received.get("id"), received.get("slug"))
    if isinstance(sent, list) and isinstance(received, list):
        return len(sent) == len(received) and all(map(is_same, sent, received))
    if isinstance(sent, bool) != isinstance(received, bool):
        return False
    return bool(sent == received) or _is_same_instant(sent, received)


def _is_same_instant(sent: Any, received: Any) -> bool:
    one, other = instant(sent), instant(received)
    if one is None or other is None:
        return False
    # Some databases keep whole seconds only.
    return one == other or (other.microsecond == 0 and one.replace(microsecond=0) == other)


def instant(value: Any) -> datetime | None:
    """Parses a timestamp with an offset; None for every other value."""
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else None


def changed_members(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Returns the members that both records have with different values."""
    return [name for name in before if name in after and not _is_equal(before[name], after[name])]


def _is_equal(before: Any, after: Any) -> bool:
    return bool(before == after) or (instant(before) is not None and instant(before) == instant(after))


def first_difference(wanted: Any, received: Any) -> tuple[str, ...]:
    """Returns the path of the first member of an object that the other lacks or has with another value."""
    if not isinstance(wanted, dict) or not isinstance(received, dict):
        return ()
    for name, value in wanted.items():
        if not is_same(value, received.get(name, ...)):
            return (name, *first_difference(value, received.get(name)))
    return ()
