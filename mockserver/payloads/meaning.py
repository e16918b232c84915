"""What a member's name says about its value: tables only, in English and Portuguese.

A name is split into words, and the longest ending that stands in a table counts: `customer_phone` is a `phone`.
How a meaning becomes a value is said in `strings.py` and `numbers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from mockserver.payloads.text import words_of

T = TypeVar("T")

# Part of a person -> names of members that hold it.
_PERSON = {
    "first": "first_name fname given_name forename primeiro_nome prenome",
    "last": "last_name lname surname family_name sobrenome ultimo_nome",
    "full": "full_name fullname display_name person_name nome_completo author assignee autor responsavel solicitante",
    "email": "email e_mail mail email_address correio",
    "login": "username user_name login nickname apelido",
}
# Method of Faker -> names of members that hold its values.
_FAKER = {
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
# Values written out, where a list is all there is to know.
_LISTED = {
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
_SLUG = "slug handle permalink"
_URL = "url uri link href site website homepage webhook endpoint avatar photo image logo picture foto imagem"
_TITLE = "name nome title titulo label rotulo subject assunto"
_SENTENCE = (
    "description message text comment note notes summary body "
    "descricao mensagem texto comentario observacao resumo corpo"
)

# What the owner of a `name` is -> how it is called.
_OWNERS = {
    "person": "person user member author owner employee customer client contact assignee manager responsible sender "
    "recipient pessoa usuario membro autor dono funcionario colaborador cliente contato responsavel gestor solicitante",
    "company": "company organization organisation enterprise supplier vendor employer "
    "empresa companhia organizacao fornecedor empregador",
}
# Members that tell about the same person as the object around them.
_SAME_PERSON = "meta metadata profile account user person usuario pessoa perfil conta"

# Least and most of a number.
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
# How many of ten such switches are on.
_LIKELY = {
    9: "active enabled verified available valid ativo habilitado verificado",
    2: "deleted archived blocked native hidden disabled favorite locked excluido arquivado bloqueado oculto",
}


def _by_name(table: Mapping[T, str]) -> dict[str, T]:
    return {name: meaning for meaning, names in table.items() for name in names.split()}


PERSON, FAKER, LISTED, OWNERS = _by_name(_PERSON), _by_name(_FAKER), _by_name(_LISTED), _by_name(_OWNERS)
NUMBERS, LIKELY = _by_name(_NUMBERS), _by_name(_LIKELY)
SLUG, URL, TITLE, SENTENCE, SAME_PERSON = (
    dict.fromkeys(names.split(), True) for names in (_SLUG, _URL, _TITLE, _SENTENCE, _SAME_PERSON)
)


def ending(table: Mapping[str, T], name: str) -> T | None:
    """What the table says of the longest ending of the name that it holds."""
    words = words_of(name)
    endings = ("_".join(words[start:]) for start in range(len(words)))
    return next((table[text] for text in endings if text in table), None)


def owner_of(name: str, owner: str) -> str:
    """Whose name it is: the customer's in `customer_name`, else that of the object around it."""
    return "_".join(words_of(name)[:-1]) or "_".join(words_of(owner))


def tells_a_person(name: str) -> bool:
    """The member makes the object around it a person; `customer_email` does not."""
    return PERSON.get("_".join(words_of(name))) in ("first", "last", "email", "login")
