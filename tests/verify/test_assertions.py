"""Assertions of reproductions: each is kept by an answer that keeps the promise, and broken by one that breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.verify.judging import assertions as of
from mockserver.verify.judging.assertions import ReceivedAnswer

OLD, HALF, NEW = "2026-03-20T12:00:00.000Z", "2026-03-20T12:00:00.500Z", "2026-03-20T12:00:01.000Z"
HEADERS = {"content-type": "application/json", "date": "Fri, 20 Mar 2026 12:00:30 GMT"}
ROWS = [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]
FALLING = [{"n": 1, "i": 2}, {"n": 1, "i": 1}, {"n": 2, "i": 5}]
ENVELOPE = {"statusCode": 200, "error": "OK", "message": ""}
PAGE = ReceivedAnswer(405, {"allow": "GET, PUT"}, "<p>No</p>", ...)
LENIENT = ReceivedAnswer(200, HEADERS, '{"a": NaN}', {})

# Assertion, its arguments, a body or an answer that keeps it, and others that break it.
BODIES: list[tuple[Callable[..., bool], tuple[Any, ...], Any, list[Any]]] = [
    (of.has_status, ("201", "4xx"), PAGE, [{}]),
    (of.has_header, ("allow", "get"), PAGE, [{}]),
    (of.is_json, (), {}, [PAGE]),
    (of.is_strict_json, (), {}, [LENIENT]),
    (of.has_value, (["a", "b"], 1), {"a": {"b": 1}}, [{"a": {"b": 2}}, {"a": {"b": True}}, {"a": {}}, {}]),
    (of.has_value, (["a"], "x"), {"a": {"id": 1, "slug": "x"}}, [{"a": {"id": 1, "slug": "y"}}]),
    (of.has_value, (["a"], {"b": [1]}), {"a": {"b": [{"id": 1}], "c": 2}}, [{"a": {"b": [1, 1]}}, {"a": {}}]),
    (of.has_value, (["a"], "2026-03-20T13:00:01.000+01:00"), {"a": NEW}, [{"a": OLD}]),
    (of.has_value, (["a"], HALF), {"a": OLD}, [{"a": "2026-03-20T12:00:00.400Z"}]),
    (of.has_value, (["a"], [1]), {"a": [1]}, [{"a": [2]}, {"a": 1}, []]),
    (of.has_value, (["*", "id"], 1), [], [[{"id": 2}], [{}]]),
    (of.lacks_value, (["*", "id"], 3), ROWS, [[*ROWS, {"id": 3}]]),
    (of.contains_value, (["*", "id"], 2), ROWS, [ROWS[:1], []]),
    (
        of.has_new_row,
        ([(["id"], 2), (["name"], "B")],),
        ROWS,
        [ROWS[:1], [{"id": 2, "name": "A"}], [*[{}] * 10, *ROWS], {}],
    ),
    (of.has_no_repeat, (["*", "id"],), ROWS, [[*ROWS, ROWS[0]]]),
    (of.has_none_of, ([{"id": 9}],), ROWS, [[*ROWS, {"id": 9}]]),
    (of.row_agrees, ("name", {"id": 2, "name": "B"}), ROWS, [[{"id": 2, "name": "A"}], [{"id": 2}], ROWS[:1]]),
    (of.row_has, (2, ["name"], "B"), ROWS, [[{"id": 1, "name": "B"}, {"id": 2, "name": "A"}], ROWS[:1], {}]),
    (of.row_lacks, (1, ["name"], "B"), ROWS, [[{"id": 1, "name": "B"}]]),
    (of.keeps_rest, (["a"], [1, 2, {"id": 3}], 3), {"a": [1, 2]}, [{"a": []}, {"a": [1, 2, 3]}, {"a": [2, 1]}, {}]),
    (of.keeps_rest, (["a"], "x", 3), {"a": "x"}, [{"a": "y"}, {}]),
    (
        of.shows_alike,
        ("name", [["a", "*"], "id", 2], {"id": 2, "name": "B"}, [[], "id", 2]),
        {"a": ROWS},
        [{"a": [{"id": 2, "name": "A"}]}],
    ),
    (
        of.others_stay,
        (ROWS, 2, "updated_at"),
        [ROWS[0] | {"updated_at": NEW}, {"id": 2}],
        [[{"id": 1, "name": "C"}, ROWS[1]], ROWS[1:], [*ROWS, {"id": 3}]],
    ),
    (of.same_rows, (["rows"], ROWS), {"rows": [1, 2]}, [{"rows": ROWS[:1]}]),
    (of.same_rows, (["rows"], [1, 2]), {"rows": ROWS[::-1]}, [{"rows": ROWS[:1]}, {"rows": [1, 2, 3]}, {}]),
    (of.lacks_key, (["rows"], 3), {"rows": ROWS}, [{"rows": [{"id": 3}]}, {"rows": [3]}]),
    (of.is_page_of, (ROWS, 1, 2), ROWS[1:], [ROWS[:1], ROWS, []]),
    (of.is_part_of, (ROWS,), ROWS[1:], [[{"id": 3}]]),
    (of.mirrors, (["id"], ROWS), ROWS[::-1], [ROWS]),
    (of.counts, (["count"], ROWS, [1]), {"count": 3}, [{"count": 2}, {}]),
    (
        of.row_counts,
        (["by"], "slug", "a", "count", ROWS, [1]),
        {"by": [{"slug": "b", "count": 9}, {"slug": "a", "count": 3}]},
        [{"by": [{"slug": "a", "count": 2}]}, {"by": [{"slug": "b", "count": 3}]}, {}],
    ),
    (of.rows_contain, ("b",), [{"a": ["x", {"c": "aBc"}]}], [[{"a": ["x"]}], ROWS]),
    (of.are_equal, (["*"], [["a"], ["b"]]), [{"a": 1, "b": 1}], [[{"a": 1, "b": 2}], [{"a": 1}]]),
    (of.times_are_ordered, (["*"], ["c"], ["u"]), [{"c": OLD, "u": NEW}], [[{"c": NEW, "u": OLD}], [{"c": "x"}]]),
    (of.sums_up, ([], ["n"], ["by"]), {"n": 3, "by": {"a": 1, "b": 2}}, [{"n": 4, "by": [1, 2]}]),
    (
        of.sums_up,
        (["*"], ["n"], ["by", "count"]),
        [{"n": 3, "by": [{"count": 1}, {"count": 2}]}],
        [[{"n": 2, "by": [{"count": 1}]}], [{"n": 3}]],
    ),
    (of.lacks_member, (["a", "b"],), [{"a": [{"b": None}]}, {"a": None}], [[{"a": [{}, {"b": 0}]}], {"a": {"b": 0}}]),
    (of.is_empty, (["a"],), {"a": None}, [{"a": 0}]),
    (of.is_sorted, (["r"], [(["n"], True)]), {"r": [{"n": "10"}, {"n": "9"}]}, [{"r": [{"n": 1}, {"n": 2}]}]),
    (of.is_sorted, ([], [(["n"], False), (["i"], True)]), FALLING, [FALLING[::-1], [FALLING[1], FALLING[0]]]),
    (
        of.is_sorted,
        ([], [(["n"], False)]),
        [{"n": 2}, {"n": None}, {"n": 1}, {"n": "a"}, {}, {"n": []}, {"n": [0]}],
        [],
    ),
    (
        of.is_alphabetical,
        (["n"], False),
        [{"n": n} for n in ("É", "Ab", "b", "AA", "", "C")],
        [[{"n": "B"}, {"n": "A"}]],
    ),
    (of.is_alphabetical, (["name"], True), ROWS[::-1], [ROWS, [{"name": "a"}, {"name": "B"}, {"name": "b"}]]),
    (of.has_length, (1, 2), ROWS, [[], [1, 2, 3], {}]),
    (of.is_later, (["u"], OLD), {"u": NEW}, [{"u": "2026-03-20T11:59:59.000Z"}, {"u": None}]),
    (of.is_later, (["u"], OLD), {"u": OLD}, []),
    (of.is_later, (["u"], HALF), {"u": NEW}, [{"u": HALF}]),
    (of.is_recent, (["c"],), {"c": OLD}, [{"c": "2026-03-20T12:03:00.000Z"}, {"c": "2026-03-20T11:57:00.000Z"}, {}]),
    (of.lacks_text, (r"sec\w+",), {"a": "b"}, [{"a": "secret"}]),
    (of.has_envelope, (), ENVELOPE, [{"statusCode": 200, "error": "OK"}, ENVELOPE | {"statusCode": 404}, []]),
]
SCHEMAS: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"type": ["integer", "null"]}, [1, None], [True, 1.5, "1"]),
    ({"type": ["object", "array", "boolean"]}, [{}, [], True], [1, None]),
    ({"type": "number"}, [1, 1.5], [True, "1"]),
    ({"enum": ["a"]}, ["a"], ["b"]),
    ({"required": ["a"]}, [{"a": 1}, 1], [{}]),
    ({"minimum": 2, "maximum": 3}, [2, 3], [1, 4]),
    ({"minLength": 2, "maxLength": 3}, ["ab", "abc", {}], ["a", "abcd"]),
    ({"minItems": 1, "maxItems": 2}, [[1], [1, 2]], [[], [1, 2, 3]]),
    ({"pattern": "^a"}, ["ab", 1], ["ba"]),
    ({"format": "email"}, ["a@b", 1], ["ab", "a@b c"]),
    ({"format": "date-time"}, [OLD, "2026-03-20T12:00:00+01:00"], ["2026-03-20", "2026-03-20T12:00:00"]),
    ({"format": "date"}, ["2026-03-20"], [OLD]),
    ({"format": "uri"}, ["https://a"], ["a b"]),
    ({"format": "ipv4"}, ["10.0.0.1"], ["10.0.0"]),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["a", None], [1]),
    ({"oneOf": [{"type": "string"}]}, ["a"], [1]),
    ({"not": {"type": "string"}}, [1], ["a"]),
]


def answer(body: Any) -> ReceivedAnswer:
    return body if isinstance(body, ReceivedAnswer) else ReceivedAnswer(200, HEADERS, json.dumps(body), body)


@pytest.mark.parametrize(("holds", "arguments", "kept", "broken"), BODIES)
def test_assertion__distinguishes_kept_and_broken_promises(
    holds: Callable[..., bool], arguments: tuple[Any, ...], kept: Any, broken: list[Any]
) -> None:
    assert holds(answer(kept), *arguments)
    assert [body for body in broken if holds(answer(body), *arguments)] == []


def test_assertions__are_all_listed_above() -> None:
    named = {name for name, one in vars(of).items() if "answer" in getattr(one, "__annotations__", {})}
    assert named == {holds.__name__ for holds, *_ in BODIES} | {"conforms_at"}


@pytest.mark.parametrize(("schema", "valid", "invalid"), SCHEMAS)
def test_keywords__decide_whether_a_value_conforms(
    schema: dict[str, Any], valid: list[Any], invalid: list[Any]
) -> None:
    assert [value for value in valid if not of.conforms_at(answer({"a": value}), ["a"], schema)] == []
    assert [value for value in invalid if of.conforms_at(answer({"a": value}), ["a"], schema)] == []
