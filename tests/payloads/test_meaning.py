"""The meaning of member names."""

import re

import pytest
from faker import Faker

from mockserver.contract.document import Schema
from mockserver.payloads import Vocabulary
from mockserver.payloads.meaning import FAKER_METHODS
from tests.payloads.builders import WORDS, faults_in, generator_for, record, values_of

TEXT: Schema = {"type": "string"}
PATTERNS = {
    "cpf": r"\d{3}\.\d{3}\.\d{3}-\d{2}",
    "cnpj": r"\S{2}\.\S{3}\.\S{3}/\S{4}-\d{2}",
    "phone": r"[+\d ()-]{8,20}",
    "customer_phone": r"[+\d ()-]{8,20}",
    "customerCPF": r"\d{3}\.\d{3}\.\d{3}-\d{2}",
    "uf": r"[A-Z]{2}",
    "cep": r"\d{5}-?\d{3}",
    "color": r"#[0-9A-F]{6}",
    "hexColor": r"#[0-9A-F]{6}",
    "slug": r"[a-z0-9]+(-[a-z0-9]+)*",
    "url": r"https://\S+",
    "avatar_url": r"https://\S+",
    "ip": r"\d+(\.\d+){3}",
    "currency": r"[A-Z]{3}",
    "city": r"[A-ZÀ-Ý].+",
    "first_name": r"[A-ZÀ-Ý]\w+",
    "sobrenome": r"[A-ZÀ-Ý]\w+",
    "username": r"[a-z]+\.[a-z]+",
    "contact_email": r"[a-z]+\.[a-z]+@yourcompany\.com\.br",
}


@pytest.mark.parametrize(("name", "pattern"), PATTERNS.items())
def test_name__determines_the_kind_of_text(name: str, pattern: str) -> None:
    values = [value[name] for value in values_of(record(**{name: TEXT}))]
    assert [value for value in values if not re.fullmatch(pattern, value)] == []
    assert len(set(values)) > 1


def test_names__of_the_table_stand_for_methods_of_faker() -> None:
    assert [method for method in FAKER_METHODS.values() if not hasattr(Faker("pt_BR"), method)] == []


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP"])
def test_name__that_the_locale_does_not_know_falls_back(locale: str) -> None:
    ship = {**TEXT, "x-faker": "military_ship"}
    value = generator_for(record(cpf=TEXT, bairro=TEXT, city=TEXT, ship=ship), locale=locale)(1)
    assert re.fullmatch(PATTERNS["cpf"], value["cpf"])
    assert value["bairro"]
    assert value["city"]


def test_name__whose_provider_leans_on_others_has_values() -> None:
    assert generator_for(record(street=TEXT), locale="en_PH")(1)["street"]


@pytest.mark.parametrize(
    ("name", "kind", "least", "most", "different"),
    [
        ("age", "integer", 18, 70, 20),
        ("valor", "number", 10, 20_000, 50),
        ("progress", "integer", 0, 100, 30),
        ("ano", "integer", 2020, 2026, 7),
        ("mes", "integer", 1, 12, 12),
    ],
)
def test_name__determines_the_size_of_a_number(name: str, kind: str, least: int, most: int, different: int) -> None:
    values = [value[name] for value in values_of(record(**{name: {"type": kind}}))]
    assert least <= min(values) <= max(values) <= most
    assert len(set(values)) >= different


def test_number__without_a_step_has_cents() -> None:
    values = values_of({"type": "number", "minimum": 0, "maximum": 10})
    assert {round(value * 100) % 10 for value in values} == set(range(10))


def test_format__bounds_an_integer() -> None:
    values = values_of({"type": "integer", "format": "int32", "minimum": 2**31 - 3})
    assert set(values) == {2**31 - 3, 2**31 - 2, 2**31 - 1}


@pytest.mark.parametrize(("name", "pattern"), [("phones", PATTERNS["phone"]), ("mac_address", r"(\w\w:){5}\w\w")])
def test_name__of_a_list_determines_its_elements(name: str, pattern: str) -> None:
    value = generator_for(record(**{name: {"type": "array", "items": TEXT, "minItems": 20}}))(1)
    assert all(re.fullmatch(pattern, text) for text in value[name])


@pytest.mark.parametrize(("example", "least", "most"), [(4, 2, 8), (1, 1, 2), (0, 1, 1000), (-3, 1, 1000)])
def test_example__determines_the_size_of_a_number(example: int, least: int, most: int) -> None:
    values = [value["value"] for value in values_of(record(value={"type": "integer", "example": example}))]
    assert least <= min(values) <= max(values) <= most
    assert max(values) > most / 2


@pytest.mark.parametrize(("name", "least", "most"), [("active", 750, 999), ("deleted", 1, 300), ("flag", 350, 650)])
def test_name__determines_the_probability_of_true(name: str, least: int, most: int) -> None:
    generate = generator_for(record(**{name: {"type": "boolean"}}))
    assert least < sum(generate(seed)[name] for seed in range(1000)) < most


@pytest.mark.parametrize("owner", ["Workspace", "Workspaces"])
def test_name__of_an_object_takes_a_row_of_its_family(owner: str) -> None:
    values = values_of({"$ref": f"#/components/schemas/{owner}"}, {owner: record(name=TEXT, slug=TEXT)})
    assert {tuple(value.values()) for value in values} == {("Financeiro", "financeiro"), ("Jurídico", "juridico")}


def test_name__of_a_member_speaks_of_a_family() -> None:
    schema = record(type_slug=TEXT, workspace=TEXT, team=TEXT)
    values = values_of(schema, vocabulary=WORDS | {"team": [{"name": "Norte"}]})
    assert {value["type_slug"] for value in values} == {"contratos", "clientes", "compras"}
    assert {value["workspace"] for value in values} == {"financeiro", "juridico"}
    assert {value["team"] for value in values} == {"Norte"}


@pytest.mark.parametrize(
    ("owner", "vocabulary"),
    [("Company", {}), ("Company", WORDS), ("City", WORDS), ("Fornecedor", {"other": [{"x": 1}]})],
)
def test_name__of_a_company_or_city_is_no_word_of_the_vocabulary(owner: str, vocabulary: Vocabulary) -> None:
    link = {"$ref": f"#/components/schemas/{owner}"}
    names = {value["name"] for value in values_of(link, vocabulary=vocabulary, components={owner: record(name=TEXT)})}
    assert len(names) > 10
    assert not names & {"Contratos", "Clientes"}


def test_description__is_a_sentence_of_the_vocabulary() -> None:
    values = {value["description"] for value in values_of(record(description=TEXT))}
    assert values == {row["description"] for row in WORDS["type"]}


def test_description__is_never_a_key() -> None:
    words = {"provider": [{"description": "integrations.d4sign.description"}, {"description": "Assinatura digital"}]}
    values = values_of(record(description=TEXT), vocabulary=words)
    assert {value["description"] for value in values} == {"Assinatura digital"}


def test_text__without_meaning_is_its_example() -> None:
    assert {value["model"] for value in values_of(record(model={**TEXT, "example": "gpt-4o"}))} == {"gpt-4o"}


def test_text__without_meaning_is_a_word_of_the_vocabulary() -> None:
    words = {row["name"] for rows in WORDS.values() for row in rows if "name" in row}
    assert {value["tema"] for value in values_of(record(tema=TEXT))} == words


def test_text__without_vocabulary_is_in_the_locale_and_not_in_latin() -> None:
    values = {value["description"] for value in values_of(record(description=TEXT), vocabulary={})}
    assert len(values) > 5
    assert not any(word in value.lower() for value in values for word in ("lorem", "ipsum", "dolor"))


@pytest.mark.parametrize("name", ["cpf", "phone", "company", "description", "slug", "city"])
def test_name__never_wins_over_the_schema(name: str) -> None:
    schema = record(**{name: {"type": "string", "pattern": "^[0-9a-f]{11}$"}})
    assert faults_in(schema, values_of(schema)) == []


def test_name__is_spelled_as_the_pattern_wants() -> None:
    for value in values_of(record(cpf={"type": "string", "pattern": "^[0-9]{11}$"})):
        digits = [int(digit) for digit in value["cpf"]]
        check = sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) * 10 % 11 % 10
        assert check == digits[9]
