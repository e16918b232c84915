"""Slugs of workspaces, types and fields: derived from the name if none is given, never changed. R27, R67, R71."""

from __future__ import annotations

from mockserver.enspace.rule_errors import Invalid, MemberFault
from mockserver.state.table import Record
from mockserver.text import slug_of

# Inferred; the contract allows longer names.
MAX_LENGTH = 60


def chosen_slug(body: Record) -> str:
    """Returns the slug of the body, or derives one from its name. Raises `Invalid` if that is impossible."""
    slug: str = body.get("slug") or slug_of(body["name"])[:MAX_LENGTH].strip("-")
    if not slug:
        raise Invalid(
            MemberFault(("slug",), None, f"is required, as none can be derived from the name {body['name']!r}")
        )
    return slug


def refuse_other_slug(record: Record, body: Record) -> None:
    """Raises `Invalid` if the body would change the slug."""
    if body.get("slug", record["slug"]) != record["slug"]:
        raise Invalid(MemberFault(("slug",), body["slug"], f"cannot change; it is {record['slug']}"))
