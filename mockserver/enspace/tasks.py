"""Tasks: the task definitions of a stage. Read and created, never changed. R86, R90-R92."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.enspace import audience, lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, MemberFault
from mockserver.state.table import Record


def list_tasks(context: Context, query: Query) -> list[Record]:
    return [views.task(context.world, record) for record in lists.select(context, "tasks", query, _texts)]


def get_task(context: Context, id: int) -> Record:
    return views.task(context.world, context.get("tasks", id))


def create_task(context: Context, body: Record) -> Record:
    """R91, R92: flow and type are those of the stage."""
    stage = context.find("stages", body["stage"])
    if stage is None:
        raise Invalid(MemberFault(("stage",), body["stage"], "must be a stage of this workspace"))
    context.require_access(stage["item_type"])
    members = {**context.world["tasks"].table.defaults, **body} | {
        "assignees": audience.complete_audience(body.get("assignees"))
    }
    if faults := [
        *audience.audience_faults(context, "assignees", members["assignees"]),
        *_faults(context, stage, members),
    ]:
        raise Invalid(*faults)
    members |= {"flow": stage["flow"], "item_type": stage["item_type"], "user": context.user["id"]}
    return views.task(context.world, context.insert("tasks", **members))


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["description"]


def _faults(context: Context, stage: Record, task: Record) -> Iterator[MemberFault]:
    """Finds everything that the task refers to and that does not exist."""
    if task["action"] == "use_integration":  # R92
        id = task["settings"].get("integration")
        integration = context.find("integrations", id) if type(id) is int else None
        if integration is None or integration["status"] != "active":
            yield MemberFault(("settings", "integration"), id, "must be an active integration of this workspace")
    for name in ("success_trigger", "error_trigger"):
        yield from _trigger_faults(context, stage, name, task[name])
    slugs = {field["slug"] for field in context.world["fields"].where(item_type=stage["item_type"])}
    for at, condition in enumerate(task["conditions"]):
        if condition["field"] not in slugs:
            yield MemberFault(("conditions", at, "field"), condition["field"], "must be a field slug of the type")


def _trigger_faults(context: Context, stage: Record, name: str, trigger: Record | None) -> Iterator[MemberFault]:
    if trigger is None:
        return
    target = trigger.get("stage")
    if target is None:
        if trigger["action"] == "go_to_stage":
            yield MemberFault((name, "stage"), None, "is required by go_to_stage")
        return
    there = context.find("stages", target)
    if there is None or there["flow"] != stage["flow"]:
        yield MemberFault((name, "stage"), target, "must be a stage of the same flow")
