"""Answers of documents of other people: which one, in which media type, and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.serving.server import start_lines
from tests.asgi_client import AsgiClient
from tests.conftest import FAKES

Server = Callable[..., AsgiClient]
Contract = Callable[[str], Path]

DOCUMENT = r"""
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /exact:
    get:
      responses:
        2XX: {description: any, content: {application/json: {example: ranged}}}
        '202': {description: ok, content: {application/json: {example: exact}}}
        default: {description: else}
  /lowest:
    get:
      responses:
        5XX: {description: a}
        4XX: {description: b}
  /plain:
    get:
      responses:
        '200': {description: ok, content: {text/plain: {example: hello}}}
        '404': {description: gone, content: {text/html: {example: <p>gone}}}
  /hal: {get: {responses: {'200': {description: ok, content: {application/hal+json: {example: {}}}}}}}
  /version:
    get:
      responses:
        '200':
          description: ok
          content:
            application/vnd.a+json: {example: 1, schema: {type: integer, maximum: 1}}
            application/json; version=3: {example: 2, schema: {type: integer, minimum: 2}}
  /empty: {get: {responses: {'200': {description: ok}}}}
  /variants:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Variant'}}}}
  /body:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [a]}}}}
      responses:
        '200': {description: ok}
        '415': {description: no, content: {text/plain: {example: no such type}}}
        '422':
          description: bad
          content: {application/json: {examples: {one: {value: 1}, two: {value: 2}}}}
  /silent:
    post:
      parameters: [{name: a, in: query, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}, '422': {description: bad}}
  /words:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  listed: {type: string, examples: [Work, Rest]}
                  fixed: {const: 7}
                  above: {type: integer, exclusiveMinimum: 5, maximum: 6}
                  maybe: {type: [string, 'null'], examples: []}
                  pair: {prefixItems: [{const: a}, {const: 2}]}
                  some: {type: array, items: {type: integer}, contains: {minimum: 5, maximum: 5}}
                  by_pattern: {required: [a1], patternProperties: {^a: {const: 3}}, additionalProperties: false}
                  chosen: {if: {required: [b]}, then: {properties: {b: {const: 4}}}, else: {required: [b]}}
                  mail: {type: string, format: email, maxLength: 8}
                  fixed_length: {pattern: '.*.*.*.*.*[0-9a-f]{32}.*.*.*.*.*', minLength: 32, maxLength: 32}
                  endless: {$ref: '#/components/schemas/Endless'}
                  letters: {pattern: '^\p{Lu}[\p{Ll}\p{N}]{9}\p{Zs}\p{IsAny}$'}
                  open_end: {pattern: '^arn:', minLength: 20}
                  lasts: {type: string, format: duration}
                  map: {type: object, propertyNames: {enum: [x, y]}, additionalProperties: {const: 1}}
                  undrawn: {minProperties: 1, propertyNames: {pattern: ^Z}}
  /edit:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [result]
                properties: {result: {anyOf: [{properties: {text: {type: string}}}, {enum: [true]}]}}
  /parts:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Parts'}}}}
  /animal:
    get:
      responses:
        '200': {description: ok, content: {application/xml: {schema: {$ref: '#/components/schemas/Animal'}}}}
  /animals:
    get:
      responses:
        '200':
          description: ok
          content:
            text/xml:
              schema: {type: array, minItems: 1, maxItems: 1, items: {$ref: '#/components/schemas/Animal'}}
  /note: {get: {responses: {'200': {description: ok, content: {application/xml: {schema: {enum: [a & b]}}}}}}}
  /nothing: {get: {responses: {'200': {description: ok, content: {application/xml: {example: {a: null}}}}}}}
components:
  schemas:
    Variant:
      oneOf:
        - {type: object, required: [kind], properties: {kind: {type: string}, color: {type: string}}}
        - {type: object, required: [kind], properties: {kind: {type: string}, size: {type: integer}}}
    Endless: {prefixItems: [{const: 1}, {$ref: '#/components/schemas/Endless'}]}
    Parts:
      allOf: [{type: object, additionalProperties: {type: object}}]
      required: [kept]
      properties: {kept: {}, other: {type: boolean}, short: {minProperties: 2, maxProperties: 1}}
    Animal:
      type: object
      xml: {name: animal, namespace: 'http://a/b', prefix: z}
      properties:
        id: {type: integer, enum: [7], xml: {attribute: true}}
        name: {type: string, enum: [Rex], xml: {name: full-name}}
        tags: {type: array, xml: {name: tag-list, wrapped: true}, items: {enum: [a], xml: {name: tag}}, example: [a, a]}
        codes: {type: array, xml: {name: ignored}, items: {enum: [1], xml: {name: code}}, example: [1, 1]}
        marks: {type: array, xml: {wrapped: true}, items: {enum: [true]}, example: [true]}
        owner: {type: object, xml: {namespace: 'http://o'}, properties: {age: {enum: [3], xml: {prefix: q}}}}
"""


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsgiClient:
    path = tmp_path_factory.mktemp("answers") / "contract.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return server(spec=path)


def test_success__documented_itself_wins_over_a_range(client: AsgiClient) -> None:
    exact, lowest = client.get("/exact"), client.get("/lowest")
    assert (exact.status_code, exact.json(), lowest.status_code) == (202, "exact", 400)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/plain", {"accept": "application/json"}, 406),
        ("/plain", {"accept": "in/valid"}, 406),
        ("/plain", {"accept": "text/*;q=0.1"}, 200),
        ("/plain", {"accept": ""}, 200),
        ("/plain", {"accept": "application/json", "prefer": "code=404"}, 404),
        ("/hal", {"accept": "application/json"}, 200),
        ("/empty", {"accept": "image/png"}, 200),
    ],
)
def test_accept__of_another_type_is_a_406_for_a_success(
    client: AsgiClient, path: str, headers: dict[str, str], status: int
) -> None:
    assert client.get(path, headers=headers).status_code == status


def test_json__is_the_default_with_parameters_too(client: AsgiClient) -> None:
    assert client.get("/version").json() == 2
    assert client.get("/version", headers={"accept": "application/vnd.a+json"}).json() == 1
    entries = client.get("/_mock/journal?limit=2").json()["entries"]
    assert [entry["violations"] for entry in entries] == [[], []]


def test_variants__that_fit_each_other_are_answered(client: AsgiClient) -> None:
    answers = [client.get("/variants", headers={"prefer": f"seed={seed}"}).json() for seed in range(9)]
    assert {frozenset(answer) for answer in answers} == {frozenset({"kind", "color"}), frozenset({"kind", "size"})}


def test_echo__is_left_out_where_a_variant_has_no_such_member(client: AsgiClient) -> None:
    answers = [client.post("/edit", json={"text": "a"}, headers={"prefer": f"seed={seed}"}) for seed in range(9)]
    assert {str(answer.json()["result"]) for answer in answers} == {"True", "{'text': 'a'}"}


def test_optional_member__without_a_possible_value_is_left_out(client: AsgiClient) -> None:
    assert client.get("/parts").json().keys() == {"kept"}


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({"content-type": "application/json"}, 422, "1"),
        ({"content-type": "application/json", "prefer": "code=422, example=two"}, 422, "2"),
        ({"content-type": "application/json", "prefer": "example=other"}, 422, "1"),
        ({"content-type": "text/plain"}, 415, "no such type"),
    ],
)
def test_refusal__has_the_documented_example(
    client: AsgiClient, headers: dict[str, str], status: int, body: str
) -> None:
    answer = client.post("/body", content=b"{}", headers=headers)
    assert (answer.status_code, answer.text) == (status, body)


def test_refusal__documented_without_a_body_is_a_problem_with_its_status(client: AsgiClient) -> None:
    answer = client.post("/silent")
    assert (answer.status_code, answer.json()["status"]) == (422, 422)
    assert answer.json()["errors"][0]["where"] == "query.a"


def test_openapi_30__with_words_of_31_is_understood(client: AsgiClient) -> None:
    words = client.get("/words").json()
    assert (words["listed"], words["fixed"], words["above"]) == ("Work", 7, 6)
    assert (words["pair"], words["some"], words["by_pattern"], words["chosen"]) == (["a", 2], [5], {"a1": 3}, {"b": 4})
    assert (words["endless"][:1], words["letters"][10]) == ([1], " ")
    assert (words["lasts"][:2], words["map"]) == ("PT", {"x": 1, "y": 1})
    assert ("@" in words["mail"], len(words["fixed_length"]), len(words["open_end"])) == (True, 32, 20)
    assert words["undrawn"], "it breaks its schema, which is better than no answer"


def test_xml__has_the_names_of_its_hints(client: AsgiClient) -> None:
    assert client.get("/animal").text.partition("\n")[2] == (
        '<z:animal xmlns:z="http://a/b" id="7"><full-name>Rex</full-name>'
        "<tag-list><tag>a</tag><tag>a</tag></tag-list><code>1</code><code>1</code>"
        '<marks><marks>true</marks></marks><owner xmlns="http://o"><age>3</age></owner></z:animal>'
    )


def test_xml__without_names_is_named_after_the_component(client: AsgiClient) -> None:
    assert client.get("/animals").text.partition("\n")[2].startswith('<root><z:animal xmlns:z="http://a/b" id="7">')
    assert client.get("/note").text.partition("\n")[2] == "<root>a &amp; b</root>"
    assert client.get("/nothing").text.partition("\n")[2] == "<root><a /></root>"


@pytest.mark.parametrize("schema", ["{type: string, nullable: true}", "{type: integer, nullable: true, enum: [1]}"])
def test_openapi_31__nullable_is_never_answered_with_null(server: Server, tmp_path: Path, schema: str) -> None:
    path = tmp_path / "contract.yaml"
    items = f"{{type: array, minItems: 40, items: {{type: object, properties: {{a: {schema}}}}}}}"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a: {get: {responses: {'200': {description: a,"
        f" content: {{application/json: {{schema: {items}}}}}}}}}}}}}\n"
    )
    assert None not in [row["a"] for row in server(spec=path).get("/a").json()]


@pytest.mark.parametrize("schema", ["{type: integer, format: int64}", "{type: integer, format: int32, maximum: 9}"])
def test_integer__of_a_format_is_an_ordinary_number(server: Server, contract: Contract, schema: str) -> None:
    rows = f"{{type: array, minItems: 20, items: {{type: object, properties: {{id: {schema}, tries: {schema}}}}}}}"
    text = f"{{'200': {{description: a, content: {{application/json: {{schema: {rows}}}}}}}}}"
    client = server(spec=contract(f"paths: {{/a: {{get: {{responses: {text}}}}}}}"))
    numbers = [number for row in client.get("/a").json() for number in row.values()]
    assert all(-1000 <= number <= 10**6 for number in numbers), numbers


def test_swagger_2__example_of_a_range_is_that_of_the_produced_types(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "swagger: '2.0'\nproduces: [text/plain, application/json]\npaths:\n  /a:\n    get:\n      responses:\n"
        "        200:\n          schema: {type: string}\n          examples: {text/*: hello, application/json: hi}\n"
        "  /b: {get: {responses: {200: {examples: {'*/*': any}}}}}\n"
        "  /c: {get: {responses: {200: {examples: {error: false}}}}}\n"
    )
    client = server(spec=path)
    assert client.get("/a", headers={"accept": "text/plain"}).text == "hello"
    assert [client.get(name).text for name in ("/a", "/b", "/c")] == ['"hi"', '"any"', ""]


GAPS = """
  /none: {get: {responses: {'200': {description: a, content: {application/json: {schema: {type: object, required: [a],
    properties: {a: {type: string, minLength: 5, maxLength: 3}}}}}}}}}
  /items: {get: {responses: {'200': {description: a, content: {application/json: {schema:
    {type: array, minItems: 3, uniqueItems: true, items: {type: boolean}}}}}}}}
  /shown: {get: {responses: {'200': {description: a, content: {application/json: {example: 1, schema:
    {type: integer, minimum: 2, maximum: 1}}}}}}}
  /refused: {get: {parameters: [{name: a, in: query, required: true}], responses: {'400': {description: a,
    content: {application/json: {schema: {type: integer, minimum: 2, maximum: 1}}}}}}}
  /fine: {get: {responses: {'200': {description: a}}}}
"""


def test_answer__without_a_value_is_a_501_with_its_reason(server: Server, contract: Contract) -> None:
    client = server(spec=contract(f"paths:{GAPS}"))
    answers = [client.get(name) for name in ("/none", "/items", "/shown", "/fine")]
    assert [answer.status_code for answer in answers] == [501, 501, 200, 200]
    assert "/properties/a: no text was found that fits" in answers[0].json()["detail"]
    assert client.get("/shown", headers={"prefer": "dynamic=true"}).status_code == 501
    refused = client.get("/refused")
    assert (refused.status_code, refused.json()["title"]) == (400, "Bad Request")


@pytest.mark.parametrize(
    ("operations", "listed", "last"),
    [
        (10, 10, "the answer 200 of "),
        (50, 10, "40 more answers cannot be generated, see `mockserver lint --spec "),
        (51, 0, "answers that cannot be generated are listed by `mockserver lint --spec "),
    ],
)
def test_start__names_the_first_answers_without_a_value(
    server: Server, contract: Contract, operations: int, listed: int, last: str
) -> None:
    content = "{application/json: {schema: {type: integer, minimum: 2, maximum: 1}}}"
    operation = f"{{get: {{responses: {{'200': {{description: a, content: {content}}}}}}}}}"
    paths = "".join(f"  /{number}: {operation}\n" for number in range(operations))
    client = server(spec=contract(f"paths:\n{paths}"))
    lines = [line.strip() for line in start_lines(FAKES[client.app], "http://a")][2:-1]
    assert sum(line.startswith("the answer 200 of ") for line in lines) == listed
    assert lines[-1].startswith(last)
