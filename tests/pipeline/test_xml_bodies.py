"""XML bodies of requests: decoded by the hints of their schema, then validated like JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asgi_client import AsgiClient

CONTRACT = """
paths:
  /animals:
    post:
      requestBody:
        required: true
        content:
          application/xml: {schema: {$ref: '#/components/schemas/Animal'}}
          application/json: {schema: {$ref: '#/components/schemas/Animal'}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
components:
  schemas:
    Animal:
      type: object
      required: [name, marks]
      properties:
        id: {type: integer, xml: {attribute: true}}
        name: {type: string, minLength: 2, xml: {name: full-name}}
        age: {type: integer}
        tame: {type: boolean}
        tags: {type: array, xml: {wrapped: true}, items: {type: string, maxLength: 4, xml: {name: tag}}}
        codes: {type: array, items: {type: integer}, xml: {name: code-list}}
        owner: {type: object, required: [age], properties: {age: {type: integer}}}
        marks: {type: array, items: {type: string}}
      additionalProperties: {type: integer}
"""
WHOLE = """<?xml version="1.0"?>
<a:animal xmlns:a="http://a/b" id="7">
  <full-name>Rex &amp; Co</full-name> <age>3</age> <tame>true</tame>
  <tags><tag>a</tag><tag>b</tag></tags> <codes>1</codes> <codes>2</codes> <owner><age>30</age></owner>
</a:animal>"""


@pytest.fixture
def client(server: Callable[..., AsgiClient], contract: Callable[[str], Path]) -> AsgiClient:
    return server(spec=contract(CONTRACT))


def post(client: AsgiClient, body: str | bytes) -> tuple[int, str]:
    answer = client.post("/animals", content=body, headers={"content-type": "application/xml"})
    return answer.status_code, answer.text


def test_xml_body__is_read_by_its_hints(client: AsgiClient) -> None:
    status, text = post(client, WHOLE)
    assert status == 201
    echoed = '"id":7,"name":"Rex & Co","age":3,"tame":true,"tags":["a","b"],"codes":[1,2],"owner":{"age":30},"marks":[]'
    assert echoed in text
    status, text = post(client, WHOLE.replace(' id="7"', "").replace("<codes>1</codes> <codes>2</codes>", ""))
    assert (status, '"codes":[]' in text) == (201, False)


@pytest.mark.parametrize(
    ("changed", "to", "problem"),
    [
        ("<age>3</age>", "<age>old</age>", 'age (received \\"old\\", documented: integer)'),
        (' id="7"', ' id="x"', "id (received"),
        ("</a:animal>", "<more>x</more></a:animal>", 'more (received \\"x\\", documented: integer)'),
        ("</a:animal>", "<more><b>x</b></more></a:animal>", 'more (received {\\"b\\":\\"x\\"}'),
        ("<tag>a</tag>", "<tag>longer</tag>", "tags.0 (received"),
        ("<codes>2</codes>", "<codes>b</codes>", "codes.1 (received"),
        ("<full-name>Rex &amp; Co</full-name>", "", "name (received nothing"),
        ("<owner><age>30</age></owner>", "<owner/>", "owner.age (received nothing"),
        ("<owner><age>30</age></owner>", "<owner>Ana</owner>", 'owner (received \\"Ana\\", documented: object)'),
    ],
)
def test_xml_body__that_breaks_its_schema_is_refused(client: AsgiClient, changed: str, to: str, problem: str) -> None:
    status, text = post(client, WHOLE.replace(changed, to))
    assert (status, problem in text) == (400, True), text


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<animal>", "not readable as XML: no element found"),
        ("{}", "not readable as XML"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "not readable as XML: unknown encoding"),
        ("<a>" * 101 + "</a>" * 101, "nested deeper than 100 levels"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a document type is not read"),
        (b"\xff\xfe", "not readable as XML"),
    ],
)
def test_xml_body__that_is_not_plain_xml_is_refused(client: AsgiClient, body: str | bytes, problem: str) -> None:
    status, text = post(client, body)
    assert (status, problem in text) == (400, True), text
