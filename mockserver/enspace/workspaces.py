"""Workspaces: the separate worlds in which everything else lives. R26-R35."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.errors import Forbidden, Refused
from mockserver.enspace.here import Here
from mockserver.enspace.lists import Query
from mockserver.enspace.members import end_membership
from mockserver.enspace.slugs import chosen_slug
from mockserver.enspace.tables import COUNTED
from mockserver.state.tables import Record


def list_workspaces(here: Here, query: Query) -> list[Record]:
    """R28."""
    own = {record["id"]: member for record, member in _own_workspaces(here)}
    found = lists.select(here, "workspaces", query, _texts, lambda record: record["id"] in own, within={})
    return [views.workspace(here.world, record, own[record["id"]]) for record in found]


def create_workspace(here: Here, body: Record) -> Record:
    """R26, R27."""
    now, slug = here.now, chosen_slug(body)
    record = body | {"slug": slug, "created_at": now, "updated_at": now}
    here.workspace = here.world.insert("workspaces", record)
    member = here.insert("members", user=here.user["id"], type="owner")
    if here.key is not None:
        _rescope(here, here.key, [*here.key["scope"]["workspaces"], slug])
    return views.workspace(here.world, here.workspace, member)


def get_workspace_context(here: Here) -> Record:
    """R29."""
    world, member = here.world, here.member
    role = None if member["role"] is None else world["roles"].get(member["role"])
    rows = world["permissions"].where(role=role["id"]) if role else []
    groups = world["mgroups"].where(workspace=here.workspace["id"])
    return {
        "workspace": views.workspace(world, here.workspace, member),
        "member": views.member(world, member),
        "role": views.role(world, role) if role else None,
        "permissions": [views.permission(world, row) for row in rows],
        "mgroups": [group["id"] for group in groups if member["user"] in group["users"]],
        "scope": here.key["scope"]["global"] if here.key else [],
    }


def leave_workspace(here: Here) -> Record:
    """R34, R35."""
    if here.is_owner:
        raise Refused("The owner cannot leave the workspace")
    end_membership(here, here.member)
    return {"data": True, "message": "You have successfully exited the workspace"}


def get_workspace_stats(here: Here) -> Record:
    """R30, R31."""
    items = here.world["items"]
    types = here.world["types"].where(workspace=here.workspace["id"])
    of_type = Counter(member["type"] for member in here.world["members"].where(workspace=here.workspace["id"]))
    return {
        **_counters(here),
        "items_by_type": [
            {"slug": row["slug"], "name": row["name"], "count": items.count({"item_type": row["id"]})} for row in types
        ],
        "members_by_type": {name: of_type[name] for name in ("owner", "full", "standard", "viewer")},
    }


def get_workspace_deletion_preview(here: Here) -> Record:
    """R32: what `delete_workspace` would remove."""
    counts = _counters(here)
    workspace = here.workspace
    return {
        "workspace": {"id": str(workspace["id"]), "name": workspace["name"], "slug": workspace["slug"]},
        "counts": counts,
        "total": sum(counts.values()),
        "can_delete": here.is_owner,
    }


def delete_workspace(here: Here) -> Record:
    """R33: everything in it goes with it, and its slug leaves the scope of every key."""
    if not here.is_owner:
        raise Forbidden("Only the owner can delete the workspace")
    end_workspace(here)
    return {"data": True, "message": "Workspace deleted successfully"}


def end_workspace(here: Here) -> None:
    """The workspace goes with everything in it, and its slug leaves the scope of every key."""
    slug = here.workspace["slug"]
    here.world.delete("workspaces", here.workspace["id"])
    for key in list(here.world["api_keys"]):
        if slug in (slugs := key["scope"]["workspaces"]):
            _rescope(here, key, [other for other in slugs if other != slug])


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"]


def _own_workspaces(here: Here) -> list[tuple[Record, Record]]:
    """Workspaces within the scope of the key in which the caller is an active member, with that membership."""
    slugs = here.key["scope"]["workspaces"] if here.key else ()
    found = (here.world["workspaces"].find(("slug",), slug) for slug in slugs)
    links = [
        (record, here.world["members"].find(("workspace", "user"), record["id"], here.user["id"]))
        for record in found
        if record is not None
    ]
    return [(record, member) for record, member in links if member is not None and member["status"] == "active"]


def _counters(here: Here) -> dict[str, int]:
    return {name: here.world[name].count({"workspace": here.workspace["id"]}) for name in COUNTED}


def _rescope(here: Here, key: Record, slugs: list[str]) -> None:
    scope = {**key["scope"], "workspaces": slugs}
    here.world.update("api_keys", key["id"], scope=scope, updated_at=here.later_than(key["updated_at"]))
