"""Journal entries of bodies that are not JSON: forms, XML and texts of other contracts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.asgi_client import AsgiClient

DOCUMENT = """
openapi: 3.0.3
info: {title: Cards, version: "1"}
paths:
  /cards:
    post:
      operationId: createCard
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Card'}}
          multipart/form-data:
            schema: {type: object, properties: {phrase: {type: string, format: password}, amount: {type: integer}}}
          application/xml: {schema: {$ref: '#/components/schemas/Card'}}
          text/plain: {schema: {type: string}}
          image/png: {schema: {type: string, format: binary}}
      responses: {'204': {description: Created.}}
components:
  schemas:
    Card:
      type: object
      xml: {name: card}
      properties:
        amount: {type: integer}
        phrase: {type: string, writeOnly: true}
        owner: {type: object, properties: {tags: {type: array, items: {type: string}}}}
"""

FORM = b"amount=4&phrase=hush&owner[tags][]=a&owner[tags][]=b"
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
PARTS = b'--x\r\ncontent-disposition: form-data; name="phrase"\r\n\r\nhush\r\n--x--\r\n'
CARD = {"amount": 4, "phrase": "***", "owner": {"tags": ["a", "b"]}}


@pytest.fixture
def cards(server: Callable[..., AsgiClient], tmp_path: Path) -> AsgiClient:
    (tmp_path / "cards.yaml").write_text(DOCUMENT, encoding="utf-8")
    return server(spec=tmp_path / "cards.yaml")


def send(cards: AsgiClient, media_type: str, body: bytes) -> None:
    assert cards.post("/cards", content=body, headers={"content-type": media_type}).status_code == 204


@pytest.mark.parametrize(
    ("media_type", "body", "shown"),
    [
        (URLENCODED, FORM, CARD),
        (MULTIPART, PARTS, {"phrase": "***"}),
        ("application/xml", b"<card><amount>4</amount><phrase>hush</phrase></card>", {"amount": 4, "phrase": "***"}),
        ("text/plain; charset=utf-8", "olá".encode(), "olá"),
        ("text/plain", b"\xff", None),
        ("image/png", b"\x89PNG", None),
    ],
)
def test_entry__shows_what_a_body_says_without_secrets(
    cards: AsgiClient, media_type: str, body: bytes, shown: Any
) -> None:
    send(cards, media_type, body)
    [entry] = cards.get("/_mock/journal?limit=1").json()["entries"]
    assert entry["request"]["body"] == shown
    assert entry["request"]["size"] == len(body)


def test_expectation__compares_the_members_of_a_form(cards: AsgiClient) -> None:
    send(cards, URLENCODED, FORM)
    for body, passed in (({"amount": 4, "owner": {"tags": ["a", "b"]}}, True), ({"amount": "4"}, False)):
        expectations = [{"operation": "createCard", "body": body, "times": {"at_least": 1}}]
        verdict = cards.post("/_mock/journal/verify", json={"expectations": expectations}).json()
        assert verdict["passed"] is passed


def test_archive__has_the_fields_of_a_form(cards: AsgiClient) -> None:
    send(cards, URLENCODED, FORM)
    archive = cards.get("/_mock/journal?limit=1&form=har").json()
    fields = archive["log"]["entries"][0]["request"]["postData"]["params"]
    assert [(field["name"], field["value"]) for field in fields] == [
        ("amount", "4"),
        ("phrase", "***"),
        ("owner[tags][]", "a"),
        ("owner[tags][]", "b"),
    ]
