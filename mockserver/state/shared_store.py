"""The store that several processes share, in PostgreSQL. Each keeps its worlds in memory, as a cache of the database.

The row of a sandbox counts its changes in `version`. Whoever handles a request first reads that row and catches up with
the records whose version is higher; `epoch` is the version of the last change of more than single records, after which
everything is read again. Whoever changes a sandbox increments the version that it has seen; if another process was
faster, nothing is saved, and the request is handled once more. So each read sees every acknowledged write, and no
process waits for a lock of another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import IntegrityError

from mockserver.clock import Clock
from mockserver.state.database_errors import available
from mockserver.state.faults import Faults
from mockserver.state.journal_store import JournalStore
from mockserver.state.request_log import FIRST_ID, MAX_REQUESTS, LoggedRequest, RequestLog
from mockserver.state.sql_store import SqlStore, changes_since, sandbox_ages, sandbox_rows
from mockserver.state.stores import NewerState, SandboxGone, SavedSandbox, Stale, StoreLimits
from mockserver.state.table import Table

# Two processes must not create the tables at the same time. Any number does.
_OPENING = 4_010
# No sandbox will ever have so many.
_VERSIONS_OF_ONE = 2**32

_INCREMENT = text("UPDATE sandboxes SET version = version + 1 WHERE name = :name AND version = :version")
_BEGIN_EPOCH = text("UPDATE sandboxes SET epoch = version WHERE name = :name")
_HEAD = text("SELECT version, epoch, frozen_at, ahead, ends_at, faults FROM sandboxes WHERE name = :name")
_LOCK_FAULTS = text("SELECT faults FROM sandboxes WHERE name = :name FOR UPDATE")
_SAVE_FAULTS = text("UPDATE sandboxes SET faults = :faults WHERE name = :name")
# One statement, so that each id is given once.
_LOG = text(
    "WITH counted AS (UPDATE sandboxes SET requests = requests + 1 WHERE name = :sandbox RETURNING requests)"
    " INSERT INTO requests (sandbox, id, at, key, request)"
    " SELECT :sandbox, :first + counted.requests, :at, :key, :request FROM counted"
)
_LOGGED = text("SELECT id, request FROM requests WHERE sandbox = :sandbox ORDER BY id")
_LAST_USE = text("SELECT max(at) FROM requests WHERE sandbox = :sandbox AND key = :key")
_CLEAR_LOG = text(
    "WITH cleared AS (UPDATE sandboxes SET requests = 0 WHERE name = :sandbox)"
    " DELETE FROM requests WHERE sandbox = :sandbox"
)
_DELETE_OLD = text(
    "DELETE FROM requests WHERE sandbox = :sandbox"
    " AND id <= (SELECT :first + requests - :most FROM sandboxes WHERE name = :sandbox)"
)
_BETWEEN_DELETIONS = 1_000  # requests
_VERSIONS = text("SELECT name, version FROM sandboxes")


class SharedStore(SqlStore):
    """A store in PostgreSQL, which any number of processes with the same contract may use at the same time."""

    is_shared = True

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
        # One statement is its own transaction: a request that finds nothing new costs a single round trip.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._catching_up = self._engine.execution_options(isolation_level="REPEATABLE READ")

    def _open(self, about: dict[str, str]) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _OPENING})
            super()._open(about)

    def after_fork(self) -> None:
        self._engine.dispose(close=False)

    def check(self) -> None:
        with available(), self._reading.connect() as connection:
            connection.execute(text("SELECT 1"))

    def versions(self) -> dict[str, int]:
        with available(), self._reading.connect() as connection:
            return {row.name: row.version for row in connection.execute(_VERSIONS)}

    def newer(self, sandbox: str, version: int) -> NewerState | None:
        with available(), self._reading.connect() as connection:
            head = _head(connection, sandbox)
        if head.version == version:
            return _newer(head)
        with available(), self._catching_up.begin() as connection:
            # Read again: the following statements see the same moment.
            head = _head(connection, sandbox)
            newer = _newer(head)
            if head.epoch > version:
                return replace(newer, whole=self._read(connection, sandbox))
            records, sequences = changes_since(connection, sandbox, version)
            return replace(newer, records=tuple(records), sequences=sequences)

    def read(self, sandbox: str) -> SavedSandbox:
        with available(), self._catching_up.begin() as connection:
            return self._read(connection, sandbox)

    def _read(self, connection: Connection, sandbox: str) -> SavedSandbox:
        row = connection.execute(select(sandbox_rows).where(sandbox_rows.c.name == sandbox)).one_or_none()
        if row is None:
            raise SandboxGone(sandbox)
        return self._saved(connection, row)

    @contextmanager
    def _change(self, sandbox: str, version: int, *, of_more: bool = False) -> Iterator[tuple[Connection, int]]:
        with available(), self._engine.begin() as connection:
            if connection.execute(_INCREMENT, {"name": sandbox, "version": version}).rowcount != 1:
                raise Stale(sandbox)
            if of_more:
                connection.execute(_BEGIN_EPOCH, {"name": sandbox})
            yield connection, version + 1

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
        """Returns the rows of the journal of all processes."""
        return JournalStore(self._reading, max_entries)

    def request_log(self, sandbox: str) -> RequestLog:
        return SharedRequestLog(self._reading, sandbox)

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


class SharedRequestLog(RequestLog):
    """The request log of one sandbox, of all processes."""

    def __init__(self, engine: Engine, sandbox: str) -> None:
        super().__init__()
        self._engine, self._sandbox = engine, sandbox

    def __iter__(self) -> Iterator[tuple[int, LoggedRequest]]:
        with available(), self._engine.connect() as connection:
            rows = connection.execute(_LOGGED, {"sandbox": self._sandbox}).all()
        return ((row.id, _request_from(json.loads(row.request))) for row in rows)

    def add(self, request: LoggedRequest) -> None:
        written = asdict(request) | {"path": request.path.decode("latin-1"), "query": request.query.decode("latin-1")}
        row = {"sandbox": self._sandbox, "at": request.at, "key": request.key, "request": json.dumps(written)}
        with available(), self._engine.connect() as connection:
            connection.execute(_LOG, row | {"first": FIRST_ID - 1})
            self.count += 1
            if self.count % _BETWEEN_DELETIONS == 0:
                connection.execute(_DELETE_OLD, {"sandbox": self._sandbox, "most": MAX_REQUESTS, "first": FIRST_ID - 1})

    def clear(self) -> None:
        with available(), self._engine.connect() as connection:
            connection.execute(_CLEAR_LOG, {"sandbox": self._sandbox})

    def last_use(self, key: str) -> float | None:
        with available(), self._engine.connect() as connection:
            at: float | None = connection.scalar(_LAST_USE, {"sandbox": self._sandbox, "key": key})
        return at


def _request_from(written: dict[str, Any]) -> LoggedRequest:
    texts = {name: written[name].encode("latin-1") for name in ("path", "query")}
    return LoggedRequest(**{**written, **texts})


def _newer(head: Any) -> NewerState:
    return NewerState(head.version, Clock(head.frozen_at, head.ahead), head.ends_at, faults=head.faults)


def _head(connection: Connection, sandbox: str) -> Any:
    head = connection.execute(_HEAD, {"name": sandbox}).one_or_none()
    if head is None:
        raise SandboxGone(sandbox)
    return head
