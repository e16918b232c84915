"""Values that checks send: those that a schema allows, with what is promised of them, and those that it forbids."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.document import Document, Schema
from mockserver.contract.schemas import Schemas
from mockserver.verify.checks.writes.difficult_values import (
    DIFFICULT,
    FORMS,
    FREE_OBJECT,
    FREE_TEXTS,
    LARGE,
    TextMaker,
    invalid_values,
    valid_values,
)

MARK = "mv"
LIMITED: Schema = {"type": "string", "minLength": 2, "maxLength": 12}
IDS: Schema = {"type": "integer", "minimum": 1, "example": 64}
ROW: Schema = {
    "allOf": [
        {"type": "object", "required": ["id"], "properties": {"id": IDS, "users": {"type": "array", "items": IDS}}},
        {"properties": {"name": {"type": "string", "enum": ["a", "b"]}, "form": {"type": "string", "format": "ipv4"}}},
    ]
}
ROWS = [{"name": "a", "id": 64, "users": [64]}, {"name": "b", "id": 64, "users": []}, {"id": 64}]
OWN_ROWS = [{"name": "a", "id": 4}, {"name": "b", "id": 1}, {"id": 1}]
UNKNOWN: Schema = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "string", "format": "ipv4"}, "b": {"type": "boolean"}},
}

# Schema, values of which the schema says that they are valid, and others that it allows.
VALID: list[tuple[Schema, list[Any], list[Any]]] = [
    ({"type": "boolean", "nullable": True}, [True, False, None], []),
    ({"type": "string", "nullable": True, "enum": ["a", None]}, ["a", None], []),
    ({"type": "integer"}, [], [3, 0, -7, LARGE]),
    ({"type": "number"}, [], [3, 0, -7, 12.345678, LARGE]),
    ({"type": "number", "minimum": -2, "maximum": 9}, [-2, 9], [1, 0, -1.654322]),
    ({"type": "integer", "minimum": 0}, [0], [3, LARGE]),
    (LIMITED, ["hh", "mv 7 AçãoXXX"], [f"  mv 7{DIFFICULT}", "007"]),
    ({"type": "string"}, [], [f"  mv 7{DIFFICULT}", "", "007", "mv 7 Ação".ljust(300, "X")]),
    ({"type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 8}, ["mv-7aaaa"], []),
    ({"type": "string", "pattern": "^[a-z0-9-]+$"}, ["mv-7".ljust(30, "a")], []),
    ({"type": "string", "pattern": r"^\w(?:[_.-]?\w+)+$"}, ["mv-7".ljust(30, "a"), "mv-7a_a.aZa"], []),
    *(({"type": "string", "format": name}, [*FORMS[name][0]], []) for name in ("date", "date-time", "uri")),
    ({"type": "string", "format": "ipv4", "pattern": "^2"}, [], []),
    ({"type": "string", "format": "email"}, ["mv.7+tag@example.com"], []),
    (
        {"type": "array", "items": {"type": "string"}},
        [["two words", "one"]],
        [["second", f"first{DIFFICULT}", "third"], []],
    ),
    ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}, [["a", "b"]], [[]]),
    ({"type": "array", "items": ROW}, [], [ROWS, []]),
    ({"type": "array"}, [], [[], []]),
    ({"type": "object", "additionalProperties": True}, [], [FREE_OBJECT, {}]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, [], [FREE_OBJECT, {}]),
    (
        {"type": "object", "additionalProperties": {"type": "string"}},
        [],
        [FREE_TEXTS, {}],
    ),
    ({"anyOf": [{"enum": [None]}, ROW]}, [None], ROWS),
    (UNKNOWN, [], []),
    ({"type": "object", "properties": {"a": {"type": "integer"}}}, [], [{"a": 3}, {"a": 0}]),
    ({}, [], [7, "text", True, None]),
]
INVALID: list[tuple[Schema, list[Any]]] = [
    ({"type": "boolean"}, ["true", 1, None]),
    ({"type": "integer", "minimum": 2, "maximum": 5}, [1, 6, 1.5, "3", None]),
    ({"type": "number", "nullable": True}, ["3"]),
    ({"type": "string", "enum": ["a"]}, ["A", 7, None]),
    ({"type": "string", "enum": ["1", "2"]}, ["no-such-value", 7, None]),
    (LIMITED, ["mvxxxxxxxxxxx", "", 7, None]),
    ({"type": "integer", "enum": [1]}, [1.5, "3", None]),
    ({"type": "string", "format": "email"}, ["mv.example.com", "mv@", "no such form", 7, None]),
    ({"type": "string", "format": "ipv4"}, [7, None]),
    ({"type": "string", "pattern": "^[a-z-]+$"}, ["mvX", "mv x", 7, None]),
    ({"type": "object"}, ["text", None]),
    ({"type": "array"}, ["text", None]),
    ({}, []),
]


@pytest.mark.parametrize(("schema", "promised", "allowed"), VALID, ids=[str(row[0]) for row in VALID])
def test_valid_values__are_promised_if_the_schema_names_them(
    document: Document, schema: Schema, promised: list[Any], allowed: list[Any]
) -> None:
    values = valid_values(document, schema, TextMaker(MARK, 7, is_free=True, names_others=True))
    assert [one.value for one in values if one.is_promised] == promised
    assert [one.value for one in values if not one.is_promised] == allowed


@pytest.mark.parametrize(
    ("schema", "allowed"), [(ROW, OWN_ROWS), (LIMITED, [f"  mv 7{DIFFICULT}", "mv 7 AçãoXXX"])], ids=["row", "text"]
)
def test_values_beside_other_people__have_the_mark_and_name_nobody(
    document: Document, schema: Schema, allowed: list[Any]
) -> None:
    values = valid_values(document, schema, TextMaker(MARK, 7, is_free=False))
    assert [one.value for one in values] == allowed


@pytest.mark.parametrize(("schema", "expected"), INVALID, ids=[str(row[0]) for row in INVALID])
def test_invalid_values__break_one_keyword_each(document: Document, schema: Schema, expected: list[Any]) -> None:
    assert invalid_values(document, schema, MARK) == expected


@pytest.mark.parametrize("form", FORMS)
def test_texts_of_a_format__are_valid_or_not_by_the_contract(document: Document, form: str) -> None:
    is_valid = Schemas(document, "request").validator({"type": "string", "format": form}).is_valid
    valid, invalid = (list(map(is_valid, texts)) for texts in FORMS[form])
    assert all(valid)
    assert not any(invalid)
