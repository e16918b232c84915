"""Faults that show in the answers to explored requests only, which the comparison with the fake looks at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import pytest
import requests

from mockserver.testing.enspace_client import Enspace
from mockserver.text import slug_of
from mockserver.verify.contract_run import verify
from mockserver.verify.plan import Plan
from mockserver.verify.reproducer import EXECUTED
from mockserver.verify.safety.limits import Mode
from tests.verify.targets import Answer, Answering, Asked, json_answer, passed_on, refusal, target


def trimming(sandbox: Enspace) -> Answering:
    """Takes no notice of spaces at the end of a name in a query."""
    padded = re.compile(r"(?<=name=)([^&]*?)(?:[+]|%20)+(?=&|$)")
    return lambda asked: passed_on(sandbox.url, replace(asked, path=padded.sub(r"\1", asked.path)))


def keeping_for_all(sandbox: Enspace) -> Answering:
    """Keeps each task that it has answered, and shows it to a key that may not see it."""
    kept: dict[str, Answer] = {}

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        if asked.method != "GET" or not asked.path.startswith("/c-quick-tasks/5"):
            return answer
        if answer[0] == 200:
            kept[asked.path] = answer
        return kept.get(asked.path, answer) if answer[0] == 404 else answer

    return answering


def sweeping(sandbox: Enspace) -> Answering:
    """Deletes with a group the tasks that are limited to it alone."""

    def answering(asked: Asked) -> Answer:
        key = asked.path.rpartition("/")[2]
        if asked.method == "DELETE" and key.isdecimal():
            own = {"users": [], "roles": [], "mgroups": [int(key)]}
            status, _, body = passed_on(sandbox.url, replace(asked, method="GET", path="/c-quick-tasks?_limit=1000"))
            for task in (task for task in json.loads(body) if status == 200 and task["limit_access"] == own):
                passed_on(sandbox.url, replace(asked, path=f"/c-quick-tasks/{task['id']}"))
        return passed_on(sandbox.url, asked)

    return answering


def disclosing(sandbox: Enspace) -> Answering:
    """Finds a workspace that the key may not see by its slug."""
    rows = requests.get(f"{sandbox.url}/ws", headers=sandbox.headers, timeout=30).json()
    hidden = rows[0] | {"id": "99", "slug": "rh-abc"}
    return lambda asked: json_answer([hidden]) if "slug=rh-abc" in asked.path else passed_on(sandbox.url, asked)


def counting_addresses(sandbox: Enspace) -> Answering:
    """Counts the members whose address has the text of a search; their list searches names too."""

    def answering(asked: Asked) -> Answer:
        count = passed_on(sandbox.url, asked)
        if count[0] != 200 or not asked.path.startswith("/ws/members/count?_q=") or "&" in asked.path:
            return count
        members = passed_on(sandbox.url, replace(asked, path=asked.path.replace("/count", "") + "&_limit=1000"))
        text = unquote_plus(asked.path.partition("_q=")[2]).casefold()
        return json_answer(sum(text in row["email"] for row in json.loads(members[2])))

    return answering


def clearing_namesakes(sandbox: Enspace) -> Answering:
    """Removes with a field the values of its slug from the items of all other types."""
    slugs, cleared = dict[str, str](), list[tuple[str, str]]()

    def answering(asked: Asked) -> Answer:
        answer, (type_, _, kind) = passed_on(sandbox.url, asked), asked.path.removeprefix("/ws/types/").partition("/")
        body = json.loads(answer[2] or "null")
        if asked.method == "POST" and kind == "fields" and answer[0] == 200:
            slugs[f"fields/{body['id']}"] = body["slug"]
        if asked.method == "DELETE" and kind in slugs and answer[0] == 200:
            cleared.append((type_, slugs[kind]))
        if asked.method == "GET" and kind.startswith("items?") and answer[0] == 200:
            gone = {slug for other, slug in cleared if other != type_}
            kept = [{key: value for key, value in item["data"].items() if key not in gone} for item in body]
            return json_answer([item | {"data": data} for item, data in zip(body, kept, strict=True)])
        return answer

    return answering


def resetting_what_is_reopened(sandbox: Enspace) -> Answering:
    """Takes the points of a quick task that is canceled and then pending again."""

    def answering(asked: Asked) -> Answer:
        is_update = asked.method == "PUT" and asked.path.startswith("/c-quick-tasks/")
        if is_update and asked.sent == {"status": "pending"}:
            shown = json.loads(passed_on(sandbox.url, replace(asked, method="GET", body=b""))[2])
            if shown.get("status") == "canceled":
                body = json.dumps(asked.sent | {"points": None}).encode()
                return passed_on(sandbox.url, replace(asked, body=body))
        return passed_on(sandbox.url, asked)

    return answering


def deciding_what_is_pending(sandbox: Enspace) -> Answering:
    """Leaves a task that is in progress in that state when it is decided."""

    def answering(asked: Asked) -> Answer:
        is_decision = asked.method == "PUT" and asked.path.startswith("/c-quick-tasks/") and "approval" in asked.sent
        shown = json.loads(passed_on(sandbox.url, replace(asked, method="GET", body=b""))[2]) if is_decision else {}
        answer = passed_on(sandbox.url, asked)
        if shown.get("status") == "in_progress":
            return passed_on(sandbox.url, replace(asked, body=b'{"status": "in_progress"}'))
        return answer

    return answering


def preferring_the_status(sandbox: Enspace) -> Answering:
    """Gives a task that is decided the status that is sent with the decision."""

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        is_update = asked.method == "PUT" and asked.path.startswith("/c-quick-tasks/")
        status = asked.sent.get("status") if is_update and asked.sent.get("approval") and answer[0] == 200 else None
        alone = json.dumps({"status": status}).encode()
        return passed_on(sandbox.url, replace(asked, body=alone)) if status else answer

    return answering


def clearing_forms(sandbox: Enspace) -> Answering:
    """Shows an item without its form since an update of it to null."""
    cleared = set[str]()

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        if asked.method == "PUT" and asked.sent.get("form", 0) is None:
            cleared.add(asked.path)
        return json_answer(json.loads(answer[2]) | {"form": None}) if asked.path in cleared else answer

    return answering


def copying_assignees(sandbox: Enspace) -> Answering:
    """Shows the schedule tasks of an item with the assignees that they have when it is created."""
    copies = dict[int, Any]()

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        rows = json.loads(answer[2]) if asked.path.startswith("/c-schedule-tasks?") else None
        if not isinstance(rows, list):
            return answer
        return json_answer([row | {"assignees": copies.setdefault(row["id"], row["assignees"])} for row in rows])

    return answering


def resetting_what_is_hidden(sandbox: Enspace) -> Answering:
    """Switches off a flag of members, which no answer shows, in each update that does not send it."""

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        is_update = asked.method == "PUT" and asked.path.startswith("/ws/members/") and answer[0] == 200
        if is_update and "v1_compatibility" not in asked.sent:
            passed_on(sandbox.url, replace(asked, body=b'{"v1_compatibility": false}'))
            return passed_on(sandbox.url, asked)
        return answer

    return answering


def hiding_from_assignees(sandbox: Enspace) -> Answering:
    """Hides a task that is limited to others from the person to whom it is assigned."""

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        if asked.method != "GET" or not asked.path.startswith("/c-quick-tasks/") or answer[0] != 200:
            return answer
        headers, task = asked.headers | {"content-type": "application/json"}, json.loads(answer[2])
        context = passed_on(sandbox.url, replace(asked, path="/ws/context", headers=headers))
        person, limit = json.loads(context[2])["member"]["user"]["id"], task["limit_access"]
        is_hidden = person == (task["assigned_to"] or {}).get("id") and limit["users"] and person not in limit["users"]
        return refusal(404, "Not Found") if is_hidden else answer

    return answering


def with_short_weeks(sandbox: Enspace) -> Answering:
    """A week of the response time of a new task has five days."""
    weeks = dict[int, Any]()

    def shown(task: dict[str, Any]) -> dict[str, Any]:
        return task | {"response_time": weeks[task["id"]]} if task.get("id") in weeks else task

    def answering(asked: Asked) -> Answer:
        is_creation = (asked.method, asked.path) == ("POST", "/c-flow-tasks")
        time = asked.sent.get("response_time") if is_creation else None
        short: dict[str, Any] = {}
        if isinstance(time, dict) and time.get("unit") == "week":
            short = {"response_time": {"unit": "day", "value": 5 * time["value"]}}
        body = json.dumps(asked.sent | short).encode() if short else asked.body
        answer = passed_on(sandbox.url, replace(asked, body=body))
        if answer[0] != 200 or not asked.path.startswith("/c-flow-tasks"):
            return answer
        answered = json.loads(answer[2])
        weeks.update({answered["id"]: time} if short else {})
        return json_answer([shown(task) for task in answered] if isinstance(answered, list) else shown(answered))

    return answering


def cutting_early(sandbox: Enspace) -> Answering:
    """Makes a slug of at most 40 characters of a long name."""

    def answering(asked: Asked) -> Answer:
        is_meant = (asked.method, asked.path) == ("POST", "/ws/types") and "slug" not in asked.sent
        if not is_meant or len(str(asked.sent.get("name"))) < 60:
            return passed_on(sandbox.url, asked)
        slug = slug_of(asked.sent["name"])[:40].strip("-")
        return passed_on(sandbox.url, replace(asked, body=json.dumps(asked.sent | {"slug": slug}).encode()))

    return answering


def needing_the_first_name(sandbox: Enspace) -> Answering:
    """Forgets the last name of a new member without a first name."""

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        is_meant = (asked.method, asked.path) == ("POST", "/ws/members") and "fname" not in asked.sent
        if not is_meant or answer[0] != 200:
            return answer
        member = json.loads(answer[2])
        user = member["user"] | {"meta": member["user"]["meta"] | {"lname": ""}}
        return json_answer(member | {"user": user})

    return answering


def losing_accented_letters(sandbox: Enspace) -> Answering:
    """Leaves the letters with accents of a name out of the slug that it makes of it."""

    def answering(asked: Asked) -> Answer:
        name = asked.sent.get("name")
        is_meant = (asked.method, asked.path) == ("POST", "/ws/types") and "slug" not in asked.sent
        if not is_meant or not isinstance(name, str) or name.isascii():
            return passed_on(sandbox.url, asked)
        slug = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
        return passed_on(sandbox.url, replace(asked, body=json.dumps(asked.sent | {"slug": slug[:60]}).encode()))

    return answering


def hiding_from_roles(sandbox: Enspace) -> Answering:
    """Hides a task that is limited to roles alone from everybody but its author."""
    limited = set[int]()

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        if (asked.method, asked.path) == ("POST", "/c-quick-tasks") and answer[0] == 200:
            access, key = asked.sent.get("limit_access") or {}, json.loads(answer[2])["id"]
            limited.update({key} if access.get("roles") and not access.get("users") else ())
        is_limited = asked.path.removeprefix("/c-quick-tasks/") in map(str, limited)
        is_hidden = is_limited and asked.headers.get("x-api-key") != sandbox.api_key
        return refusal(404, "Not Found") if is_hidden else answer

    return answering


def knowing_all_names(sandbox: Enspace) -> Answering:
    """Refuses the name of a role that another workspace has."""

    def answering(asked: Asked) -> Answer:
        is_creation = (asked.method, asked.path) == ("POST", "/ws/roles")
        is_elsewhere = is_creation and asked.headers.get("en-workspace") != sandbox.workspace
        is_taken = is_elsewhere and not str(asked.sent.get("name")).startswith("mv")
        return refusal(400, "The name is taken") if is_taken else passed_on(sandbox.url, asked)

    return answering


def dropping_inactive(sandbox: Enspace) -> Answering:
    """Answers an update of an item without the values of its inactive fields."""

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        if asked.method != "PUT" or "/items/" not in asked.path or answer[0] != 200:
            return answer
        fields = replace(asked, method="GET", path=f"{asked.path.partition('/items/')[0]}/fields?_limit=1000", body=b"")
        inactive = {row["slug"] for row in json.loads(passed_on(sandbox.url, fields)[2]) if not row["active"]}
        item = json.loads(answer[2])
        return json_answer(item | {"data": {key: one for key, one in item["data"].items() if key not in inactive}})

    return answering


def repeating_users(sandbox: Enspace) -> Answering:
    """Answers the update of a group with a user twice who was sent twice."""

    def answering(asked: Asked) -> Answer:
        answer, sent = passed_on(sandbox.url, asked), asked.sent.get("users") or []
        is_meant = asked.method == "PUT" and asked.path.startswith("/ws/mgroups/") and answer[0] == 200
        if not is_meant or len(set(sent)) == len(sent):
            return answer
        group = json.loads(answer[2])
        return json_answer(group | {"users": [*group["users"], group["users"][0]]})

    return answering


def accepting(reason: str) -> Callable[[Enspace], Answering]:
    """Answers writes that are refused for a reason as if they had been done."""

    def way(sandbox: Enspace) -> Answering:
        def answering(asked: Asked) -> Answer:
            answer = passed_on(sandbox.url, asked)
            if answer[0] != 400 or reason.encode() not in answer[2]:
                return answer
            is_deletion, unchanged = asked.method == "DELETE", replace(asked, method="GET", body=b"")
            done = {"data": True, "message": "Deleted successfully"}
            return json_answer(done) if is_deletion else passed_on(sandbox.url, unchanged)

        return answering

    return way


def letting(description: str, method: str, part: str) -> Callable[[Enspace], Answering]:
    """Lets one key do what the owner may."""

    def way(sandbox: Enspace) -> Answering:
        (key,) = (one["key"] for one in sandbox.keys if one["description"] == description)

        def answering(asked: Asked) -> Answer:
            fits = asked.method == method and part in asked.path and asked.headers.get("x-api-key") == key
            headers = asked.headers | sandbox.headers if fits else asked.headers
            return passed_on(sandbox.url, replace(asked, headers=headers))

        return answering

    return way


def letting_assignees(sandbox: Enspace) -> Answering:
    """Lets the person of a read-only key change the tasks that are assigned to them."""
    (key,) = (one["key"] for one in sandbox.keys if one["description"] == "Viewer app")
    context = requests.get(f"{sandbox.url}/ws/context", headers=sandbox.headers | {"x-api-key": key}, timeout=30)
    person = context.json()["member"]["user"]["id"]

    def answering(asked: Asked) -> Answer:
        is_meant = asked.method == "PUT" and "/c-quick-tasks/" in asked.path and asked.headers.get("x-api-key") == key
        headers = asked.headers | sandbox.headers
        shown = json.loads(passed_on(sandbox.url, replace(asked, method="GET", headers=headers))[2]) if is_meant else {}
        is_own = (shown.get("assigned_to") or {}).get("id") == person
        return passed_on(sandbox.url, replace(asked, headers=headers) if is_own else asked)

    return answering


def clearing_roles(sandbox: Enspace) -> Answering:
    """Removes with a type all permissions of a role that has one for the type."""

    def answering(asked: Asked) -> Answer:
        kind, slug = asked.path.rpartition("/")[::2]
        is_meant = (
            asked.method == "DELETE" and kind == "/ws/types" and asked.headers.get("x-api-key") == sandbox.api_key
        )
        read = replace(asked, method="GET")
        roles = json.loads(passed_on(sandbox.url, replace(read, path="/ws/roles?_limit=1000"))[2]) if is_meant else []
        lists = [f"/ws/roles/{role['id']}/permissions" for role in roles]
        shown = {path: passed_on(sandbox.url, replace(read, path=path))[2].decode() for path in lists}
        answer = passed_on(sandbox.url, asked)
        for path, rows in shown.items() if answer[0] == 200 else ():
            for row in json.loads(rows) if slug in rows else ():
                passed_on(sandbox.url, replace(asked, path=f"{path}/{row['id']}"))
        return answer

    return answering


def changing_what_is_readable(sandbox: Enspace) -> Answering:
    """Lets a limited key change the roles that it may read."""
    (key,) = (one["key"] for one in sandbox.keys if one["description"] == "Analyst app")

    def answering(asked: Asked) -> Answer:
        is_meant = (
            asked.method == "PUT" and asked.path.startswith("/ws/roles/") and asked.headers.get("x-api-key") == key
        )
        is_readable = is_meant and passed_on(sandbox.url, replace(asked, method="GET", body=b""))[0] == 200
        headers = asked.headers | sandbox.headers if is_readable else asked.headers
        return passed_on(sandbox.url, replace(asked, headers=headers))

    return answering


@pytest.mark.compared
@pytest.mark.parametrize(
    ("way", "operations"),
    [
        (letting("Viewer app", "PUT", "/ws/roles/"), ("updateRole",)),
        (letting("Viewer app", "POST", "/ws/mgroups"), ("createMemberGroup",)),
        (changing_what_is_readable, ("updateRole", "getRole", "listRoles")),
        (letting("Viewer app", "POST", "/users"), ("addMemberGroupUsers",)),
        (letting("Analyst app", "DELETE", "/ws/roles/"), ("deleteRole",)),
        (letting("Analyst app", "GET", "/ws/types/compras/items/"), ("getItem", "listItems")),
        (resetting_what_is_reopened, ("updateQuickTask",)),
        (deciding_what_is_pending, ("updateQuickTask",)),
        (preferring_the_status, ("updateQuickTask",)),
        (letting_assignees, ("updateQuickTask", "listQuickTasks")),
        (clearing_roles, ("deleteType",)),
        (hiding_from_assignees, ("getQuickTask", "listQuickTasks")),
        (trimming, ("listRoles", "countRoles")),
        (keeping_for_all, ("getQuickTask", "listQuickTasks")),
        (disclosing, ("listWorkspaces",)),
        (hiding_from_roles, ("getQuickTask", "listQuickTasks")),
        (knowing_all_names, ("createRole", "listRoles", "createWorkspace", "deleteWorkspace")),
        (dropping_inactive, ("updateItem", "updateField", "createItem")),
        (clearing_forms, ("updateItem", "createItem", "getItem", "listItems")),
        (
            copying_assignees,
            ("deleteMemberGroup", "listMemberGroups", "createMemberGroup", "createTask", "createItem", "listItems"),
        ),
        (resetting_what_is_hidden, ("updateMember", "createMember", "listMembers")),
        (counting_addresses, ("countMembers", "listMembers", "createMember", "updateMember")),
        (losing_accented_letters, ("createType", "listTypes")),
        (cutting_early, ("createType", "listTypes")),
        (repeating_users, ("updateMemberGroup", "listMemberGroups")),
        (needing_the_first_name, ("createMember", "listMembers")),
        (accepting("A native field"), ("deleteField", "listFields")),
        (accepting("The owner cannot be changed"), ("updateMember", "listMembers")),
        (accepting("The owner cannot be removed"), ("removeMember", "listMembers")),
        (accepting("does not fit the item"), ("updateField", "listFields")),
        (with_short_weeks, ("listScheduleTasks", "createItem", "createTask", "listTasks")),
    ],
)
def test_fault_that_only_explored_requests_show__is_found(
    sandbox: Enspace, plan: Callable[..., Plan], way: Callable[[Enspace], Answering], operations: tuple[str, ...]
) -> None:
    with target(way(sandbox)) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=operations))
    assert (operations[0], "answers_as_the_fake") in {(one.operation, one.promise) for one in results.findings}


@pytest.mark.compared
def test_value_that_stays_in_inactive_items__is_found_in_own_data(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    kept = dict[int, Any]()

    def answering(asked: Asked) -> Answer:
        answer = passed_on(sandbox.url, asked)
        if asked.method != "GET" or "/items?" not in asked.path or answer[0] != 200:
            return answer
        inactive = [item for item in json.loads(answer[2]) if item["status"] == "inactive"]
        kept.update({item["id"]: item["data"] for item in inactive if item["id"] not in kept})
        return json_answer([item | {"data": kept.get(item["id"], item["data"])} for item in json.loads(answer[2])])

    with target(answering) as there:
        results = verify(plan(target=there.url, operations=("deleteField",)))
    assert {(one.operation, one.promise) for one in results.findings} == {("deleteField", "answers_as_the_fake")}


@pytest.mark.compared
@pytest.mark.parametrize(("way", "operation"), [(clearing_namesakes, "deleteField"), (sweeping, "deleteMemberGroup")])
def test_consequence_of_a_deletion__is_looked_for_in_the_list_of_the_other_record(
    sandbox: Enspace, plan: Callable[..., Plan], way: Callable[[Enspace], Answering], operation: str
) -> None:
    with target(way(sandbox)) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=(operation,)))
    found = {(one.operation, one.promise): one.reproduction for one in results.findings}
    assert found == {(operation, "answers_as_the_fake"): EXECUTED}
