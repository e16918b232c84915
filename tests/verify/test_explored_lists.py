"""Faults of lists that show beside all records that they may name, and after others that were in them before."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.plan import Plan
from mockserver.verify.safety.limits import Mode
from tests.verify.targets import Answer, Answering, Asked, passed_on, target


def clearing_out(sandbox: Enspace) -> Answering:
    """Removes blocked members from a group when others are added."""

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        group, _, action = asked.path.removeprefix("/ws/mgroups/").partition("/")
        if asked.method == "POST" and action == "users" and answer[0] == 200:
            read = replace(asked, method="GET", path="/ws/members?status=blocked&_limit=1000", body=b"")
            for member in json.loads(passed_on(sandbox.url, read)[2]):
                path = f"/ws/mgroups/{group}/users?users={member['user']['id']}"
                passed_on(sandbox.url, replace(asked, method="DELETE", path=path, body=b""))
        return answer

    return answering


def forgetting_groups(sandbox: Enspace) -> Answering:
    """Adds a person who was a member before to no group."""
    known = set[str]()

    def answering(asked: Asked) -> Answer:
        email = asked.sent.get("email") if (asked.method, asked.path) == ("POST", "/ws/members") else None
        if email in known:
            asked = replace(asked, body=json.dumps(asked.sent | {"mgroups": []}).encode())
        answer = passed_on(sandbox.url, asked)
        known.update({str(email)} if email and answer[0] == 200 else ())
        return answer

    return answering


@pytest.mark.compared
@pytest.mark.parametrize(
    ("way", "operations"),
    [
        (clearing_out, ("addMemberGroupUsers", "createMemberGroup", "listMemberGroups")),
        (forgetting_groups, ("createMember", "listMembers")),
    ],
)
def test_fault_of_a_list__is_found(
    sandbox: Enspace, plan: Callable[..., Plan], way: Callable[[Enspace], Answering], operations: tuple[str, ...]
) -> None:
    with target(way(sandbox)) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=operations))
    assert {(one.operation, one.promise) for one in results.findings} == {(operations[0], "answers_as_the_fake")}
