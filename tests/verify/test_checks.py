"""Our own checks against a fake with one changed answer: each names the broken promise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from mockserver.contract.document import Document
from mockserver.testing.enspace_client import Enspace
from mockserver.text import slug_of
from mockserver.verify.checks import (
    acceptance_checks,
    access_checks,
    agreement_checks,
    creation_checks,
    effect_checks,
    filter_checks,
    invalid_value_checks,
    list_checks,
    nested_checks,
    promise_checks,
    record_checks,
    refusal_checks,
    search_checks,
    summary_checks,
    tenancy_checks,
    update_checks,
    workspace_checks,
    write_checks,
)
from mockserver.verify.probe import Credentials
from mockserver.verify.reproducer import EXECUTED
from tests.verify.check_run import CheckRun
from tests.verify.targets import Answer, Answering, Asked, between, json_answer, refusal, target

READING = (filter_checks, list_checks, record_checks, search_checks, agreement_checks)
WRITING = (
    write_checks,
    creation_checks,
    update_checks,
    invalid_value_checks,
    refusal_checks,
    promise_checks,
    effect_checks,
    summary_checks,
    nested_checks,
    acceptance_checks,
)
Broken = Callable[[Answering], Answering]
Promises = Callable[..., dict[str, str]]


@pytest.fixture
def promises(document: Document, sandbox: Enspace, credentials: Credentials) -> Promises:
    """Returns a function: the promises that checks find broken with a change between them and the fake.

    Each has the outcome of its reproduction, which shows nothing on the fake itself. `until` is the last one.
    """

    def run(change: Broken, *operations: str, files: tuple[ModuleType, ...], until: str = "") -> dict[str, str]:
        with target(change(between(sandbox.url, "GET", "", lambda body: body))) as there:
            checks = CheckRun(document, credentials, there.url)
            probe = checks.check(lambda operation: operation.id in operations, files, until)
            first = {broken.promise: broken for broken in reversed(probe.broken_promises)}
            assert EXECUTED not in {checks.reproduce(broken, sandbox.url) for broken in first.values()}
            return {name: checks.reproduce(broken, there.url) for name, broken in first.items()}

    return run


def changing(method: str, part: str, change: Callable[[Any], Any], answered: int = 200) -> Broken:
    """Changes the answers with this status to this method on paths that hold this part."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            status, headers, body = passing(asked)
            fits = asked.method == method and part in asked.path and status == answered
            return (status, headers, json.dumps(change(json.loads(body))).encode()) if fits else (status, headers, body)

        return answering

    return broken


def without_effect(method: str, part: str) -> Broken:
    """Answers with success and does nothing."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            if asked.method == method and part in asked.path:
                return json_answer({"data": True, "message": "Done"})
            return passing(asked)

        return answering

    return broken


def accepting(method: str, part: str) -> Broken:
    """Answers refused writes with success and the body that was sent."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            status, headers, body = passing(asked)
            is_refused = asked.method == method and part in asked.path and status == 400
            return json_answer({"id": 99999} | asked.sent) if is_refused else (status, headers, body)

        return answering

    return broken


def finding(method: str, part: str) -> Broken:
    """Answers requests for missing records with a record of that id."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            answer = passing(asked)
            is_missing = asked.method == method and part in asked.path and answer[0] == 404
            key = asked.path.rpartition("/")[2]
            return json_answer({"id": int(key) if key.isdecimal() else 0, "name": "found"}) if is_missing else answer

        return answering

    return broken


def afterwards(method: str, part: str, read: str, change: Callable[[Any, int], Any]) -> Broken:
    """Changes what reads of some paths are answered, by the number of earlier successes of another kind of request."""

    def broken(passing: Answering) -> Answering:
        done: list[Asked] = []

        def answering(asked: Asked) -> Answer:
            status, headers, body = passing(asked)
            if asked.method == method and part in asked.path and status == 200:
                done.append(asked)
            is_changed = done and asked.method == "GET" and read in asked.path and status == 200
            return json_answer(change(json.loads(body), len(done))) if is_changed else (status, headers, body)

        return answering

    return broken


def numbering(member: str) -> Callable[[list[Any], int], Any]:
    return lambda rows, number: [row | {member: f"{member} {number}"} for row in rows]


def in_rows(**changed: Any) -> Callable[[Any], Any]:
    return lambda rows: [row | changed for row in rows] if isinstance(rows, list) else rows


def with_another_field(type_: Any, number: int) -> Any:
    return type_ | {"fields": [*type_["fields"], {"id": 1}]} if "fields" in type_ else type_


def another(role: Any) -> Any:
    """A role under another name; a count stays as it is."""
    return role | {"name": "another"} if isinstance(role, dict) else role


def first_entry(refusal: dict[str, Any]) -> dict[str, Any]:
    return refusal | {"data": refusal.get("data", [])[:1]}


def by_id(role: dict[str, Any]) -> int:
    return int(role["id"])


ROLES = ("listRoles", "getRole", "createRole", "updateRole", "deleteRole", "countRoles")
FIELDS = ("listFields", "createField", "getField", "updateField", "deleteField", "listTypes", "createType")
OTHERS = ("listItems", "createItem", "getItem", "updateItem", "addRolePermission", "listRolePermissions")
REFUSED = {
    "no_key_is_refused",
    "wrong_key_is_refused",
    "expired_key_is_refused",
    "missing_workspace_is_refused",
    "foreign_workspace_is_refused",
}
WORKSPACES = ("listWorkspaces", "createWorkspace", "leaveWorkspace", "deleteWorkspace", "getWorkspaceContext")


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (changing("POST", "/ws/roles", lambda role: role | {"name": "another"}), "created_as_sent"),
        (changing("POST", "/ws/roles", lambda role: role | {"id": 99999}), "created_can_be_read"),
        (
            changing("GET", "/ws/roles/", lambda role: role | {"name": "another"} if "id" in role else 1),
            "read_back_equal",
        ),
        (changing("GET", "/ws/roles?", lambda roles: roles[:2]), "created_is_listed"),
        (changing("GET", "_start=2", lambda roles: roles[:1]), "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "?_start=1", lambda roles: roles[:-1]), "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "DESC&_start=1", lambda roles: roles[::-1]), "pages_have_no_gap_and_no_repeat"),
        (changing("GET", "_sort=name%3AASC&", lambda roles: roles[1:]), "sorted_list_is_whole"),
        (changing("GET", "_sort=id", lambda roles: roles[1:] + roles[:1]), "sorted_list_is_sorted"),
        (changing("GET", "_sort=name%3ADESC", lambda roles: roles[::-1]), "both_directions_mirror_each_other"),
        (
            changing("GET", "/ws/roles?", lambda roles: roles and sorted(roles, key=by_id)[:2]),
            "both_directions_mirror_each_other",
        ),
        (changing("GET", "/ws/roles/count?name=", lambda count: count + 1), "count_agrees_with_list"),
        (changing("GET", "_q=", lambda roles: []), "search_finds_in_any_case"),
        (accepting("POST", "/ws/roles"), "duplicate_is_refused"),
        (accepting("PUT", "/ws/roles"), "duplicate_is_refused"),
        (changing("GET", "name=", lambda roles: [*roles, {"id": 1, "name": "x"}]), "filter_leaves_what_is_equal"),
        (changing("GET", "name=", lambda roles: []), "filter_leaves_what_is_equal"),
        (changing("GET", "zqmv", lambda roles: [{"id": 1}]), "search_leaves_what_holds_the_text"),
        (changing("PUT", "/ws/roles", lambda role: role | {"description": None}), "update_changes_only_what_was_sent"),
        (changing("PUT", "/ws/roles", lambda role: role | {"created_at": "2001-01-01T00:00:00Z"}), "created_at_stays"),
        (changing("PUT", "/ws/roles", lambda role: role | {"updated_at": "2001-01-01T00:00:00Z"}), "updated_at_moves"),
        (without_effect("PUT", "/ws/roles"), "update_is_kept"),
        (afterwards("PUT", "/ws/roles/", "/ws/roles?", numbering("description")), "write_changes_one_record"),
        (
            afterwards("PUT", "/ws/roles/", "/ws/roles?", lambda roles, _: sorted(roles, key=by_id)[:9]),
            "created_is_listed",
        ),
        (changing("GET", "/ws/roles/3", lambda role: role | {"id": 4}), "listed_record_can_be_read"),
        (without_effect("DELETE", "/ws/roles"), "deleted_is_gone"),
        (without_effect("DELETE", "/ws/roles"), "deleted_is_not_listed"),
        (finding("GET", "/ws/roles/"), "missing_record_is_404"),
        (finding("PUT", "/ws/roles/"), "absent_is_404"),
        (finding("DELETE", "/ws/roles/"), "deleted_twice_is_refused"),
        (changing("GET", "/ws/roles?", in_rows(description="another")), "listed_as_created"),
    ],
)
def test_broken_promise_of_a_role__is_named(promises: Promises, change: Broken, promise: str) -> None:
    assert promises(change, *ROLES, files=(*READING, *WRITING), until=promise)[promise] == EXECUTED


def test_broken_promise_of_a_field__is_named(promises: Promises) -> None:
    change = changing("POST", "/fields", lambda field: field | {"name": "another"})
    assert promises(change, *FIELDS, files=WRITING)["created_as_sent"] == EXECUTED


def test_update__that_touches_the_others_is_named(promises: Promises) -> None:
    change = afterwards("PUT", "/ws/roles/", "/ws/roles?", numbering("updated_at"))
    assert promises(change, *ROLES, files=WRITING) == {"write_changes_one_record": EXECUTED}


def test_field_that_cannot_be_deleted__does_not_hide_a_broken_item(promises: Promises) -> None:
    item = changing("POST", "/items", lambda item: item | {"status": "inactive"})
    change = lambda passing: item(without_effect("DELETE", "/fields")(passing))  # noqa: E731
    assert promises(change, *FIELDS, *OTHERS, files=WRITING).keys() >= {"deleted_is_gone", "created_as_sent"}


def test_read_only_member_that_is_taken__is_named(promises: Promises) -> None:
    change = changing("POST", "/ws/roles", lambda role: role | {"created_at": "2001-01-01T00:00:00.000Z"})
    assert promises(change, "listRoles", "createRole", files=WRITING) == {
        "read_only_is_ignored": EXECUTED,
        "created_at_is_now": EXECUTED,
    }


def test_deleted_row_that_a_record_still_has__is_named(promises: Promises) -> None:
    change = afterwards("DELETE", "/fields/", "/ws/types/mv", with_another_field)
    assert promises(change, "getType", "listFields", files=(nested_checks,)) == {"nested_record_agrees": EXECUTED}


def test_time_of_the_target_that_is_taken__is_named(promises: Promises) -> None:
    change = changing("POST", "/c-quick-tasks", lambda task: task | {"completed_at": "2001-01-01T00:00:00.000Z"})
    broken = promises(change, "listQuickTasks", "createQuickTask", files=WRITING)
    assert broken["read_only_is_ignored"] == EXECUTED


@pytest.mark.parametrize(
    ("operations", "broken_promises"), [(ROLES, {"weak_key_reads_only", *REFUSED}), (("listRoles",), REFUSED)]
)
def test_target_that_takes_every_key_and_workspace__is_named(
    promises: Promises,
    credentials: Credentials,
    operations: tuple[str, ...],
    broken_promises: set[str],
) -> None:
    def broken(passing: Answering) -> Answering:
        return lambda asked: passing(Asked(asked.method, asked.path, asked.headers | credentials.headers(), asked.body))

    assert promises(broken, *operations, files=(access_checks,)) == dict.fromkeys(broken_promises, EXECUTED)


def sending(method: str, part: str, alter: Callable[[Any], Any]) -> Broken:
    """Forwards another body than the one that was sent."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            fits = asked.method == method and part in asked.path and asked.sent
            body = json.dumps(alter(asked.sent)).encode() if fits else asked.body
            return passing(Asked(asked.method, asked.path, asked.headers, body))

        return answering

    return broken


def refusing(method: str, part: str, is_refused: Callable[[Any], bool], status: int = 400) -> Broken:
    """Refuses bodies that the fake accepts, or with another status than the fake."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            fits = asked.method == method and part in asked.path
            return refusal(status) if fits and is_refused(asked.sent) else passing(asked)

        return answering

    return broken


def refusing_repeats(method: str, part: str, member: str = "") -> Broken:
    """Refuses requests that were sent before, or bodies with a value of a member that was sent before."""

    def broken(passing: Answering) -> Answering:
        seen: set[Any] = set()

        def answering(asked: Asked) -> Answer:
            if asked.method != method or part not in asked.path:
                return passing(asked)
            sent = asked.sent.get(member) if member else (asked.path, asked.body)
            is_repeat = sent in seen
            seen.add(sent)
            return refusal(400) if is_repeat else passing(asked)

        return answering

    return broken


def sent_twice(method: str, part: str) -> Broken:
    """Does each write once more."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            answer = passing(asked)
            return passing(asked) and answer if asked.method == method and part in asked.path else answer

        return answering

    return broken


def changing_although_refused(method: str, part: str, **sent: Any) -> Broken:
    """Changes the record of a write that is refused."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            answer = passing(asked)
            if asked.method == method and part in asked.path and answer[0] == 400:
                passing(Asked(method, asked.path, asked.headers, json.dumps(sent).encode()))
            return answer

        return answering

    return broken


def always(body: Any) -> bool:
    return True


def moving(part: str) -> Broken:
    """Each reading of a record moves its time of change."""

    def broken(passing: Answering) -> Answering:
        seconds = count()

        def answering(asked: Asked) -> Answer:
            status, headers, body = passing(asked)
            if asked.method != "GET" or part not in asked.path or status != 200:
                return status, headers, body
            return json_answer(json.loads(body) | {"updated_at": f"2026-03-12T20:{next(seconds) % 60:02}:00.000Z"})

        return answering

    return broken


def hiding_values(passing: Answering) -> Answering:
    """Shows the values of a deleted field again when there is another one with its slug."""
    known: dict[str, Any] = {}
    slugs: list[str] = []

    def answering(asked: Asked) -> Answer:
        status, headers, body = passing(asked)
        if asked.method == "POST" and asked.path.endswith("/fields") and status == 200:
            slugs.append(asked.sent["slug"])
        if asked.method == "POST" and asked.path.endswith("/items") and status == 200:
            known.update(json.loads(body)["data"])
        if asked.method != "GET" or "/items/" not in asked.path or status != 200:
            return status, headers, body
        item = json.loads(body)
        hidden = {slug: value for slug, value in known.items() if slugs.count(slug) > 1}
        return json_answer(item | {"data": hidden | item["data"]})

    return answering


def listing_deleted(path: str, part: str) -> Broken:
    """Lists deleted records too, where the query has this part."""

    def broken(passing: Answering) -> Answering:
        rows, deleted = dict[str, Any](), list[Any]()

        def answering(asked: Asked) -> Answer:
            status, headers, body = passing(asked)
            if asked.method == "POST" and asked.path == path and status == 200:
                rows[f"{path}/{json.loads(body)['id']}"] = json.loads(body)
            if asked.method == "DELETE" and asked.path in rows and status == 200:
                deleted.append(rows[asked.path])
            is_meant = asked.method == "GET" and part in asked.path and status == 200
            return json_answer(json.loads(body) + deleted) if is_meant else (status, headers, body)

        return answering

    return broken


def keeping_the_last(part: str) -> Broken:
    """Deletes no record that is the only one of its list."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            listing = Asked("GET", asked.path.rpartition("/")[0], asked.headers, b"")
            is_meant = asked.method == "DELETE" and part in asked.path
            if is_meant and len(json.loads(passing(listing)[2])) == 1:
                return json_answer({"data": True, "message": "Done"})
            return passing(asked)

        return answering

    return broken


def searching_in_no_order(passing: Answering) -> Answering:
    """Ignores a search where a list is sorted."""

    def answering(asked: Asked) -> Answer:
        is_sorted = "_q=" in asked.path and "_sort=" in asked.path
        path = re.sub(r"_q=[^&]*&", "", asked.path) if is_sorted else asked.path
        return passing(Asked(asked.method, path, asked.headers, asked.body))

    return answering


def in_whichever_workspace(part: str) -> Broken:
    """Ignores which workspace of the key is named."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            is_other = part in asked.path and asked.headers.get("en-workspace") == "financeiro-abc"
            named = {"en-workspace": "company-abc"} if is_other else {}
            return passing(Asked(asked.method, asked.path, asked.headers | named, asked.body))

        return answering

    return broken


def in_the_other_workspace(part: str) -> Broken:
    """Answers from another workspace of the key, whichever is named."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            named = {"en-workspace": "financeiro-abc"} if part in asked.path else {}
            return passing(Asked(asked.method, asked.path, asked.headers | named, asked.body))

        return answering

    return broken


def stripped(sent: Any) -> Any:
    return {name: value.strip() if isinstance(value, str) else value for name, value in sent.items()}


def with_text_reset(sent: Any) -> Any:
    """Adds the text that an update of another value did not send."""
    data = sent.get("data")
    marks = {key.partition("-")[0] for key in data} if isinstance(data, dict) else ()
    return sent | {"data": {f"{mark}-text": "x" for mark in marks} | data} if marks else sent


def with_short_slug(sent: Any) -> Any:
    return {"slug": slug_of(str(sent.get("name", "")))[:30].strip("-")} | sent


def one_more(count: Any) -> Any:
    return count + 1 if isinstance(count, int) else count


def with_another_slug(sent: Any) -> Any:
    return {"slug": f"x-{sent['name'][11:15]}"} | sent


def without_null(sent: Any) -> Any:
    """Ignores values of an item that are null."""
    data = sent.get("data")
    is_object = isinstance(data, dict)
    return sent | {"data": {key: value for key, value in data.items() if value is not None}} if is_object else sent


def without_roles(sent: Any) -> Any:
    """Loses the roles of a quick task."""
    return sent | {"limit_access": sent["limit_access"] | {"roles": []}} if sent.get("limit_access") else sent


def with_black_types(items: Any) -> Any:
    black = {"color": "#000000"}
    return [item | {"item_type": item["item_type"] | black} for item in items] if isinstance(items, list) else items


def has_no_description(sent: Any) -> bool:
    return "description" in sent and sent["description"] is None


def has_number_as_name(sent: Any) -> bool:
    return type(sent.get("name")) is int


def is_no_object(sent: Any) -> bool:
    return not sent


def three_hours_later(role: Any) -> Any:
    time = datetime.fromisoformat(role["updated_at"]) + timedelta(hours=3) if "updated_at" in role else None
    return role | {"updated_at": time.isoformat()} if time else role


def is_long(sent: Any) -> bool:
    return len(str(sent.get("name", ""))) > 50


TYPES = ("listTypes", "createType", "getType", "updateType", "deleteType", "countTypes")
TASKS = ("listQuickTasks", "createQuickTask", "getQuickTask", "updateQuickTask", "deleteQuickTask")
FLOW_TASKS = ("listTasks", "createTask", "getTask", "listStages")
GROUPS = ("listMemberGroups", "createMemberGroup", "getMemberGroup", "addMemberGroupUsers", "removeMemberGroupUsers")
MORE = ("listItems", "createItem", "getItem", "updateItem", "deleteItem")


@pytest.mark.parametrize(
    ("change", "operations", "promise"),
    [
        (sending("POST", "/ws/roles", stripped), ROLES, "created_as_sent"),
        (sending("PUT", "/ws/roles/", stripped), ROLES, "update_is_kept"),
        (sent_twice("POST", "/c-quick-tasks"), TASKS, "write_changes_one_record"),
        (
            sending("PUT", "/ws/roles/", lambda sent: {"description": None} | sent),
            ROLES,
            "update_changes_only_what_was_sent",
        ),
        (
            sending("PUT", "/items/", with_text_reset),
            MORE,
            "update_keeps_other_keys",
        ),
        (sending("PUT", "/items/", without_null), MORE, "update_is_kept"),
        (sending("PUT", "/c-quick-tasks/", without_roles), TASKS, "update_is_kept"),
        (
            afterwards("DELETE", "/ws/mgroups/", "/c-quick-tasks/", lambda task, n: task | {"points": 90 + n}),
            (*GROUPS, "deleteMemberGroup", *TASKS),
            "deletion_keeps_referrers",
        ),
        (
            afterwards("DELETE", "/users", "/ws/members?", numbering("status")),
            GROUPS,
            "action_leaves_what_it_names",
        ),
        (
            afterwards("DELETE", "/ws/roles/", "/ws/roles?", numbering("description")),
            ROLES,
            "write_changes_one_record",
        ),
        (changing("GET", "_limit=1000", lambda rows: rows[:5]), ("listScheduleTasks",), "page_is_full"),
        (
            changing("GET", "name=Administrado&", lambda rows: [*rows, {"id": 3, "name": "Administrador"}]),
            ("listRoles",),
            "filter_leaves_what_is_equal",
        ),
        (
            changing("GET", "name=aDMINISTRADOR", lambda rows: [*rows, {"id": 3, "name": "Administrador"}]),
            ("listRoles",),
            "filter_leaves_what_is_equal",
        ),
        (
            changing("GET", "/c-schedule-tasks?item=", lambda rows: []),
            ("listItems", "createItem"),
            "new_record_is_shown",
        ),
        (
            sending("POST", "/ws/types", lambda sent: {"slug": f"x-{sent['name'][11:15]}"} | sent),
            TYPES,
            "default_is_set",
        ),
        (refusing("POST", "/c-flow-tasks", lambda sent: sent.get("conditions")), FLOW_TASKS, "valid_value_is_accepted"),
        (changing("GET", "situacao=", lambda rows: [*rows, {"id": 1}]), ("listItems",), "filter_leaves_what_is_equal"),
        (changing("GET", "renovavel=", lambda rows: rows[1:]), ("listItems",), "filter_leaves_what_is_equal"),
        (
            changing("GET", "/ws/context", lambda one: one | {"workspace": {"slug": "financeiro-abc"}}),
            ("getWorkspaceContext",),
            "answer_is_of_the_workspace",
        ),
        (refusing("POST", "/ws/roles", is_long), ROLES, "valid_value_is_accepted"),
        (refusing("PUT", "/ws/roles/", is_long), ROLES, "valid_value_is_accepted"),
        (refusing("POST", "/ws/types", lambda sent: "slug" not in sent), TYPES, "valid_value_is_accepted"),
        (refusing("GET", "/ws/roles", always), ROLES, "operation_is_accepted_once"),
        (refusing("POST", "/ws/roles", always), ROLES, "operation_is_accepted_once"),
        (refusing("PUT", "/ws/roles/", always), ROLES, "operation_is_accepted_once"),
        (accepting("PUT", "/ws/roles/"), ROLES, "invalid_value_is_refused"),
        (sending("POST", "/ws/types", lambda sent: {"status": "inactive"} | sent), TYPES, "default_is_set"),
        (
            changing("POST", "/integrations", lambda one: one | {"created_at": one["updated_at"]}),
            ("listIntegrations", "createIntegration"),
            "repeated_creation_is_the_same",
        ),
        (
            changing("GET", "/ws/stats", lambda stats: stats | {"roles": 99}),
            ("getWorkspaceStats",),
            "number_counts_the_list",
        ),
        (sending("PUT", "/c-quick-tasks/", lambda sent: sent | {"status": "pending"}), TASKS, "write_has_its_effect"),
        (sending("POST", "/users", lambda sent: {"users": sent["users"] and [64]}), GROUPS, "action_has_its_effect"),
        (
            changing("GET", "/c-flow-stages/", lambda stage: stage | {"tasks": []}),
            ("listTasks", "createTask", "getStage"),
            "new_record_is_shown",
        ),
        (
            changing("GET", "/c-quick-tasks/", lambda task: task | {"item": {"id": 1}}),
            (*MORE, *TASKS),
            "deletion_reaches_referrers",
        ),
        (accepting("POST", "/c-quick-tasks"), TASKS, "only_visible_is_taken"),
        (changing("GET", "_limit=1", lambda rows: rows * 2), ("listStages",), "page_keeps_its_limit"),
        (
            changing("GET", "id%3ADESC", lambda rows: sorted(rows, key=lambda row: row["id"])),
            TASKS,
            "next_member_sorts",
        ),
        (changing("GET", "_q=%25", lambda rows: [{"id": 1}]), ROLES, "search_leaves_what_holds_the_text"),
        (
            changing("GET", "=canceled", lambda rows: [*rows, {"id": 1, "status": "pending"}]),
            ("listScheduleTasks",),
            "filter_leaves_what_is_equal",
        ),
        (
            changing("GET", "&_sort=id%3ADESC&_limit=100", lambda rows: rows[::-1]),
            ("listScheduleTasks",),
            "filtered_list_is_sorted",
        ),
        (searching_in_no_order, ("listRoles",), "filter_leaves_what_is_equal"),
        (moving("/ws/roles/"), ROLES, "reading_changes_nothing"),
        (changing("PUT", "/ws/roles/", lambda role: role | {"id": 99999}), ROLES, "fixed_member_stays"),
        (
            changing("GET", "_sort=points", lambda rows: sorted(rows, key=lambda row: str(row["points"]))),
            TASKS,
            "sorted_list_is_sorted",
        ),
        (
            afterwards("PUT", "/ws/roles/", "/permissions", numbering("area")),
            (*ROLES, *OTHERS),
            "update_keeps_what_is_below",
        ),
        (in_the_other_workspace("/c-quick-tasks"), TASKS, "workspaces_are_separate"),
        (
            refusing_repeats("POST", "/ws/types", "slug"),
            TYPES,
            "deleted_value_is_free",
        ),
        (refusing_repeats("PUT", "/ws/roles/"), ROLES, "repeated_update_is_accepted"),
        (refusing_repeats("POST", "/c-quick-tasks"), TASKS, "each_creation_is_a_record"),
        (refusing_repeats("POST", "/fields", "slug"), FIELDS, "unique_below_its_parent"),
        (refusing("DELETE", "/ws/roles/", always), ROLES, "record_can_be_deleted"),
        (finding("GET", "/fields/"), FIELDS, "record_is_only_below_its_parent"),
        (
            changing_although_refused("PUT", "/ws/roles/", description="changed"),
            ROLES,
            "refused_write_changes_nothing",
        ),
        (
            afterwards("PUT", "/ws/mgroups/", "/c-quick-tasks/", lambda task, n: task | {"points": 90 + n}),
            (*GROUPS, "updateMemberGroup", "deleteMemberGroup", *TASKS),
            "update_keeps_referrers",
        ),
        (afterwards("PUT", "/c-quick-tasks/", "_q=", lambda tasks, n: []), TASKS, "query_finds_what_was_written"),
        (afterwards("PUT", "/c-quick-tasks/", "status=", lambda tasks, n: []), TASKS, "query_finds_what_was_written"),
        (changing("PUT", "/c-quick-tasks/", first_entry, 400), TASKS, "each_bad_member_is_named"),
        (finding("GET", "/items/count"), ("countItems",), "absent_is_404"),
        (changing("GET", "_sort=name", lambda rows: sorted(rows, key=by_id)), ROLES, "sorted_list_is_sorted"),
        (changing("GET", "/contratos/items", with_black_types), ("listItems",), "answers_agree"),
        (refusing("GET", "/ws/roles/2000000011", always), ROLES, "missing_record_is_404"),
        (refusing_repeats("DELETE", "/ws/roles/"), ROLES, "deleted_twice_is_refused"),
        (refusing("PUT", "/ws/roles/", has_number_as_name, 404), ROLES, "invalid_value_is_refused"),
        (refusing("PUT", "/ws/roles/", is_no_object, 404), ROLES, "invalid_value_is_refused"),
        (
            refusing("POST", "/ws/types", lambda sent: sent.get("slug") == "pagamentos"),
            TYPES,
            "unique_in_its_workspace",
        ),
        (changing("GET", "/ws/roles/", three_hours_later), ROLES, "updated_at_moves"),
        (in_whichever_workspace("/ws/roles/"), ROLES, "workspaces_are_separate"),
        (sending("POST", "/ws/types", with_short_slug), TYPES, "default_is_set"),
        (changing("GET", "&renovavel=", one_more), ("countItems", "listItems"), "count_agrees_with_list"),
        (listing_deleted("/c-quick-tasks", "item="), TASKS, "deleted_is_not_listed"),
        (keeping_the_last("/permissions"), (*OTHERS, "removeRolePermission"), "deleted_is_not_listed"),
        (
            afterwards("DELETE", "/ws/types/mv", "/fields", lambda rows, n: rows or [{"id": 1}]),
            (*TYPES, *FIELDS),
            "deleted_values_do_not_return",
        ),
        (
            hiding_values,
            (*FIELDS, *MORE),
            "deletion_reaches_referrers",
        ),
        (
            afterwards("DELETE", "/users", "/ws/mgroups?", numbering("name")),
            GROUPS,
            "action_leaves_what_it_names",
        ),
    ],
)
def test_broken_promise_of_the_contract__is_named(
    promises: Promises, change: Broken, operations: tuple[str, ...], promise: str
) -> None:
    assert promises(change, *operations, files=(*READING, *WRITING, tenancy_checks), until=promise)[promise] == EXECUTED


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (changing("GET", "/ws/context", lambda context: context | {"member": {"type": "full"}}), "maker_is_the_owner"),
        (without_effect("POST", "/ws/leave"), "owner_cannot_leave"),
        (changing("GET", "/ws?_limit", lambda workspaces: []), "workspace_is_listed"),
        (without_effect("DELETE", "/ws"), "strangers_are_refused"),
        (without_effect("DELETE", "/ws"), "deleted_is_gone"),
        (refusing("POST", "/ws", has_no_description), "valid_value_is_accepted"),
        (changing("GET", "/ws?_limit", in_rows(language="es")), "listed_as_created"),
    ],
)
def test_broken_promise_of_a_workspace__is_named(promises: Promises, change: Broken, promise: str) -> None:
    assert promise in promises(change, *WORKSPACES, files=(workspace_checks,))
