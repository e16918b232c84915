"""Views of records as responses show them: relations as objects, and no internal members. R24.

There is one function for each schema of the contract, named after it. The parts that lists of items need are written
out member by member, because such a list is what clients ask for most.
"""

from __future__ import annotations

from typing import Any

from mockserver.enspace.providers import PROVIDERS
from mockserver.state.table import Record
from mockserver.state.world import World


def _only(record: Record, *members: str) -> Record:
    return {name: record[name] for name in members}


def _known(world: World, table: str, id: int) -> Any:
    record = world[table].get(id)
    assert record is not None, f"{table} {id} does not exist, although another record refers to it"
    return record


def user(world: World, id: int) -> Record:
    record = _known(world, "users", id)
    meta = {"fname": record["fname"], "lname": record["lname"]}
    return {"id": id, "created_at": record["created_at"], "email": record["email"], "meta": meta}


def member(world: World, record: Record) -> Record:
    account = user(world, record["user"])
    return {
        "id": record["id"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
        "user": account,
        "email": account["email"],
        "type": record["type"],
        "role": record["role"],
        "status": record["status"],
    }


def role(world: World, record: Record) -> Record:
    return _only(record, "id", "name", "description", "created_at", "updated_at")


def permission(world: World, record: Record) -> Record:
    type_id = record["item_type"]
    return {
        **_only(record, "id", "role", "area", "action"),
        "item_type": None if type_id is None else _known(world, "types", type_id)["slug"],
        **_only(record, "form", "field", "created_at", "updated_at"),
    }


def member_group(world: World, record: Record) -> Record:
    users = [user(world, id) for id in record["users"]]
    return {**_only(record, "id", "name"), "users": users, **_only(record, "created_at", "updated_at")}


def type(world: World, record: Record) -> Record:
    shown = ("id", "name", "slug", "description", "icon", "color", "settings", "status", "created_at", "updated_at")
    return _only(record, *shown)


def type_detail(world: World, record: Record) -> Record:
    fields = world["fields"].select({"item_type": record["id"]}, (("position", False),))
    return {**type(world, record), "fields": [field(world, row) for row in fields]}


def type_ref(world: World, id: int) -> Record:
    record = _known(world, "types", id)
    return {
        "name": record["name"],
        "slug": record["slug"],
        "description": record["description"],
        "icon": record["icon"],
        "color": record["color"],
        "settings": record["settings"],
    }


def field(world: World, record: Record) -> Record:
    return {
        "id": record["id"],
        "name": record["name"],
        "slug": record["slug"],
        "type": record["type"],
        "required": record["required"],
        "active": record["active"],
        "defaultValue": record["defaultValue"],
        "options": record["options"],
        "config": record["config"],
        "position": record["position"],
        "native": record["native"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
        "order": record["position"],
    }


def item(world: World, record: Record) -> Record:
    form_id, stage_id = record["form"], record["stage"]
    return {
        "id": record["id"],
        "reference": record["reference"],
        "item_type": type_ref(world, record["item_type"]),
        "data": record["data"],
        "form": None if form_id is None else form_ref(world, form_id),
        "stage": None if stage_id is None else stage_ref(world, stage_id),
        "status": record["status"],
        "user": user(world, record["user"]),
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
    }


def item_ref(world: World, id: int) -> Record:
    record = _known(world, "items", id)
    return {
        "id": id,
        "reference": record["reference"],
        "item_type": _known(world, "types", record["item_type"])["slug"],
    }


def flow(world: World, record: Record) -> Record:
    """Without its stages, as in the list and inside a stage. R89."""
    return {
        **_only(record, "id", "name", "status"),
        "item_type": type_ref(world, record["item_type"]),
        **_only(record, "start_type", "icon"),
        "user": user(world, record["user"]),
        **_only(record, "created_at", "updated_at"),
    }


def flow_detail(world: World, record: Record) -> Record:
    """R89: with its stages, the start stage first."""
    # `sorted` is stable: the other stages stay in the order of their ids.
    stages = sorted(world["stages"].where(flow=record["id"]), key=lambda stage: not stage["is_start"])
    return {**flow(world, record), "stages": [stage_ref(world, stage["id"]) for stage in stages]}


def flow_ref(world: World, id: int) -> Record:
    return _only(_known(world, "flows", id), "id", "name", "status", "start_type", "icon")


def stage_ref(world: World, id: int) -> Record:
    record = _known(world, "stages", id)
    return {
        "id": id,
        "name": record["name"],
        "status": record["status"],
        "progress_type": record["progress_type"],
        "is_start": record["is_start"],
        "hex_color": record["hex_color"],
        "icon": record["icon"],
    }


def stage(world: World, record: Record) -> Record:
    return {
        **stage_ref(world, record["id"]),
        "user": user(world, record["user"]),
        **_only(record, "created_at", "updated_at"),
        "item_type": type_ref(world, record["item_type"]),
        "flow": flow(world, _known(world, "flows", record["flow"])),
        "tasks": [task(world, row) for row in world["tasks"].where(stage=record["id"])],
    }


def task(world: World, record: Record) -> Record:
    return {
        **_only(record, "id", "name", "description", "status", "action", "settings"),
        "stage": stage_ref(world, record["stage"]),
        "flow": flow_ref(world, record["flow"]),
        "item_type": type_ref(world, record["item_type"]),
        **_only(record, "assignees", "response_time", "success_trigger", "error_trigger", "conditions"),
        "user": user(world, record["user"]),
        **_only(record, "created_at", "updated_at"),
    }


def schedule_task(world: World, record: Record) -> Record:
    definition = _known(world, "tasks", record["task"])
    return {
        "id": record["id"],
        "name": definition["name"],
        "status": record["status"],
        "task": _only(definition, "id", "name", "action"),
        "stage": stage_ref(world, record["stage"]),
        "flow": flow_ref(world, record["flow"]),
        "item_type": type_ref(world, record["item_type"]),
        "item": item_ref(world, record["item"]),
        "assignees": definition["assignees"],
        **_only(record, "due_date", "completed_at"),
        "user": user(world, record["user"]),
        **_only(record, "created_at", "updated_at"),
    }


def form(world: World, record: Record) -> Record:
    return {
        **_only(record, "id", "name", "slug", "description", "status", "is_create"),
        "item_type": type_ref(world, record["item_type"]),
        "fields": [
            {
                "field": row["field"],
                "slug": _known(world, "fields", row["field"])["slug"],
                "order": row["order"],
                "required": row["required"],
            }
            for row in sorted(record["fields"], key=lambda row: row["order"])
        ],
        "settings": record["settings"],
        "user": user(world, record["user"]),
        **_only(record, "created_at", "updated_at"),
    }


def form_ref(world: World, id: int) -> Record:
    return _only(_known(world, "forms", id), "id", "name", "slug")


def quick_task(world: World, record: Record) -> Record:
    assigned_to, item_id = record["assigned_to"], record["item"]
    return {
        **_only(record, "id", "title", "description", "kind", "status", "priority", "points", "due_date"),
        "assigned_to": None if assigned_to is None else user(world, assigned_to),
        "limit_access": record["limit_access"],
        "item": None if item_id is None else item_ref(world, item_id),
        "approval": record["approval"],
        "user": user(world, record["user"]),
        **_only(record, "completed_at", "created_at", "updated_at"),
    }


def integration(world: World, record: Record) -> Record:
    """R103, R104: with the provider as an object, and without secrets."""
    return {
        "id": record["id"],
        "data": record["data"],
        "integration": PROVIDERS[record["integration"]].shown,
        **_only(record, "status", "created_at", "updated_at"),
    }


def workspace(world: World, record: Record, member: Record) -> Record:
    """The workspace as one of its members sees it."""
    return {
        "id": str(record["id"]),
        **_only(record, "name", "slug", "description", "icon", "language"),
        "member_type": member["type"],
        "favorite": member["favorite"],
        **_only(record, "settings", "created_at", "updated_at"),
    }


def api_key(world: World, record: Record) -> Record:
    """R13: without the secret."""
    return _only(record, "id", "created_at", "updated_at", "description", "expires_at", "reference", "scope")
