"""Fixtures: one YAML file of rows for each collection, read into a world.

A row holds what a record holds; members with a default may be left out, and a relation may be told by what the other
record is known by: a slug, an e-mail address. Anything unusable stops the start with file, line and mend.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from mockserver.contract.yaml_text import PlainLoader
from mockserver.errors import StartError
from mockserver.state.collection import Duplicate
from mockserver.state.table import Record, Relation, Table, read_member, with_member
from mockserver.state.world import World

_DEEPEST = 50


class FixtureError(StartError):
    """A file of the fixtures cannot be used. Reads `FILE:LINE: what is wrong. Mend: what to do.`"""

    def __init__(self, path: Path, line: int | None, problem: str, mend: str) -> None:
        place = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {problem.rstrip('.')}. Mend: {mend.rstrip('.')}.")


class RowError(ValueError):
    """What is wrong with one row, and how to mend it."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.problem, self.mend = problem, mend


class Misfit(ValueError):
    """One row of a collection that cannot be used; `number` counts from 0."""

    def __init__(self, table: str, number: int, error: RowError) -> None:
        super().__init__(f"{table}, row {number + 1}: {error.problem.rstrip('.')}. Mend: {error.mend.rstrip('.')}.")
        self.table, self.number, self.error = table, number, error


def world_of(tables: Iterable[Table], rows_of: Callable[[str], Iterable[Any]]) -> World:
    """A world with these rows of each collection. `Misfit` for the first one that cannot be used."""
    tables = tuple(tables)
    world = World(tables)
    for table in tables:
        for number, row in enumerate(rows_of(table.name)):
            try:
                _add(world, table, row)
            except RowError as error:
                raise Misfit(table.name, number, error) from error
    return world


def _add(world: World, table: Table, row: Any) -> None:
    record = record_of(world, table, row)
    if world[table.name].get(record["id"]) is not None:
        raise RowError(f"the id {record['id']} stands twice", "give each row its own id")
    try:
        world.insert(table.name, record)
    except Duplicate as error:
        problem = f"another row has the same {' and '.join(error.members)}"
        raise RowError(problem, f"give each row its own {error.members[-1]}") from error


def file_of(folder: Path, table: str) -> Path:
    """The file of one collection."""
    return folder / f"{table}.yaml"


def fault_at(folder: Path, table: str, number: int, error: RowError) -> FixtureError:
    """The fault of one row, with its line. The text is read once more for that, as good rows need no lines."""
    path = file_of(folder, table)
    tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert tree is not None
    return FixtureError(path, tree.value[number].start_mark.line + 1, error.problem, error.mend)


def read_rows(folder: Path, table: str) -> list[Any]:
    """The rows of one file, as they were written; none if there is no such file."""
    if not folder.is_dir():
        raise FixtureError(folder, None, "no such folder", "name an existing one with --fixtures")
    path = file_of(folder, table)
    return parse_rows(path.read_bytes, path) if path.exists() else []


def parse_rows(read: Callable[[], bytes], path: Path) -> list[Any]:
    """The rows of a text of YAML that `path` names in messages; `FixtureError`."""
    try:
        rows = yaml.load(read().decode("utf-8"), Loader=PlainLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FixtureError(path, line, f"not readable as YAML: {error.problem}", "correct that line") from error
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        problem = f"not readable: {str(error).splitlines()[0]}"
        raise FixtureError(path, None, problem, "save it as UTF-8 text of plain rows") from error
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise FixtureError(path, 1, "not a list", "start each row with `- `")
    return rows


def record_of(world: World, table: Table, row: Any) -> Record:
    """The record that a row describes. `RowError` for the first member that is none, is missing or names nothing."""
    if not isinstance(row, dict):
        raise RowError("the row holds no members", "write it as `{id: 1, …}`")
    known = ("id", *table.needed, *table.defaults)
    if unknown := next((name for name in row if name not in known), None):
        nearest = get_close_matches(str(unknown), known, n=1, cutoff=0.4)
        mend = f"did you mean `{nearest[0]}`?" if nearest else "use one of " + ", ".join(known)
        raise RowError(f"unknown member `{unknown}`", mend)
    if odd := _unlike_json(row):
        raise RowError(odd, "write texts, numbers, true, false, null, lists and maps only")
    if missing := next((name for name in ("id", *table.needed) if name not in row), None):
        raise RowError(f"`{missing}` is missing", f"add `{missing}: …`")
    if type(row["id"]) is not int or row["id"] < 1:
        raise RowError(f"`id` is {row['id']!r}", "give it a whole number from 1")
    record = {**table.defaults, **row}
    for relation in table.relations:
        record = _resolved(world, record, relation, table.defaults)
    for member in {*table.filters, *table.sorts, *(member for members in table.unique for member in members)}:
        if isinstance(record[member], (list, dict)):
            raise RowError(f"`{member}` is {record[member]!r}", "make it a single value")
    return record


def _unlike_json(value: Any, depth: int = 0) -> str | None:
    """What a value of YAML holds that JSON, or the store, cannot."""
    if depth > _DEEPEST:
        return "the row holds itself, or too many levels"
    if isinstance(value, dict):
        if odd := next((key for key in value if not isinstance(key, str)), None):
            return f"the key {odd!r} is not a text"
        value = value.values()
    elif isinstance(value, int):
        return None if abs(value) < 2**63 else f"the number {value} is too large"
    elif isinstance(value, float):
        return None if isfinite(value) else f"{value} is not a number of JSON"
    elif not isinstance(value, list):
        return None if value is None or isinstance(value, str) else f"{value!r} is not plain"
    return next((told for told in (_unlike_json(one, depth + 1) for one in value) if told), None)


def _resolved(world: World, record: Record, relation: Relation, optional: Container[str]) -> Record:
    """The record with ids where the row may have names."""
    try:
        told = read_member(record, relation.member)
    except AttributeError:
        raise RowError(f"`{relation.member}` is not where it should be", "write it like the shipped rows") from None
    if relation.is_list:
        if told is None:
            return with_member(record, relation.member, [])
        if not isinstance(told, list):
            raise RowError(f"`{relation.member}` is {told!r}", "make it a list")
        return with_member(record, relation.member, [_id(world, record, relation, one) for one in told])
    if told is None and relation.member in optional:
        return record
    return with_member(record, relation.member, _id(world, record, relation, told))


def _id(world: World, record: Record, relation: Relation, told: Any) -> int:
    target = world[relation.target]
    if type(told) is int and target.get(told) is not None:
        return told
    if isinstance(told, str) and target.table.unique:
        *scope, name = target.table.unique[0]
        if found := target.find((*scope, name), *(record.get(member) for member in scope), told):
            id: int = found["id"]
            return id
    raise RowError(
        f"`{relation.member}` names {told!r}, which {relation.target}.yaml does not have", "name one of its rows"
    )
