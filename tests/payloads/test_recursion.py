"""Recursive schemas have finite values."""

from typing import Any

import pytest

from mockserver.contract.document import Schema
from mockserver.payloads import PayloadError, Payloads
from tests.payloads.builders import SEEDS, WORDS, document_with, faults_in, generator_for, record, values_of

NODE = {"$ref": "#/components/schemas/Node"}
TEXT: Schema = {"type": "string"}


def depth(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if parts is None else 1 + max(map(depth, parts), default=0)


@pytest.mark.parametrize(
    "node",
    [
        record(children={"type": "array", "items": NODE}),
        {"type": "object", "properties": {"name": TEXT, "parent": NODE}},
        {"type": "object", "properties": {"name": TEXT, "parent": {"allOf": [NODE, {"minProperties": 1}]}}},
        record(parent={"anyOf": [NODE, {"type": "object", "nullable": True, "enum": [None]}]}),
        {**record(next=NODE), "nullable": True},
        {"type": "object", "additionalProperties": NODE},
        {"oneOf": [TEXT, {"type": "array", "items": NODE, "minItems": 1}]},
        {"type": "array", "items": {"type": "array", "items": NODE}},
        {"allOf": [record(name=TEXT), {"properties": {"children": {"type": "array", "items": NODE}}}]},
        record(left=record(right={"type": "array", "items": NODE})),
    ],
    ids=str,
)
def test_recursion__ends(node: Schema) -> None:
    values = values_of(NODE, {"Node": node})
    assert faults_in(NODE, values, {"Node": node}) == []
    assert max(map(depth, values)) < 12


def test_recursion__through_what_extends_a_component_ends() -> None:
    base = {**record(kind=TEXT), "discriminator": {"propertyName": "kind"}}
    child = record(child={"$ref": "#/components/schemas/Base"})
    components = {"Base": base, "Part": {"allOf": [{"$ref": "#/components/schemas/Base"}, {**child, "required": []}]}}
    values = values_of({"$ref": "#/components/schemas/Base"}, components)
    assert {value["kind"] for value in values} == {"Part"}
    assert 1 < max(map(depth, values)) < 12


def test_recursion__shows_more_than_the_first_level() -> None:
    node = record(children={"type": "array", "items": NODE})
    assert all(value["children"][0]["children"] is not None for value in values_of(NODE, {"Node": node}))


def test_recursion__through_many_schemas_stays_small() -> None:
    names = [f"N{number}" for number in range(12)]
    links = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    components = {name: {"type": "object", "properties": {**links, name: TEXT}} for name in names}
    value = generator_for(links["N0"], components)(1)
    assert faults_in(links["N0"], [value], components) == []
    assert len(str(value)) < 9000


def test_recursion__is_the_same_whichever_schema_was_compiled_first() -> None:
    one, other = {"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Other"}
    members = {"other": other, "text": TEXT, "list": {"type": "array", "items": one}}
    document = document_with(One={"type": "object", "properties": members}, Other=record(one=one, text=TEXT))
    first, last = Payloads(document, WORDS), Payloads(document, WORDS)
    before = [first.generator(schema)(7) for schema in (one, other)]
    assert before == [last.generator(schema)(7) for schema in (other, one)][::-1]


def test_recursion__that_is_cut_short_is_cut_the_same_from_everywhere() -> None:
    a, b, d = ({"$ref": f"#/components/schemas/{name}"} for name in "ABD")
    document = document_with(
        A=record(n={"anyOf": [b, {"type": "integer"}]}),
        B=record(c={"anyOf": [a, TEXT]}),
        D={**record(d=d, b=b), "required": ["b"]},
    )
    one, other = Payloads(document, WORDS), Payloads(document, WORDS)
    forwards = [[one.generator(schema)(seed) for seed in SEEDS] for schema in (a, d)]
    assert forwards == [[other.generator(schema)(seed) for seed in SEEDS] for schema in (d, a)][::-1]


@pytest.mark.parametrize(
    "node",
    [
        record(next=NODE),
        record(next={"allOf": [NODE, {"minProperties": 1}]}),
        {"type": "array", "items": NODE, "minItems": 1},
        {"type": "object", "minProperties": 1, "additionalProperties": NODE},
        {"allOf": [NODE]},
        {"anyOf": [record(next=NODE), record(other=NODE)]},
        NODE,
    ],
    ids=str,
)
def test_recursion__without_end_is_an_error_at_the_start(node: Schema) -> None:
    with pytest.raises(PayloadError, match=r"#/components/schemas/(Node|Subject)\S*: .*\. Fix: "):
        generator_for(NODE, {"Node": node})
