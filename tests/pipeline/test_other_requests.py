"""Requests to documents of other people: parameters, forms and credentials in the forms that these describe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.serving.server import start_lines
from tests.asgi_client import AsgiClient
from tests.conftest import FAKES

Server = Callable[..., AsgiClient]
Contract = Callable[[str], Path]
JSON = {"content-type": "application/json"}

DOCUMENT = """
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /spread:
    get:
      parameters:
        - {name: page, in: query, schema: {$ref: '#/components/schemas/Page'}}
        - {name: sort, in: query, schema: {type: string, enum: [up]}}
      responses: {'200': {description: ok}}
  /flags:
    get:
      parameters:
        - {name: pretty, in: query, required: true, allowEmptyValue: true, schema: {type: boolean}}
        - {name: ids, in: query, allowEmptyValue: true, schema: {type: array, minItems: 1, items: {type: integer}}}
        - {name: plain, in: query, schema: {type: integer}}
      responses: {'200': {description: ok}}
  /needed:
    get:
      parameters: [{name: page, in: query, required: true, schema: {$ref: '#/components/schemas/Page'}}]
      responses: {'200': {description: ok}}
  /one/{key}:
    get:
      parameters:
        - {name: key, in: path, required: true, schema: {$ref: '#/components/schemas/Page'}}
        - {name: page, in: query, explode: false, schema: {$ref: '#/components/schemas/Page'}}
        - {name: X-Page, in: header, explode: true, schema: {$ref: '#/components/schemas/Page'}}
      responses: {'200': {description: ok}}
  /form:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                commas: {type: array, items: {type: integer}}
                pipes: {type: array, items: {type: integer}}
                repeated: {type: array, items: {type: string}}
                text: {type: string, maxLength: 3}
                card[number]: {type: integer}
            encoding: {commas: {explode: false}, pipes: {style: pipeDelimited}, text: {explode: false}}
      responses: {'200': {description: ok}}
  /branches:
    get:
      parameters:
        - {name: page, in: query, schema: {anyOf: [{type: integer, maximum: 5}, {type: 'null'}], title: Page}}
        - {name: ids, in: query, schema: {anyOf: [{type: array, items: {type: integer}}, {type: 'null'}]}}
        - {name: kind, in: query, schema: {allOf: [{$ref: '#/components/schemas/Kind'}]}}
        - {name: level, in: query, schema: {oneOf: [{type: integer}, {type: string, format: uuid}]}}
        - {name: mode, in: query, schema: {enum: [fast, slow]}}
        - {name: flag, in: query, schema: {type: [integer, boolean, 'null']}}
        - {name: nothing, in: query, schema: {anyOf: [{type: 'null'}]}}
        - {name: expand, in: query, schema: {oneOf: [{type: string}, {type: array, items: {type: string}}]}}
      responses: {'200': {description: ok}}
  /variants:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: {c: {}}
              oneOf: [{required: [c]}, {required: [d]}]
          application/x+json: {schema: {type: object, additionalProperties: false, properties: {a: {}}}}
          text/plain: {schema: {type: integer, minimum: 3}}
          application/x-www-form-urlencoded: {schema: {type: string}}
      responses: {'200': {description: ok}}
  /basic: {get: {security: [{Basic: []}], responses: {'200': {description: ok}}}}
  /digest: {get: {security: [{Digest: []}], responses: {'200': {description: ok}}}}
  /oauth: {get: {security: [{OAuth: []}], responses: {'200': {description: ok}}}}
  /odd: {get: {security: [{Odd: []}], responses: {'200': {description: ok}}}}
  /half: {get: {security: [{Half: []}], responses: {'200': {description: ok}}}}
components:
  securitySchemes:
    Basic: {type: http, scheme: BaSiC}
    Digest: {type: http, scheme: digest}
    OAuth: {type: oauth2}
    Half: {type: http}
    Open: {type: openIdConnect}
    Odd: {type: http, scheme: ключ}
  schemas:
    Kind: {type: string, enum: [a, b]}
    Page:
      type: object
      properties:
        limit: {type: integer, maximum: 50}
        tags: {type: array, items: {type: integer}}
"""


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsgiClient:
    path = tmp_path_factory.mktemp("requests") / "contract.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return server(spec=path)


def places(client: AsgiClient, path: str, **options: Any) -> list[str] | None:
    """Returns the places of the violations, or None if the request is valid."""
    answer = client.request(options.pop("method", "GET"), path, **options)
    return None if answer.status_code == 200 else [error["where"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("query", "invalid"),
    [
        ("limit=5&tags=1&tags=2&sort=up", None),
        ("", None),
        ("other=x", None),
        ("limit=many", ["query.page.limit"]),
        ("limit=51&tags=1&tags=x", ["query.page.limit", "query.page.tags.1"]),
        ("limit=1&sort=down", ["query.sort"]),
    ],
)
def test_exploded_object__is_validated(client: AsgiClient, query: str, invalid: list[str] | None) -> None:
    assert places(client, f"/spread?{query}") == invalid


@pytest.mark.parametrize(
    ("query", "invalid"),
    [
        ("pretty=&ids=", None),
        ("pretty&ids=1", None),
        ("pretty=true&plain=", ["query.plain"]),
        ("pretty=x", ["query.pretty"]),
        ("ids=x", ["query.ids.0", "query.pretty"]),
    ],
)
def test_parameter__that_allows_an_empty_value(client: AsgiClient, query: str, invalid: list[str] | None) -> None:
    assert places(client, f"/flags?{query}") == invalid


@pytest.mark.parametrize(
    ("query", "invalid"),
    [
        ("page=5&ids=1&ids=2&kind=a&level=7&mode=fast&flag=true&nothing=&expand=a&expand=b", None),
        ("level=d9428888-122b-11e1-b85c-61cd3cbb3210&flag=3", None),
        ("page=6&ids=x&kind=c", ["query.ids.0", "query.kind", "query.page"]),
        ("level=x&mode=odd&flag=yes", ["query.flag", "query.level", "query.mode"]),
    ],
)
def test_parameter__with_branches_or_an_enum_is_decoded(
    client: AsgiClient, query: str, invalid: list[str] | None
) -> None:
    assert places(client, f"/branches?{query}") == invalid


@pytest.mark.parametrize(
    ("media_type", "body", "invalid"),
    [
        ("application/json", {"d": 1, "other": 2}, None),
        ("application/json", {"c": 1, "d": 2}, ["body"]),
        ("application/x+json", {"a": 1}, None),
        ("application/x+json", {"a": 1, "b": 2}, ["body"]),
        ("text/plain", 3, None),
        ("text/plain", 2, ["body"]),
        ("application/x-www-form-urlencoded", {"any": 1}, None),
    ],
)
def test_body__is_validated_by_the_schema_of_its_media_type(
    client: AsgiClient, media_type: str, body: Any, invalid: list[str] | None
) -> None:
    headers = {"content-type": media_type}
    assert places(client, "/variants", method="POST", json=body, headers=headers) == invalid


def test_exploded_object__required_needs_one_member(client: AsgiClient) -> None:
    assert places(client, "/needed?tags=1") is None
    assert places(client, "/needed?sort=up") == ["query.page"]


@pytest.mark.parametrize(
    ("path", "header", "invalid"),
    [
        ("/one/limit,5?page=limit,5", "limit=5", None),
        ("/one/other,x?page=", "", None),
        ("/one/limit,x", "limit=5", ["path.key.limit"]),
        ("/one/limit,5?page=limit,99", "limit=5", ["query.page.limit"]),
        ("/one/limit,5?page=limit", "limit=5", ["query.page"]),
        ("/one/limit,5", "limit=x", ["header.X-Page.limit"]),
    ],
)
def test_object__in_one_text_is_decoded(client: AsgiClient, path: str, header: str, invalid: list[str] | None) -> None:
    assert places(client, path, headers={"x-page": header}) == invalid


@pytest.mark.parametrize(
    ("form", "invalid"),
    [
        ({"commas": "1,2", "pipes": "1|2", "repeated": "a,b", "text": "a,b"}, None),
        ({"commas": "1,x"}, ["body.commas.1"]),
        ({"pipes": "1|2,3"}, ["body.pipes.1"]),
        ({"text": "a,bc"}, ["body.text"]),
        ({"text": "a", "text[inner]": "long"}, ["body.text"]),
        ({"text": "a", "text[]": "long"}, None),
        ({"card[number]": "x"}, ["body.card[number]"]),
    ],
)
def test_form__lists_are_separated_as_their_encoding_says(
    client: AsgiClient, form: dict[str, str], invalid: list[str] | None
) -> None:
    assert places(client, "/form", method="POST", data=form) == invalid


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/basic", "basic YTpi", 200),
        ("/basic", "Basic abc123", 401),
        ("/basic", "Basic YTpi!", 401),
        ("/basic", "Basic bm9jb2xvbg==", 401),
        ("/basic", "Bearer YTpi", 401),
        ("/digest", 'Digest username="a"', 200),
        ("/digest", "Digest  ", 401),
        ("/oauth", "bearer t", 200),
        ("/oauth", "Basic YTpi", 401),
        ("/odd", "Bearer t", 200),
        ("/odd", "", 401),
        ("/half", "Basic YTpi", 200),
        ("/half", "Bearer t", 401),
    ],
)
def test_authorization__has_the_documented_scheme(
    client: AsgiClient, path: str, authorization: str, status: int
) -> None:
    assert client.get(path, headers={"authorization": authorization}).status_code == status


def test_form__required_list_without_a_field_is_empty(server: Server, contract: Contract) -> None:
    member = "{type: array, items: {type: string}"
    form = (
        f"{{type: object, required: [a, b], properties: {{a: {member}}}, b: {member}, minItems: 1}}, c: {member}}}}}}}"
    )
    body = f"{{content: {{application/x-www-form-urlencoded: {{schema: {form}}}}}}}"
    client = server(spec=contract(f"paths: {{/a: {{post: {{requestBody: {body}, responses: {{}}}}}}}}"))
    assert places(client, "/a", method="POST", data={"b": "x"}) is None
    assert places(client, "/a", method="POST", data={"c": "x"}) == ["body.b"]


@pytest.mark.parametrize(("value", "status"), [(2**31 - 1, 200), (2**31, 400), (-(2**31), 200), (-(10**30), 400)])
def test_integer__is_in_the_range_of_its_format(server: Server, contract: Contract, value: int, status: int) -> None:
    id = "{name: id, in: path, required: true, schema: {type: integer, format: int32}}"
    path = contract(f"paths: {{'/a/{{id}}': {{get: {{parameters: [{id}], responses: {{}}}}}}}}")
    assert server(spec=path).get(f"/a/{value}").status_code == status


def test_member__that_is_required_but_not_declared_is_accepted(server: Server, contract: Contract) -> None:
    body = "{schema: {type: object, required: [name, kind], properties: {name: {type: string}}}}"
    text = f"{{requestBody: {{content: {{application/json: {body}}}}}, responses: {{'204': {{description: made}}}}}}"
    client = server(spec=contract(f"paths: {{/checks: {{post: {text}}}}}"))
    assert client.post("/checks", json={"name": "a", "kind": False}).status_code == 204
    assert client.post("/checks", json={"name": "a"}).status_code == 400


def test_base_path__below_the_control_api_is_the_contract(server: Server, contract: Contract) -> None:
    paths = "paths: {/health: {get: {responses: {'204': {description: ok}}}}}"
    client = server(spec=contract(f"servers: [{{url: 'https://a.b/_mock/docs/museum'}}]\n{paths}"))
    assert client.get("/_mock/docs/museum/health").status_code == 204
    assert client.get("/_mock/docs/museum/other").json()["title"] == "Not Found"
    assert client.get("/_mock/health").json() == {"status": "ok"}
    shown = "  the contract is served below /_mock/docs/museum, in place of our control API there"
    assert shown in start_lines(FAKES[client.app], "http://a")


def test_swagger_2__lists_and_empty_texts_of_forms(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "swagger: '2.0'\npaths:\n  /a:\n    post:\n      parameters:\n"
        "        - {name: ids, in: formData, type: array, items: {type: integer}}\n"
        "        - {name: many, in: formData, type: array, items: {type: string}, collectionFormat: multi}\n"
        "        - {name: id, in: formData, type: string, allowEmptyValue: false}\n"
        "        - {name: q, in: query, type: string, allowEmptyValue: false}\n"
        "        - {name: free, in: query, type: string}\n"
        "        - {name: tabs, in: query, type: array, items: {type: integer}, collectionFormat: tsv}\n"
        "        - {name: X-Pipes, in: header, type: array, items: {type: integer}, collectionFormat: pipes}\n"
        "      responses: {200: {description: ok}}\n"
    )
    client = server(spec=path)
    data, headers = {"ids": "1,2", "many": "a,b", "id": "1"}, {"x-pipes": "1|2"}
    assert places(client, "/a?q=x&free=&tabs=1%092", method="POST", data=data, headers=headers) is None
    invalid = places(client, "/a?q=", method="POST", data={"ids": "1,x", "id": ""})
    assert invalid == ["query.q", "body.id", "body.ids.1"]


QUERIES = """
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /x/{id}:
    get: {operationId: plain, responses: {'200': {description: ok}}}
    put: {operationId: put, responses: {'200': {description: ok}}}
  /x/{key}#Action=Get: {get: {operationId: fragment, responses: {'200': {description: ok}}}}
  /x/{id}?Action=Get&deep: {get: {operationId: both, responses: {'200': {description: ok}}}}
  /x/{id}#tags: {delete: {operationId: only, responses: {'200': {description: ok}}}}
  /#Action=List: {get: {operationId: list, responses: {'200': {description: ok}}}}
  /y?page={page}:
    parameters: [{name: page, in: path, required: true, schema: {type: integer}}]
    get: {operationId: paged, responses: {'200': {description: ok}}}
  /z:
    servers: [{url: 'https://a/v{n}', variables: {n: {default: '2'}}}]
    get: {operationId: own, responses: {'200': {description: ok}}}
"""


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/x/1", "plain"),
        ("GET", "/x/1?Action=Other", "plain"),
        ("GET", "/x/1?Action=Get", "fragment"),
        ("GET", "/x/1?deep=1&Action=Get", "both"),
        ("PUT", "/x/1?Action=Get", "put"),
        ("DELETE", "/x/1", "only"),
        ("GET", "/?Action=List", "list"),
        ("GET", "/y?page=5", "paged"),
        ("GET", "/v2/z", "own"),
    ],
)
def test_path__with_a_query_or_a_fragment_or_a_server_of_its_own_is_served(
    server: Server, tmp_path_factory: pytest.TempPathFactory, method: str, target: str, operation: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "queries.yaml"
    path.write_text(QUERIES)
    answer = server(spec=path).request(method, target)
    assert (answer.status_code, answer.headers["x-mock-operation"]) == (200, operation)


def test_media_type__that_is_a_mere_name_is_json(server: Server, contract: Contract) -> None:
    get = "{responses: {'200': {description: a, content: {Order: {schema: {enum: [a]}}, Tax: {schema: {enum: [1]}}}}}}"
    post = "{requestBody: {content: {'': {schema: {type: object}}}}, responses: {'200': {description: a}}}"
    client = server(spec=contract(f"paths: {{/a: {{get: {get}, post: {post}}}}}"))
    answer = client.get("/a", headers={"accept": "application/json, a/b;q=0"})
    assert (answer.headers["content-type"], answer.text) == ("application/json", '"a"')
    assert [client.post("/a", content=body, headers=JSON).status_code for body in ("{}", "[]")] == [200, 400]
