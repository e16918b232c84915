"""x-faker."""

import json
from typing import Any

import pytest

from mockserver.contract.document import Schema
from mockserver.payloads import PayloadError, Vocabulary
from tests.payloads.builders import WORDS, generator_for, record, values_of


def hinted(hint: Any, **more: Any) -> Schema:
    return {"type": "string", "x-faker": hint, **more}


def test_hint__of_a_family_takes_members_of_one_row() -> None:
    schema = record(a=hinted("type.name"), b=hinted("type.slug"), c=hinted("type.icon"))
    rows = {tuple(value.values()) for value in values_of(schema)}
    assert rows == {(row["name"], row["slug"], row["icon"]) for row in WORDS["type"]}


def test_hint__of_a_family_takes_rows_that_fit_all_members() -> None:
    schema = record(a=hinted("type.name"), b=hinted("type.slug", maxLength=8))
    assert {tuple(value.values()) for value in values_of(schema)} == {("Clientes", "clientes"), ("Compras", "compras")}


def test_hint__of_nested_objects_agrees() -> None:
    ref = record(slug=hinted("type.slug"))
    assert all(value["one"] == value["other"] for value in values_of(record(one=ref, other=ref)))


def test_hint__of_a_whole_object_is_a_copy() -> None:
    generate = generator_for({"type": "object", "x-faker": "item.data"})
    before = json.dumps([generate(seed) for seed in range(5)])
    for seed in range(5):
        generate(seed)["partes"].append("C")
    assert json.dumps([generate(seed) for seed in range(5)]) == before


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("numerify", r"\d+"),
        ({"numerify": {"text": "%##"}}, r"[1-9]\d\d"),
        ({"bothify": {"text": "??-##"}}, r"\D\D-\d\d"),
    ],
)
def test_hint__of_faker_is_followed(hint: Any, expected: str) -> None:
    schema = hinted(hint, pattern=f"^{expected}$")
    values = values_of(schema)
    assert len(set(values)) > 20


def test_hint__wins_over_format_and_name() -> None:
    schema = record(email=hinted("key.email", format="email"))
    words = {"key": [{"email": "erp@company-abc.com.br"}]}
    assert [value["email"] for value in values_of(schema, vocabulary=words)][:1] == ["erp@company-abc.com.br"]


def test_hint__of_an_integer_is_followed() -> None:
    schema = {"type": "integer", "x-faker": {"random_int": {"min": 4, "max": 6}}}
    assert set(values_of(schema)) == {4, 5, 6}


def test_hint__of_a_family_without_any_vocabulary_is_passed_over() -> None:
    values = values_of(record(slug=hinted("type.slug", pattern="^[a-z]+$")), vocabulary={})
    assert all(value["slug"].isalpha() for value in values)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (hinted("no_such_method"), "`x-faker: no_such_method` is unknown"),
        (hinted("__init__"), "`x-faker: __init__` is unknown"),
        (hinted("seed_instance"), "`x-faker: seed_instance` is unknown"),
        (hinted("date_this_year"), "is unknown. Fix: name a method of Faker that does not read the clock"),
        (hinted("type.colour"), "`x-faker: type.colour` names nothing in the vocabulary"),
        (hinted("planet.name"), "`x-faker: planet.name` names nothing in the vocabulary"),
        (hinted(7), "is no hint"),
        (hinted({"a": {}, "b": {}}), "is no hint"),
        (hinted({"numerify": "##"}), "is no hint"),
        (hinted({"numerify": {"txt": "##"}}), "`x-faker: numerify` fails"),
        (hinted("company", maxLength=1), "`x-faker: company` gives no value that fits its schema"),
        (hinted("type.slug", pattern="^[0-9]$"), "`x-faker: type.slug` gives no value that fits its schema"),
    ],
    ids=str,
)
def test_hint__that_cannot_be_followed_is_an_error_at_the_start(schema: Schema, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        generator_for(record(part=schema))
    assert str(caught.value).startswith("#/components/schemas/Subject/properties/part: ")
    assert message in str(caught.value)
    assert " Fix: " in str(caught.value)


def test_name_of_a_further_member__is_a_slug_with_underscores() -> None:
    words: Vocabulary = {"type": [{"name": "Ordem de compra", "slug": "ordem-de-compra"}]}
    values = values_of({"type": "object", "additionalProperties": {"type": "integer"}}, vocabulary=words)
    assert {next(iter(value)) for value in values} == {"ordem_de_compra"}
