"""Quick tasks: tasks of their own for one person. R95-R100."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.enspace import audience, lists, views
from mockserver.enspace.errors import Invalid, NotFound
from mockserver.enspace.here import Here, as_instant, as_text
from mockserver.enspace.lists import Query
from mockserver.state.collection import Test
from mockserver.state.tables import Record


def list_quick_tasks(here: Here, query: Query) -> list[Record]:
    found = lists.select(here, "quick_tasks", query, _texts, _visible(here))
    return [views.quick_task(here.world, record) for record in found]


def count_quick_tasks(here: Here, query: Query) -> int:
    return lists.count(here, "quick_tasks", query, _texts, _visible(here))


def get_quick_task(here: Here, id: int) -> Record:
    return views.quick_task(here.world, _quick_task(here, id))


def create_quick_task(here: Here, body: Record) -> Record:
    """R95. Approvals are given on update only; one in the body is judged and ignored."""
    limit = audience.whole(body.get("limit_access"))
    record = {**here.world["quick_tasks"].table.defaults, **_written(body), "limit_access": limit}
    _check(here, record, body)
    made = record | _completion(here, record) | {"approval": None, "user": here.user["id"]}
    return views.quick_task(here.world, here.insert("quick_tasks", **made))


def update_quick_task(here: Here, id: int, body: Record) -> Record:
    """R97, R98. The kind is fixed."""
    record = _quick_task(here, id)
    changes = _written(body)
    if "limit_access" in body:
        changes["limit_access"] = audience.whole(body["limit_access"])
    if body.get("approval") is not None:
        changes["status"] = "completed"
    if body.get("kind", record["kind"]) != record["kind"]:
        raise Invalid(("kind", body["kind"], f"cannot change; it is {record['kind']}"))
    changed = record | changes
    _check(here, changed, body)
    return views.quick_task(here.world, here.update("quick_tasks", record, **changes | _completion(here, changed)))


def delete_quick_task(here: Here, id: int) -> Record:
    here.world.delete("quick_tasks", _quick_task(here, id)["id"])
    return {"data": True, "message": "Quick task deleted successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return record["title"], record["description"]


def _quick_task(here: Here, id: int) -> Record:
    record = here.get("quick_tasks", id)
    if not _is_visible(here, record):
        raise NotFound
    return record


def _visible(here: Here) -> Test | None:
    return None if here.is_owner else lambda record: _is_visible(here, record)


def _is_visible(here: Here, record: Record) -> bool:
    """R99."""
    limit, caller = record["limit_access"], here.user["id"]
    if here.is_owner or audience.is_empty(limit) or caller in (record["user"], record["assigned_to"]):
        return True
    return audience.includes(here, limit)


def _written(body: Record) -> Record:
    """The body as a record keeps it: the due date in UTC, so that all of them sort as texts."""
    due = body.get("due_date")
    return body | ({} if due is None else {"due_date": _in_utc(due)})


def _in_utc(text: str) -> str:
    """Instants that no calendar of ours has, such as a leap second, stay as they are."""
    try:
        return as_text(as_instant(text.upper()))
    except (ValueError, OverflowError):
        return text


def _completion(here: Here, record: Record) -> Record:
    """R98."""
    if record["status"] != "completed":
        return {"completed_at": None}
    return {"completed_at": record["completed_at"] or here.now}


def _check(here: Here, record: Record, body: Record) -> None:
    if faults := [*_faults(here, record, body)]:
        raise Invalid(*faults)


def _faults(here: Here, record: Record, body: Record) -> Iterator[tuple[str, Any, str]]:
    """Only what the body names is judged: a task may outlive the membership of the person it was given to."""
    if record["kind"] != "approval" and body.get("approval") is not None:
        yield "approval", body["approval"], "is allowed for the kind approval only"
    user = body.get("assigned_to")
    if user is not None:  # R100
        member = here.world["members"].find(("workspace", "user"), here.workspace["id"], user)
        if member is None or member["status"] != "active":
            yield "assigned_to", user, "must be a user who is an active member"
    if body.get("item") is not None and here.find("items", body["item"]) is None:
        yield "item", body["item"], "must be an item of this workspace"
    if "limit_access" in body:
        yield from audience.faults(here, "limit_access", record["limit_access"])
