"""Schemas that cannot be compiled are refused at start, with a pointer and a fix."""

import pytest

from mockserver.contract.document import Schema
from mockserver.errors import StartError
from mockserver.payloads import PayloadError, Payloads
from tests.payloads.builders import WORDS, document_with, generator_for, record

IMPOSSIBLE: list[tuple[Schema, str]] = [
    ({"type": "integer", "minimum": 5, "maximum": 4}, "no integer lies within the bounds"),
    ({"type": "integer", "minimum": 4, "maximum": 5, "multipleOf": 3}, "no integer lies within the bounds"),
    ({"type": "number", "minimum": 1, "maximum": 2, "multipleOf": 5}, "no number lies within the bounds"),
    ({"type": "number", "minimum": 2, "exclusiveMinimum": True, "maximum": 2}, "no number lies within the bounds"),
    ({"type": "string", "enum": ["abc"], "maxLength": 2}, "no value of the enum fits"),
    ({"type": "string", "pattern": "^a{3}$", "maxLength": 2}, "no text was found that fits"),
    ({"type": "string", "minLength": 3, "maxLength": 2}, "no text was found that fits"),
    ({"type": "array", "minItems": 3, "maxItems": 2}, "more elements than it may have"),
    ({"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True}, "only 2 different elements"),
    ({**record(a={}, b={}), "maxProperties": 1}, "more members are required than there may be"),
    ({"type": "object", "minProperties": 2, "maxProperties": 1}, "more members are required than there may be"),
    ({"type": "object", "minProperties": 1, "additionalProperties": False}, "fewer members are declared"),
    ({"type": "object", "required": ["a"], "additionalProperties": False}, "`a` is both required and refused"),
    ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "of type string and integer"),
    ({"type": "string", "not": {"type": "string"}}, "no value was found"),
    ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "no value was found"),
    ({"anyOf": [{"type": "integer", "minimum": 2, "maximum": 1}]}, "no branch of it has a value"),
]


@pytest.mark.parametrize(("schema", "message"), IMPOSSIBLE, ids=[message for _, message in IMPOSSIBLE])
def test_schema__without_a_value_is_an_error_at_the_start(schema: Schema, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        generator_for(record(part=schema))
    where, _, problem = str(caught.value).partition(": ")
    assert where.startswith("#/components/schemas/")
    assert message in problem
    assert ". Fix: " in problem


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "nullable": True, "minimum": 5, "maximum": 4},
        {"type": "string", "nullable": True, "enum": ["abc", None], "maxLength": 2},
        {"type": "object", "nullable": True, "required": ["a"], "additionalProperties": False},
    ],
    ids=str,
)
def test_schema__without_any_other_value_is_null(schema: Schema) -> None:
    generate = generator_for(record(part=schema))
    assert {generate(seed)["part"] for seed in range(20)} == {None}


@pytest.mark.parametrize("is_foreign", [False, True])
def test_required_member__that_has_no_schema_is_an_error_at_the_start(is_foreign: bool) -> None:
    impossible: Schema = {"allOf": [{"type": "string"}, {"type": "integer"}]}
    payloads = Payloads(document_with(), WORDS, is_foreign=is_foreign)
    with pytest.raises(PayloadError, match="of type string and integer"):
        payloads.generator(record(part=impossible))


def test_optional_member__that_has_no_schema_is_left_out_in_a_foreign_document() -> None:
    schema = {**record(part={"allOf": [{"type": "string"}, {"type": "integer"}]}, rest={}), "required": ["rest"]}
    assert set(Payloads(document_with(), WORDS, is_foreign=True).generator(schema)(1)) == {"rest"}


def test_reference__to_nothing_is_an_error_at_the_start() -> None:
    with pytest.raises(PayloadError, match=r"#/components/schemas/Nothing: nothing is there\. Fix: "):
        generator_for({"$ref": "#/components/schemas/Nothing"})


def test_error__names_the_place_in_the_document() -> None:
    deep = record(deep={"type": "integer", "minimum": 2, "maximum": 1})
    part = record(inner={"type": "array", "items": deep})
    document = document_with(Outer=record(part={"$ref": "#/components/schemas/Part"}), Part=part)
    with pytest.raises(PayloadError) as caught:
        Payloads(document, WORDS).generator({"$ref": "#/components/schemas/Outer"})
    assert caught.value.where == "#/components/schemas/Part/properties/inner/items/properties/deep"


def test_error__names_an_invalid_pattern() -> None:
    with pytest.raises(PayloadError, match="not a valid schema"):
        generator_for(record(part={"type": "string", "pattern": "^[a-z$"}))


def test_error__stops_the_start() -> None:
    assert issubclass(PayloadError, StartError)


@pytest.mark.parametrize("locale", ["xx_XX", "nonsense"])
@pytest.mark.parametrize("member", [{"a": {"type": "string", "x-faker": "first_name"}}, {"email": {"type": "string"}}])
def test_locale__that_does_not_exist_is_an_error_at_the_start(locale: str, member: dict[str, Schema]) -> None:
    with pytest.raises(PayloadError, match=f"{locale}.*Fix:"):
        generator_for(record(**member), locale=locale)
