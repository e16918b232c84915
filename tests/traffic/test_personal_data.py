"""Replacement of personal data: what never gets into a recording, and what stays as it was."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mockserver import Settings
from mockserver.contract.lenient.reading import read_contract
from mockserver.contract.operations import read_operations
from mockserver.contract.schemas import Schemas
from mockserver.judging.call_matcher import CallMatcher
from mockserver.payloads import Payloads, load_vocabulary
from mockserver.traffic.har_entries import ForwardedCall, HarEntries
from mockserver.traffic.personal_data import PersonalData
from mockserver.traffic.pseudonyms import Pseudonyms
from tests.conftest import FULL_KEY
from tests.invocation import invoke
from tests.traffic.har_client import forwarded
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.reference.server import ReferenceServer
from tests.traffic.reference.tour import take_tour, visitor

DOCUMENT = read_contract(Settings().spec)
PAYLOADS = Payloads(DOCUMENT, load_vocabulary(Settings().fixtures / "vocabulary.yaml"))
SEEDS = (1, 2, 3)
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqb2FuYSJ9.c2lnbmF0dXJl"

# What is planted, by its place: `role` bodies have a schema, `free` ones have none at that place.
PLANTED: tuple[tuple[str, Any], ...] = (
    ("header x-api-key", FULL_KEY),
    ("header authorization", "Bearer tok3nOfSomeone"),
    ("header cookie", "session=c00kieOfJoana"),
    ("header x-auth-token", "authT0ken99"),
    ("header x-user-name", "JoanaPrado77"),
    ("header proxy-authorization", "Basic am9hbmE6c2VuaGE="),
    ("header from", "joana.prado@clinica.example"),
    ("header x-forwarded-for", "187.44.12.99"),
    ("header referer", "https://app.example/people/joana-prado"),
    ("answer header set-cookie", "sid=answerC00kie"),
    ("answer header location", "/people/joana-prado-7"),
    ("answer header x-internal-user", "jprado-admin"),
    ("query token", "queryT0ken"),
    ("query password", "querySenha1"),
    ("query api_key", "queryKey123"),
    ("query _q", "Joana Prado"),
    ("query email", "joana@hospital.example"),
    ("query cpf", "529.982.247-25"),
    ("query anything", "Rua das Flores 12"),
    ("path segment", "joana@casa.example"),
    ("path segment", "529.982.247-25"),
    ("path segment", "52998224725"),
    ("path segment", "Joana Prado"),
    ("path segment", FULL_KEY),
    ("path segment", JWT),
    ("role name", "Joana Prado"),
    ("role description", "Secretária da Joana"),
    ("role description", "CPF 529.982.247-25"),
    ("role description", "fale com joana@casa.example hoje"),
    ("role description", f"use {FULL_KEY}"),
    ("role description", f"assinado {JWT}"),
    ("role description", "https://joana:segredo@host.example/a"),
    ("role description", "token=abcdef123456"),
    ("role description", "senha=minhaSenha1"),
    ("role description", "nascida 1980-05-17 em Olinda"),
    ("role description", "1980-05-17 Joana Prado"),
    ("role description", "(81) 99887-7665"),
    ("role description", "12.ABC.345/01DE-35"),
    ("role description", "joana-prado"),
    ("role description", "JOANA PRADO"),
    ("role created_at", "1980-05-17T10:00:00.000Z"),
    ("free password", "freeSenha9"),
    ("free senha", "outraSenha9"),
    ("free api_key", "sk-1234567890abcdef"),
    ("free access_token", "accessT0ken1"),
    ("free cryptKey", "cryptK3y"),
    ("free chave", "chaveSecreta"),
    ("free pin", "4711-0815"),
    ("free nome", "Joana Prado"),
    ("free cpf", "52998224725"),
    ("free cpf", 52998224725),
    ("free cnpj", 11222333000181),
    ("free telefone", 81998877665),
    ("free slug", "Joana Prado da Silva"),
    ("free reference", "529.982.247-25"),
    ("free endereco", {"rua": "Rua das Flores", "numero": "12b"}),
    ("free filhos", ["Pedro Prado", "Ana Prado"]),
    ("free notas", [{"autor": {"nome": "Joana Prado"}}]),
    ("free key", {"joana@casa.example": 1}),
    ("free key", {"529.982.247-25": True}),
    ("error message", "User Joana Prado is unknown"),
    ("error data", [{"field": "email", "message": "joana@casa.example is taken"}]),
    ("unknown body", {"nome": "Joana Prado", "senha": "xyzzy123"}),
    ("html", "<p>Joana Prado</p>"),
)  # fmt: skip


def planted_call(place: str, value: Any) -> ForwardedCall:
    """A call with a value at a place."""
    kind, _, name = place.partition(" ")
    role = {"id": 7, "name": "Chefia", "description": None, "created_at": "2026-03-01T10:00:00.000Z"}
    call = ForwardedCall(
        datetime.now(UTC), "GET", "/ws/roles/7", "", [(b"content-type", b"application/json")], status=200
    )
    call.response_headers = [(b"content-type", b"application/json")]
    body: Any = role
    if kind == "header":
        call.request_headers.append((name.encode(), value.encode()))
    elif place.startswith("answer header"):
        call.response_headers.append((place.split()[2].encode(), value.encode()))
    elif kind == "query":
        call.query = f"{name}={value.replace(' ', '%20')}"
    elif kind == "path":
        call.path = f"/people/{value.replace(' ', '%20')}"
    elif kind == "role":
        body = role | {name: value}
    elif kind == "free":
        body = {"id": 1, "reference": "Zk3Tq81LmN0pQr5s", "data": {name: value}}
        call.path = "/ws/types/contratos/items/Zk3Tq81LmN0pQr5s"
        call.request_body = json.dumps({"data": {name: value}}).encode()
    elif kind == "error":
        call.status, body = 400, {"statusCode": 400, "error": "Bad Request", "message": "no", name: value}
    elif kind == "unknown":
        call.path, body = "/people", value
    call.response_body = value.encode() if kind == "html" else json.dumps(body).encode()
    call.response_headers += [(b"content-type", b"text/html")] if kind == "html" else []
    return call


def texts_of(value: Any) -> Iterator[str]:
    """The texts that must not be found, of values in values too."""
    if isinstance(value, dict):
        yield from (str(key) for key in value if not str(key).isidentifier())
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif not isinstance(value, bool) and len(str(value)) > 1:
        yield str(value)


def entries(key: bytes = b"a key", *, replaces_slugs: bool = False) -> HarEntries:
    personal = PersonalData(DOCUMENT, Pseudonyms(key), replaces_slugs=replaces_slugs)
    return HarEntries(DOCUMENT, "http://127.0.0.1", "", personal)


def test_planted_values__are_sixty() -> None:
    assert len(PLANTED) >= 60


@pytest.mark.parametrize(("place", "value"), PLANTED, ids=[f"{place}-{n}" for n, (place, _) in enumerate(PLANTED)])
def test_planted_value__is_not_recorded(place: str, value: Any) -> None:
    written = json.dumps(entries().entry(planted_call(place, value)), ensure_ascii=False)
    for text in (*texts_of(value), *(["Joana", "joana"] if "oana" in str(value) else [])):
        assert text not in written
        assert text.replace(" ", "%20") not in written


def answers() -> Iterator[tuple[Any, int, Any, Any]]:
    """Place, status, schema and generated body of each answer of each operation, for some seeds."""
    matcher = CallMatcher(DOCUMENT)
    for operation in read_operations(DOCUMENT):
        for response in operation.responses.values():
            if response.schema is not None and response.key.isdecimal():
                generator = PAYLOADS.generator(response.schema)
                for seed in SEEDS:
                    status = int(response.key)
                    yield matcher.body_place(operation, status), status, response.schema, generator(seed, status=status)


def test_masked_answers__conform_to_the_contract() -> None:
    schemas, personal = Schemas(DOCUMENT, "response"), PersonalData(DOCUMENT, Pseudonyms(b"key"))
    validators: dict[int, Any] = {}
    count = 0
    for place, _, schema, body in answers():
        validator = validators.setdefault(id(schema), schemas.validator(schema))
        masked = personal.replace(body, place)
        assert [error.message for error in validator.iter_errors(masked)] == [], (place, body)
        count += 1
    assert count > 900


def with_check_digits(plain: str) -> str:
    """Completes a CPF or CNPJ, by the rule of the Receita Federal written out once more."""
    longest = 8 if len(plain) == 12 else 10
    for _ in range(2):
        weights = [2 + place % longest for place in range(len(plain))]
        rest = sum((ord(one) - 48) * weight for one, weight in zip(reversed(plain), weights, strict=True)) % 11
        plain += "0" if rest < 2 else str(11 - rest)
    return plain


@pytest.mark.parametrize(
    ("length", "alphabet"), [(11, "0123456789"), (14, "0123456789"), (14, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
)
def test_replaced_numbers__have_valid_check_digits(length: int, alphabet: str) -> None:
    drawn, pseudonyms = random.Random(length), Pseudonyms(b"key")
    for _ in range(300):
        number = with_check_digits("".join(drawn.choice(alphabet) for _ in range(length - 2)))
        replaced = pseudonyms.text(f"número: {number}")[-length:]
        assert replaced != number
        assert with_check_digits(replaced[:-2]) == replaced


def test_equal_values__stay_equal_and_different_ones_different() -> None:
    pseudonyms = Pseudonyms(b"key")
    words = [f"{first} {last}" for first in ("Ana", "Bia", "Eva") for last in ("Lima", "Rosa", "Melo")] * 2
    replaced = [pseudonyms.text(word) for word in words]
    assert replaced[:9] == replaced[9:]
    assert len(set(replaced)) == 9


@pytest.mark.parametrize("text", ["2026-02-30", "2026-99-99", "0000-01-01T10:00:00Z"])
def test_impossible_day__stays_impossible(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|day|year"):
        datetime.fromisoformat(Pseudonyms(b"key").text(text))


@pytest.mark.parametrize("text", ["true", "false", "#1E88E5", "0b6f2c3e-1d7a-4a55-9b9c-0d3a2f1e4b5c"])
def test_value_of_nobody__stays(text: str) -> None:
    assert Pseudonyms(b"key").text(text) == text


@pytest.fixture(scope="module")
def tour() -> list[ForwardedCall]:
    """The calls of a tour of the reference server with all its deviations."""
    with ReferenceServer([each.change for each in DEVIATIONS.values()]) as server, visitor(server.url) as client:
        take_tour(client)
        return [forwarded(exchange) for exchange in client.exchanges]


def rows_of(calls: list[ForwardedCall], made: HarEntries, file: Path) -> list[str]:
    file.write_text(json.dumps({"log": {"entries": [made.entry(call) for call in calls]}}), encoding="utf-8")
    output = invoke("drift", str(file)).output
    return sorted(re.findall(r"(?m)^(?:error|warning|note) .+", output))


def test_drift_of_masked_recording__is_that_of_the_raw_one(tour: list[ForwardedCall], tmp_path: Path) -> None:
    raw = rows_of(tour, HarEntries(DOCUMENT, "http://127.0.0.1", "", None), tmp_path / "raw.har")
    assert len(raw) >= 30
    assert rows_of(tour, entries(), tmp_path / "masked.har") == raw
    assert rows_of(tour, entries(replaces_slugs=True), tmp_path / "slugs.har") == raw


def test_slugs__are_listed_for_review_or_replaced(tour: list[ForwardedCall], tmp_path: Path) -> None:
    file = tmp_path / "raw.har"
    raw = HarEntries(DOCUMENT, "http://127.0.0.1", "", None)
    file.write_text(json.dumps({"log": {"entries": [raw.entry(call) for call in tour]}}), encoding="utf-8")
    seed = ["seed", "--from", str(file), "--out"]
    kept = invoke(*seed, str(tmp_path / "kept")).output
    assert re.search(r"kept, please review: \d+ slugs \(.*chamados.*\); --replace-slugs replaces them", kept)
    replaced = invoke(*seed, str(tmp_path / "replaced"), "--replace-slugs").output
    assert "please review" not in replaced
    for file in (tmp_path / "replaced").glob("*.yaml"):
        text = file.read_text() if file.stem != "vocabulary" else ""
        assert not re.search(r"company-abc|chamados|fornecedores|razao_social", text), file
    counted = r"(?m)^\d+ users, .+"
    assert re.findall(counted, kept) == re.findall(counted, replaced)
