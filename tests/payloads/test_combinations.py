"""allOf, anyOf, oneOf and not."""

from typing import Any

import pytest

from mockserver.contract.document import Schema
from tests.payloads.builders import faults_in, generator_for, record, values_of

TEXT: Schema = {"type": "string"}
A, B = record(a=TEXT), record(b={"type": "integer"})
EITHER = {"a": TEXT, "b": TEXT}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{"type": "integer", "minimum": 3}, {"minimum": 5, "maximum": 9}, {"maximum": 5}], {5}),
        ([{"type": "number", "minimum": 1}, {"type": "integer", "maximum": 1}], {1}),
        ([{"type": "integer", "minimum": 1}, {"minimum": 1, "exclusiveMinimum": True, "maximum": 2}], {2}),
        ([{"type": "string", "enum": ["a", "b"]}, {"enum": ["b", "c"]}], {"b"}),
        ([{"type": "integer", "multipleOf": 4}, {"multipleOf": 6, "minimum": 1, "maximum": 20}], {12}),
        ([{"type": "number", "multipleOf": 0.5, "minimum": 1, "maximum": 2}, {"multipleOf": 1.5}], {1.5}),
        ([{"type": "string", "nullable": True, "enum": ["a", None]}, {"type": "string"}], {"a"}),
        ([{"type": "string"}, {"type": "string", "nullable": True, "enum": ["a", None]}], {"a"}),
    ],
)
def test_all_of__takes_the_tightest(parts: list[Schema], expected: set[Any]) -> None:
    assert set(values_of({"allOf": parts})) == expected


def test_all_of__has_the_members_of_all_parts() -> None:
    schema = {"allOf": [{"$ref": "#/components/schemas/A"}, B], "required": ["c"], "properties": {"c": TEXT}}
    values = values_of(schema, {"A": A})
    assert {tuple(value) for value in values} == {("a", "b", "c")}
    assert faults_in(schema, values, {"A": A}) == []


@pytest.mark.parametrize("bound", ["minLength", "maxLength"])
def test_all_of__takes_the_tightest_length(bound: str) -> None:
    schema = {"type": "string", "allOf": [{bound: 12}, {bound: 24}, {bound: 16}]}
    assert faults_in(schema, values_of(schema)) == []


def test_all_of__gives_members_and_elements_the_bounds_of_both() -> None:
    bounds: list[Schema] = [{"type": "integer", "minimum": 4}, {"maximum": 5}]
    assert {value["a"] for value in values_of({"allOf": [record(a=part) for part in bounds]})} == {4, 5}
    lists = [{"type": "array", "minItems": 2, "items": part} for part in bounds]
    assert {number for value in values_of({"allOf": lists}) for number in value} == {4, 5}


@pytest.mark.parametrize("rest", [False, {"type": "string", "maxLength": 4}])
def test_all_of__minds_the_additional_properties_of_each_part(rest: Any) -> None:
    closed = {"type": "object", "properties": {"a": TEXT}, "additionalProperties": rest}
    schema = {"allOf": [closed, {"type": "object", "properties": EITHER}]}
    assert faults_in(schema, values_of(schema)) == []


@pytest.mark.parametrize(
    "parts", [[{"pattern": "^[a-z]+$"}, {"pattern": "o"}], [{"format": "email"}, {"pattern": "^b"}]]
)
def test_all_of__that_cannot_be_merged_is_checked(parts: list[Schema]) -> None:
    schema = {"type": "string", "allOf": parts}
    assert faults_in(schema, values_of(schema)) == []


@pytest.mark.parametrize("combiner", ["anyOf", "oneOf"])
def test_branches__are_all_used(combiner: str) -> None:
    schema, components = {combiner: [TEXT, {"type": "integer"}, {"$ref": "#/components/schemas/A"}]}, {"A": A}
    values = values_of(schema, components)
    assert {type(value) for value in values} == {str, int, dict}
    assert faults_in(schema, values, components) == []
    own = values_of({"$ref": "#/components/schemas/A"}, components)
    assert all(value == one for value, one in zip(values, own, strict=True) if type(value) is dict)


def test_record_in_a_record__is_its_id_where_it_may_be_one() -> None:
    refused = {"type": "integer", "minimum": 2, "maximum": 1}
    either, only_record = {"anyOf": [{"type": "integer"}, A]}, {"anyOf": [refused, A]}
    values = values_of(record(near=either, inner=record(far=either, other=only_record)))
    assert {type(value["near"]) for value in values} == {int, dict}
    assert {type(value["inner"]["far"]) for value in values} == {int}
    assert {type(value["inner"]["other"]) for value in values} == {dict}


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}]},
        {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "number"}]},
        {"oneOf": [A, B]},
        {"oneOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "string", "enum": ["b", "c"]}]},
        {"oneOf": [{**A, "nullable": True}, {**B, "nullable": True}]},
        {"type": "object", "properties": EITHER, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"type": "object", "properties": EITHER, "not": {"required": ["a"]}},
        {"type": "string", "not": {"enum": ["Contratos", "Clientes"]}},
        {"not": {"type": "string"}},
        {"not": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}},
        {"type": "string", "nullable": True, "not": {"enum": [None]}},
        {"type": "integer", "minimum": 1, "maximum": 4, "not": {"multipleOf": 2}},
        {"anyOf": [{"maxLength": 3}, {"minLength": 30}], "type": "string"},
        {"allOf": [{"oneOf": [A, TEXT]}, {"anyOf": [B]}]},
        {"type": "string", "anyOf": [{"anyOf": [{"anyOf": [{"enum": ["a"]}]}]}]},
        {
            "allOf": [
                {"type": "array", "items": {"enum": [1, 2]}, "minItems": 2, "uniqueItems": True},
                {"uniqueItems": False},
            ]
        },
        {"type": "object", "required": ["b"], "x-patternProperties": {"(?<n>x)": TEXT}},
    ],
    ids=str,
)
def test_combination__holds(schema: Schema) -> None:
    assert faults_in(schema, values_of(schema)) == []


def test_one_of__with_different_members_uses_all_branches() -> None:
    branches = [record(kind={"type": "string", "enum": [kind]}, value=TEXT) for kind in ("a", "b", "c")]
    values = values_of({"type": "object", "oneOf": branches})
    assert {value["kind"] for value in values} == {"a", "b", "c"}
    assert faults_in({"oneOf": branches}, values) == []


def test_one_of__with_a_refused_member_uses_all_branches() -> None:
    closed = {**A, "additionalProperties": False}
    values = values_of({"oneOf": [closed, {**B, "nullable": True}]})
    assert {tuple(value or ()) for value in values} == {("a",), ("b",), ()}
    assert faults_in({"oneOf": [closed, {**B, "nullable": True}]}, values) == []


def test_patterns__of_two_parts_hold_in_every_value() -> None:
    schema = {"type": "string", "allOf": [{"pattern": "^[a-z]{16}$"}, {"pattern": "[a-h]"}]}
    generate = generator_for(schema)
    assert faults_in(schema, [generate(seed) for seed in range(3000)]) == []


def test_fallback_value__is_not_shared() -> None:
    schema = record(n={"type": "integer", "minimum": 1, "maximum": 20})
    generate = generator_for({**schema, "not": {"properties": {"n": {"minimum": 2}}}})
    for seed in range(20):
        generate(seed)["n"] = 7
    assert {generate(seed)["n"] for seed in range(20)} == {1}


def test_branches__that_lead_back_are_left_out() -> None:
    schema = {"type": "string", "anyOf": [{"$ref": "#/components/schemas/Loop"}, {"enum": ["a", "b"]}]}
    loop = {"type": "string", "anyOf": [{"$ref": "#/components/schemas/Loop"}, {"maxLength": 3}]}
    assert set(values_of(schema, {"Loop": loop})) >= {"a", "b"}


def test_member__that_is_refused_is_left_out() -> None:
    schema = {"type": "object", "properties": {"a": {"not": {}}, "b": TEXT}}
    assert {tuple(value) for value in values_of(schema)} == {("b",)}
