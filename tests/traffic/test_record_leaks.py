"""`mockserver record`: sixty planted secrets and personal data are on no disk, also after a crash."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from tests.traffic.raw_target import RawTarget, raw_target
from tests.traffic.recording import Recording, recording

# By where they are sent. Sixteen letters or digits with a mark, so that a part of one is found too.
SECRET_PLACES = {
    "x-api-key": ["en.PlantedKey00000000000000000000000a", "planted-key-of-another-form-4711"],
    "authorization": ["Bearer planted.session.token1", "Basic cGxhbnRlZDpwYXNzd29yZA==", "planted-raw-token-77"],
    "cookie": ["session=planted-cookie-1; other=planted-cookie-2"],
    "proxy-authorization": ["Basic cGxhbnRlZC1wcm94eS1sb2dpbg=="],
    "x-auth-token": ["planted-auth-token-15"],
    "x-amz-security-token": ["planted-amz-token-16"],
    "x-company-login": ["planted-company-login-17"],
}
QUERY_SECRETS = {
    "api_key": "planted-query-key-1",
    "token": "planted-query-token-2",
    "access_token": "planted-query-access-3",
    "senha": "planted-query-senha-4",
    "signature": "planted-query-signature-5",
}
SENT_SECRETS = {
    "api_key": "SG.planted-sendgrid-key",
    "token": "planted-provider-token",
    "cryptKey": "planted-crypt-key",
    "access_token": "planted-access-token",
    "integration_key": "planted-integration-key",
    "password": "planted-password",
    "client_secret": "planted-client-secret",
    "refreshToken": "planted-refresh-token",
    "note": "https://user:planted-url-password@example.com",
}
ANSWERED_HEADERS = {
    "Set-Cookie": "session=planted-set-cookie",
    "X-Debug-Key": "planted-debug-header",
    "Location": "/next?token=planted-location-token&email=planted.location@aurora.com.br",
    "X-User": "planted.header@aurora.com.br",
}
PEOPLE: dict[str, Any] = {
    "razao_social": "Planted Comércio Ltda.",
    "cnpj": "11.222.333/0001-81",
    "cpf": "529.982.247-25",
    "cpf_plain": "15350946056",
    "cpf_number": 11144477735,
    "contato": "planted.person@aurora.com.br",
    "telefone": "11 98765-4321",
    "site": "https://planted-company.com.br/contato",
    "endereco": "Rua dos Plantados, 4711",
    "nascimento": "1984-07-23",
    "apelido": "Plantedinha",
    "mae": "Plantada Ferreira dos Santos",
    "rg": "MG-14.222.333",
    "texto": "Ligar para Planteda Prado, CPF 111.444.777-35",
    "lista": ["Plantedo Souza", {"nome": "Plantedino Lima"}],
}
SECOND_PERSON = {
    "fname": "Plantedilda",
    "lname": "Plantedovska",
    "email": "second.planted@aurora.com.br",
}
QUERY_PEOPLE = {
    "_q": "Plantedina Rocha",
    "email": "query.planted@aurora.com.br",
    "cpf": "935.411.347-80",
    "documento": "86288366757",
}
PERSONAL_HEADERS = {
    "From": "from.planted@aurora.com.br",
    "X-Forwarded-For": "203.0.113.77",
    "Referer": "https://app.aurora.com.br/members/referer.planted@aurora.com.br",
    "X-Requested-With": "Planted Requester",
    "Forwarded": "for=198.51.100.23;by=planted",
    "User-Agent": "PlantedAgent/1.0 (planted.agent@aurora.com.br)",
}


def planted() -> set[str]:
    """All texts that must not be found."""
    secrets = [value for values in SECRET_PLACES.values() for value in values]
    parts = [part for value in secrets for part in value.replace(";", " ").replace("=", " ").split()]
    known = {"Bearer", "Basic", "session", "other", "token", "email", "/next?token"}
    headers = [*ANSWERED_HEADERS.values(), *PERSONAL_HEADERS.values()]
    people = _texts([PEOPLE, SECOND_PERSON, list(QUERY_PEOPLE.values())])
    sent = [*QUERY_SECRETS.values(), *(value.split("@")[0].split(":")[-1] for value in SENT_SECRETS.values())]
    loose = ["planted-set-cookie", "planted-location-token", "planted.location", "Planteda Prado", "111.444.777-35"]
    return {*parts, *headers, *people, *sent, *loose} - known


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [text for inner in (value.values() if isinstance(value, dict) else value) for text in _texts(inner)]
    return [str(value)]


def plant(proxy: Recording, target: RawTarget) -> None:
    """Sends all that is planted, in requests and in answers."""
    people = json.dumps([{"id": 1, "reference": "AbCdEfGh12345678", "data": PEOPLE, "user": SECOND_PERSON}])
    error = {"statusCode": 400, "error": "Bad Request", "message": f"{PEOPLE['contato']} is no member"}
    for body in (people, json.dumps(error), json.dumps({"data": True, "message": people}), "<p>planted.person@aurora"):
        kind = "text/html" if body.startswith("<") else "application/json"
        head = {"Content-Type": kind, "Content-Length": str(len(body.encode())), **ANSWERED_HEADERS}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        target.answer = f"HTTP/1.1 200 OK\r\n{lines}Connection: close\r\n\r\n{body}".encode()
        for name, values in SECRET_PLACES.items():
            for value in values:
                proxy.ask("GET", "/ws/types/clientes/items", headers={name: value})
        query = "&".join(f"{name}={quote(value)}" for name, value in (QUERY_SECRETS | QUERY_PEOPLE).items())
        proxy.ask("GET", f"/ws/members?{query}", headers=PERSONAL_HEADERS)
        proxy.ask("GET", f"/ws/people/{PEOPLE['contato']}/{PEOPLE['cpf_plain']}/{quote(SECOND_PERSON['fname'] + ' P')}")
        proxy.ask("GET", f"/ws/companies/{quote(PEOPLE['cnpj'], safe='')}/{PEOPLE['cpf']}")
        sent = {"Content-Type": "application/json"}
        integration = {"integration": 4, "data": SENT_SECRETS | {"from_email": PEOPLE["contato"]}}
        proxy.ask("POST", "/integrations", json.dumps(integration).encode(), sent)
        proxy.ask("POST", "/ws/types/clientes/items", json.dumps({"data": PEOPLE}).encode(), sent)
        proxy.ask("POST", "/ws/members", json.dumps(SECOND_PERSON).encode(), sent)
        proxy.ask("POST", "/ws/unknown", json.dumps([PEOPLE, SENT_SECRETS]).encode(), sent)
        proxy.ask("POST", "/ws/roles", f"name={PEOPLE['contato']}".encode(), {"Content-Type": "text/plain"})


@pytest.mark.parametrize("is_killed", [False, True], ids=["ended", "killed"])
def test_planted_secrets_and_personal_data__are_not_on_disk(tmp_path: Path, is_killed: bool) -> None:
    with raw_target() as target, recording(target.url, tmp_path / "calls.har") as proxy:
        plant(proxy, target)
        proxy.process.kill() if is_killed else proxy.end()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    left = "".join(path.read_text(encoding="utf-8") for path in files)
    left += re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), left)
    assert [path.suffix for path in files] == [".part" if is_killed else ".har"]
    assert left.count("startedDateTime") >= 120
    assert len(planted()) >= 60
    assert [text for text in planted() if text in left or quote(text) in left or quote_plus(text) in left] == []
