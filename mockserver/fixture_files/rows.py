"""Records as rows of fixture files: what `fixtures` reads, written."""

from __future__ import annotations

from typing import Any

import yaml

from mockserver.state.table import Record, Table
from mockserver.state.world import World

# What rows call records of these collections by.
_NAMED = {"users": "email", "workspaces": "slug", "types": "slug"}


def row_of(world: World, table: Table, record: Record) -> Record:
    """The record as a row: without what is left out by default, and with names in place of some ids."""
    row = {name: record[name] for name in record if record[name] != table.defaults.get(name, ...)}
    for relation in table.relations:
        if relation.target in _NAMED and relation.member in row:
            row[relation.member] = _name(world, relation.target, row[relation.member])
    return row


def text_of(row: Record) -> str:
    """A row as one line of YAML."""
    text: str = yaml.dump(
        row, Dumper=yaml.CSafeDumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    return text


def _name(world: World, table: str, told: Any) -> Any:
    """What a row calls a record, or each of several: its e-mail address or slug."""
    if isinstance(told, list):
        return [_name(world, table, id) for id in told]
    record = world[table].get(told)
    return record[_NAMED[table]] if record else told
