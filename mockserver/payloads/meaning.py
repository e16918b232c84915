"""What the name of a member says about its value: tables of names in English and Portuguese.

A name is split into words, and its longest ending in a table counts: `customer_phone` is a `phone`. `strings.py` and
`scalars.py` turn a meaning into values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from mockserver.text import ascii_of

T = TypeVar("T")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# Part of a person -> names of members.
_PERSON = {
    "first": "first_name fname given_name forename primeiro_nome prenome",
    "last": "last_name lname surname family_name sobrenome ultimo_nome",
    "full": "full_name fullname display_name person_name nome_completo author assignee autor responsavel solicitante",
    "email": "email e_mail mail email_address correio",
    "login": "username user_name login nickname apelido",
}
# Method of Faker -> names of members.
_FAKER_METHODS = {
    "phone_number": "phone telephone phone_number tel fax telefone",
    "cellphone_number": "mobile cellphone whatsapp celular",
    "cpf": "cpf",
    "cnpj": "cnpj",
    "rg": "rg",
    "company": "company company_name organization organisation employer supplier empresa razao_social fornecedor",
    "city": "city town cidade municipio",
    "state": "state_name province estado",
    "estado_sigla": "uf",
    "country": "country pais",
    "country_code": "country_code",
    "street_name": "street rua logradouro",
    "street_address": "address street_address endereco",
    "postcode": "zip zipcode zip_code postcode postal_code cep",
    "bairro": "neighborhood neighbourhood district bairro",
    "job": "job job_title profession occupation cargo profissao",
    "license_plate": "license_plate plate placa",
    "iban": "iban",
    "mac_address": "mac mac_address",
    "ipv4_private": "ip ip_address ipv4",
}
# Values separated by spaces, where Faker has no method -> names of members.
_CHOICES = {
    "#1E88E5 #43A047 #E53935 #FB8C00 #8E24AA #6D4C41 #9E9E9E": "color colour hex_color cor background foreground",
    "file-text users truck shopping-cart life-buoy tag inbox": "icon icone",
    "BRL USD EUR": "currency moeda",
    "pt en es": "language lang idioma",
    "pt_BR en_US es_ES": "locale",
    "America/Sao_Paulo America/Manaus America/Recife": "timezone time_zone tz fuso",
    "1.0.0 1.4.2 2.0.1 2.3.0": "version versao",
    "contrato.pdf proposta.docx planilha.xlsx nota-fiscal.pdf": "file filename file_name arquivo",
    "application/pdf image/png text/csv": "mime mime_type content_type media_type",
    "GET POST PUT DELETE": "method http_method",
    "Mozilla/5.0 PostmanRuntime/7.39.0 axios/1.7.2 curl/8.5.0": "user_agent",
    "CT-2026-014 PC-0318 NF-10482 OS-0077": "code codigo sku protocol protocolo",
}
_SLUGS = "slug handle permalink"
_URLS = "url uri link href site website homepage webhook endpoint avatar photo image logo picture foto imagem"
_TITLES = "name nome title titulo label rotulo subject assunto"
_SENTENCES = (
    "description message text comment note notes summary body "
    "descricao mensagem texto comentario observacao resumo corpo"
)

# What an object is -> names of such objects; decides what its `name` is.
_OWNERS = {
    "person": "person user member author owner employee customer client contact assignee manager responsible sender "
    "recipient pessoa usuario membro autor dono funcionario colaborador cliente contato responsavel gestor solicitante",
    "company": "company organization organisation enterprise supplier vendor employer "
    "empresa companhia organizacao fornecedor empregador",
}
# Members that describe the same person as the object around them.
_SAME_PERSON = "meta metadata profile account user person usuario pessoa perfil conta"

# Minimum and maximum of a number -> names of members.
_NUMBERS = {
    (18, 70): "age idade",
    (2020, 2026): "year ano",
    (1, 12): "month mes",
    (1, 28): "day dia",
    (0, 100): "percent percentage percentual progress progresso score discount desconto",
    (10, 20_000): "price amount cost value total_amount salary balance preco valor custo salario saldo",
    (1, 50): "quantity qty quantidade",
    (0, 200): "count counter size length contagem",
    (-33, 5): "latitude lat",
    (-73, -35): "longitude lng lon",
    (0, 12): "position order index rank ordem posicao",
    (4, 180): "duration_ms duration elapsed duracao",
}
# How many of ten booleans are true -> names of members.
_LIKELIHOODS = {
    9: "active enabled verified available valid ativo habilitado verificado",
    2: "deleted archived blocked native hidden disabled favorite locked excluido arquivado bloqueado oculto",
}


def _by_name(table: Mapping[T, str]) -> dict[str, T]:
    return {name: meaning for meaning, names in table.items() for name in names.split()}


PERSON, FAKER_METHODS, CHOICES, OWNERS = map(_by_name, (_PERSON, _FAKER_METHODS, _CHOICES, _OWNERS))
NUMBERS, LIKELIHOODS = _by_name(_NUMBERS), _by_name(_LIKELIHOODS)
SLUGS, URLS, TITLES, SENTENCES, SAME_PERSON = (
    dict.fromkeys(names.split(), True) for names in (_SLUGS, _URLS, _TITLES, _SENTENCES, _SAME_PERSON)
)


def meaning_of(table: Mapping[str, T], name: str) -> T | None:
    """Looks up the longest ending of the name that the table has."""
    words = words_of(name)
    endings = ("_".join(words[start:]) for start in range(len(words)))
    return next((table[ending] for ending in endings if ending in table), None)


def owner_of(name: str, owner: str) -> str:
    """Returns whose name it is: the customer's for `customer_name`, else that of the object around it."""
    return "_".join(words_of(name)[:-1]) or owner


def identifies_person(name: str) -> bool:
    """Whether the member makes its object a person; `customer_email` does not."""
    return PERSON.get(snake_case(name)) in ("first", "last", "email", "login")


def words_of(name: str) -> tuple[str, ...]:
    """Splits a name: `createdAt`, `created_at` and `Created-At` all become `("created", "at")`."""
    return tuple(word.lower() for word in _WORD.findall(ascii_of(name)))


def snake_case(name: str) -> str:
    return "_".join(words_of(name))
