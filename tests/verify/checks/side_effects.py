"""Targets with an effect that nobody has asked for, for tests of single checks."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import takewhile
from typing import Any

from tests.verify.targets import Answer, Answering, Asked, json_answer, refusal


def keeping_the_rest(passing: Answering) -> Answering:
    """Keeps what else a task is sent, where an update is refused for its assignee."""

    def answering(asked: Asked) -> Answer:
        answer = passing(asked)
        if asked.method == "PUT" and "/c-quick-tasks/" in asked.path and answer[0] == 400:
            _change(passing, asked, {name: value for name, value in asked.sent.items() if name != "assigned_to"})
        return answer

    return answering


def activating(passing: Answering) -> Answering:
    """Makes an inactive member active with a new role."""

    def answering(asked: Asked) -> Answer:
        is_update = asked.method == "PUT" and "/ws/members/" in asked.path and "role" in asked.sent
        before = _read(passing, asked) if is_update else {}
        answer = passing(asked)
        is_moved = before.get("status") == "inactive" and answer[0] == 200 and "status" not in asked.sent
        return _change(passing, asked, {"status": "active"}) if is_moved else answer

    return answering


def calming(passing: Answering) -> Answering:
    """Lowers a high priority with every update of other members."""

    def answering(asked: Asked) -> Answer:
        answer = passing(asked)
        is_update = asked.method == "PUT" and "/c-quick-tasks/" in asked.path and answer[0] == 200
        is_high = is_update and json.loads(answer[2])["priority"] == "high" and "priority" not in asked.sent
        return _change(passing, asked, {"priority": "medium"}) if is_high else answer

    return answering


def keeping_groups(passing: Answering) -> Answering:
    """Keeps the groups of an audience that is replaced by users."""

    def answering(asked: Asked) -> Answer:
        audience = asked.sent.get("limit_access") if asked.method == "PUT" and "/c-quick-tasks/" in asked.path else None
        if not isinstance(audience, dict) or not audience.get("users") or audience.get("mgroups"):
            return passing(asked)
        kept = _read(passing, asked).get("limit_access", {}).get("mgroups", [])
        return passing(replace(asked, body=json.dumps({"limit_access": audience | {"mgroups": kept}}).encode()))

    return answering


def removing_two(passing: Answering) -> Answering:
    """Takes only the first two of the users that a removal names."""
    first = re.compile(r"(users=[^&%]*%2C[^&%]*)%2C[^&]*")
    return lambda asked: passing(replace(asked, path=first.sub(r"\1", asked.path)))


def stopping_at_strangers(passing: Answering) -> Answering:
    """Removes users up to the first one that is not in the group."""

    def answering(asked: Asked) -> Answer:
        group, _, query = asked.path.partition("/users?users=")
        if asked.method != "DELETE" or not query:
            return passing(asked)
        inside = [str(user["id"]) for user in _read(passing, replace(asked, path=group)).get("users", [])]
        names = query.split("%2C")
        known = [*takewhile(inside.__contains__, names)] or names[:1]
        return passing(replace(asked, path=f"{group}/users?users={','.join(known)}"))

    return answering


def starting_when_read(passing: Answering) -> Answering:
    """Starts a pending task that was there before the run as soon as it is read."""

    def answering(asked: Asked) -> Answer:
        is_single = asked.method == "GET" and "/c-quick-tasks/" in asked.path
        task = _read(passing, asked) if is_single else {}
        is_to_do = task.get("status") == "pending" and not task["title"].startswith("mv")
        return _change(passing, asked, {"status": "in_progress"}) if is_to_do else passing(asked)

    return answering


def creating_what_is_missing(passing: Answering) -> Answering:
    """Creates the type that an update names, if there is none."""

    def answering(asked: Asked) -> Answer:
        answer, (above, _, slug) = passing(asked), asked.path.rpartition("/")
        if asked.method != "PUT" or above != "/ws/types" or answer[0] != 404:
            return answer
        body = {"name": slug} | asked.sent | {"slug": slug}
        created = passing(replace(asked, method="POST", path=above, body=json.dumps(body).encode()))
        return created if created[0] == 200 else answer

    return answering


def keeping_the_time(passing: Answering) -> Answering:
    """Leaves the time of the last change where only the status of a type is changed."""
    kept: dict[str, str] = {}

    def answering(asked: Asked) -> Answer:
        is_update = asked.method == "PUT" and "/ws/types/" in asked.path
        is_alone = is_update and set(asked.sent) == {"status"}
        before = kept.get(asked.path) or str(_read(passing, asked).get("updated_at")) if is_alone else ""
        answer = passing(asked)
        if is_update and answer[0] == 200:
            kept.pop(asked.path, None)
            if is_alone:
                kept[asked.path] = before
        is_kept = asked.path in kept and answer[0] == 200
        return json_answer(json.loads(answer[2]) | {"updated_at": kept[asked.path]}) if is_kept else answer

    return answering


def ignoring_what_is_known(passing: Answering) -> Answering:
    """Stores nothing, not even the time, where an update of a role has the values that it has already."""

    def answering(asked: Asked) -> Answer:
        is_update = asked.method == "PUT" and "/ws/roles/" in asked.path
        role = _read(passing, asked) if is_update else {}
        return json_answer(role) if role and role | asked.sent == role else passing(asked)

    return answering


def adding_a_suffix(passing: Answering) -> Answering:
    """Takes the name of another role in an update, with a number behind it."""

    def answering(asked: Asked) -> Answer:
        answer = passing(asked)
        is_taken = asked.method == "PUT" and "/ws/roles/" in asked.path and answer[0] == 400
        return _change(passing, asked, asked.sent | {"name": f"{asked.sent['name']} (2)"}) if is_taken else answer

    return answering


def numbering_active(passing: Answering) -> Answering:
    """Puts a new field behind the active ones."""

    def answering(asked: Asked) -> Answer:
        if asked.method != "POST" or not asked.path.endswith("/fields") or "position" in asked.sent:
            return passing(asked)
        rows = json.loads(passing(replace(asked, method="GET", path=f"{asked.path}?_limit=1000", body=b""))[2])
        last = max((row["position"] for row in rows if row["active"]), default=-1) if isinstance(rows, list) else -1
        return passing(replace(asked, body=json.dumps(asked.sent | {"position": last + 1}).encode()))

    return answering


def naming_by_slug(passing: Answering) -> Answering:
    """Takes the slug of a field in place of its id."""

    def answering(asked: Asked) -> Answer:
        above, _, slug = asked.path.rpartition("/")
        if asked.method != "GET" or not above.endswith("/fields") or slug.isdecimal():
            return passing(asked)
        rows = json.loads(passing(replace(asked, path=f"{above}?_limit=1000"))[2])
        ids = [row["id"] for row in rows if row["slug"] == slug] if isinstance(rows, list) else []
        return passing(replace(asked, path=f"{above}/{ids[0]}")) if ids else passing(asked)

    return answering


def skipping_in_searches(passing: Answering) -> Answering:
    """Skips one record too many on the second page of a search."""

    def answering(asked: Asked) -> Answer:
        is_second = "_q=" in asked.path and "_start=1&" in asked.path
        path = asked.path.replace("_start=1&", "_start=2&") if is_second else asked.path
        return passing(replace(asked, path=path))

    return answering


def searching_in_all_types(passing: Answering) -> Answering:
    """Ignores the type of forms where they are searched."""

    def answering(asked: Asked) -> Answer:
        path = re.sub(r"item_type=[^&]*&?", "", asked.path) if "_q=" in asked.path else asked.path
        return passing(replace(asked, path=path))

    return answering


def sorting_pages_only(passing: Answering) -> Answering:
    """Sorts the newest calls of a page instead of all."""

    def answering(asked: Asked) -> Answer:
        if "-logs?_sort=id%3AASC" not in asked.path:
            return passing(asked)
        newest = passing(replace(asked, path=asked.path.replace("ASC", "DESC")))
        return json_answer(json.loads(newest[2])[::-1])

    return answering


def keeping_valid_values(passing: Answering) -> Answering:
    """Stores the valid values of an item although it refuses the update for another one."""

    def answering(asked: Asked) -> Answer:
        answer = passing(asked)
        if asked.method == "PUT" and "/items/" in asked.path and answer[0] == 400:
            data = asked.sent.get("data")
            for key, value in data.items() if isinstance(data, dict) and len(data) > 1 else ():
                _change(passing, asked, {"data": {key: value}})
        return answer

    return answering


def refusing_times(passing: Answering) -> Answering:
    """Refuses an update that sends a time, and shows any other id that is sent."""

    def answering(asked: Asked) -> Answer:
        if asked.method == "PUT" and "created_at" in asked.sent:
            return refusal(400)
        answer = passing(asked)
        is_kept = asked.method == "PUT" and "id" in asked.sent and answer[0] == 200
        return json_answer(json.loads(answer[2]) | {"id": asked.sent["id"]}) if is_kept else answer

    return answering


def _read(passing: Answering, asked: Asked) -> dict[str, Any]:
    status, _, body = passing(replace(asked, method="GET", body=b""))
    return json.loads(body) if status == 200 and body.startswith(b"{") else {}


def _change(passing: Answering, asked: Asked, sent: Any) -> Answer:
    headers = asked.headers | {"content-type": "application/json"}
    return passing(Asked("PUT", asked.path, headers, json.dumps(sent).encode()))
