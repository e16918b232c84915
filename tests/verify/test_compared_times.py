"""Times that a target shows, beside those of the fake: both change with the same writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.contract.document import Document
from mockserver.testing.mock_server import MockServer
from tests.verify.compared_calls import ComparedCalls
from tests.verify.targets import target

pytestmark = pytest.mark.compared
GROUP = {"name": "Compared"}


@pytest.fixture
def calls(document: Document) -> Iterator[ComparedCalls]:
    # A server of its own, whose clock stands between full seconds: a time with such a second counts as rounded.
    with MockServer() as enspace:
        enspace.freeze(datetime.now(UTC).replace(microsecond=500_000).isoformat())
        made = ComparedCalls(enspace, document)
        with target(made.answer) as there:
            made.start(there.url)
            for path in ("/ws/context", "/ws/members", "/ws/mgroups", "/ws/roles"):
                made.call("GET", path)
            yield made


def staying_at(record: dict[str, Any]) -> Any:
    """Shows the record with the time that it was created with."""
    return lambda shown: shown | {"updated_at": record["updated_at"]}


def later(time: str) -> str:
    """Returns the next millisecond."""
    return f"{time[:-4]}{int(time[-4:-1]) + 1:03d}Z"


def test_time_that_stays_when_another_operation_changes_the_record__is_found(calls: ComparedCalls) -> None:
    group = calls.call("POST", "/ws/mgroups", GROUP)
    path, user = f"/ws/mgroups/{group['id']}", calls.call("GET", "/ws/members")[0]["user"]["id"]
    calls.call("POST", f"{path}/users", {"users": [user]})
    calls.changes["GET", path] = staying_at(group)
    calls.changes["GET", "/ws/mgroups"] = lambda rows: [
        row | {"updated_at": group["updated_at"]} if row["id"] == group["id"] else row for row in rows
    ]
    calls.call("GET", path)
    calls.call("GET", "/ws/mgroups")
    ((operation, received, wanted),) = calls.findings()
    assert operation == "addMemberGroupUsers"
    assert received.startswith(f'updated_at "{group["updated_at"]}"')
    assert wanted == f"a later updated_at in the record {group['id']}"


def test_time_that_stays_in_the_answer_to_an_update__is_found(calls: ComparedCalls) -> None:
    role = calls.call("POST", "/ws/roles", {"name": "Compared"})
    calls.changes["PUT", f"/ws/roles/{role['id']}"] = staying_at(role)
    calls.call("PUT", f"/ws/roles/{role['id']}", {"description": "two"})
    assert [operation for operation, *_ in calls.findings()] == ["updateRole"]


def test_time_that_changes_when_the_record_is_read__is_found(calls: ComparedCalls) -> None:
    role = calls.call("POST", "/ws/roles", {"name": "Compared"})
    calls.changes["GET", f"/ws/roles/{role['id']}"] = lambda shown: shown | {"updated_at": later(shown["updated_at"])}
    calls.call("GET", f"/ws/roles/{role['id']}")
    assert [(operation, wanted) for operation, _, wanted in calls.findings()] == [
        ("getRole", f"an unchanged updated_at in the record {role['id']}")
    ]
