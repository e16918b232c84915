"""Documents of other people: how they are read, and what is answered as they describe it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
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
  /form:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Form'}}
          multipart/form-data: {schema: {$ref: '#/components/schemas/Form'}}
          application/pdf: {schema: {type: string, format: binary}}
      responses: {'201': {description: made}}
  /media:
    post:
      requestBody: {content: {application/JSON; charset=utf-8: {schema: {type: object, required: [a]}}}}
      responses: {'200': {description: ok}}
  /any:
    post:
      requestBody: {content: {'*/*': {schema: {type: object, required: [b]}}}}
      responses: {'200': {description: ok}}
  /accept:
    get:
      responses:
        '200':
          description: ok
          content:
            text/csv: {example: "a\\n1\\n"}
            application/json: {schema: {type: object, required: [a], properties: {a: {type: integer}}}}
            application/xml: {schema: {type: object, required: [b c], properties: {b c: {type: boolean, enum: [true]}}}}
        '404': {description: none, content: {application/json: {example: {}}, text/csv: {example: "none\\n"}}}
  /csv:
    get:
      responses:
        '200':
          description: ok
          content:
            text/csv:
              schema: {type: array, minItems: 2, maxItems: 2, items: {type: object, example: {a: 1, b: 'x,y'}}}
  /numbers: {get: {responses: {'200': {description: ok, content: {text/csv: {example: [1, 2]}}}}}}
  /pdf: {get: {responses: {'200': {description: ok, content: {application/pdf: {example: {a: 1}}}}}}}
  /jobs: {get: {responses: {'200': {description: all}}}}
  /all-jobs: {get: {operationId: get_jobs, responses: {'200': {description: all}}}}
  /jobs/: {get: {responses: {'200': {description: all}}}}
  /nonce: {head: {responses: {'204': {description: nothing}}}}
  /gone:
    delete:
      responses:
        '204': {description: gone, content: {application/json: {schema: {type: object}}}}
        '304': {description: gone before, content: {application/json: {example: 1}}}
  /statuses:
    get:
      responses:
        2XX: {description: any, content: {application/json: {example: ranged}}}
        '200': {description: ok, content: {application/json: {example: exact}}}
        4XX: {description: bad, content: {application/json: {example: four}}}
        default: {description: else, content: {application/json: {example: other}}}
  /headers:
    post:
      responses:
        '201':
          description: made
          headers:
            Location: {required: true, schema: {type: string, example: 'http://a/b'}}
            X-Left: {schema: {type: integer, enum: [60]}}
            X-List: {schema: {type: array, items: {enum: [1, 2]}, example: [1, 2]}}
            Content-Length: {schema: {type: integer, example: 999}}
            Content-Encoding: {schema: {type: string, example: gzip}}
            X-Pair: {explode: true, schema: {type: object, properties: {a: {enum: [1]}, b: {enum: [true]}}}}
            X-Flat: {schema: {type: object, properties: {a: {enum: [1]}, b: {enum: [true]}}}}
            X-Json: {content: {application/json: {schema: {type: object, properties: {a: {enum: [1]}}}}}}
            X-Bad: {example: "a\\r\\nX-Injected: 1"}
            Content-Type: {schema: {type: string, example: text/odd}}
  /example: {get: {responses: {'200': {$ref: '#/components/responses/Seven'}}}}
  /text:
    get:
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: object}, example: '{"a": [1]}'}}
  /elsewhere:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, required: [a], properties: {a: {type: boolean, default: true}}}
              examples: {far: {externalValue: https://example.org/a.json}}
  /named:
    get:
      responses:
        '200': {description: ok, content: {application/json: {examples: {first: {value: 1}, second: {value: 2}}}}}
  /pet:
    get:
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /events: {get: {responses: {'200': {$ref: '#/components/responses/Events'}}}}
  /closed: {get: {responses: {'200': {$ref: '#/components/responses/Closed'}}}}
  /alike: {get: {responses: {'200': {$ref: '#/components/responses/Alike'}}}}
  /own:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [a]}}}}
      responses:
        '200': {description: ok}
        '422': {description: bad, content: {application/vnd.x+json: {example: {title: Bad}}}}
  /plain:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [a]}}}}
      responses: {'200': {description: ok}}
  /pup:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pup'}}}}
      responses:
        '200': {description: ok}
        4XX: {description: bad, content: {application/json: {schema: {enum: [generated]}}}}
  /accounts/{sid}.json: {get: {responses: {'200': {description: ok}}}}
  /v{version}/{id}:disable: {post: {responses: {'200': {description: ok}}}}
  /v{version}/{code}:disable:
    parameters: [{name: code, in: path, required: true, schema: {type: integer}}]
    post: {responses: {'204': {description: hidden}}}
    delete: {parameters: [{name: code, in: query, required: true}], responses: {'200': {description: ok}}}
  /keys/query: {get: {security: [{Query: []}], responses: {'200': {description: ok}}}}
  /keys/cookie: {get: {security: [{Cookie: []}], responses: {'200': {description: ok}}}}
  /keys/bare: {get: {security: [{Bare: []}], responses: {'200': {description: ok}}}}
  /keys/basic: {get: {security: [{Basic: []}], responses: {'200': {description: ok}}}}
  /parameters/{ids}:
    get:
      parameters:
        - {name: ids, in: path, required: true, schema: {type: array, items: {type: integer}}}
        - {name: filter, in: query, style: deepObject, schema: {type: object, properties: {age: {type: integer}}}}
        - {name: pipes, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: spaces, in: query, style: spaceDelimited, schema: {type: array, items: {type: integer}}}
        - {name: noplace, schema: {type: integer}}
        - {name: csv, in: query, explode: 'False', schema: {type: array, maxItems: 2, items: {type: integer}}}
        - {name: json, in: query, content: {application/json: {schema: {type: object, required: [a]}}}}
        - {name: rows, in: query, schema: {type: array, items: {type: object}}}
        - {name: X-Ids, in: header, schema: {type: array, items: {type: integer}}}
        - {name: level, in: cookie, schema: {type: integer}}
        - {name: ratio, in: query, schema: {type: number, maximum: 1}}
      responses: {'200': {description: ok}}
  /docs-old: {get: {responses: {'200': {description: ok}}}}
  /nothing: {get: , post: {requestBody: {}, responses: {'200': {description: ok}}}}
  /empty:
    servers: [{url: '/{v}', variables: {v: {}}}]
    get: {$ref: '#/gone', tags: , description: , deprecated: yes, responses: {'200': {description: yes}}}
  x-note: not a path
  /_mockups: {get: {responses: {'200': {description: ok}}}}
components:
  securitySchemes:
    Query: {type: apiKey, in: query, name: Key}
    Cookie: {type: apikey, in: cookie, name: session}
    Bare: {type: apiKey}
    Basic: {type: http, scheme: basic}
    Without: {name: a type}
  responses:
    Seven: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Seven'}}}}
    Events: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Events'}}}}
    Closed: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Closed'}}}}
    Alike: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Alike'}}}}
  schemas:
    Seven: {type: object, properties: {id: {type: integer}, name: {type: string}}, example: {id: 7, name: Seven}}
    Form:
      type: object
      required: [title]
      properties:
        title: {type: string}
        count: {type: integer}
        tags: {type: array, items: {type: integer}}
        owner: {type: object, properties: {age: {type: integer}}}
        pet: {properties: {age: {type: integer}}}
        file: {type: string, format: binary}
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat'}}
    Cat: {type: object, required: [kind, lives], properties: {kind: {type: string}, lives: {type: integer}}}
    Dog: {type: object, required: [kind, bark], properties: {kind: {type: string}, bark: {type: string}}}
    Alike: {oneOf: [{type: string, format: one}, {type: string, format: other}]}
    Closed:
      type: object
      properties: {bark: {type: string}}
      additionalProperties: false
      oneOf: [{$ref: '#/components/schemas/Puppy'}]
      discriminator: {propertyName: kind}
    Inline: {allOf: [{type: object, discriminator: {propertyName: kind}}]}
    Puppy: {type: object, properties: {kind: {type: string}, bark: {type: string}}}
    Events: {type: array, minItems: 9, items: {$ref: '#/components/schemas/Event'}}
    Event:
      type: object
      required: [type]
      properties: {type: {type: string}}
      discriminator: {propertyName: type, mapping: {made: '#/components/schemas/Made'}}
    Made:
      allOf:
        - {$ref: '#/components/schemas/Event'}
        - {type: object, required: [cause], properties: {cause: {$ref: '#/components/schemas/Event'}}}
    Gone: {allOf: [{$ref: '#/components/schemas/Event'}, {type: object, required: [why], properties: {why: {}}}]}
    Base: {type: object, properties: {id: {allOf: [{readOnly: true}, {type: integer}]}, name: {type: string}}}
    Pup: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, required: [id, name]}]}
"""


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsgiClient:
    path = tmp_path_factory.mktemp("documents") / "contract.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return server(spec=path)


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"data": {"title": "x", "count": "5", "tags": ["1", "2"], "owner[age]": "9"}}, None),
        ({"data": {"title": "x", "tags[]": "1"}, "files": {"file": b"\x00\xff"}}, None),
        ({"data": {"title": "x", "owner": '{"age": 3}', "tags[0]": "1"}}, None),
        ({"content": b"%PDF", "headers": {"content-type": "application/pdf"}}, None),
        ({"data": {"count": "5"}}, "title"),
        ({"data": {"title": "x", "count": "many"}}, "count"),
        ({"data": {"title": "x", "owner[age]": "old"}}, "owner.age"),
        ({"data": {"title": "x", "pet": '{"age": "old"}'}}, "pet.age"),
        ({"data": {"title": "x", "owner": "[" * 90_000}}, "owner"),
        ({"data": {"title": "x", "owner": "NaN"}}, "owner"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=y"}}, "multipart form"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, "Missing boundary"),
        ({"data": {"title": "x"} | dict.fromkeys(map(str, range(1000)), "")}, "not readable as a form: Max number"),
        ({"content": b"a", "headers": {"content-type": "text/plain"}}, "documented: application/x-www-form-urlencoded"),
    ],
)
def test_form__is_decoded_and_validated(client: AsgiClient, form: dict[str, Any], problem: str | None) -> None:
    answer = client.post("/form", **form)
    assert answer.is_success is (problem is None), answer.text
    assert problem is None or problem in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "media_type", "status"),
    [
        ("/media", "application/json", 200),
        ("/media", "Application/Json; charset=UTF-8", 200),
        ("/media", "application/json; charset=us-ascii", 200),
        ("/media", "application/json; CHARSET=latin-1", 415),
        ("/media", "text/json", 415),
        ("/any", "application/vnd.acme+json", 400),
        ("/any", "text/json", 400),
        ("/any", "application/atom+xml", 400),
        ("/any", "text/plain", 200),
    ],
)
def test_media_type__is_compared_by_type_and_subtype(
    client: AsgiClient, path: str, media_type: str, status: int
) -> None:
    assert client.post(path, content=b'{"a": 1}', headers={"content-type": media_type}).status_code == status
    assert client.post("/nothing", content=b"{", headers=JSON).status_code == 400


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*, application/json;q=0.5", "text/csv"),
        ("application/json; Q=0, text/csv;q=0.1", "text/csv"),
        ("application/json;q=high;a=1, text/csv;q=0.1", "text/csv"),
        ("application/XML", "application/xml"),
    ],
)
def test_accept__chooses_among_the_documented_types(client: AsgiClient, accept: str, media_type: str) -> None:
    answer = client.get("/accept", headers={"accept": accept})
    assert answer.headers["content-type"] == media_type


def test_accept__of_no_documented_type_is_a_406(client: AsgiClient) -> None:
    answer = client.get("/accept", headers={"accept": "image/png"})
    assert answer.status_code == 406
    assert "documented: application/json, text/csv, application/xml" in answer.json()["detail"]


def test_answer__is_written_in_its_media_type(client: AsgiClient) -> None:
    assert client.get("/accept", headers={"accept": "text/csv"}).text == "a\n1\n"
    assert client.get("/_mock/journal?limit=1").json()["entries"][0]["answer"]["body"] == "a\n1\n"
    assert client.get("/accept", headers={"accept": "text/csv", "prefer": "code=404"}).text == "none\n"
    xml = client.get("/accept", headers={"accept": "application/xml"}).text
    assert xml.endswith("<root><b_c>true</b_c></root>")
    assert client.get("/csv").text.splitlines() == ["a,b", '1,"x,y"', '1,"x,y"']
    assert (client.get("/numbers").text, client.get("/pdf").text) == ("1\r\n2\r\n", '{"a":1}')


def test_head__documented_is_answered(client: AsgiClient) -> None:
    assert client.head("/nonce").status_code == 204
    assert client.get("/nonce").headers["allow"] == "HEAD, OPTIONS"
    assert (client.options("/nonce").status_code, client.options("/nonce").content) == (204, b"")


def test_answer__without_a_body_has_no_content_length(client: AsgiClient) -> None:
    assert client.delete("/gone", headers={"prefer": "code=304"}).content == b""
    answer = client.delete("/gone")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers.keys().isdisjoint({"content-length", "content-type"})


@pytest.mark.parametrize(
    ("code", "status", "body"),
    [(None, 200, "exact"), (201, 201, "ranged"), (418, 418, "four"), (503, 503, "other"), (200, 200, "exact")],
)
def test_status__documented_itself_wins_over_its_range(
    client: AsgiClient, code: int | None, status: int, body: str
) -> None:
    answer = client.get("/statuses", headers={} if code is None else {"prefer": f"code={code}"})
    assert (answer.status_code, answer.json()) == (status, body)


def test_headers__documented_are_sent(client: AsgiClient) -> None:
    headers = client.post("/headers").headers
    assert (headers["location"], headers["x-left"], headers["x-list"]) == ("http://a/b", "60", "1,2")
    assert (headers["x-pair"], headers["x-flat"], headers["x-json"]) == ("a=1,b=true", "a,1,b,true", '{"a":1}')
    assert headers["x-bad"] == "a X-Injected: 1"
    assert headers.keys().isdisjoint({"content-type", "content-encoding"})
    assert headers["content-length"] == "0"


def test_examples__are_the_answers(client: AsgiClient) -> None:
    assert client.get("/example").json() == {"id": 7, "name": "Seven"}
    assert client.get("/text").json() == {"a": [1]}
    assert client.get("/elsewhere").json() == {"a": True}
    assert client.get("/named").json() == 1
    assert client.get("/named", headers={"prefer": "example=second"}).json() == 2


def test_discriminator__names_the_variant(client: AsgiClient) -> None:
    pets = [client.get("/pet", headers={"prefer": f"seed={seed}"}).json() for seed in range(20)]
    assert {pet["kind"] for pet in pets if "lives" in pet} == {"cat"}
    assert {pet["kind"] for pet in pets if "bark" in pet} == {"Dog"}


def test_discriminator__of_an_extended_component_names_the_subtype(client: AsgiClient) -> None:
    events = client.get("/events").json()
    assert {event["type"] for event in events if "cause" in event} == {"made"}
    assert {event["type"] for event in events if "why" in event} == {"Gone"}
    assert {frozenset(event) for event in events} == {frozenset({"type", "cause"}), frozenset({"type", "why"})}


def test_discriminator__that_must_not_be_sent_is_left_out(client: AsgiClient) -> None:
    assert client.get("/closed").json().keys() == {"bark"}


def test_refusal__has_the_documented_form(client: AsgiClient) -> None:
    own, plain = client.post("/own", json={}), client.post("/plain", json={})
    assert (own.status_code, own.json()) == (422, {"title": "Bad"})
    assert own.headers["content-type"] == "application/vnd.x+json"
    assert (plain.status_code, plain.headers["content-type"]) == (400, "application/problem+json")
    assert plain.json()["errors"][0]["where"] == "body.a"
    for sent, problem in ({}, "Missing"), ({"authorization": "Basic x"}, "Unusable"):
        detail = client.get("/keys/basic", headers=sent).json()["detail"]
        assert detail == f"{problem} credentials: the header authorization, scheme basic"
    unknown = client.get("/nowhere")
    assert (unknown.status_code, unknown.json()["title"]) == (404, "Not Found")


@pytest.mark.parametrize(
    ("path", "credentials", "challenge"),
    [
        ("/keys/query", {"params": {"Key": "k"}}, 'ApiKey realm="mock"'),
        ("/keys/cookie", {"headers": {"cookie": "a=1; session=s"}}, 'ApiKey realm="mock"'),
        ("/keys/bare", {"headers": {"authorization": "k"}}, 'ApiKey realm="mock"'),
        ("/keys/basic", {"auth": ("ana", "b")}, 'Basic realm="mock"'),
    ],
)
def test_credentials__are_required_where_they_are_documented(
    client: AsgiClient, path: str, credentials: dict[str, Any], challenge: str | None
) -> None:
    refused = client.get(path)
    assert (refused.status_code, refused.headers.get("www-authenticate")) == (401, challenge)
    assert client.get(path, **credentials).status_code == 200


VALID: dict[str, tuple[str, dict[str, str]]] = {
    "array in the path": ("/parameters/1,2", {}),
    "deep object": ("/parameters/1?filter[age]=3", {}),
    "pipes": ("/parameters/1?pipes=1|2", {}),
    "spaces": ("/parameters/1?spaces=1%202", {}),
    "empty list": ("/parameters/1?csv=", {}),
    "content": ('/parameters/1?json={"a":1}', {}),
    "objects in a list": ("/parameters/1?rows=a&rows=b", {}),
    "array in a header": ("/parameters/1", {"x-ids": "1,2"}),
    "array in a header, with spaces": ("/parameters/1", {"x-ids": "1, 2"}),
    "cookie": ("/parameters/1", {"cookie": "other=x; level=5"}),
    "number": ("/parameters/1?ratio=5e-1", {}),
}
INVALID: dict[str, tuple[str, dict[str, str]]] = {
    "path.ids.1": ("/parameters/1,x", {}),
    "query.filter.age": ("/parameters/1?filter[age]=old", {}),
    "query.pipes.1": ("/parameters/1?pipes=1|x", {}),
    "query.spaces.0": ("/parameters/1?spaces=x%202", {}),
    "query.noplace": ("/parameters/1?noplace=x", {}),
    "query.csv": ("/parameters/1?csv=1,2,3", {}),
    "query.json.a": ("/parameters/1?json={}", {}),
    "query.json": ("/parameters/1?json=x", {}),
    "header.X-Ids.1": ("/parameters/1", {"x-ids": "1,x"}),
    "cookie.level": ("/parameters/1", {"cookie": "level=high"}),
    "query.ratio": ("/parameters/1?ratio=1.5", {}),
}


@pytest.mark.parametrize(("path", "headers"), VALID.values(), ids=VALID)
def test_parameters__are_decoded_in_their_style(client: AsgiClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("where", INVALID)
def test_parameters__that_are_invalid_are_named(client: AsgiClient, where: str) -> None:
    path, headers = INVALID[where]
    assert [error["where"] for error in client.get(path, headers=headers).json()["errors"]] == [where]


def test_read_only_member__is_not_required_of_a_request(client: AsgiClient) -> None:
    assert client.post("/pup", json={"name": "a"}).status_code == 200
    refused = client.post("/pup", json={"id": 1})
    assert (refused.status_code, refused.json()) == (400, "generated")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/accounts/AC12.json"),
        ("GET", "/accounts/a.b.json"),
        ("POST", "/v2/7:disable"),
        ("GET", "/nothing"),
        ("GET", "/empty"),
        ("GET", "/alike"),
        ("GET", "/docs-old"),
        ("GET", "/_mockups"),
        ("GET", "/example?undocumented=1"),
    ],
)
def test_path__is_served(client: AsgiClient, method: str, path: str) -> None:
    answer: httpx.Response = client.request(method, path)
    assert (answer.status_code, "x-mock-operation" in answer.headers) == (200, True)


def test_operation_ids__that_are_derived_differ(client: AsgiClient) -> None:
    ids = {client.get(path).headers["x-mock-operation"] for path in ("/all-jobs", "/jobs", "/jobs/")}
    assert ids == {"get_jobs", "getJobs2", "getJobs3"}


def test_paths__that_differ_in_the_names_of_keys_are_one(client: AsgiClient) -> None:
    targets = ("/v2/7:disable?code=1", "/v2/x:disable?code=1", "/v2/7:disable")
    assert [client.delete(target).status_code for target in targets] == [200, 400, 400]


@pytest.mark.parametrize("path", ["/accounts/AC12", "/accounts/.json", "/v2/7", "/v2/:disable"])
def test_path__that_fits_no_template_is_a_404(client: AsgiClient, path: str) -> None:
    assert client.post(path).status_code == 404


def test_references__into_files_and_other_places_are_followed(server: Server, tmp_path: Path) -> None:
    pair = '"Pair": {"prefixItems": [{"$ref": "#/Names/0"}]}, "Names": [{"$ref": "#/Name"}]'
    (tmp_path / "common.json").write_text(
        f'\ufeff\n{{"Cat é": {{"$ref": "#/Name"}}, "Name": {{"enum": ["\\ud83d\\ude00"]}}, {pair}}}'
    )
    (tmp_path / "contract.yaml").write_text(
        """
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /file:
    get:
      responses:
        200: {description: a, content: {application/json: {schema: {$ref: 'common.json#/Cat%20%C3%A9'}}}}
  /path: {get: {responses: {'200': {$ref: '#/paths/~1file/get/responses/200'}}}}
  /item: {$ref: '#/paths/~1path'}
  /pair: {get: {responses: {'200': {description: a, content: {application/json: {schema:
    {$ref: 'common.json#/Pair'}}}}}}}
  /beside: {get: {responses: {'200': {description: a, content: {application/json: {schema:
    {$ref: '#/components/schemas/A', properties: {b: {enum: [c]}}}}}}}}}
  /part: {get: {responses: {'200': {description: a, content: {application/json: {schema:
    {$ref: '#/paths/~1beside/get/responses/200/content/application~1json/schema/properties/b'}}}}}}}
  /tilde: {get: {responses: {'200': {description: a, content: {application/json: {schema:
    {$ref: '#/components/schemas/B~01'}}}}}}}
components: {schemas: {A: {enum: [a]}, B~1: {enum: [d]}}}
"""
    )
    client = server(spec=tmp_path / "contract.yaml")
    assert [client.get(path).json() for path in ("/file", "/path", "/item")] == ["😀"] * 3
    assert [client.get(path).json() for path in ("/pair", "/beside", "/part", "/tilde")] == [["😀"], "a", "c", "d"]


@pytest.mark.parametrize(
    "target",
    ["../secret.yaml#/A", "/etc/passwd", "https://example.com/a.yaml#/A", "gone.yaml#/A", "bad.yaml#/A", "odd.yaml#/A"],
)
def test_references__that_leave_the_folder_are_refused(server: Server, tmp_path: Path, target: str) -> None:
    (tmp_path / "secret.yaml").write_text("A: {type: string}")
    folder = tmp_path / "contract"
    folder.mkdir()
    (folder / "bad.yaml").write_text("A: [")
    (folder / "odd.yaml").write_bytes(b"A: \xff")
    (folder / "contract.yaml").write_text(
        f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /a: {{get: {{responses: "
        f"{{'200': {{description: a, content: {{application/json: {{schema: {{$ref: '{target}'}}}}}}}}}}}}}}\n"
    )
    with pytest.raises(Exception, match=r"`\$ref` leads"):
        server(spec=folder / "contract.yaml")


UNUSED = {
    "unused": ("A: {$ref: '#/gone'}", True),
    "used by unused ones only": ("A: {items: {$ref: '#/components/schemas/B'}}, B: {not: {$ref: gone.yaml}}", True),
    "used": ("Used: {properties: {a: {$ref: '#/components/schemas/A'}}}, A: {$ref: '#/gone'}", False),
}


@pytest.mark.parametrize(("schemas", "is_served"), UNUSED.values(), ids=UNUSED)
def test_reference_to_nothing__in_an_unused_component_is_left_out(
    server: Server, contract: Contract, schemas: str, is_served: bool
) -> None:
    path = contract(
        "paths:\n  /a: {get: {responses: {'200': {description: a,"
        " content: {application/json: {schema: {$ref: '#/components/schemas/Used'}}}}}}}\n"
        f"components: {{schemas: {{{'' if 'Used' in schemas else 'Used: {}, '}{schemas}}}}}\n"
    )
    with nullcontext() if is_served else pytest.raises(Exception, match=r"`\$ref` leads"):
        assert server(spec=path).get("/a").status_code == 200


SCHEMAS_31 = {
    "type list": ("{type: [string, 'null'], maxLength: 2}", ["ab", None], [5, "abc"]),
    "several types": ("{type: [string, integer]}", ["a", 5], [None, True]),
    "const": ("{const: 5}", [5], [6, None]),
    "const null": ("{const: null}", [None], [0, "null"]),
    "list of null alone": ("{type: ['null']}", [None], [5]),
    "list of types beside an enum": ("{type: [string, 'null'], enum: [a]}", ["a", None], ["b"]),
    "exclusive bound": ("{type: integer, exclusiveMinimum: 3}", [4], [3]),
    "exclusive bound below another one": ("{type: integer, exclusiveMinimum: 3, minimum: 5}", [5], [4]),
    "boolean schema": ("{type: object, properties: {a: true, b: false}}", [{"a": 1}], [{"b": 1}]),
    "sibling of a reference": ("{$ref: '#/components/schemas/Text', maxLength: 1}", ["a"], ["ab", 5]),
    "keyword beside a reference": (
        "{$ref: '#/components/schemas/Text', if: {maxLength: 1}, then: false}",
        ["ab"],
        ["a"],
    ),
    "format of a version": ("{type: string, format: uuid8}", ["d9428888-122b-11e1-b85c-61cd3cbb3210"], ["a"]),
    "null type": ("{anyOf: [{$ref: '#/components/schemas/Text'}, {type: 'null'}]}", ["a", None], [5]),
    "nullable, which 3.1 lacks": ("{type: string, nullable: true}", ["a", None], [5]),
    "null beside branches": ("{type: 'null', oneOf: [{type: string}, {type: boolean}]}", ["a", True, None], [5]),
    "encoding": ("{type: string, contentEncoding: base64}", ["YWI="], ["a"]),
    "encoding for addresses": ("{type: string, contentEncoding: base64url}", ["YWI="], ["a"]),
    "types beside branches": ("{type: [string, integer], anyOf: [{maxLength: 1}]}", ["a", 5], ["ab"]),
    "encoding beside a pattern": ("{type: string, contentEncoding: base64, pattern: '^..$'}", ["ab"], ["abcd", 5]),
    "enum longer than allowed": ("{type: string, enum: [MALE], maxLength: 1}", ["MALE"], ["M"]),
    "enum beside a pattern": ("{type: string, enum: [ab, c], pattern: '^.$'}", ["ab", "c"], ["d"]),
    "items in order": (
        "{prefixItems: [{type: number}, {type: number}], items: false}",
        [[1, 2]],
        [[1, "a"], [1, 2, 3]],
    ),
    "members by pattern": (
        "{patternProperties: {^a: {enum: [1]}}, additionalProperties: false}",
        [{"a1": 1}],
        [{"a": 2}, {"b": 1}],
    ),
    "names": ("{propertyNames: {maxLength: 1}}", [{"a": 1}], [{"ab": 1}]),
    "condition": ("{if: {required: [a]}, then: {required: [b]}, else: false}", [{"a": 1, "b": 1}], [{"a": 1}, {}]),
    "contained items": ("{contains: {const: 5}, minContains: 2, maxContains: 2}", [[5, 5]], [[5], [5, 5, 5]]),
    "dependent members": (
        "{dependentRequired: {a: [b]}, dependentSchemas: {c: false}}",
        [{"b": 1}],
        [{"a": 1}, {"c": 1}],
    ),
    "other members": ("{allOf: [{properties: {a: {}}}], unevaluatedProperties: false}", [{"a": 1}], [{"b": 1}]),
    "other items": ("{prefixItems: [{}], unevaluatedItems: false}", [[1]], [[1, 2]]),
    "keywords of a wrong type": (
        "{if: 5, prefixItems: [], patternProperties: {a: 7}, contains: x}",
        [[1], {"a": 1}],
        [],
    ),
    "pattern of names that is none": ("{patternProperties: {'(': false}}", [{"(": 1}], []),
}
SCHEMAS_30 = {
    "enum of another type": ("{type: integer, enum: ['-1', x]}", [-1], ["-1", 2]),
    "enum without a value of its type": ("{type: integer, enum: [x]}", [5], ["x"]),
    "no null without a type": ("{nullable: false, enum: [a]}", ["a"], [None]),
    "null beside a reference": ("{$ref: '#/components/schemas/Text', nullable: true}", ["a", None], [5]),
    "limit beside a reference": ("{$ref: '#/components/schemas/Text', maxLength: 1}", ["ab"], [5]),
    "reference that is no text": ("{$ref: 5, type: string}", ["a"], [5]),
}


@pytest.mark.parametrize(
    ("version", "schema", "valid", "invalid"),
    [
        *[pytest.param("3.1.0", *row, id=name) for name, row in SCHEMAS_31.items()],
        *[pytest.param("3.0.3", *row, id=name) for name, row in SCHEMAS_30.items()],
    ],
)
def test_schema__is_translated(
    server: Server, tmp_path: Path, version: str, schema: str, valid: list[Any], invalid: list[Any]
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        f"openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    post:\n"
        "      requestBody:\n        content:\n"
        f"          application/json: {{schema: {{type: object, properties: {{v: {schema}}}}}}}\n"
        "      responses: {'200': {description: a}}\ncomponents: {schemas: {Text: {type: string}}}\n"
    )
    client = server(spec=path)
    for value in valid:
        assert client.post("/a", json={"v": value}).status_code == 200, value
    for value in invalid:
        assert client.post("/a", json={"v": value}).status_code == 400, value


def test_yaml__is_read_as_version_12(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "openapi: 3.2.0\ninfo: {title: T, version: 1.10}\npaths:\n  /a: {get: {responses: {200: {description: no,"
        " content: {application/json: {schema: {enum: [no]}}}}}}}\n"
    )
    assert server(spec=path).get("/a").json() == "no"


def test_pages__of_ours_give_way_to_paths_of_the_document(server: Server, contract: Contract) -> None:
    operation = "{get: {responses: {'200': {description: ok}}}}"
    paths = [f"  {path}: {operation}\n" for path in ("/", "/docs/{page}", "/openapi.json", "/_mock/state")]
    client = server(spec=contract("paths:\n" + "".join(paths)))
    assert ["x-mock-operation" in client.get(page).headers for page in ("/", "/docs/a", "/openapi.json")] == [True] * 3
    assert client.get("/_mock/health").json() == {"status": "ok"}
    assert client.get("/openapi.yaml").text.startswith("openapi: 3.0.3\ninfo:\n  title: Small\n")
    shown = "  operations of the contract are served in place of our /, /docs, /openapi.json"
    assert shown in start_lines(FAKES[client.app], "http://a")


SWAGGER = """
swagger: '2.0'
info: {title: Pets, version: '1'}
basePath: /v1
host: pets.example
schemes: [https, http]
produces: [application/json]
externalDocs: {url: 'https://pets.example/docs'}
securityDefinitions:
  b: {type: basic}
  k: {type: apiKey, in: header, name: k}
  o: {type: oauth2, flow: accessCode, tokenUrl: /t, scopes: {}}
  p: {type: oauth2, tokenUrl: /t}
  q: {type: oauth2, flow: application, tokenUrl: /t}
x-note: kept
parameters:
  Pet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
  Limit: {name: limit, in: query, type: integer, maximum: 5}
paths:
  /pets:
    parameters: [{$ref: '#/parameters/Limit'}]
    get:
      security: [{}, {o: []}]
      parameters:
        - {name: ids, in: query, type: array, items: {type: integer}}
        - {name: p, in: query, type: array, collectionFormat: pipes, items: {type: integer}}
      responses: {200: {description: ok, schema: {$ref: '#/definitions/Pet'}, headers: {X-Total: {type: integer}}}}
    post:
      parameters: [{$ref: '#/parameters/Pet'}]
      responses:
        201: {description: made, schema: {$ref: '#/definitions/Pet'}, examples: {application/json: {name: Rex}}}
  /upload:
    post:
      security: [{b: []}]
      parameters: [{name: file, in: formData, type: file, required: true}, {name: n, in: formData, type: integer}]
      responses: {200: {description: ok}}
  /animals: {get: {responses: {200: {description: ok, schema: {$ref: '#/definitions/Animal'}}}}}
definitions:
  Animal: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}}}
  Cat: {allOf: [{$ref: '#/definitions/Animal'}, {required: [lives], properties: {lives: {type: integer}}}]}
  Pet: {type: object, required: [name], properties: {name: {type: string}, kind: {type: string, x-nullable: true}}}
"""


@pytest.fixture(scope="module")
def swagger(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsgiClient:
    path = tmp_path_factory.mktemp("swagger") / "contract.yaml"
    path.write_text(SWAGGER, encoding="utf-8")
    return server(spec=path)


def test_swagger_2__parameters_are_validated(swagger: AsgiClient) -> None:
    answer = swagger.get("/v1/pets?limit=5&ids=1,2")
    assert (answer.status_code, "x-total" in answer.headers) == (200, True)
    refused = swagger.get("/v1/pets?limit=6&ids=x&p=1|x").json()
    assert sorted(error["where"] for error in refused["errors"]) == ["query.ids.0", "query.limit", "query.p.1"]


def test_swagger_2__bodies_are_validated_and_answered(swagger: AsgiClient) -> None:
    assert swagger.post("/v1/pets", json={"name": "Rex", "kind": None}).json() == {"name": "Rex", "kind": None}
    assert swagger.post("/v1/pets", json={}).json()["errors"][0]["where"] == "body.name"
    assert swagger.get("/v1/animals").json()["kind"] == "Cat"


def test_swagger_2__forms_and_credentials_are_required(swagger: AsgiClient) -> None:
    assert swagger.post("/v1/upload").status_code == 401
    sent = [swagger.post("/v1/upload", auth=("a", "b"), files={"file": b"x"}, data={"n": n}) for n in ("5", "z")]
    assert [answer.status_code for answer in sent] == [200, 400]


def test_swagger_2__is_served_as_openapi_3(swagger: AsgiClient) -> None:
    served = swagger.get("/openapi.json").json()
    assert served["openapi"] == "3.0.3"
    schemes = served["components"]["securitySchemes"]
    flows = [flow for name in ("o", "p", "q") for flow in schemes[name]["flows"]]
    assert flows == ["authorizationCode", "implicit", "clientCredentials"]
    kept = (schemes["k"]["in"], served["externalDocs"], served["x-note"])
    assert kept == ("header", {"url": "https://pets.example/docs"}, "kept")
    assert swagger.get("/openapi.yaml").text.startswith("openapi: 3.0.3\n")
