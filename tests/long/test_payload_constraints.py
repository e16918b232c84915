"""Each keyword of OpenAPI 3.0 that restricts a value, alone and together with others."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract.document import Schema
from tests.payloads.builders import faults_in, generator_for, record, values_of

SCALARS: list[Schema] = [
    {"type": "string", "minLength": 40},
    {"type": "string", "maxLength": 3},
    {"type": "string", "maxLength": 0},
    {"type": "string", "minLength": 5, "maxLength": 5},
    {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    {"type": "string", "pattern": "^a+$", "minLength": 150},
    {"type": "string", "pattern": "^a+$", "minLength": 150, "maxLength": 152},
    {"type": "string", "pattern": "^[ab]{130}-[0-9]{120,}$"},
    {"type": "string", "pattern": "^[à-ü]{16}$"},
    {"type": "string", "pattern": "^[^a-zA-Z0-9]{9}$"},
    {"type": "string", "pattern": "[0-9]", "maxLength": 4},
    {"type": "string", "pattern": "^(?=.*[A-Z])(?=.*[0-9]).{8,12}$"},
    {"type": "string", "pattern": "^[^a-z]+$"},
    {"type": "string", "pattern": r"^\d{11}$"},
    {"type": "string", "pattern": "^(sim|não)$"},
    {"type": "string", "enum": ["a", "bb", "ccc"], "minLength": 2},
    {"type": "integer", "minimum": 7, "maximum": 7},
    {"type": "integer", "minimum": 1, "exclusiveMinimum": True, "maximum": 3, "exclusiveMaximum": True},
    {"type": "integer", "maximum": -5},
    {"type": "integer", "minimum": 10, "multipleOf": 7},
    {"type": "integer", "multipleOf": 3.5, "minimum": 1, "maximum": 14},
    {"type": "integer", "minimum": 9007199254740993, "format": "int64"},
    {"type": "integer", "format": "int32", "minimum": 2147483640},
    {"type": "number", "minimum": 0.001, "maximum": 0.002},
    {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1, "exclusiveMaximum": True},
    {"type": "number", "multipleOf": 0.25, "minimum": -3, "maximum": 3},
    {"type": "number", "minimum": 1e300},
    {"type": "number", "minimum": 0.1, "maximum": 0.1},
    {"type": "number", "minimum": 0.004, "exclusiveMinimum": True, "maximum": 0.0041},
    {"type": "number", "minimum": 1, "maximum": 2, "not": {"minimum": 1.5}},
    {"type": "number", "minimum": 1, "maximum": 1.001, "not": {"enum": [1]}},
    {"type": "boolean", "enum": [False]},
    {"enum": [1, "a", None, [2], {"b": 3}]},
    {"enum": [None]},
]
CONTAINERS: list[Schema] = [
    {"type": "array", "items": {"type": "integer"}, "minItems": 5, "maxItems": 6},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"type": "string", "maxLength": 2}, "minItems": 90, "uniqueItems": True},
    {"type": "array", "items": {"type": "string", "pattern": "^[a-c]{1,4}$"}, "minItems": 80, "uniqueItems": True},
    {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 90}, "minItems": 90, "uniqueItems": True},
    {"type": "array", "items": {"enum": [1, 1.0, 2]}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": record(on={"type": "boolean"}), "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"type": "string"}, "maxItems": 0},
    {"type": "array", "items": {"type": "string", "enum": ["a"]}, "minItems": 3},
    {"type": "array", "items": {}},
    {"type": "object", "minProperties": 3},
    {"type": "object", "minProperties": 40},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer", "minimum": 3}},
    {"type": "object", "required": ["a", "b"], "additionalProperties": {"type": "string", "maxLength": 5}},
    {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}},
    {**record(a={"type": "string"}, b={"type": "string"}), "required": ["b"], "maxProperties": 1},
    {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
]


@pytest.mark.parametrize("schema", SCALARS + CONTAINERS, ids=str)
def test_value__respects_alone_and_as_a_member(schema: Schema) -> None:
    assert faults_in(schema, values_of(schema)) == []
    whole = record(name=schema, valor=schema, lista={"type": "array", "items": schema})
    assert faults_in(whole, values_of(whole)) == []


@pytest.mark.parametrize("items", [{"type": "string"}, {"type": "integer"}, {"type": "number"}], ids=str)
def test_lists__that_need_many_different_values_have_them(items: Schema) -> None:
    names = ("cores", "cpf", "ages", "progress", "titles", "slugs", "cities")
    many = {"type": "array", "items": items, "minItems": 150, "uniqueItems": True}
    schema = record(**dict.fromkeys(names, many))
    assert faults_in(schema, values_of(schema)) == []


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ("date-time", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z").fullmatch),
        ("date", re.compile(r"\d{4}-\d\d-\d\d").fullmatch),
        ("time", re.compile(r"\d\d:\d\d:\d\d\.\d{3}Z").fullmatch),
        ("email", re.compile(r"[a-z]+\.[a-z]+@yourcompany\.com\.br").fullmatch),
        ("uuid", re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").fullmatch),
        ("uri", re.compile(r"https://yourcompany\.com\.br/\S+").fullmatch),
        ("hostname", re.compile(r"[a-z0-9-]+(\.[a-z-]+)+").fullmatch),
        ("ipv4", re.compile(r"203\.0\.113\.\d+").fullmatch),
        ("ipv6", re.compile(r"2001:db8::[0-9a-f]+").fullmatch),
        ("byte", re.compile(r"[A-Za-z0-9+/]+=*").fullmatch),
        ("binary", str),
        ("password", re.compile(r"\S{8,}").fullmatch),
    ],
)
def test_format__is_respected(written: str, holds: Callable[[str], Any]) -> None:
    schema = {"type": "string", "format": written}
    values = values_of(schema)
    assert all(map(holds, values))
    assert faults_in(schema, values) == []


def test_format__with_further_bounds_keeps_both() -> None:
    schema = {"type": "string", "format": "email", "maxLength": 32, "pattern": "^[a-m]"}
    values = values_of(schema)
    assert faults_in(schema, values) == []
    assert len(set(values)) > 10


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"type": "string", "nullable": True, "enum": ["a", None]},
        {"anyOf": [{"$ref": "#/components/schemas/Part"}, {"type": "object", "nullable": True, "enum": [None]}]},
        {"type": "array", "nullable": True, "items": {"type": "integer"}},
    ],
    ids=str,
)
def test_nullable__is_null_in_about_one_of_ten(schema: Schema) -> None:
    generate = generator_for(record(part=schema), {"Part": record(a={"type": "string"})})
    nulls = sum(generate(seed)["part"] is None for seed in range(1000))
    assert 60 < nulls < 150


@pytest.mark.parametrize("pattern", [r"^(?<year>[0-9]{4})$", r"^[^\s\S]|2026$"])
def test_pattern__that_cannot_be_drawn_from_takes_the_example(pattern: str) -> None:
    schema = {"type": "string", "pattern": pattern, "example": "2026"}
    assert set(values_of(schema)) == {"2026"}


@pytest.mark.parametrize("pattern", [r"^[\p{L}]{9}$", r"^[\p{L}]{4,}$"])
def test_pattern__with_a_property_of_unicode_is_drawn(pattern: str) -> None:
    values = set(values_of({"type": "string", "pattern": pattern, "example": "maioabril"}))
    assert len(values) > 10
    assert all(value.isalpha() and len(value) >= 4 for value in values)


def test_nullable__needs_null_in_its_enum() -> None:
    schema = {"type": "string", "nullable": True, "enum": ["a"]}
    assert set(values_of(schema)) == {"a"}


def test_write_only__never_appears() -> None:
    secret = {"type": "string", "writeOnly": True}
    schema = record(open={"type": "string"}, token=secret, key={"$ref": "#/components/schemas/Secret"})
    schema["properties"]["both"] = {"allOf": [secret, {"writeOnly": False}]}
    assert {tuple(value) for value in values_of(schema, {"Secret": secret})} == {("open",)}


def test_optional__is_there_by_default() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    assert {tuple(value) for value in values_of(schema)} == {("a", "b")}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"example": {"a": [1]}}, {"a": [1]}),
        ({"type": "object", "example": {"environment": "stage"}}, {"environment": "stage"}),
        ({"type": "object", "additionalProperties": True}, {}),
        ({"type": "array", "items": {"type": "object"}, "example": []}, []),
    ],
    ids=str,
)
def test_schema__without_keywords_gives_its_example_or_a_simple_value(schema: Schema, expected: Any) -> None:
    assert all(value == expected for value in values_of(schema))


def test_value__may_be_changed_by_its_receiver() -> None:
    generate = generator_for({"type": "object", "example": {"tags": ["a"]}})
    generate(1)["tags"].append("b")
    assert generate(1) == {"tags": ["a"]}
