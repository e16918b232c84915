"""Flows: the stages through which the items of a type go. Read only. R86-R90."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.state.table import Record


def list_flows(context: Context, query: Query) -> list[Record]:
    return [views.flow(context.world, record) for record in lists.select(context, "flows", query, _texts)]


def get_flow(context: Context, id: int) -> Record:
    return views.flow_detail(context.world, context.get("flows", id))


def _texts(record: Record) -> tuple[Any, ...]:
    return (record["name"],)
