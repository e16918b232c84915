"""Quick tasks: tasks for one person, outside of flows. R95-R100."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.enspace import audience, lists, views
from mockserver.enspace.context import Context, as_instant, as_text
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, MemberFault, NotFound
from mockserver.state.collection import Test
from mockserver.state.table import Record


def list_quick_tasks(context: Context, query: Query) -> list[Record]:
    found = lists.select(context, "quick_tasks", query, _texts, _visible(context))
    return [views.quick_task(context.world, record) for record in found]


def count_quick_tasks(context: Context, query: Query) -> int:
    return lists.count(context, "quick_tasks", query, _texts, _visible(context))


def get_quick_task(context: Context, id: int) -> Record:
    return views.quick_task(context.world, _quick_task(context, id))


def create_quick_task(context: Context, body: Record) -> Record:
    """R95. Approvals are given on update only; one in the body is validated and ignored."""
    limit = audience.complete_audience(body.get("limit_access"))
    record = {**context.world["quick_tasks"].table.defaults, **_with_utc_due_date(body), "limit_access": limit}
    _check(context, record, body)
    made = record | _completion(context, record) | {"approval": None, "user": context.user["id"]}
    return views.quick_task(context.world, context.insert("quick_tasks", **made))


def update_quick_task(context: Context, id: int, body: Record) -> Record:
    """R97, R98. The kind is fixed."""
    record = _quick_task(context, id)
    changes = _with_utc_due_date(body)
    if "limit_access" in body:
        changes["limit_access"] = audience.complete_audience(body["limit_access"])
    # R97: a decision completes the task.
    if body.get("approval") is not None:
        changes["status"] = "completed"
    if body.get("kind", record["kind"]) != record["kind"]:
        raise Invalid(MemberFault(("kind",), body["kind"], f"cannot change; it is {record['kind']}"))
    changed = record | changes
    _check(context, changed, body)
    return views.quick_task(
        context.world, context.update("quick_tasks", record, **changes | _completion(context, changed))
    )


def delete_quick_task(context: Context, id: int) -> Record:
    context.world.delete("quick_tasks", _quick_task(context, id)["id"])
    return {"data": True, "message": "Quick task deleted successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return record["title"], record["description"]


def _quick_task(context: Context, id: int) -> Record:
    record = context.get("quick_tasks", id)
    # Not a 403: who may not see a task must not learn that it exists.
    if not _is_visible(context, record):
        raise NotFound
    return record


def _visible(context: Context) -> Test | None:
    return None if context.is_owner else lambda record: _is_visible(context, record)


def _is_visible(context: Context, record: Record) -> bool:
    """R99."""
    limit, caller = record["limit_access"], context.user["id"]
    if context.is_owner or audience.is_empty(limit) or caller in (record["user"], record["assigned_to"]):
        return True
    return audience.includes(context, limit)


def _with_utc_due_date(body: Record) -> Record:
    """Converts the due date of a body to UTC, so that due dates sort as texts."""
    due = body.get("due_date")
    return body | ({} if due is None else {"due_date": _in_utc(due)})


def _in_utc(text: str) -> str:
    """Converts an instant to UTC, unless Python cannot represent it, such as a leap second."""
    try:
        return as_text(as_instant(text.upper()))
    except (ValueError, OverflowError):
        return text


def _completion(context: Context, record: Record) -> Record:
    """R98."""
    if record["status"] != "completed":
        return {"completed_at": None}
    return {"completed_at": record["completed_at"] or context.now}


def _check(context: Context, record: Record, body: Record) -> None:
    if faults := [*_faults(context, record, body)]:
        raise Invalid(*faults)


def _faults(context: Context, record: Record, body: Record) -> Iterator[MemberFault]:
    """Checks only members of the body: a task may outlive the membership of the person to whom it is assigned."""
    if record["kind"] != "approval" and body.get("approval") is not None:
        yield MemberFault(("approval",), body["approval"], "is allowed for the kind approval only")
    user = body.get("assigned_to")
    if user is not None:  # R100
        member = context.world["members"].find(("workspace", "user"), context.workspace["id"], user)
        if member is None or member["status"] != "active":
            yield MemberFault(("assigned_to",), user, "must be a user who is an active member")
    if body.get("item") is not None and context.find("items", body["item"]) is None:
        yield MemberFault(("item",), body["item"], "must be an item of this workspace")
    if "limit_access" in body:
        yield from audience.audience_faults(context, "limit_access", record["limit_access"])
