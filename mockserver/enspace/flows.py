"""Flows: the way that the items of a type go. Read only. R86-R90."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.here import Here
from mockserver.enspace.lists import Query
from mockserver.state.tables import Record


def list_flows(here: Here, query: Query) -> list[Record]:
    return [views.flow(here.world, record) for record in lists.select(here, "flows", query, _texts)]


def get_flow(here: Here, id: int) -> Record:
    return views.flow_detail(here.world, here.get("flows", id))


def _texts(record: Record) -> tuple[Any, ...]:
    return (record["name"],)
