"""Stores: where state outlives the process. `memory` keeps nothing; databases are in `sql_store` and `shared_store`.

The worlds in memory are the state. A store saves each transaction before it is acknowledged, and returns everything at
the next start. Of a shared store the worlds are a cache: other processes change it too, see `shared_store`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.clock import Clock
from mockserver.errors import StartError
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.faults import Faults
from mockserver.state.request_log import RequestLog
from mockserver.state.table import Record, Table
from mockserver.state.world import Change, World

if TYPE_CHECKING:
    from mockserver.state.journal_store import JournalStore

# The name under which the initial world of a sandbox is saved, beside its snapshots; theirs never begin with `=`.
ORIGIN = "=origin"


class StoreError(StartError):
    """The store cannot be used; reads as a sentence with the fix."""


class StoreUnavailable(Exception):
    """A shared store does not answer. What was to be saved is either complete or absent."""


class Stale(Exception):
    """Another process has changed the sandbox meanwhile: nothing was saved, and what was read is out of date."""


class SandboxGone(Exception):
    """Another process has deleted the sandbox."""


@dataclass(frozen=True)
class SavedSandbox:
    """A sandbox as a store keeps it: the present world, and by name those that never change: origin and snapshots.

    A new sandbox is at its origin. `version` counts its changes in a shared store.
    """

    name: str
    seed: int
    clock: Clock
    ends_at: float | None
    live: World
    frozen: dict[str, World]
    version: int = 0


@dataclass(frozen=True)
class NewerState:
    """What other processes have done to a sandbox: single records, None for deleted ones, or all of it (`whole`)."""

    version: int
    clock: Clock
    ends_at: float | None
    records: tuple[tuple[str, int, Record | None], ...] = ()
    sequences: Mapping[str, int] = field(default_factory=dict)
    faults: str = ""  # as JSON, empty if there never was one
    coverage_resets: int = 0
    whole: SavedSandbox | None = None


class Store:
    """A store that keeps nothing; a database overrides every method. Each raises, or is durable when it returns.

    Methods that change a sandbox take the `version` that they have seen, and return the next one. Those of a shared
    store raise `Stale` if there is a newer one.
    """

    # Seconds from the clock of this process to the one that all processes share.
    ahead = 0.0

    def load(self) -> Iterable[SavedSandbox]:
        """Returns everything that was saved."""
        return ()

    def save(self, sandbox: SavedSandbox) -> int:
        """Saves a new sandbox; returns its version. `Stale` if another process has just saved one of this name."""
        return sandbox.version

    def drop(self, sandbox: str) -> None:
        """Deletes a sandbox with its snapshots."""

    def write(self, sandbox: str, changes: list[Change], sequences: dict[str, int], version: int) -> int:
        """Saves the changes of one transaction, and the last id of each collection after it."""
        return version

    def begin_from(self, sandbox: str, name: str, version: int) -> int:
        """Makes a copy of a snapshot, or of the origin, the present world."""
        return version

    def save_world(self, sandbox: str, name: str, world: World, version: int) -> int:
        """Saves a snapshot."""
        return version

    def drop_world(self, sandbox: str, name: str, version: int) -> int:
        """Deletes a snapshot."""
        return version

    def save_clock(self, sandbox: str, clock: Clock) -> None:
        """Saves the clock of a sandbox."""

    def journal(self, max_entries: int) -> JournalStore | None:
        """Returns the journal of all processes; None if there is one process."""

    def request_log(self, sandbox: str) -> RequestLog:
        """Returns the request log of a sandbox."""
        return RequestLog()

    def coverage_log(self, sandbox: str | None) -> CoverageLog:
        """Returns the coverage log of a sandbox, or of all of them for None."""
        return CoverageLog()

    @contextmanager
    def faults(self, sandbox: str, present: Faults) -> Iterator[Faults]:
        """Yields the faults of a sandbox, to change or count them: those of all processes, one process at a time."""
        yield present

    @contextmanager
    def alone(self, sandbox: str) -> Iterator[None]:
        """Makes other processes wait with their changes of a sandbox, so that those of this one are never `Stale`."""
        yield

    def newer(self, sandbox: str, version: int) -> NewerState | None:
        """Returns what other processes have done since a version. Raises `SandboxGone`."""

    def versions(self) -> dict[str, int] | None:
        """Returns the versions of all sandboxes by name; None if no other process has any."""

    def read(self, sandbox: str) -> SavedSandbox:
        """Returns one sandbox. Raises `SandboxGone`."""
        raise SandboxGone(sandbox)

    def after_fork(self) -> None:
        """Forgets connections that belong to the process that has forked this one."""

    def check(self) -> None:
        """Raises `StoreUnavailable` if a shared store does not answer."""

    def close(self) -> None:
        """Releases the store, so that another process may open it."""


@dataclass(frozen=True)
class StoreLimits:
    """Bounds of a shared store: connections of one process, and seconds of a statement."""

    connections: int = 5
    seconds: int = 5


def open_store(url: str, tables: Iterable[Table], version: str, limits: StoreLimits) -> Store:
    """Opens `memory`, or the database of a URL such as `sqlite:///state.db` or `postgresql+psycopg://host/name`.

    `version` names the contract; a store that was written for another one is refused. `StoreError`.
    """
    if url == "memory":
        return Store()
    # SQLAlchemy loads slowly, and most starts do not need it.
    if url.startswith("postgresql"):
        from mockserver.state.shared_store import SharedStore

        return SharedStore(url, tables, version, limits)
    from mockserver.state.sql_store import SqlStore

    return SqlStore(url, tables, version)
