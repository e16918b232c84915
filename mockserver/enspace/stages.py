"""Stages: the steps of a flow. Read only. R86-R88, R90."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.state.table import Record


def list_stages(context: Context, query: Query) -> list[Record]:
    return [views.stage(context.world, record) for record in lists.select(context, "stages", query, _texts)]


def get_stage(context: Context, id: int) -> Record:
    return views.stage(context.world, context.get("stages", id))


def _texts(record: Record) -> tuple[Any, ...]:
    return (record["name"],)
