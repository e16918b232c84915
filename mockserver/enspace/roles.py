"""Roles and their permissions, which limit what members may do. R55-R61."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, MemberFault, NotFound
from mockserver.state.table import Record

_TARGET = ("role", "area", "action", "item_type", "form", "field")
# Areas whose permissions name an action; other areas are granted as a whole. R59.
_WITH_ACTIONS = ("items", "tasks", "settings")


def list_roles(context: Context, query: Query) -> list[Record]:
    return [views.role(context.world, record) for record in lists.select(context, "roles", query, _texts)]


def count_roles(context: Context, query: Query) -> int:
    return lists.count(context, "roles", query, _texts)


def get_role(context: Context, role_id: int) -> Record:
    return views.role(context.world, context.get("roles", role_id))


def create_role(context: Context, body: Record) -> Record:
    """R55."""
    return views.role(context.world, context.insert("roles", **body))


def update_role(context: Context, role_id: int, body: Record) -> Record:
    return views.role(context.world, context.update("roles", context.get("roles", role_id), **body))


def delete_role(context: Context, role_id: int) -> Record:
    """R57."""
    context.world.delete("roles", context.get("roles", role_id)["id"])
    return {"data": True, "message": "Role deleted successfully"}


def list_role_permissions(context: Context, role_id: int, query: Query) -> list[Record]:
    within = {"role": context.get("roles", role_id)["id"]}
    found = lists.select(context, "permissions", query, within=within)
    return [views.permission(context.world, record) for record in found]


def add_role_permission(context: Context, role_id: int, body: Record) -> Record:
    """R58, R59."""
    role = context.get("roles", role_id)
    row = {
        "role": role["id"],
        "area": body["area"],
        "action": body.get("action", "read"),
        "item_type": _target_type(context, body),
        "form": body.get("form"),
        "field": body.get("field"),
    }
    if faults := _faults(context, body):
        raise Invalid(*faults)
    if context.world["permissions"].find(_TARGET, *(row[member] for member in _TARGET)):
        raise Invalid(MemberFault(("area",), row["area"], "must not be granted twice with the same action and target"))
    return views.permission(context.world, context.insert("permissions", **row))


def remove_role_permission(context: Context, role_id: int, permission_id: int) -> Record:
    """R60."""
    role, row = context.get("roles", role_id), context.find("permissions", permission_id)
    if row is None or row["role"] != role["id"]:
        raise NotFound
    context.world.delete("permissions", permission_id)
    return {"data": True, "message": "Permission removed successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["description"]


def _target_type(context: Context, body: Record) -> int | None:
    slug = body.get("item_type")
    if slug is None:
        return None
    named = context.find_type(slug)
    if named is None:
        raise Invalid(MemberFault(("item_type",), slug, "must be a type of this workspace"))
    id: int = named["id"]
    return id


def _faults(context: Context, body: Record) -> list[MemberFault]:
    area = body["area"]
    faults: list[MemberFault] = []
    if area in _WITH_ACTIONS and "action" not in body:
        faults.append(MemberFault(("action",), None, f"is required for the area {area}"))
    for member in ("item_type", "form", "field"):
        if area != "items" and body.get(member) is not None:
            faults.append(MemberFault((member,), body[member], "is allowed with the area items only"))
    for member in ("form", "field"):
        if body.get(member) is not None and context.find(f"{member}s", body[member]) is None:
            faults.append(MemberFault((member,), body[member], f"must be a {member} of this workspace"))
    return faults
