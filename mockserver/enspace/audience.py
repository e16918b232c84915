"""An audience: the users, roles and groups that a task is for. Ids of this workspace only. R24, R66, R99."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.enspace.context import Context
from mockserver.state.table import Record


def whole(given: Record | None) -> Record:
    """The three lists, each empty where it is left out and each id once."""
    given = given or {}
    return {name: list(dict.fromkeys(given.get(name) or ())) for name in ("users", "roles", "mgroups")}


def faults(context: Context, member: str, audience: Record) -> Iterator[tuple[str, Any, str]]:
    """What it names and this workspace does not have."""
    if strangers := context.strangers(audience["users"]):
        yield f"{member}.users", strangers, "must be users who are members of the workspace"
    for name, title in (("roles", "roles"), ("mgroups", "groups")):
        if unknown := [id for id in audience[name] if context.find(name, id) is None]:
            yield f"{member}.{name}", unknown, f"must be {title} of this workspace"


def is_empty(audience: Record) -> bool:
    return not any(audience.values())


def includes(context: Context, audience: Record) -> bool:
    """Does it name the caller: as a user, by role, or by group?"""
    if context.user["id"] in audience["users"] or context.member["role"] in audience["roles"]:
        return True
    groups = (context.find("mgroups", id) for id in audience["mgroups"])
    return any(group is not None and context.user["id"] in group["users"] for group in groups)
