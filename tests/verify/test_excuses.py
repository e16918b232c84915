"""Failures of Schemathesis that are no findings: invalid values that are valid on the wire, refusals by a rule."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
import requests
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

from mockserver.verify.engine import is_excused


@pytest.mark.parametrize(
    ("parameter", "query", "excused"),
    [
        ("users", "users=773616662", True),
        ("users", "a=1&users=7&b=2", True),
        ("users", "users=0", False),
        ("users", "users=abc", False),
        ("values", "anything=at-all", True),
        ("_limit", "_limit=abc", False),
    ],
)
def test_invalid_value__that_is_valid_on_the_wire_is_excused(parameter: str, query: str, excused: bool) -> None:
    answer = requests.Response()
    answer.request = requests.Request("DELETE", f"http://127.0.0.1/ws/mgroups/3/users?{query}").prepare()
    failure = AcceptedNegativeData(
        operation="DELETE /ws/mgroups/{mgroupId}/users",
        message=f"Invalid component: parameter `{parameter}` in query - type violated",
        status_code=200,
        expected_statuses=["400"],
    )
    assert is_excused(failure, answer) is excused


def envelope(message: str, *details: str) -> dict[str, Any]:
    return {"statusCode": 400, "error": "Bad Request", "message": message, "data": [{"message": d} for d in details]}


@pytest.mark.parametrize(
    ("status", "body", "excused"),
    [
        (400, envelope("The slug is taken"), True),
        (409, {"message": "The slug is taken"}, True),
        (422, envelope("Validation failed: data", "numero: missing"), True),
        (404, envelope("The slug is taken"), False),
        (400, envelope("Validation failed: body.name", "received 5, documented: a text"), False),
        (400, envelope("Invalid path parameter: roleId"), False),
        (400, envelope("Validation failed", "received 5, documented: a text"), False),
        (400, "no envelope", False),
        (400, {"message": "A detail is missing", "data": [{}]}, False),
        (400, None, False),
    ],
)
def test_valid_case__that_a_rule_refuses_is_excused(status: int, body: Any, excused: bool) -> None:
    answer = requests.Response()
    answer.status_code = status
    answer.raw = BytesIO(b"<html>" if body is None else json.dumps(body).encode())
    failure = RejectedPositiveData(operation="POST /ws/types", message="", status_code=status, allowed_statuses=["200"])
    assert is_excused(failure, answer) is excused
