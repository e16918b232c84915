"""Types, also called categories: kinds of items. R61, R67-R69."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, MemberFault
from mockserver.enspace.slugs import chosen_slug, refuse_other_slug
from mockserver.state.table import Record

# The path of a type with this slug would be that of Count Types. R67.
RESERVED = ("count",)


def list_types(context: Context, query: Query) -> list[Record]:
    return [views.type(context.world, record) for record in lists.select(context, "types", query, _texts)]


def count_types(context: Context, query: Query) -> int:
    return lists.count(context, "types", query, _texts)


def get_type(context: Context, slug: str) -> Record:
    """R68."""
    return views.type_detail(context.world, context.type(slug))


def create_type(context: Context, body: Record) -> Record:
    """R67. A type starts without fields, flows and permissions (R61)."""
    context.require_access(None)
    slug = chosen_slug(body)
    if slug in RESERVED:
        raise Invalid(MemberFault(("slug",), slug, "is reserved"))
    return views.type(context.world, context.insert("types", **body | {"slug": slug}))


def update_type(context: Context, slug: str, body: Record) -> Record:
    record = context.type(slug)
    refuse_other_slug(record, body)
    return views.type(context.world, context.update("types", record, **body))


def delete_type(context: Context, slug: str) -> Record:
    """Deletes a type with everything that belongs to it. R69."""
    context.world.delete("types", context.type(slug)["id"])
    return {"data": True, "message": "Type deleted successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"], record["description"]
