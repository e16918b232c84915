"""Members: the links between people and a workspace. R38-R54."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.errors import Invalid, Refused
from mockserver.enspace.here import Here
from mockserver.enspace.lists import NO_ID, Query
from mockserver.state.tables import Record


def list_members(here: Here, query: Query) -> list[Record]:
    found = lists.select(here, "members", _by_user(here, query), _texts(here))
    return [views.member(here.world, record) for record in found]


def count_members(here: Here, query: Query) -> int:
    return lists.count(here, "members", _by_user(here, query), _texts(here))


def get_member(here: Here, member_id: int) -> Record:
    """R50: by the id of the link, not of the user."""
    return views.member(here.world, here.get("members", member_id))


def create_member(here: Here, body: Record) -> Record:
    """R39-R41, R45, R47, R48, R51, R52."""
    user = here.world["users"].find(("email",), body["email"])
    if user is not None and not here.strangers([user["id"]]):
        raise Invalid(("email", body["email"], "is already a member of the workspace"))
    v1 = body.get("v1_compatibility", False)
    if v1 and body["type"] == "viewer":
        raise Invalid(("type", "viewer", "must be full or standard with v1_compatibility"))
    role, groups = _role(here, body), _groups(here, body)
    user = user or here.world.insert("users", _account(here, body))
    record = here.insert("members", user=user["id"], type=body["type"], role=None if v1 else role, v1=v1)
    for group in groups:
        if user["id"] not in group["users"]:
            here.update("mgroups", group, users=[*group["users"], user["id"]])
    return views.member(here.world, record)


def update_member(here: Here, member_id: int, body: Record) -> Record:
    """R42, R44, R46-R49, R51."""
    record = here.get("members", member_id)
    changes = {name: body[name] for name in ("type", "status", "role") if name in body}
    if record["type"] == "owner" and any(
        changes.get(name, record[name]) != record[name] for name in ("type", "status")
    ):
        raise Refused("The owner cannot be changed")
    type = changes.get("type", record["type"])
    v1 = body.get("v1_compatibility", record["v1"] and type != "viewer")
    if body.get("v1_compatibility") and {record["type"], type} & {"owner", "viewer"}:
        raise Invalid(("v1_compatibility", True, "must be false for an owner or a viewer"))
    _role(here, body)
    if v1:
        changes["role"] = None
    return views.member(here.world, here.update("members", record, **changes, v1=v1))


def remove_member(here: Here, member_id: int) -> Record:
    """R53, R54."""
    record = here.get("members", member_id)
    if record["type"] == "owner":
        raise Refused("The owner cannot be removed")
    end_membership(here, record)
    return {"data": True, "message": "Member removed successfully"}


def end_membership(here: Here, record: Record) -> None:
    """R54: the link ends and the user leaves all groups; the account, and what the user made, stay."""
    user = record["user"]
    for group in here.world["mgroups"].where(workspace=here.workspace["id"]):
        if user in group["users"]:
            here.update("mgroups", group, users=[id for id in group["users"] if id != user])
    here.world.delete("members", record["id"])


def _texts(here: Here) -> lists.Texts:
    def texts(record: Record) -> tuple[Any, ...]:
        user = here.world["users"].get(record["user"]) or {}
        return user["email"], user["fname"], user["lname"]

    return texts


def _by_user(here: Here, query: Query) -> Query:
    """The filter `email` names the account."""
    if "email" not in query:
        return query
    user = here.world["users"].find(("email",), query["email"])
    rest = {name: value for name, value in query.items() if name != "email"}
    return {**rest, "user": user["id"] if user else NO_ID}


def _account(here: Here, body: Record) -> Record:
    return {**{name: body[name] for name in ("email", "fname", "lname") if name in body}, "created_at": here.now}


def _role(here: Here, body: Record) -> int | None:
    """R51."""
    role: int | None = body.get("role")
    if role is not None and here.find("roles", role) is None:
        raise Invalid(("role", role, "must be a role of this workspace"))
    return role


def _groups(here: Here, body: Record) -> list[Record]:
    """R52."""
    groups = {id: here.find("mgroups", id) for id in body.get("mgroups", ())}
    if unknown := [id for id, group in groups.items() if group is None]:
        raise Invalid(("mgroups", unknown, "must be groups of this workspace"))
    return [group for group in groups.values() if group is not None]
