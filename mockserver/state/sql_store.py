"""The store in a database, through SQLAlchemy Core.

A sandbox begins from a frozen world (its origin, or a copy of a snapshot), which is one row per collection; changes
since then are one row per record. So a new sandbox costs little, and a transaction only the records that it changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    Index,
    MetaData,
    Sequence,
    String,
    Text,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    literal,
    select,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from mockserver.clock import Clock
from mockserver.state.collection import Duplicate
from mockserver.state.stores import ORIGIN, SavedSandbox, Store, StoreError
from mockserver.state.table import Table
from mockserver.state.world import Change, World

# Increased when the meaning of the tables below changes, or that of the entries of a shared journal: then a process of
# another version of this program is refused.
FORMAT = "3"

_metadata = MetaData()
_about = SqlTable("about", _metadata, Column("name", String, primary_key=True), Column("value", Text))
sandbox_rows = SqlTable(
    "sandboxes",
    _metadata,
    Column("name", String, primary_key=True),
    Column("seed", Text, nullable=False),  # seeds exceed the integers of some databases
    Column("frozen_at", Float),
    Column("ahead", Float, nullable=False),
    Column("ends_at", Float),
    Column("base", String, nullable=False),  # the frozen world that it began from
    # Counted by a shared store: changes, and the change that replaced more than single records.
    Column("version", BigInteger, nullable=False, default=0),
    Column("epoch", BigInteger, nullable=False, default=0),
    Column("faults", Text, nullable=False, default=""),
    Column("requests", BigInteger, nullable=False, default=0),
    Column("coverage_resets", BigInteger, nullable=False, default=0),
)
_worlds = SqlTable(
    "worlds",
    _metadata,
    *(Column(name, String, primary_key=True) for name in ("sandbox", "world", "collection")),
    Column("last", BigInteger, nullable=False),  # the last id that was used
    Column("records", Text, nullable=False),
)
_changes = SqlTable(
    "changes",
    _metadata,
    *(Column(name, String, primary_key=True) for name in ("sandbox", "collection")),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Text),  # null for a deleted record
    Column("version", BigInteger, nullable=False, default=0),  # of the sandbox, after the change
)
# To catch up with. A store that is not shared never does.
Index("changes_by_version", _changes.c.sandbox, _changes.c.version).ddl_if(dialect="postgresql")
_sequences = SqlTable(
    "sequences",
    _metadata,
    *(Column(name, String, primary_key=True) for name in ("sandbox", "collection")),
    Column("last", BigInteger, nullable=False),
)
# Of a shared store only: the requests that each sandbox has answered.
request_rows = SqlTable(
    "requests",
    _metadata,
    Column("sandbox", String, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("key", String),
    Column("request", Text, nullable=False),
)
# Of a shared store only: the entries of the journal in the order in which they were recorded.
journal_rows = SqlTable(
    "journal",
    _metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
)
# Of a shared store only: what the requests of each sandbox have covered.
coverage_rows = SqlTable(
    "coverage", _metadata, Column("sandbox", String, primary_key=True), Column("shape", Text, primary_key=True)
)
journal_numbers = Sequence("journal_numbers", metadata=_metadata)
# Counts the removals from the journal, after which everything is read again.
journal_removals = Sequence("journal_removals", metadata=_metadata)
# Of the sandboxes of a shared store, so that a new one with an earlier name has higher versions.
sandbox_ages = Sequence("sandbox_ages", metadata=_metadata)
# A copy of the snapshot that a sandbox was restored to: the snapshot itself may be replaced or deleted later.
_BASE = "=base"


class SqlStore(Store):
    """A store at a database URL. A database of another contract is refused and left unchanged."""

    def __init__(self, url: str, tables: Iterable[Table], version: str, **options: Any) -> None:
        self._tables = tuple(tables)
        self._engine = _engine(url, options)
        self._url = self._engine.url.render_as_string(hide_password=True)
        with self._starting():
            self._open({"format": FORMAT, "contract": version})
            _use_write_ahead_log(self._engine)

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Releases the store if it cannot be used; `StoreError`."""
        try:
            with _explained(self._url):
                yield
        except StoreError:
            self.close()
            raise

    def _open(self, about: dict[str, str]) -> None:
        url = self._url
        with self._engine.begin() as connection:
            names = set(inspect(connection).get_table_names())
            if not names:
                _metadata.create_all(connection)
                connection.execute(insert(_about), [{"name": name, "value": value} for name, value in about.items()])
                return
            if not names >= set(_metadata.tables):
                raise StoreError(f"the store {url} holds something else. Fix: name another store with --store.")
            found = {row.name: row.value for row in connection.execute(select(_about).order_by(_about.c.name.desc()))}
        if found != about:
            found_text, expected_text = (
                ", ".join(f"{name} {value}" for name, value in each.items()) for each in (found, about)
            )
            fix = "start that version with that contract, or name another store with --store"
            raise StoreError(f"the store {url} was written for {found_text}; this is {expected_text}. Fix: {fix}.")

    def load(self) -> list[SavedSandbox]:
        """Returns every sandbox with all its worlds. `StoreError` if they cannot be read."""
        with self._starting(), self._engine.connect() as connection:
            rows = connection.execute(select(sandbox_rows).order_by(sandbox_rows.c.name)).all()
            return [self._saved(connection, row) for row in rows]

    def _saved(self, connection: Connection, row: Any) -> SavedSandbox:
        worlds = self._frozen_worlds(connection, row.name)
        live = worlds[row.base].fork()
        live.replay(*_changes_since(connection, row.name, -1))
        return SavedSandbox(
            row.name,
            int(row.seed),
            Clock(row.frozen_at, row.ahead),
            row.ends_at,
            live,
            {name: world for name, world in worlds.items() if name != _BASE},
            row.version,
        )

    def _frozen_worlds(self, connection: Connection, sandbox: str) -> dict[str, World]:
        worlds: dict[str, World] = {}
        for row in connection.execute(select(_worlds).where(_worlds.c.sandbox == sandbox)):
            world = worlds.setdefault(row.world, World(self._tables))
            world.sequences[row.collection] = row.last
            for record in json.loads(row.records):
                world[row.collection].put(record)
        return worlds

    def save(self, sandbox: SavedSandbox) -> int:
        with self._engine.begin() as connection:
            clock = sandbox.clock
            row = {"name": sandbox.name, "seed": str(sandbox.seed), "ends_at": sandbox.ends_at, "base": ORIGIN}
            row |= {"version": sandbox.version, "epoch": sandbox.version}
            connection.execute(insert(sandbox_rows), [row | {"frozen_at": clock.frozen_at, "ahead": clock.ahead}])
            for name, world in sandbox.frozen.items():
                _insert_world(connection, sandbox.name, name, world)
        return sandbox.version

    def drop(self, sandbox: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(sandbox_rows).where(sandbox_rows.c.name == sandbox))
            for table in (_worlds, _changes, _sequences, request_rows, coverage_rows):
                connection.execute(delete(table).where(table.c.sandbox == sandbox))

    @contextmanager
    def _change(self, sandbox: str, version: int) -> Iterator[tuple[Connection, int]]:
        """Opens the transaction of a change. Yields the version after it."""
        with self._engine.begin() as connection:
            yield connection, version

    def write(self, sandbox: str, changes: list[Change], sequences: dict[str, int], version: int) -> int:
        last = {(change.table, change.id): change.after for change in changes}
        with self._change(sandbox, version) as (connection, version):
            rows = [
                {"sandbox": sandbox, "collection": table, "id": id, "version": version}
                | {"record": None if record is None else to_text(record)}
                for (table, id), record in last.items()
            ]
            _delete_records(connection, sandbox, list(last))
            connection.execute(insert(_changes), rows)
            for table in {change.table for change in changes if change.before is None}:
                _save_sequence(connection, sandbox, table, sequences[table])
        return version

    def begin_from(self, sandbox: str, name: str, version: int) -> int:
        with self._change(sandbox, version) as (connection, version):
            for table in (_changes, _sequences):
                connection.execute(delete(table).where(table.c.sandbox == sandbox))
            base = name if name == ORIGIN else _copy_to_base(connection, sandbox, name)
            connection.execute(sandbox_rows.update().where(sandbox_rows.c.name == sandbox).values(base=base))
        return version

    def save_world(self, sandbox: str, name: str, world: World, version: int) -> int:
        with self._change(sandbox, version) as (connection, version):
            _delete_world(connection, sandbox, name)
            _insert_world(connection, sandbox, name, world)
        return version

    def drop_world(self, sandbox: str, name: str, version: int) -> int:
        with self._change(sandbox, version) as (connection, version):
            _delete_world(connection, sandbox, name)
        return version

    def save_clock(self, sandbox: str, clock: Clock) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                sandbox_rows.update()
                .where(sandbox_rows.c.name == sandbox)
                .values(frozen_at=clock.frozen_at, ahead=clock.ahead)
            )

    def close(self) -> None:
        self._engine.dispose()


def _engine(url: str, options: dict[str, Any]) -> Engine:
    try:
        engine = create_engine(make_url(url), **options)
    except (ArgumentError, ImportError, ValueError) as error:  # the last one of a port
        fix = "write it as `memory`, `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`"
        # It may hold a password.
        received = f"{url.partition('://')[0][:40]}://…" if "@" in url else repr(url)
        raise StoreError(f"--store: received {received}, documented: a database URL. Fix: {fix}.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns errors of the database into a `StoreError`."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        if reason == "database is locked":
            reason = "another process has it open"
        raise StoreError(f"the store {url} cannot be used: {reason}. Fix: name another store with --store.") from error
    except (ValueError, LookupError, TypeError, Duplicate) as error:
        fix = "delete it, or name another store with --store"
        raise StoreError(f"the store {url} is damaged: {error!r}. Fix: {fix}.") from error


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Lets one process at a time open the file."""
    connection.isolation_level = None  # the driver would begin its own transactions, too late for DDL
    for setting in ("locking_mode=EXCLUSIVE", "busy_timeout=1000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {setting}")


def _use_write_ahead_log(engine: Engine) -> None:
    """Makes commits survive a killed process. Called after the checks, since the setting stays in the file."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()  # outside of any transaction
        connection.cursor().execute("PRAGMA journal_mode=WAL")
        connection.close()


def to_text(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _changes_since(
    connection: Connection, sandbox: str, version: int
) -> tuple[list[tuple[str, int, Any]], dict[str, int]]:
    """Returns the records that have changed after a version, None for deleted ones, and the last ids."""
    is_newer = (_changes.c.sandbox == sandbox, _changes.c.version > version)
    changed = select(_changes).where(*is_newer).order_by(_changes.c.id)
    records = [
        (row.collection, row.id, None if row.record is None else json.loads(row.record))
        for row in connection.execute(changed)
    ]
    ids = connection.execute(select(_sequences).where(_sequences.c.sandbox == sandbox))
    return records, {row.collection: row.last for row in ids}


def _insert_world(connection: Connection, sandbox: str, name: str, world: World) -> None:
    rows = [
        {
            "sandbox": sandbox,
            "world": name,
            "collection": table,
            "last": world.sequences.get(table, 0),
            "records": to_text(list(collection.as_put())),
        }
        for table, collection in world
    ]
    connection.execute(insert(_worlds), rows)


def _copy_to_base(connection: Connection, sandbox: str, name: str) -> str:
    _delete_world(connection, sandbox, _BASE)
    columns = [_worlds.c.sandbox, literal(_BASE), _worlds.c.collection, _worlds.c.last, _worlds.c.records]
    copied = select(*columns).where(_worlds.c.sandbox == sandbox, _worlds.c.world == name)
    connection.execute(insert(_worlds).from_select(["sandbox", "world", "collection", "last", "records"], copied))
    return _BASE


def _delete_world(connection: Connection, sandbox: str, name: str) -> None:
    connection.execute(delete(_worlds).where(_worlds.c.sandbox == sandbox, _worlds.c.world == name))


def _delete_records(connection: Connection, sandbox: str, keys: list[tuple[str, int]]) -> None:
    for table, id in keys:
        connection.execute(
            delete(_changes).where(_changes.c.sandbox == sandbox, _changes.c.collection == table, _changes.c.id == id)
        )


def _save_sequence(connection: Connection, sandbox: str, table: str, last: int) -> None:
    connection.execute(delete(_sequences).where(_sequences.c.sandbox == sandbox, _sequences.c.collection == table))
    connection.execute(insert(_sequences), [{"sandbox": sandbox, "collection": table, "last": last}])
