"""Schedule tasks: the tasks of a flow for one item. Read only; created together with items. R93, R101, R102."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context, as_text
from mockserver.enspace.lists import Query
from mockserver.state.table import Record

_UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}
_LONGEST = timedelta(days=365 * 100)
_LAST = datetime.max.replace(tzinfo=UTC)


def list_schedule_tasks(context: Context, query: Query) -> list[Record]:
    def texts(record: Record) -> tuple[Any, ...]:
        return (views.schedule_task(context.world, record)["name"],)

    found = lists.select(context, "schedule_tasks", query, texts)
    return [views.schedule_task(context.world, record) for record in found]


def get_schedule_task(context: Context, id: int) -> Record:
    return views.schedule_task(context.world, context.get("schedule_tasks", id))


def start_stage(context: Context, item_type: int) -> int | None:
    """Returns the first stage of a new item, or None if no active flow of its type starts by itself. R93."""
    for flow in context.world["flows"].select({"workspace": context.workspace["id"], "item_type": item_type}):
        if flow["status"] == "active" and flow["start_type"] == "always":
            start = context.world["stages"].where(flow=flow["id"], is_start=True)
            return start[0]["id"] if start else None
    return None


def generate(context: Context, item: Record) -> None:
    """Creates a schedule task for each active task of the item's stage. R93."""
    if item["stage"] is None:
        return
    # Copies of workspace, flow and stage make lists of schedule tasks filter without a join.
    for task in context.world["tasks"].where(stage=item["stage"], status="active"):
        context.insert(
            "schedule_tasks",
            item_type=item["item_type"],
            flow=task["flow"],
            stage=task["stage"],
            task=task["id"],
            item=item["id"],
            due_date=_due_date(context, task["response_time"]),
            user=context.user["id"],
        )


def _due_date(context: Context, response_time: Record | None) -> str | None:
    """Returns the due date, at most a century ahead and within the calendar of Python. R102."""
    if response_time is None:
        return None
    try:
        allowed = timedelta(**{_UNITS[response_time["unit"]]: response_time["value"]})
    except OverflowError:
        allowed = _LONGEST
    now = datetime.fromtimestamp(context.seconds, UTC)
    return as_text(now + min(allowed, _LONGEST, _LAST - now))
