"""Every answer says where it comes from."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

Server = Callable[..., TestClient]


@pytest.mark.parametrize(
    ("path", "wish", "operation", "source"),
    [
        ("/ws/members/17", "", "getMember", "state"),
        ("/ws/members/17", "dynamic=true", "getMember", "generated"),
        ("/ws/members/17", "code=403, example=missing_scope", "getMember", "example"),
        ("/ws/members/9999", "", "getMember", "refused"),
        ("/nowhere", "", None, "refused"),
    ],
)
def test_answer__says_its_operation_and_source(
    server: Server, path: str, wish: str, operation: str | None, source: str
) -> None:
    answer = server().get(path, headers={"prefer": wish} if wish else {})
    assert answer.headers.get("x-mock-operation") == operation
    assert answer.headers["x-mock-source"] == source
