"""Reading of fixtures into a world: one YAML file of rows for each collection.

A row has the members of a record. Members with a default may be left out, and a relation may name the other record by
its slug or e-mail address instead of its id. Everything unusable stops the start with a file and a line.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from mockserver.contract.yaml_text import YamlError, parse_yaml
from mockserver.errors import StartError
from mockserver.state.collection import Duplicate
from mockserver.state.table import Record, Relation, Table, read_member, with_member
from mockserver.state.world import World


class FixtureError(StartError):
    """A file of the fixtures cannot be used. Reads `FILE:LINE: what is wrong. Fix: what to do.`"""

    def __init__(self, path: Path, line: int | None, problem: str, fix: str) -> None:
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem.rstrip('.')}. Fix: {fix.rstrip('.')}.")


@dataclass(frozen=True)
class RowFault:
    """A fault in one row; `member` is None if the fault concerns the row as a whole."""

    member: str | None
    problem: str
    fix: str


class RowError(ValueError):
    """A row does not describe a record."""

    def __init__(self, member: str | None, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fault = RowFault(member, problem, fix)


class UnusableRow(ValueError):
    """A row of a collection cannot be used; `number` counts from 0."""

    def __init__(self, table: str, number: int, fault: RowFault) -> None:
        super().__init__(f"{table}, row {number + 1}: {fault.problem.rstrip('.')}. Fix: {fault.fix.rstrip('.')}.")
        self.table, self.number, self.fault = table, number, fault


def world_of(tables: Iterable[Table], rows_of: Callable[[str], Iterable[Any]]) -> World:
    """Creates a world with these rows of each collection. Raises `UnusableRow` for the first bad one."""
    tables = tuple(tables)
    world = World(tables)
    for table in tables:
        for number, row in enumerate(rows_of(table.name)):
            try:
                add_row(world, table, row)
            except RowError as error:
                raise UnusableRow(table.name, number, error.fault) from error
    return world


def add_row(world: World, table: Table, row: Any) -> None:
    """Adds the record that a row describes. Raises `RowError`."""
    record = record_of(world, table, row)
    if world[table.name].get(record["id"]) is not None:
        raise RowError("id", f"the id {record['id']} is repeated", "give each row its own id")
    try:
        world.insert(table.name, record)
    except Duplicate as error:
        problem = f"another row has the same {' and '.join(error.members)}"
        raise RowError(error.members[-1], problem, f"give each row its own {error.members[-1]}") from error


def file_of(folder: Path, table: str) -> Path:
    """Returns the path of the file of one collection."""
    return folder / f"{table}.yaml"


def locate(folder: Path, unusable: UnusableRow) -> FixtureError:
    """Returns the error with file and line. Reads the file once more, because loaded rows have no lines."""
    path = file_of(folder, unusable.table)
    tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert tree is not None
    line = tree.value[unusable.number].start_mark.line + 1
    return FixtureError(path, line, unusable.fault.problem, unusable.fault.fix)


def read_rows(folder: Path, table: str) -> list[Any]:
    """Reads the rows of one file; none if there is no such file."""
    if not folder.is_dir():
        raise FixtureError(folder, None, "no such folder", "name an existing one with --fixtures")
    path = file_of(folder, table)
    return parse_rows(path.read_bytes, path) if path.exists() else []


def parse_rows(read: Callable[[], bytes], path: Path, max_values: int | None = None) -> list[Any]:
    """Parses the rows of a YAML text, which messages call `path`. Raises `FixtureError`."""
    try:
        rows = parse_yaml(read().decode("utf-8"), max_values)
    except YamlError as error:
        raise FixtureError(path, error.line, error.problem, error.fix) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FixtureError(path, None, f"not readable: {error}", "save it as UTF-8 text of plain rows") from error
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise FixtureError(path, 1, "not a list", "start each row with `- `")
    return rows


def record_of(world: World, table: Table, row: Any) -> Record:
    """Returns the record that a row describes. Raises `RowError` for the first fault."""
    if not isinstance(row, dict):
        raise RowError(None, "the row has no members", "write it as `{id: 1, …}`")
    known = ("id", *table.needed, *table.defaults)
    if unknown := next((name for name in row if name not in known), None):
        nearest = get_close_matches(str(unknown), known, n=1, cutoff=0.4)
        fix = f"did you mean `{nearest[0]}`?" if nearest else "use one of " + ", ".join(known)
        raise RowError(None, f"unknown member `{unknown}`", fix)
    if problem := _describe_non_json(row):
        raise RowError(None, problem, "write texts, numbers, true, false, null, lists and maps only")
    if missing := next((name for name in ("id", *table.needed) if name not in row), None):
        raise RowError(missing, f"`{missing}` is missing", f"add `{missing}: …`")
    if type(row["id"]) is not int or row["id"] < 1:
        raise RowError("id", f"`id` is {row['id']!r}", "give it a whole number from 1")
    record = {**table.defaults, **row}
    for relation in table.relations:
        record = _resolve(world, record, relation, table.defaults)
    # Members with an index must be hashable.
    for member in {*table.filters, *table.sorts, *(member for members in table.unique for member in members)}:
        if isinstance(record[member], (list, dict)):
            raise RowError(member, f"`{member}` is {record[member]!r}", "make it a single value")
    return record


def _describe_non_json(value: Any) -> str | None:
    """Describes a YAML value that has no form in JSON, or is too large for the store."""
    if isinstance(value, dict):
        if odd := next((key for key in value if not isinstance(key, str)), None):
            return f"the key {odd!r} is not a text"
        value = value.values()
    elif isinstance(value, int):
        # SQLite has no larger integers.
        return None if abs(value) < 2**63 else f"the number {value} is too large"
    elif isinstance(value, float):
        return None if isfinite(value) else f"{value} is not a number of JSON"
    elif not isinstance(value, list):
        return None if value is None or isinstance(value, str) else f"{value!r} is not plain"
    return next(filter(None, map(_describe_non_json, value)), None)


def _resolve(world: World, record: Record, relation: Relation, optional: Container[str]) -> Record:
    """Replaces the names of other records by their ids."""
    try:
        written = read_member(record, relation.member)
    except AttributeError:
        problem = f"`{relation.member}` is not where it should be"
        raise RowError(_first_name(relation), problem, "write it like the shipped rows") from None
    if relation.is_list:
        if written is None:
            return with_member(record, relation.member, [])
        if not isinstance(written, list):
            raise RowError(_first_name(relation), f"`{relation.member}` is {written!r}", "make it a list")
        return with_member(record, relation.member, [_id(world, record, relation, one) for one in written])
    if written is None and relation.member in optional:
        return record
    return with_member(record, relation.member, _id(world, record, relation, written))


def _first_name(relation: Relation) -> str:
    """Returns the member of the record: `assignees` for `assignees.users`."""
    return relation.member.partition(".")[0]


def _id(world: World, record: Record, relation: Relation, written: Any) -> int:
    """Returns the id of the record that a row names by id, slug or e-mail address."""
    target = world[relation.target]
    if type(written) is int and target.get(written) is not None:
        return written
    # A name is unique within its scope, such as a slug of a type within its workspace.
    if isinstance(written, str) and target.table.unique:
        *scope, name = target.table.unique[0]
        if found := target.find((*scope, name), *(record.get(member) for member in scope), written):
            id: int = found["id"]
            return id
    problem = f"`{relation.member}` names {written!r}, which {relation.target}.yaml does not have"
    raise RowError(_first_name(relation), problem, "name one of its rows")
