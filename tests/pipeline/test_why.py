"""Headers that name the operation and the source of each answer."""

from collections.abc import Callable

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]


@pytest.mark.parametrize(
    ("path", "preference", "operation", "source"),
    [
        ("/ws/members/17", "", "getMember", "state"),
        ("/ws/members/17", "dynamic=true", "getMember", "generated"),
        ("/ws/members/17", "code=403, example=missing_scope", "getMember", "example"),
        ("/ws/members/9999", "", "getMember", "refused"),
        ("/nowhere", "", None, "refused"),
    ],
)
def test_answer__says_its_operation_and_source(
    server: Server, path: str, preference: str, operation: str | None, source: str
) -> None:
    answer = server().get(path, headers={"prefer": preference} if preference else {})
    assert answer.headers.get("x-mock-operation") == operation
    assert answer.headers["x-mock-source"] == source


@pytest.mark.parametrize(("path", "status"), [("/ws/members/17", 200), ("/ws/members/x", 400), ("/nowhere", 404)])
def test_explain__links_to_the_stages_of_the_call(server: Server, path: str, status: int) -> None:
    answer = server().get(path, headers={"prefer": "explain"})
    link = answer.headers["link"].partition(">")[0].removeprefix("<")
    entry = server().get(link).json()
    assert (entry["request"]["path"], entry["answer"]["status"], answer.status_code) == (path, status, status)
    assert entry["stages"]


def test_explain__of_an_entry_that_is_not_there(server: Server) -> None:
    assert "has no entry 987654" in server().get("/_mock/journal/987654").json()["detail"]
