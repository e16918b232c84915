"""Member groups: named groups of users of a workspace. R62-R66."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, MemberFault
from mockserver.state.table import Record


def list_member_groups(context: Context, query: Query) -> list[Record]:
    return [views.member_group(context.world, record) for record in lists.select(context, "mgroups", query, _texts)]


def get_member_group(context: Context, group_id: int) -> Record:
    return views.member_group(context.world, context.get("mgroups", group_id))


def create_member_group(context: Context, body: Record) -> Record:
    """R62."""
    users = _members(context, body.get("users", ()))
    return views.member_group(context.world, context.insert("mgroups", name=body["name"], users=users))


def update_member_group(context: Context, group_id: int, body: Record) -> Record:
    """`users` replaces the whole list."""
    group = context.get("mgroups", group_id)
    changes = body | ({"users": _members(context, body["users"])} if "users" in body else {})
    return views.member_group(context.world, context.update("mgroups", group, **changes))


def delete_member_group(context: Context, group_id: int) -> Record:
    """R66."""
    context.world.delete("mgroups", context.get("mgroups", group_id)["id"])
    return {"data": True, "message": "Group deleted successfully"}


def add_member_group_users(context: Context, group_id: int, body: Record) -> Record:
    """Adds users; those who are in the group already stay in it once. R63, R64."""
    group = context.get("mgroups", group_id)
    context.update("mgroups", group, users=_once([*group["users"], *_members(context, body["users"])]))
    return {"data": True, "message": "Users added successfully"}


def remove_member_group_users(context: Context, group_id: int, query: Query) -> Record:
    """R65: an id that is not in the group is ignored."""
    group = context.get("mgroups", group_id)
    leaving = set(query["users"])
    context.update("mgroups", group, users=[id for id in group["users"] if id not in leaving])
    return {"data": True, "message": "Users removed successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return (record["name"],)


def _members(context: Context, users: Iterable[int]) -> list[int]:
    """R64."""
    users = _once(users)
    if strangers := context.strangers(users):
        raise Invalid(MemberFault(("users",), strangers, "must be users who are members of the workspace"))
    return users


def _once(users: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(users))
