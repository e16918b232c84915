"""Writing of records as rows of fixture files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mockserver.fixture_files.fixture_reader import file_of
from mockserver.state.table import Record, Table
from mockserver.state.world import World

# The members by which rows name records of these collections.
_NAMED = {"users": "email", "workspaces": "slug", "types": "slug"}


def row_of(world: World, table: Table, record: Record) -> Record:
    """Returns the record as a row: without default values, and with names instead of some ids."""
    row = {name: record[name] for name in record if record[name] != table.defaults.get(name, ...)}
    for relation in table.relations:
        if relation.target in _NAMED and relation.member in row:
            row[relation.member] = _name(world, relation.target, row[relation.member])
    return row


def text_of(row: Record) -> str:
    """Returns the row as one line of YAML."""
    # One line per record makes diffs of fixtures readable.
    text: str = yaml.dump(
        row, Dumper=yaml.CSafeDumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    return text


def write_rows(world: World, table: Table, folder: Path) -> None:
    """Writes the file of one collection."""
    rows = "".join(f"- {text_of(row_of(world, table, record))}" for record in world[table.name])
    file_of(folder, table.name).write_text(rows or "[]\n", encoding="utf-8")


def _name(world: World, table: str, ids: Any) -> Any:
    """Replaces an id, or a list of ids, by e-mail addresses or slugs."""
    if isinstance(ids, list):
        return [_name(world, table, id) for id in ids]
    record = world[table].get(ids)
    return record[_NAMED[table]] if record else ids
