"""Faults that show in another workspace than that of the request."""

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


def leaving_all_groups(sandbox: Enspace) -> Answering:
    """Removes a person whose member is removed from the groups of the other workspaces too."""
    groups, users = list[Asked](), dict[str, int]()

    def answering(asked: Asked) -> Answer:
        answer, named = passed_on(sandbox.url, asked), (asked.method, asked.path)
        if named == ("POST", "/ws/mgroups") and answer[0] == 200:
            path = f"/ws/mgroups/{json.loads(answer[2])['id']}/users?users="
            groups.append(replace(asked, method="DELETE", path=path, body=b""))
        if named == ("POST", "/ws/members") and answer[0] == 200:
            users[f"/ws/members/{json.loads(answer[2])['id']}"] = json.loads(answer[2])["user"]["id"]
        for group in groups if asked.method == "DELETE" and asked.path in users and answer[0] == 200 else ():
            passed_on(sandbox.url, replace(group, path=f"{group.path}{users[asked.path]}"))
        return answer

    return answering


@pytest.mark.compared
def test_removal_that_reaches_another_workspace__is_found(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    operations = ("removeMember", "createMember", "listMembers", "createWorkspace", "deleteWorkspace")
    with target(leaving_all_groups(sandbox)) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=operations))
    assert {(one.operation, one.promise) for one in results.findings} == {("removeMember", "answers_as_the_fake")}
