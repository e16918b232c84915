"""Failures of Schemathesis that are no findings: an invalid value that is a valid one on the wire."""

from __future__ import annotations

import pytest
import requests
from schemathesis.core.failures import AcceptedNegativeData

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
