"""Forms: ways to fill in an item, or to create one. Read only. R90, R94."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.here import Here
from mockserver.enspace.lists import Query
from mockserver.state.tables import Record


def list_forms(here: Here, query: Query) -> list[Record]:
    return [views.form(here.world, record) for record in lists.select(here, "forms", query, _texts)]


def list_create_forms(here: Here, query: Query) -> list[Record]:
    """R94: only those that are active and create items."""
    creating = {**query, "is_create": True, "status": "active"}
    return [views.form(here.world, record) for record in lists.select(here, "forms", creating, _texts)]


def get_form(here: Here, id: int) -> Record:
    return views.form(here.world, here.get("forms", id))


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"]
