"""Failures of Schemathesis that are no findings: invalid values that are valid on the wire, refusals by a rule."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import ComponentInfo
from schemathesis.openapi.checks import RejectedPositiveData

from mockserver.contract.document import Document, parse_document
from mockserver.verify.excuses import Excuses


class CaseStandIn(SimpleNamespace):
    """What is read of a case of Schemathesis: its operation, and the part of the request that was to be invalid."""

    def __init__(self, operation: str, invalid: ParameterLocation) -> None:
        super().__init__(
            operation=SimpleNamespace(definition=SimpleNamespace(raw={"operationId": operation})),
            meta=SimpleNamespace(components={invalid: ComponentInfo(GenerationMode.NEGATIVE)}),
        )


def response(status: int, method: str, query: str = "") -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found.request = requests.Request(method, f"http://127.0.0.1/ws/somewhere?{query}").prepare()
    return found


@pytest.mark.parametrize(
    ("operation", "query", "excused"),
    [
        ("removeMemberGroupUsers", "users=773616662", True),
        ("removeMemberGroupUsers", "users=7,8", True),
        ("removeMemberGroupUsers", "users=7&users=8", False),
        ("removeMemberGroupUsers", "users=0", False),
        ("removeMemberGroupUsers", "users=abc", False),
        ("removeMemberGroupUsers", "", False),
        ("listItems", "anything=at-all", True),
        ("listItems", "anything=at-all&_limit=abc", False),
        ("listItems", "_limit=5&_limit=6", False),
    ],
)
def test_invalid_query__that_is_valid_as_sent_is_excused(
    document: Document, operation: str, query: str, excused: bool
) -> None:
    failure = AcceptedNegativeData(operation="", message="", status_code=200, expected_statuses=["400"])
    case = CaseStandIn(operation, ParameterLocation.QUERY)
    assert Excuses(document).cover(failure, case, response(200, "GET", query)) is excused


OBJECTS = """
openapi: 3.0.3
info: {title: Objects, version: "1"}
paths:
  /rows:
    get:
      operationId: listRows
      parameters:
        - name: deep
          in: query
          required: true
          style: deepObject
          explode: true
          schema: {type: object, additionalProperties: false, properties: {size: {type: integer}}}
        - {name: spread, in: query, schema: {type: object, properties: {age: {type: integer}}}}
      responses: {"200": {description: Rows.}}
"""


@pytest.mark.parametrize(
    ("query", "excused"),
    [
        ("deep[size]=1&age=4", True),
        ("deep[size]=a", False),
        ("deep[other]=1", False),
        ("deep=1", False),
        ("age=4", False),
        ("deep[size]=1&age=a", False),
        ("deep[size]=1&other=1", False),
    ],
)
def test_invalid_object__that_is_valid_as_sent_is_excused(query: str, excused: bool) -> None:
    failure = AcceptedNegativeData(operation="", message="", status_code=200, expected_statuses=["400"])
    case = CaseStandIn("listRows", ParameterLocation.QUERY)
    document = parse_document(Path("objects.yaml"), OBJECTS)
    assert Excuses(document).cover(failure, case, response(200, "GET", query)) is excused


def test_invalid_path__is_not_excused_by_a_valid_query(document: Document) -> None:
    failure = AcceptedNegativeData(operation="", message="", status_code=200, expected_statuses=["400"])
    case = CaseStandIn("listItems", ParameterLocation.PATH)
    assert not Excuses(document).cover(failure, case, response(200, "GET"))


@pytest.mark.parametrize(("method", "excused"), [("POST", True), ("PUT", True), ("GET", False), ("HEAD", False)])
def test_valid_case__that_is_refused_is_excused_if_a_rule_may_forbid_it(
    document: Document, method: str, excused: bool
) -> None:
    failure = RejectedPositiveData(operation="", message="", status_code=400, allowed_statuses=["200"])
    case = CaseStandIn("listItems", ParameterLocation.QUERY)
    assert Excuses(document).cover(failure, case, response(400, method)) is excused
