"""Access to a workspace: status and type of the member, and the permissions of its role. R6-R11, R56, R61.

The stage `authenticate` has checked the key and its scope before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.enspace.context import Context
from mockserver.enspace.rule_errors import Forbidden
from mockserver.state.table import Record
from mockserver.state.world import World

# Operations of other tags need no permission. The areas are documented, the tags that belong to them only partly.
AREA_OF_TAG = {
    **dict.fromkeys(("Types", "Fields", "Items", "Flows", "Stages", "Tasks", "Forms"), "items"),
    **dict.fromkeys(("Quick Tasks", "Schedule Tasks"), "tasks"),
    **dict.fromkeys(("Members", "Roles", "Member Groups", "Integrations"), "settings"),
}
_SETTINGS = frozenset({"getWorkspaceStats", "getWorkspaceDeletionPreview"})
_OPEN_TO_VIEWERS = frozenset({"leaveWorkspace"})

_SCOPE_OF_ACTION = {"read": "read", "create": "write", "update": "write", "delete": "delete"}
ACTION_OF_METHOD = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}


@dataclass(frozen=True)
class Need:
    """What an operation requires of a member; without an `area`, any member has access."""

    area: str | None
    action: str
    viewers_may: bool


@dataclass(frozen=True)
class KeyAccess:
    """What a key may do in a workspace: the scopes that its member has too, and as what. For people, not for checks."""

    workspace: str
    scopes: tuple[str, ...]
    member: str

    def __str__(self) -> str:
        return f"{self.workspace}: {'+'.join(self.scopes) or 'nothing'} ({self.member})"


def describe_access(world: World, key: Record) -> list[KeyAccess]:
    """Describes what a key may do in each of its workspaces, limited by the member's type and role. R6-R10."""
    return [_describe_access(world, key, slug) for slug in key["scope"]["workspaces"]]


def _describe_access(world: World, key: Record, slug: str) -> KeyAccess:
    workspace = world["workspaces"].find(("slug",), slug)
    member = workspace and world["members"].find(("workspace", "user"), workspace["id"], key["user"])
    if workspace is None or member is None or member["status"] != "active":
        return KeyAccess(slug, (), "no active member")
    role = world["roles"].get(member["role"]) if member["role"] else None
    allowed = {"read"} if member["type"] == "viewer" else set(_SCOPE_OF_ACTION.values())
    if _is_limited(workspace, member):
        rows = world["permissions"].select({"role": member["role"]}) if role else ()
        allowed = {_SCOPE_OF_ACTION[row["action"]] for row in rows}
    scopes = [scope for scope in ("read", "write", "delete") if scope in allowed and scope in key["scope"]["global"]]
    return KeyAccess(slug, tuple(scopes), member["type"] + (f", role {role['name']}" if role else ""))


def need_of(operation_id: str, tag: str, method: str) -> Need:
    """Returns the need of an operation inside a workspace."""
    area = "settings" if operation_id in _SETTINGS else AREA_OF_TAG.get(tag)
    viewers_may = method == "GET" or operation_id in _OPEN_TO_VIEWERS
    return Need(area, ACTION_OF_METHOD[method], viewers_may)


def admit(context: Context, slug: str, need: Need) -> None:
    """Fills in workspace, member and grants of the context. Raises `Forbidden` if the caller has no access."""
    workspace = context.world["workspaces"].find(("slug",), slug)
    if workspace is None:
        raise Forbidden
    member = context.world["members"].find(("workspace", "user"), workspace["id"], context.user["id"])
    if member is None or member["status"] != "active":  # R6
        raise Forbidden
    context.workspace, context.member = workspace, member
    if member["type"] == "viewer" and not need.viewers_may:  # R7
        raise Forbidden
    if need.area is not None and _is_limited(workspace, member):
        context.grants = _grants(context, member, need)


def _is_limited(workspace: Record, member: Record) -> bool:
    """Whether the role of this member limits its access. R8-R10."""
    if member["type"] == "standard":
        return not member["v1"]
    if member["type"] == "full":
        return member["role"] is not None and not workspace["settings"].get("ignore_full_member_permissions")
    return False


def _grants(context: Context, member: Record, need: Need) -> frozenset[int] | None:
    """Returns the types that the permissions grant, None for all. Raises `Forbidden` if there is no permission.

    A permission for a single form or field grants nothing here: only the screens of the product enforce those.
    """
    rows = [
        row
        for row in context.world["permissions"].select({"role": member["role"]})
        if row["area"] == need.area and row["action"] == need.action and row["form"] is row["field"] is None
    ]
    if not rows:
        raise Forbidden
    types: list[Any] = [row["item_type"] for row in rows]
    return None if None in types else frozenset(types)
