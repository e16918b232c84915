"""Members: the memberships of users in a workspace. R38-R54."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import NO_ID, Query
from mockserver.enspace.rule_errors import Invalid, MemberFault, Refused
from mockserver.state.table import Record


def list_members(context: Context, query: Query) -> list[Record]:
    found = lists.select(context, "members", _by_user(context, query), _texts(context))
    return [views.member(context.world, record) for record in found]


def count_members(context: Context, query: Query) -> int:
    return lists.count(context, "members", _by_user(context, query), _texts(context))


def get_member(context: Context, member_id: int) -> Record:
    """Returns a member by the id of the membership, not of the user. R50."""
    return views.member(context.world, context.get("members", member_id))


def create_member(context: Context, body: Record) -> Record:
    """R39-R41, R45, R47, R48, R51, R52."""
    user = context.world["users"].find(("email",), body["email"])
    if user is not None and not context.strangers([user["id"]]):
        raise Invalid(MemberFault(("email",), body["email"], "is already a member of the workspace"))
    v1 = body.get("v1_compatibility", False)
    if v1 and body["type"] == "viewer":
        raise Invalid(MemberFault(("type",), "viewer", "must be full or standard with v1_compatibility"))
    role, groups = _role(context, body), _groups(context, body)
    # An account that exists in another workspace is shared, and keeps its names.
    user = user or context.world.insert("users", _account(context, body))
    record = context.insert("members", user=user["id"], type=body["type"], role=None if v1 else role, v1=v1)
    for group in groups:
        context.update("mgroups", group, users=[*group["users"], user["id"]])
    return views.member(context.world, record)


def update_member(context: Context, member_id: int, body: Record) -> Record:
    """R42, R44, R46-R49, R51."""
    record = context.get("members", member_id)
    changes = {name: body[name] for name in ("type", "status", "role") if name in body}
    if record["type"] == "owner" and any(
        changes.get(name, record[name]) != record[name] for name in ("type", "status")
    ):
        raise Refused("The owner cannot be changed")
    type = changes.get("type", record["type"])
    v1 = body.get("v1_compatibility", record["v1"] and type != "viewer")
    if body.get("v1_compatibility") and {record["type"], type} & {"owner", "viewer"}:
        raise Invalid(MemberFault(("v1_compatibility",), True, "must be false for an owner or a viewer"))
    _role(context, body)
    if v1:
        changes["role"] = None
    return views.member(context.world, context.update("members", record, **changes, v1=v1))


def remove_member(context: Context, member_id: int) -> Record:
    """R53, R54."""
    record = context.get("members", member_id)
    if record["type"] == "owner":
        raise Refused("The owner cannot be removed")
    end_membership(context, record)
    return {"data": True, "message": "Member removed successfully"}


def end_membership(context: Context, record: Record) -> None:
    """Deletes a membership and removes the user from all groups; the account and its records stay. R54."""
    user = record["user"]
    for group in context.world["mgroups"].where(workspace=context.workspace["id"]):
        if user in group["users"]:
            context.update("mgroups", group, users=[id for id in group["users"] if id != user])
    context.world.delete("members", record["id"])


def _texts(context: Context) -> lists.Texts:
    def texts(record: Record) -> tuple[Any, ...]:
        user = context.world["users"].get(record["user"]) or {}
        return user["email"], user["fname"], user["lname"]

    return texts


def _by_user(context: Context, query: Query) -> Query:
    """Replaces the filter `email` by one for the user."""
    if "email" not in query:
        return query
    user = context.world["users"].find(("email",), query["email"])
    rest = {name: value for name, value in query.items() if name != "email"}
    return {**rest, "user": user["id"] if user else NO_ID}


def _account(context: Context, body: Record) -> Record:
    return {**{name: body[name] for name in ("email", "fname", "lname") if name in body}, "created_at": context.now}


def _role(context: Context, body: Record) -> int | None:
    """R51."""
    role: int | None = body.get("role")
    if role is not None and context.find("roles", role) is None:
        raise Invalid(MemberFault(("role",), role, "must be a role of this workspace"))
    return role


def _groups(context: Context, body: Record) -> list[Record]:
    """R52."""
    groups = {id: context.find("mgroups", id) for id in body.get("mgroups", ())}
    if unknown := [id for id, group in groups.items() if group is None]:
        raise Invalid(MemberFault(("mgroups",), unknown, "must be groups of this workspace"))
    return [group for group in groups.values() if group is not None]
