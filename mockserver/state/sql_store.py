"""The store in a database, through SQLAlchemy Core: one row for each record, as JSON.

A record is known by sandbox, world (the live one, the origin, a snapshot), collection and id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Text,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    select,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from mockserver.clock import Clock
from mockserver.state.stores import LIVE, Saved, StoreError
from mockserver.state.tables import Table
from mockserver.state.world import Change, World

# Grows when the tables below change their meaning.
FORMAT = "1"

_metadata = MetaData()
_about = SqlTable("about", _metadata, Column("name", String(40), primary_key=True), Column("value", Text))
_sandboxes = SqlTable(
    "sandboxes",
    _metadata,
    Column("name", String(100), primary_key=True),
    Column("seed", Text, nullable=False),  # beyond what some databases call an integer
    Column("frozen_at", Float),
    Column("ahead", Float, nullable=False),
    Column("ends_at", Float),
)
_key = ("sandbox", "world", "collection", "id")
_records = SqlTable(
    "records",
    _metadata,
    *(Column(name, String(100), primary_key=True) for name in _key[:3]),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False),
)
_sequences = SqlTable(
    "sequences",
    _metadata,
    *(Column(name, String(100), primary_key=True) for name in _key[:3]),
    Column("last", Integer, nullable=False),
)

Rows = list[dict[str, Any]]


class SqlStore:
    """A store at a database URL. Made and checked at start; a file of another contract is left as it is."""

    def __init__(self, url: str, tables: Iterable[Table], version: str) -> None:
        self._tables = tuple(tables)
        self._engine = _engine(url)
        try:
            self._open({"format": FORMAT, "contract": version}, url)
        except SQLAlchemyError as error:
            reason = str(error.__cause__ or error).splitlines()[0]
            raise StoreError(
                f"the store {url} cannot be used: {reason}. Mend: name another file with --store."
            ) from error

    def _open(self, about: dict[str, str], url: str) -> None:
        with self._engine.begin() as connection:
            names = set(inspect(connection).get_table_names())
            if not names:
                _metadata.create_all(connection)
                connection.execute(insert(_about), [{"name": name, "value": value} for name, value in about.items()])
                return
            if not names >= set(_metadata.tables):
                raise StoreError(f"the store {url} holds something else. Mend: name another file with --store.")
            found = {row.name: row.value for row in connection.execute(select(_about))}
        if found != about:
            there, here = (", ".join(f"{name} {value}" for name, value in each.items()) for each in (found, about))
            mend = "start with that contract, or name another file with --store"
            raise StoreError(f"the store {url} was written for {there}; this is {here}. Mend: {mend}.")

    def load(self) -> list[Saved]:
        """Every sandbox with all its worlds."""
        with self._engine.connect() as connection:
            worlds = self._worlds(connection)
            return [
                Saved(row.name, int(row.seed), Clock(row.frozen_at, row.ahead), row.ends_at, worlds[row.name])
                for row in connection.execute(select(_sandboxes).order_by(_sandboxes.c.name))
            ]

    def _worlds(self, connection: Connection) -> dict[str, dict[str, World]]:
        worlds: dict[str, dict[str, World]] = {}
        for row in connection.execute(select(_sequences)):
            world = worlds.setdefault(row.sandbox, {}).setdefault(row.world, World(self._tables))
            world.sequences[row.collection] = row.last
        for row in connection.execute(select(_records).order_by(_records.c.id)):
            worlds[row.sandbox][row.world][row.collection].put(json.loads(row.record))
        return worlds

    def save(self, sandbox: Saved) -> None:
        with self._engine.begin() as connection:
            clock = sandbox.clock
            row = {"name": sandbox.name, "seed": str(sandbox.seed), "ends_at": sandbox.ends_at}
            connection.execute(insert(_sandboxes), [row | {"frozen_at": clock.frozen_at, "ahead": clock.ahead}])
            for name, world in sandbox.worlds.items():
                _insert_world(connection, sandbox.name, name, world)

    def drop(self, sandbox: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(_sandboxes).where(_sandboxes.c.name == sandbox))
            for table in (_records, _sequences):
                connection.execute(delete(table).where(table.c.sandbox == sandbox))

    def write(self, sandbox: str, changes: list[Change], sequences: dict[str, int]) -> None:
        last = {(change.table, change.id): change for change in changes}
        with self._engine.begin() as connection:
            _delete_records(connection, sandbox, list(last))
            rows = [
                {"sandbox": sandbox, "world": LIVE, "collection": table, "id": id, "record": _written(change.after)}
                for (table, id), change in last.items()
                if change.after is not None
            ]
            if rows:
                connection.execute(insert(_records), rows)
            for table in {change.table for change in changes if change.before is None}:
                _put_sequence(connection, sandbox, table, sequences[table])

    def save_world(self, sandbox: str, name: str, world: World) -> None:
        with self._engine.begin() as connection:
            _delete_world(connection, sandbox, name)
            _insert_world(connection, sandbox, name, world)

    def drop_world(self, sandbox: str, name: str) -> None:
        with self._engine.begin() as connection:
            _delete_world(connection, sandbox, name)

    def save_clock(self, sandbox: str, clock: Clock) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                _sandboxes.update()
                .where(_sandboxes.c.name == sandbox)
                .values(frozen_at=clock.frozen_at, ahead=clock.ahead)
            )


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(make_url(url))
    except (ArgumentError, ImportError) as error:
        mend = "write it as `memory` or `sqlite:///FILE`"
        raise StoreError(f"--store: received {url!r}, documented: a database URL. Mend: {mend}.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """A write-ahead log survives the death of the process, and one process at a time holds the file."""
    connection.isolation_level = None  # the driver would begin transactions of its own, too late for tables
    for setting in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {setting}")


def _written(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _insert_world(connection: Connection, sandbox: str, name: str, world: World) -> None:
    key = {"sandbox": sandbox, "world": name}
    rows: Rows = []
    sequences: Rows = []
    for table, collection in world:
        rows += [
            {**key, "collection": table, "id": record["id"], "record": _written(record)}
            for record in collection.as_put()
        ]
        sequences.append({**key, "collection": table, "last": world.sequences.get(table, 0)})
    if rows:
        connection.execute(insert(_records), rows)
    connection.execute(insert(_sequences), sequences)


def _delete_world(connection: Connection, sandbox: str, name: str) -> None:
    for table in (_records, _sequences):
        connection.execute(delete(table).where(table.c.sandbox == sandbox, table.c.world == name))


def _delete_records(connection: Connection, sandbox: str, keys: list[tuple[str, int]]) -> None:
    for table, id in keys:
        connection.execute(
            delete(_records).where(
                _records.c.sandbox == sandbox,
                _records.c.world == LIVE,
                _records.c.collection == table,
                _records.c.id == id,
            )
        )


def _put_sequence(connection: Connection, sandbox: str, table: str, last: int) -> None:
    where = (_sequences.c.sandbox == sandbox, _sequences.c.world == LIVE, _sequences.c.collection == table)
    connection.execute(_sequences.update().where(*where).values(last=last))
