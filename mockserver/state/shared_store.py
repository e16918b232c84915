"""The store that several processes share, in PostgreSQL. Each keeps its worlds in memory, as a cache of the database.

The row of a sandbox counts its changes in `version`. Whoever handles a request first reads that row and catches up with
the records whose version is higher; `epoch` is the version of the last change of more than single records, after which
everything is read again. Whoever changes a sandbox increments the version that it has seen; if another process was
faster, nothing is saved, and the request is handled once more. So each read sees every acknowledged write, and
processes rarely wait for each other: only the one that comes too late several times makes the others wait.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from mockserver.clock import Clock
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.database_errors import available
from mockserver.state.faults import Faults
from mockserver.state.journal_store import JournalStore
from mockserver.state.request_log import RequestLog
from mockserver.state.shared_logs import SharedCoverageLog, SharedRequestLog
from mockserver.state.sql_store import SqlStore, sandbox_ages, sandbox_rows, to_text
from mockserver.state.stores import NewerState, SandboxGone, SavedSandbox, Stale, StoreLimits
from mockserver.state.table import Table
from mockserver.state.world import Change

# The key of a lock, since two processes must not create the tables at the same time. Any number does.
_OPENING = 4_010
# No sandbox will ever have so many.
_VERSIONS_OF_ONE = 2**32

# Many processes may change a sandbox at the same time, but none while one is `alone`; that one waits for nobody, as the
# lock of null is none.
_ADMITTED = "WITH admitted AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(4012, hashtext(:waits_for)))"
_BE_ALONE = text("SELECT pg_advisory_lock(4012, hashtext(:name))")
_ADMIT_OTHERS = text("SELECT pg_advisory_unlock(4012, hashtext(:name))")
_BEGIN_EPOCH = text(
    f"{_ADMITTED} UPDATE sandboxes SET version = version + 1, epoch = version + 1"
    " FROM admitted WHERE name = :name AND version = :version"
)
# One statement is its own transaction: it saves everything, or nothing if the version is another one.
_WRITE = text(
    f"{_ADMITTED}, incremented AS (UPDATE sandboxes SET version = version + 1"
    " FROM admitted WHERE name = :name AND version = :version RETURNING version),"
    " changed AS (INSERT INTO changes (sandbox, collection, id, record, version)"
    " SELECT :name, change.*, version FROM incremented,"
    " unnest(CAST(:collections AS text[]), CAST(:ids AS bigint[]), CAST(:records AS text[])) AS change"
    " ON CONFLICT (sandbox, collection, id) DO UPDATE SET record = excluded.record, version = excluded.version),"
    " numbered AS (INSERT INTO sequences (sandbox, collection, last)"
    " SELECT :name, sequence.* FROM incremented,"
    " unnest(CAST(:grown AS text[]), CAST(:lasts AS bigint[])) AS sequence"
    " ON CONFLICT (sandbox, collection) DO UPDATE SET last = excluded.last)"
    " SELECT version FROM incremented"
)
# The records only if there are newer ones than `version`.
_HEAD = text(
    "SELECT version, epoch, frozen_at, ahead, ends_at, faults, coverage_resets,"
    " CASE WHEN version > :version AND epoch <= :version THEN"
    " (SELECT json_agg(json_build_array(collection, id, record) ORDER BY id) FROM changes"
    " WHERE sandbox = name AND version > :version) END AS records,"
    " CASE WHEN version > :version AND epoch <= :version THEN"
    " (SELECT json_object_agg(collection, last) FROM sequences WHERE sandbox = name) END AS sequences"
    " FROM sandboxes WHERE name = :name"
)
_LOCK_FAULTS = text("SELECT faults FROM sandboxes WHERE name = :name FOR UPDATE")
_SAVE_FAULTS = text("UPDATE sandboxes SET faults = :faults WHERE name = :name")
_NOW = text("SELECT extract(epoch FROM clock_timestamp())")
_VERSIONS = text("SELECT name, version FROM sandboxes")


class SharedStore(SqlStore):
    """A store in PostgreSQL, which any number of processes with the same contract may use at the same time."""

    def __init__(self, url: str, tables: Iterable[Table], version: str, limits: StoreLimits) -> None:
        super().__init__(
            url,
            tables,
            version,
            pool_size=limits.connections,
            max_overflow=0,
            pool_timeout=limits.seconds,
            connect_args={
                "connect_timeout": limits.seconds,
                "options": f"-c statement_timeout={limits.seconds}s -c lock_timeout={limits.seconds}s",
            },
        )
        self._is_alone = False
        # One statement is its own transaction: a request that finds nothing new costs a single round trip.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._catching_up = self._engine.execution_options(isolation_level="REPEATABLE READ")

    def _open(self, about: dict[str, str]) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _OPENING})
            super()._open(about)
            self._compare_clocks(connection)

    def after_fork(self) -> None:
        self._engine.dispose(close=False)

    def check(self) -> None:
        with available(), self._reading.connect() as connection:
            self._compare_clocks(connection)

    def _compare_clocks(self, connection: Connection) -> None:
        # A process whose clock is ahead must not end the sandboxes of others.
        self.ahead = float(connection.scalar(_NOW)) - time.time()

    def versions(self) -> dict[str, int]:
        with available(), self._reading.connect() as connection:
            return {row.name: row.version for row in connection.execute(_VERSIONS)}

    def newer(self, sandbox: str, version: int) -> NewerState | None:
        with available(), self._reading.connect() as connection:
            newer, epoch = _newer(connection, sandbox, version)
        if epoch <= version:
            return newer
        with available(), self._catching_up.begin() as connection:
            # Read again: the following statements see the same moment.
            newer, epoch = _newer(connection, sandbox, version)
            return replace(newer, whole=self._read(connection, sandbox))

    @contextmanager
    def alone(self, sandbox: str) -> Iterator[None]:
        with available(), self._reading.connect() as connection:
            connection.execute(_BE_ALONE, {"name": sandbox})
            self._is_alone = True
            try:
                yield
            finally:
                self._is_alone = False
                connection.execute(_ADMIT_OTHERS, {"name": sandbox})

    def read(self, sandbox: str) -> SavedSandbox:
        with available(), self._catching_up.begin() as connection:
            return self._read(connection, sandbox)

    def _read(self, connection: Connection, sandbox: str) -> SavedSandbox:
        row = connection.execute(select(sandbox_rows).where(sandbox_rows.c.name == sandbox)).one_or_none()
        if row is None:
            raise SandboxGone(sandbox)
        return self._saved(connection, row)

    def write(self, sandbox: str, changes: list[Change], sequences: dict[str, int], version: int) -> int:
        last = {(change.table, change.id): change.after for change in changes}
        grown = list({change.table for change in changes if change.before is None})
        row = self._seen(sandbox, version) | {
            "collections": [table for table, _ in last],
            "ids": [id for _, id in last],
            "records": [None if record is None else to_text(record) for record in last.values()],
            "grown": grown,
            "lasts": [sequences[table] for table in grown],
        }
        with available(), self._reading.connect() as connection:
            if connection.scalar(_WRITE, row) is None:
                raise Stale(sandbox)
        return version + 1

    @contextmanager
    def _change(self, sandbox: str, version: int) -> Iterator[tuple[Connection, int]]:
        with available(), self._engine.begin() as connection:
            if connection.execute(_BEGIN_EPOCH, self._seen(sandbox, version)).rowcount != 1:
                raise Stale(sandbox)
            yield connection, version + 1

    def _seen(self, sandbox: str, version: int) -> dict[str, Any]:
        return {"name": sandbox, "version": version, "waits_for": None if self._is_alone else sandbox}

    @contextmanager
    def faults(self, sandbox: str, present: Faults) -> Iterator[Faults]:
        with available(), self._engine.begin() as connection:
            written = connection.execute(_LOCK_FAULTS, {"name": sandbox}).scalar_one_or_none()
            if written is None:
                raise SandboxGone(sandbox)
            faults = Faults.from_json(json.loads(written)) if written else Faults()
            yield faults
            connection.execute(_SAVE_FAULTS, {"name": sandbox, "faults": json.dumps(faults.to_json())})

    def journal(self, max_entries: int) -> JournalStore:
        return JournalStore(self._reading, max_entries)

    def request_log(self, sandbox: str) -> RequestLog:
        return SharedRequestLog(self._reading, sandbox)

    def coverage_log(self, sandbox: str | None) -> CoverageLog:
        return SharedCoverageLog(self._reading, sandbox)

    def save(self, sandbox: SavedSandbox) -> int:
        try:
            with available():
                with self._reading.connect() as connection:
                    age = connection.scalar(sandbox_ages)
                return super().save(replace(sandbox, version=age * _VERSIONS_OF_ONE))
        except IntegrityError:
            raise Stale(sandbox.name) from None

    def drop(self, sandbox: str) -> None:
        with available():
            super().drop(sandbox)

    def save_clock(self, sandbox: str, clock: Clock) -> None:
        with available():
            super().save_clock(sandbox, clock)


def _newer(connection: Connection, sandbox: str, version: int) -> tuple[NewerState, int]:
    """Returns what is newer than a version, and the epoch."""
    head = connection.execute(_HEAD, {"name": sandbox, "version": version}).one_or_none()
    if head is None:
        raise SandboxGone(sandbox)
    newer = NewerState(
        head.version,
        Clock(head.frozen_at, head.ahead),
        head.ends_at,
        records=tuple(
            (table, id, None if record is None else json.loads(record)) for table, id, record in head.records or ()
        ),
        sequences=head.sequences or {},
        faults=head.faults,
        coverage_resets=head.coverage_resets,
    )
    return newer, head.epoch
