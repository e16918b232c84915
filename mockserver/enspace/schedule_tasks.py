"""Schedule tasks: what a type's flow asks to be done for one item. Read only; items make them. R93, R101, R102."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.here import Here, as_text
from mockserver.enspace.lists import Query
from mockserver.state.tables import Record

_UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}
_LONGEST = timedelta(days=365 * 100)
_LAST = datetime.max.replace(tzinfo=UTC)


def list_schedule_tasks(here: Here, query: Query) -> list[Record]:
    def texts(record: Record) -> tuple[Any, ...]:
        return (views.schedule_task(here.world, record)["name"],)

    found = lists.select(here, "schedule_tasks", query, texts)
    return [views.schedule_task(here.world, record) for record in found]


def get_schedule_task(here: Here, id: int) -> Record:
    return views.schedule_task(here.world, here.get("schedule_tasks", id))


def start_stage(here: Here, item_type: int) -> int | None:
    """R93: where a new item of this type begins, or None if no active flow starts by itself."""
    for flow in here.world["flows"].select({"workspace": here.workspace["id"], "item_type": item_type}):
        if flow["status"] == "active" and flow["start_type"] == "always":
            start = here.world["stages"].where(flow=flow["id"], is_start=True)
            return start[0]["id"] if start else None
    return None


def generate(here: Here, item: Record) -> None:
    """R93: one for each active task of the stage that the item is in."""
    if item["stage"] is None:
        return
    for task in here.world["tasks"].where(stage=item["stage"], status="active"):
        here.insert(
            "schedule_tasks",
            item_type=item["item_type"],
            flow=task["flow"],
            stage=task["stage"],
            task=task["id"],
            item=item["id"],
            due_date=_due_date(here, task["response_time"]),
            user=here.user["id"],
        )


def _due_date(here: Here, response_time: Record | None) -> str | None:
    """R102; a time beyond a century, or beyond the calendar, is cut there."""
    if response_time is None:
        return None
    try:
        allowed = timedelta(**{_UNITS[response_time["unit"]]: response_time["value"]})
    except OverflowError:
        allowed = _LONGEST
    now = datetime.fromtimestamp(here.seconds, UTC)
    return as_text(now + min(allowed, _LONGEST, _LAST - now))
