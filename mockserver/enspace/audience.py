"""Audiences: the users, roles and groups for which a task is meant. R24, R66, R99."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.enspace.context import Context
from mockserver.enspace.rule_errors import MemberFault
from mockserver.state.table import Record


def complete_audience(given: Record | None) -> Record:
    """Completes the three lists: empty where they are left out, and each id once."""
    given = given or {}
    return {name: list(dict.fromkeys(given.get(name) or ())) for name in ("users", "roles", "mgroups")}


def audience_faults(context: Context, member: str, audience: Record) -> Iterator[MemberFault]:
    """Finds ids that this workspace does not have."""
    if strangers := context.strangers(audience["users"]):
        yield MemberFault((member, "users"), strangers, "must be users who are members of the workspace")
    for name, title in (("roles", "roles"), ("mgroups", "groups")):
        if unknown := [id for id in audience[name] if context.find(name, id) is None]:
            yield MemberFault((member, name), unknown, f"must be {title} of this workspace")


def is_empty(audience: Record) -> bool:
    return not any(audience.values())


def includes(context: Context, audience: Record) -> bool:
    """Whether the caller belongs to the audience: as a user, by role or by group."""
    if context.user["id"] in audience["users"] or context.member["role"] in audience["roles"]:
        return True
    groups = (context.find("mgroups", id) for id in audience["mgroups"])
    return any(group is not None and context.user["id"] in group["users"] for group in groups)
