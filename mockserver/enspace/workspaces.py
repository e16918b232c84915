"""Workspaces: the separate spaces to which all other records belong. R26-R35."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.members import end_membership
from mockserver.enspace.rule_errors import Forbidden, Refused
from mockserver.enspace.slugs import chosen_slug
from mockserver.enspace.tables import COUNTED
from mockserver.state.table import Record


def list_workspaces(context: Context, query: Query) -> list[Record]:
    """R28."""
    own = _own_memberships(context)
    found = lists.select(context, "workspaces", query, _texts, lambda record: record["id"] in own, within={})
    return [views.workspace(context.world, record, own[record["id"]]) for record in found]


def create_workspace(context: Context, body: Record) -> Record:
    """R26, R27."""
    now, slug = context.now, chosen_slug(body)
    record = body | {"slug": slug, "created_at": now, "updated_at": now}
    context.workspace = context.world.insert("workspaces", record)
    member = context.insert("members", user=context.user["id"], type="owner")
    # Otherwise the key that created the workspace could not reach it (R26).
    if context.key is not None:
        _rescope(context, context.key, [*context.key["scope"]["workspaces"], slug])
    return views.workspace(context.world, context.workspace, member)


def get_workspace_context(context: Context) -> Record:
    """R29."""
    world, member = context.world, context.member
    role = None if member["role"] is None else world["roles"].get(member["role"])
    rows = world["permissions"].where(role=role["id"]) if role else []
    groups = world["mgroups"].where(workspace=context.workspace["id"])
    return {
        "workspace": views.workspace(world, context.workspace, member),
        "member": views.member(world, member),
        "role": views.role(world, role) if role else None,
        "permissions": [views.permission(world, row) for row in rows],
        "mgroups": [group["id"] for group in groups if member["user"] in group["users"]],
        "scope": context.key["scope"]["global"] if context.key else [],
    }


def leave_workspace(context: Context) -> Record:
    """R34, R35."""
    if context.is_owner:
        raise Refused("The owner cannot leave the workspace")
    end_membership(context, context.member)
    return {"data": True, "message": "You have successfully exited the workspace"}


def get_workspace_stats(context: Context) -> Record:
    """R30, R31."""
    items = context.world["items"]
    types = context.world["types"].where(workspace=context.workspace["id"])
    of_type = Counter(member["type"] for member in context.world["members"].where(workspace=context.workspace["id"]))
    return {
        **_counters(context),
        "items_by_type": [
            {"slug": row["slug"], "name": row["name"], "count": items.count({"item_type": row["id"]})} for row in types
        ],
        "members_by_type": {name: of_type[name] for name in ("owner", "full", "standard", "viewer")},
    }


def get_workspace_deletion_preview(context: Context) -> Record:
    """Counts what `delete_workspace` would delete. R32."""
    counts = _counters(context)
    workspace = context.workspace
    return {
        "workspace": {"id": str(workspace["id"]), "name": workspace["name"], "slug": workspace["slug"]},
        "counts": counts,
        "total": sum(counts.values()),
        "can_delete": context.is_owner,
    }


def delete_workspace(context: Context) -> Record:
    """R33."""
    if not context.is_owner:
        raise Forbidden("Only the owner can delete the workspace")
    end_workspace(context)
    return {"data": True, "message": "Workspace deleted successfully"}


def end_workspace(context: Context) -> None:
    """Deletes a workspace with everything in it, and removes its slug from the scopes of all keys."""
    slug = context.workspace["slug"]
    context.world.delete("workspaces", context.workspace["id"])
    # A copy of the list, because the collection changes inside the loop.
    for key in list(context.world["api_keys"]):
        if slug in (slugs := key["scope"]["workspaces"]):
            _rescope(context, key, [other for other in slugs if other != slug])


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"]


def _own_memberships(context: Context) -> dict[int, Record]:
    """Returns the active memberships of the caller, by the ids of workspaces in the scope of the key."""
    found = {}
    for slug in context.key["scope"]["workspaces"] if context.key else ():
        workspace = context.world["workspaces"].find(("slug",), slug)
        if workspace is not None:
            member = context.world["members"].find(("workspace", "user"), workspace["id"], context.user["id"])
            if member is not None and member["status"] == "active":
                found[workspace["id"]] = member
    return found


def _counters(context: Context) -> dict[str, int]:
    return {name: context.world[name].count({"workspace": context.workspace["id"]}) for name in COUNTED}


def _rescope(context: Context, key: Record, slugs: list[str]) -> None:
    scope = {**key["scope"], "workspaces": slugs}
    context.world.update("api_keys", key["id"], scope=scope, updated_at=context.later_than(key["updated_at"]))
