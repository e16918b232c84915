"""A contract that is not Enspace's: other security schemes, other members, no workspace and no envelope."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.document import Document, load_document
from mockserver.verify.contract_run import verify
from mockserver.verify.credentials import Credentials
from mockserver.verify.engine import Depth
from mockserver.verify.judging import provenance
from mockserver.verify.plan import Plan
from mockserver.verify.redaction import Redactor, write_only_names
from mockserver.verify.reproducer import EXECUTED
from mockserver.verify.results import Results
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.watching.exchange_log import SentRequest
from tests.verify.targets import Answer, Answering, Asked, json_answer, refusal, target

CONTRACT = """
openapi: 3.0.3
info: {title: Doors, version: '1'}
security: [{Bearer: []}]
paths:
  /bells:
    post: {operationId: ringBell, responses: {'200': {description: OK}}}
  /doors:
    get:
      operationId: listDoors
      parameters: [{name: _limit, in: query, schema: {type: integer}}]
      x-provenance: {status: inferred, source: a guess}
      responses:
        '200':
          description: OK for the key en.door-key-1
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Door'}}
        '401': {description: No key}
    post:
      operationId: createDoor
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Door'}}}}
      responses:
        '200': {description: OK}
        '401': {description: No key}
  /keyholes:
    get:
      operationId: listKeyholes
      security: [{Bearer: []}, {}]
      responses: {'200': {description: OK}}
  /hinges:
    get:
      operationId: listHinges
      security: [{Query: []}, {Basic: []}]
      responses: {'200': {description: OK}, '401': {description: No key}}
  /handles:
    get:
      operationId: listHandles
      security: []
      responses: {'200': {description: OK}}
components:
  securitySchemes:
    Bearer: {type: http, scheme: bearer}
    Basic: {type: http, scheme: basic}
    Query: {type: apiKey, in: query, name: code}
  schemas:
    Door:
      type: object
      properties:
        colour: {type: string}
        riddle: {type: string, writeOnly: true}
"""


@pytest.fixture
def doors(tmp_path: Path) -> Document:
    (tmp_path / "doors.yaml").write_text(CONTRACT)
    return load_document(tmp_path / "doors.yaml")


@pytest.fixture
def run(doors: Document) -> Callable[[Answering], Results]:
    def verified(answering: Answering) -> Results:
        with target(answering) as there:
            limits = Limits(mode=Mode.READ_ONLY)
            return verify(Plan(there.url, doors, Credentials("en.door-key-1", ""), limits, Depth.QUICK))

    return verified


def test_every_secured_operation__has_to_refuse_a_missing_key(run: Callable[[Answering], Results]) -> None:
    found = {(f.operation, f.promise) for f in run(lambda asked: json_answer([])).findings}
    assert {operation for operation, promise in found if promise == "no_key_is_refused"} == {"listDoors", "listHinges"}
    assert not any("workspace" in promise for _, promise in found)


def test_path_without_a_get__is_not_read(run: Callable[[Answering], Results]) -> None:
    asked_for: list[tuple[str, str]] = []

    def answering(asked: Asked) -> Answer:
        asked_for.append((asked.method, asked.path))
        return json_answer([])

    run(answering)
    assert asked_for[0] == ("GET", "/doors")
    assert ("GET", "/bells") not in asked_for


def test_list_without_a_search__is_not_searched(run: Callable[[Answering], Results]) -> None:
    paths: list[str] = []

    def answering(asked: Asked) -> Answer:
        paths.append(asked.path)
        return json_answer([{"id": 1, "name": "Oak"}])

    run(answering)
    assert any("_start=2147483648" in path for path in paths)
    assert not any("_q=" in path for path in paths)


LIST = {"type": "array", "x-provenance": {"status": "inferred"}, "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("pointer", "schema", "status"),
    [
        ((0,), LIST, "inferred"),
        (("tags", 0), {"x-provenance": {"status": "documented"}, "properties": {"tags": LIST}}, "documented"),
        (("tags",), {"x-provenance": {"status": "documented"}, "properties": {"tags": LIST}}, "inferred"),
    ],
)
def test_provenance_of_a_list__does_not_replace_that_of_its_member(
    doors: Document, pointer: tuple[str | int, ...], schema: dict[str, Any], status: str
) -> None:
    found = provenance.of_member(doors, schema, pointer)
    assert found is not None
    assert found.status == status


def test_provenance_of_a_part__says_nothing_about_members_of_other_parts(doors: Document) -> None:
    certain = {"x-provenance": {"status": "documented"}, "properties": {"message": {}}}
    guessed = {"status": "documented", "inferred": ["data"]}
    schema = {"x-provenance": guessed, "allOf": [certain, {"properties": {"data": {}}}]}
    found = [provenance.of_member(doors, schema, (name,)) for name in ("data", "message")]
    assert [one and one.status for one in found] == ["inferred", "documented"]


@pytest.mark.parametrize(
    ("member", "known"),
    [
        ("guessed", ("inferred", "a page")),
        ("seen", ("partly-documented", "a page")),
        ("plain", ("documented", "a page")),
        ("own", ("observed", "a log")),
    ],
)
def test_provenance_of_a_member__is_its_own_or_listed_by_the_object(
    doors: Document, member: str, known: tuple[str, str]
) -> None:
    own = {"x-provenance": {"status": "observed", "source": "a log"}}
    written = {"status": "documented", "source": "a page", "inferred": ["guessed"], "partly": ["seen"]}
    schema = {"x-provenance": written, "properties": {"guessed": {}, "seen": {}, "plain": {}, "own": own}}
    found = provenance.of_member(doors, {"allOf": [schema]}, (member,))
    assert found is not None
    assert (found.status, found.source) == known


def test_target_that_refuses_the_scheme__is_an_environment_problem(run: Callable[[Answering], Results]) -> None:
    (finding,) = run(lambda asked: refusal(401)).findings
    assert (finding.received, finding.documented) == (
        "401 with the given key",
        "a key that is valid in the given workspace",
    )


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("Authorization", '-H "Authorization: $MOCKSERVER_VERIFY_AUTHORIZATION"'),
        ("X-Api-Key", '-H "X-Api-Key: $MOCKSERVER_VERIFY_KEY"'),
        ("Prefer", "-H 'Prefer: 0penSesame'"),
        ("Cookie", ""),
    ],
)
def test_curl__has_variables_for_credentials(header: str, shown: str) -> None:
    request = SentRequest("GET", "http://127.0.0.1/doors", {header: "0penSesame"}, None)
    assert request.curl() == f"curl -X GET http://127.0.0.1/doors {shown}".rstrip()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"riddle": "0penSesame"}', '{"riddle": "***"}'),  # only the contract calls it secret
        ("riddle=0penSesame&colour=red", "riddle=***&colour=red"),
        ("{'senha': '0penSesame'}", "{'senha': '***'}"),  # only its name does
        ("access_token: 0penSesame", "access_token: ***"),
        ("Bearer 0penSesame", "Bearer ***"),
        ("basic 0penSesame", "basic ***"),
        ('{"colour": "0penSesame"}', '{"colour": "0penSesame"}'),
    ],
)
def test_secret__is_masked_by_the_name_of_its_member(doors: Document, text: str, masked: str) -> None:
    assert Redactor([], write_only_names(doors)).text(text) == masked


@pytest.mark.parametrize("text", ["en.key/1 is used", "en.key%2F1 is used", "1/yek.ne is used"])
def test_known_secret__is_masked_in_every_form(text: str) -> None:
    assert Redactor(["en.key/1"], []).text(text) == "*** is used"
    assert Redactor(["short"], []).text("short words") == "short words"


@pytest.mark.parametrize("member", ["riddle", "senha"])
def test_secret_member_of_a_response__is_in_no_result(run: Callable[[Answering], Results], member: str) -> None:
    results = run(lambda asked: json_answer([{"colour": 5, member: "0penSesame"}, f"{member}=0penSesame"]))
    assert any(finding.promise == "response_schema_conformance" for finding in results.findings)
    assert "0penSesame" not in str(results)
    assert "en.door-key-1" not in str(results)


def test_known_secret__that_contains_another_is_masked_whole() -> None:
    secrets = [f"{'x' * length}SECRET" for length in range(3, 30)]
    assert {Redactor(secrets, []).text(f"{secret} is used") for secret in secrets} == {"*** is used"}


def test_broken_choice_of_described_schemas__is_reproduced(tmp_path: Path) -> None:
    choice = "anyOf: [{type: string, description: a name}, {type: object, x-note: several}]"
    (tmp_path / "doors.yaml").write_text(CONTRACT.replace("colour: {type: string}", f"colour: {{{choice}}}"))
    with target(lambda asked: json_answer([{"colour": 5}])) as there:
        limits, credentials = Limits(mode=Mode.READ_ONLY), Credentials("en.door-key-1", "")
        results = verify(Plan(there.url, load_document(tmp_path / "doors.yaml"), credentials, limits, Depth.QUICK))
    broken = [finding for finding in results.findings if finding.promise == "response_schema_conformance"]
    assert [finding.reproduction for finding in broken] == [EXECUTED]
