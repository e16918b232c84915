"""Targets with a fault for tests of single checks: each function turns one way to answer into another one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from mockserver.text import slug_of
from tests.verify.targets import Answer, Answering, Asked, json_answer, refusal

Broken = Callable[[Answering], Answering]


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


def taking(part: str) -> Broken:
    """Answers an empty list where a query with this part is refused."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            answer = passing(asked)
            return json_answer([]) if asked.method == "GET" and part in asked.path and answer[0] == 400 else answer

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


def reaching_the_next_parent(method: str, part: str) -> Broken:
    """Does each write that is accepted below the next parent too."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            answer = passing(asked)
            if asked.method == method and part in asked.path and answer[0] == 200:
                path = re.sub(r"(?<=/)\d+(?=/)", lambda key: str(int(key[0]) + 1), asked.path)
                passing(Asked(method, path, asked.headers, asked.body))
            return answer

        return answering

    return broken


def taking_along(part: str, *names: str) -> Broken:
    """Deletes with a record those of its list that are equal in these members."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            above, _, key = asked.path.rpartition("/")
            if asked.method == "DELETE" and part in above:
                rows = json.loads(passing(Asked("GET", above, asked.headers, b""))[2])
                own = [[row[name] for name in names] for row in rows if str(row["id"]) == key]
                for row in (row for row in rows if str(row["id"]) != key and [row[name] for name in names] in own):
                    passing(Asked("DELETE", f"{above}/{row['id']}", asked.headers, b""))
            return passing(asked)

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


def deleting_although_refused(method: str, part: str) -> Broken:
    """Deletes the record of a write that is refused."""

    def broken(passing: Answering) -> Answering:
        def answering(asked: Asked) -> Answer:
            answer = passing(asked)
            if asked.method == method and part in asked.path and answer[0] == 400:
                passing(replace(asked, method="DELETE", body=b""))
            return answer

        return answering

    return broken


def updating_although_refused(passing: Answering) -> Answering:
    """Refuses an update by a key without the right, and makes it all the same."""
    keys = set[str]()

    def answering(asked: Asked) -> Answer:
        answer, key = passing(asked), asked.headers.get("x-api-key", "")
        keys.update([key] if asked.method == "POST" and answer[0] == 200 else [])
        if asked.method == "PUT" and answer[0] == 403:
            passing(replace(asked, headers=asked.headers | {"x-api-key": next(iter(keys))}))
        return answer

    return answering


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


def with_all_settings(passing: Answering) -> Answering:
    """Answers a new integration with all settings that were sent, secrets included."""

    def answering(asked: Asked) -> Answer:
        status, headers, body = passing(asked)
        if (asked.method, asked.path, status) != ("POST", "/integrations", 200):
            return status, headers, body
        made = json.loads(body)
        return json_answer(made | {"data": made["data"] | asked.sent["data"]})

    return answering


def keeping_rows(part: str) -> Broken:
    """Lists what was created below a path until it is deleted by its own path."""

    def broken(passing: Answering) -> Answering:
        created: dict[str, Any] = {}

        def answering(asked: Asked) -> Answer:
            status, headers, body = passing(asked)
            above = asked.path.partition("?")[0]
            if asked.method == "POST" and above.endswith(part) and status == 200:
                created[f"{above}/{json.loads(body)['id']}"] = json.loads(body)
            if asked.method == "DELETE":
                created.pop(above, None)
            if asked.method != "GET" or not above.endswith(part) or status != 200:
                return status, headers, body
            rows = json.loads(body)
            lost = [row for path, row in created.items() if path.startswith(f"{above}/") and row not in rows]
            return json_answer(rows + lost)

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


def deleting_below_any_parent(passing: Answering) -> Answering:
    """Deletes a permission whatever the role in the path."""

    def answering(asked: Asked) -> Answer:
        above, _, key = asked.path.rpartition("/")
        answer = passing(asked)
        if asked.method != "DELETE" or "/permissions" not in above or answer[0] != 404:
            return answer
        roles = json.loads(passing(replace(asked, method="GET", path="/ws/roles?_limit=1000"))[2])
        paths = [f"/ws/roles/{role['id']}/permissions/{key}" for role in roles if isinstance(roles, list)]
        answers = [passing(replace(asked, path=path)) for path in paths]
        return next((one for one in answers if one[0] == 200), answer)

    return answering


def without_query_of_deletions(calls: Any) -> Any:
    return [call | {"path": call["path"].partition("?")[0]} if call["method"] == "DELETE" else call for call in calls]


def with_more_of_a_type(stats: Any) -> Any:
    first, *others = stats["items_by_type"]
    return stats | {"items_by_type": [first | {"count": first["count"] + 1}, *others]}


def opening_tasks(passing: Answering) -> Answering:
    """Shows no roles in a task that one of its roles, which is deleted, was limited to."""
    limits, deleted = dict[int, list[int]](), set[int]()

    def shown(task: Any) -> Any:
        is_open = isinstance(task, dict) and "id" in task and deleted & set(limits.get(task["id"], []))
        return task | {"limit_access": task["limit_access"] | {"roles": []}} if is_open else task

    def answering(asked: Asked) -> Answer:
        status, headers, body = passing(asked)
        path, _, key = asked.path.rpartition("/")
        if status == 200 and (asked.method, asked.path) == ("POST", "/c-quick-tasks"):
            limits[json.loads(body)["id"]] = (asked.sent.get("limit_access") or {}).get("roles", [])
        if status == 200 and (asked.method, path) == ("DELETE", "/ws/roles"):
            deleted.add(int(key))
        if status != 200 or asked.method != "GET" or "/c-quick-tasks" not in asked.path:
            return status, headers, body
        tasks = json.loads(body)
        return json_answer([shown(task) for task in tasks] if isinstance(tasks, list) else shown(tasks))

    return answering


def stripped(sent: Any) -> Any:
    return {name: value.strip() if isinstance(value, str) else value for name, value in sent.items()}


def with_text_reset(sent: Any) -> Any:
    """Adds the text that an update of another value did not send."""
    data = sent.get("data")
    marks = {key.partition("-")[0] for key in data} if isinstance(data, dict) else ()
    return sent | {"data": {f"{mark}-text": "x" for mark in marks} | data} if marks else sent


def with_short_slug(sent: Any) -> Any:
    return {"slug": slug_of(str(sent.get("name", "")))[:30].strip("-")} | sent


def with_secure_icon(sent: Any) -> Any:
    return sent | {"icon": re.sub("^http:", "https:", sent.get("icon") or "") or None}


def with_straight_quotes(sent: Any) -> Any:
    text = sent.get("description") or ""
    return sent | {"description": text.replace("\N{LEFT DOUBLE QUOTATION MARK}", '"')}


def with_small_address(sent: Any) -> Any:
    data = sent.get("data") or {}
    return sent | {"data": {slug: one.lower() if "@" in str(one) else one for slug, one in data.items()}}


def with_small_priority(sent: Any) -> Any:
    return sent | {"priority": sent["priority"].lower()} if isinstance(sent.get("priority"), str) else sent


def with_first_group(sent: Any) -> Any:
    return sent | {"mgroups": sent["mgroups"][:1]} if sent.get("mgroups") else sent


def with_its_last_user(group: Any, number: int) -> Any:
    return group | {"users": group["users"][-1:]} if "users" in group else group


def with_head(rows: list[Any]) -> list[Any]:
    """Names as HEAD what no GET of a run asks for: the list of types without a query."""
    return [row | {"method": "HEAD"} if row["path"] == "/ws/types" else row for row in rows]


def without_foreign_item(sent: Any) -> Any:
    """Takes no notice of an item of the workspace `financeiro-abc`."""
    return sent | {"item": None} if sent.get("item") == 4704 else sent


def without_inactive_task(stages: Any) -> Any:
    """Hides an inactive task of the stage 35, in lists too."""
    rows = stages if isinstance(stages, list) else [stages]
    shown = [row | {"tasks": [task for task in row["tasks"] if task["id"] != 76]} for row in rows]
    return shown if isinstance(stages, list) else shown[0]


def without_later_strangers(sent: Any) -> Any:
    """Takes no notice of users that nobody is, except of the first one."""
    users = sent.get("users", ())
    return sent | {"users": [one for place, one in enumerate(users) if place == 0 or one < 1000]} if users else sent


def without_refused_workspace(rows: list[Any]) -> list[Any]:
    return [row | {"workspace": None} if row["status_code"] == 403 else row for row in rows]


def with_creation_form(sent: Any) -> Any:
    """Takes the form 17, which creates nothing, for the creation form of its type."""
    return sent | {"form": 14} if sent.get("form") == 17 else sent


def with_known_users(sent: Any) -> Any:
    """Takes large ids of users, which nobody has, for that of the first one."""
    return sent | {"users": [64 if type(one) is int and one > 1000 else one for one in sent.get("users", ())]}


def with_ties_by_id(rows: list[Any]) -> list[Any]:
    """Sorts tasks of the same status and priority by their ids."""
    return sorted(rows, key=lambda row: (str(row["status"]), str(row["priority"]), row["id"]))


def with_new_ones_as_created(rows: list[Any]) -> list[Any]:
    """Sorts records of the run by the time of their creation, all others by that of their update."""
    time_of = {row["id"]: row["created_at" if row["name"].startswith("mv") else "updated_at"] for row in rows}
    return sorted(rows, key=lambda row: str(time_of[row["id"]]), reverse=True)


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


def with_hours_of_a_day(sent: Any) -> Any:
    """A setting of 0 hours counts as none."""
    data = sent.get("data")
    is_zero = isinstance(data, dict) and data.get("autoclose_hours") == 0
    return sent | {"data": data | {"autoclose_hours": 24}} if is_zero else sent


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
