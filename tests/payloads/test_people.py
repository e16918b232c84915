"""People: the members of one object describe the same person."""

import re
import unicodedata

import pytest

from mockserver.contract.document import Schema
from tests.payloads.builders import generator_for, record, values_of

TEXT: Schema = {"type": "string"}
EMAIL: Schema = {"type": "string", "format": "email"}
USER = record(email=EMAIL, meta=record(fname=TEXT, lname=TEXT))


def in_email(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def test_email__is_made_of_the_name() -> None:
    for value in values_of(record(email=EMAIL, first_name=TEXT, last_name=TEXT)):
        expected = f"{in_email(value['first_name'])}.{in_email(value['last_name'])}@yourcompany.com.br"
        assert value["email"] == expected


@pytest.mark.parametrize("name", ["name", "full_name", "displayName", "nome_completo"])
def test_full_name__is_first_and_last(name: str) -> None:
    for value in values_of(record(fname=TEXT, lname=TEXT, **{name: TEXT})):
        assert value[name] == f"{value['fname']} {value['lname']}"


def test_meta__is_of_the_same_person() -> None:
    for value in values_of(USER):
        assert value["email"].startswith(f"{in_email(value['meta']['fname'])}.{in_email(value['meta']['lname'])}@")


def test_user__of_an_object_with_an_email_has_that_email() -> None:
    schema = record(email=EMAIL, user={"$ref": "#/components/schemas/User"})
    assert all(value["email"] == value["user"]["email"] for value in values_of(schema, {"User": USER}))


def test_people__in_different_members_are_different() -> None:
    link = {"$ref": "#/components/schemas/User"}
    values = values_of(record(user=link, assigned_to=link), {"User": USER})
    assert all(value["user"]["email"] != value["assigned_to"]["email"] for value in values)


def test_people__are_many() -> None:
    generate = generator_for(USER)
    emails = {generate(seed)["email"] for seed in range(2000)}
    assert len(emails) > 1800


@pytest.mark.parametrize("owner", ["Person", "Member", "Cliente"])
def test_name__of_a_person_is_a_persons(owner: str) -> None:
    values = values_of({"$ref": f"#/components/schemas/{owner}"}, vocabulary={}, components={owner: record(name=TEXT)})
    assert all(re.fullmatch(r"[A-ZÀ-Ý]\S+ [A-ZÀ-Ý]\S+", value["name"]) for value in values)


@pytest.mark.parametrize(("locale", "domain"), [("pt_BR", "yourcompany.com.br"), ("en_US", "yourcompany.com")])
def test_email__has_the_domain_of_the_locale(locale: str, domain: str) -> None:
    assert generator_for(EMAIL, locale=locale)(1).endswith(f"@{domain}")


@pytest.mark.parametrize("locale", ["ja_JP", "ru_RU", "ar_AA", "de_DE"])
def test_email__is_ascii_in_every_locale(locale: str) -> None:
    generate = generator_for(USER, locale=locale)
    emails = [generate(seed)["email"] for seed in range(50)]
    assert all(re.fullmatch(r"[a-z0-9]+\.[a-z0-9]+@yourcompany\.com", email) for email in emails)
    assert len(set(emails)) > 25
