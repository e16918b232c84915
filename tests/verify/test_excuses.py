"""Failures of Schemathesis that are no findings: invalid values that are valid on the wire, refusals by a rule."""

from __future__ import annotations

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
    answer.status_code = 200
    answer.request = requests.Request("DELETE", f"http://127.0.0.1/ws/mgroups/3/users?{query}").prepare()
    failure = AcceptedNegativeData(
        operation="DELETE /ws/mgroups/{mgroupId}/users",
        message=f"Invalid component: parameter `{parameter}` in query - type violated",
        status_code=200,
        expected_statuses=["400"],
    )
    assert is_excused(failure, answer) is excused


@pytest.mark.parametrize(("method", "excused"), [("POST", True), ("PUT", True), ("GET", False), ("HEAD", False)])
def test_valid_case__that_is_refused_is_excused_if_a_rule_may_forbid_it(method: str, excused: bool) -> None:
    answer = requests.Response()
    answer.status_code = 400
    answer.request = requests.Request(method, "http://127.0.0.1/ws/types").prepare()
    failure = RejectedPositiveData(operation="", message="", status_code=400, allowed_statuses=["200"])
    assert is_excused(failure, answer) is excused
