"""Stages: the steps of a flow. Read only. R86-R88, R90."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.here import Here
from mockserver.enspace.lists import Query
from mockserver.state.tables import Record


def list_stages(here: Here, query: Query) -> list[Record]:
    return [views.stage(here.world, record) for record in lists.select(here, "stages", query, _texts)]


def get_stage(here: Here, id: int) -> Record:
    return views.stage(here.world, here.get("stages", id))


def _texts(record: Record) -> tuple[Any, ...]:
    return (record["name"],)
