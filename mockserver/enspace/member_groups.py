"""Member groups: people of a workspace under one name. R62-R66."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.errors import Invalid
from mockserver.enspace.here import Here
from mockserver.enspace.lists import Query
from mockserver.state.tables import Record


def list_member_groups(here: Here, query: Query) -> list[Record]:
    return [views.member_group(here.world, record) for record in lists.select(here, "mgroups", query, _texts)]


def get_member_group(here: Here, group_id: int) -> Record:
    return views.member_group(here.world, here.get("mgroups", group_id))


def create_member_group(here: Here, body: Record) -> Record:
    """R62."""
    users = _members(here, body.get("users", ()))
    return views.member_group(here.world, here.insert("mgroups", name=body["name"], users=users))


def update_member_group(here: Here, group_id: int, body: Record) -> Record:
    """`users` replaces the whole list."""
    group = here.get("mgroups", group_id)
    changes = body | ({"users": _members(here, body["users"])} if "users" in body else {})
    return views.member_group(here.world, here.update("mgroups", group, **changes))


def delete_member_group(here: Here, group_id: int) -> Record:
    """R66."""
    here.world.delete("mgroups", here.get("mgroups", group_id)["id"])
    return {"data": True, "message": "Group deleted successfully"}


def add_member_group_users(here: Here, group_id: int, body: Record) -> Record:
    """R63, R64: who is in the group already stays in it once."""
    group = here.get("mgroups", group_id)
    here.update("mgroups", group, users=_once([*group["users"], *_members(here, body["users"])]))
    return {"data": True, "message": "Users added successfully"}


def remove_member_group_users(here: Here, group_id: int, query: Query) -> Record:
    """R65: an id that is not in the group is ignored."""
    group = here.get("mgroups", group_id)
    leaving = set(query["users"])
    here.update("mgroups", group, users=[id for id in group["users"] if id not in leaving])
    return {"data": True, "message": "Users removed successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return (record["name"],)


def _members(here: Here, users: Iterable[int]) -> list[int]:
    """R64."""
    users = _once(users)
    if strangers := here.strangers(users):
        raise Invalid(("users", strangers, "must be users who are members of the workspace"))
    return users


def _once(users: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(users))
