"""Forms: selections of fields with which items are created or edited. Read only. R90, R94."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.state.table import Record


def list_forms(context: Context, query: Query) -> list[Record]:
    return [views.form(context.world, record) for record in lists.select(context, "forms", query, _texts)]


def list_create_forms(context: Context, query: Query) -> list[Record]:
    """Lists active forms that create items. R94."""
    creating = {**query, "is_create": True, "status": "active"}
    return [views.form(context.world, record) for record in lists.select(context, "forms", creating, _texts)]


def get_form(context: Context, id: int) -> Record:
    return views.form(context.world, context.get("forms", id))


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"]
