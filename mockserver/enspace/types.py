"""Types, also called categories: kinds of items. R61, R67-R69."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.errors import Invalid
from mockserver.enspace.here import Here
from mockserver.enspace.lists import Query
from mockserver.enspace.slugs import chosen_slug, refuse_other_slug
from mockserver.state.tables import Record

# A type of this slug could not be told from Count Types. R67.
RESERVED = ("count",)


def list_types(here: Here, query: Query) -> list[Record]:
    return [views.type(here.world, record) for record in lists.select(here, "types", query, _texts)]


def count_types(here: Here, query: Query) -> int:
    return lists.count(here, "types", query, _texts)


def get_type(here: Here, slug: str) -> Record:
    """R68."""
    return views.type_detail(here.world, here.type(slug))


def create_type(here: Here, body: Record) -> Record:
    """R67. A type starts without fields, flows and permissions (R61)."""
    here.demand_reach(None)
    slug = chosen_slug(body)
    if slug in RESERVED:
        raise Invalid(("slug", slug, "is reserved"))
    return views.type(here.world, here.insert("types", **body | {"slug": slug}))


def update_type(here: Here, slug: str, body: Record) -> Record:
    record = here.type(slug)
    refuse_other_slug(record, body)
    return views.type(here.world, here.update("types", record, **body))


def delete_type(here: Here, slug: str) -> Record:
    """R69: everything that belongs to the type goes with it."""
    here.world.delete("types", here.type(slug)["id"])
    return {"data": True, "message": "Type deleted successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"], record["description"]
