"""Stores: where state outlives the process. `memory` keeps nothing; databases are in `sql_store`.

The worlds in memory are the state. A store saves each transaction before it is acknowledged, and returns everything at
the next start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.clock import Clock
from mockserver.errors import StartError
from mockserver.state.table import Table
from mockserver.state.world import Change, World

# The name under which the initial world of a sandbox is saved, beside its snapshots; theirs never begin with `=`.
ORIGIN = "=origin"


class StoreError(StartError):
    """The store cannot be used; reads as a sentence with the fix."""


@dataclass(frozen=True)
class SavedSandbox:
    """A sandbox as a store keeps it: the present world, and by name those that never change: origin and snapshots.

    A new sandbox is at its origin.
    """

    name: str
    seed: int
    clock: Clock
    ends_at: float | None
    live: World
    frozen: dict[str, World]


class Store:
    """A store that keeps nothing; a database overrides every method. Each raises, or is durable when it returns."""

    def load(self) -> Iterable[SavedSandbox]:
        """Returns everything that was saved."""
        return ()

    def save(self, sandbox: SavedSandbox) -> None:
        """Saves a new sandbox."""

    def drop(self, sandbox: str) -> None:
        """Deletes a sandbox with its snapshots."""

    def write(self, sandbox: str, changes: list[Change], sequences: dict[str, int]) -> None:
        """Saves the changes of one transaction, and the last id of each collection after it."""

    def begin_from(self, sandbox: str, name: str) -> None:
        """Makes a copy of a snapshot, or of the origin, the present world."""

    def save_world(self, sandbox: str, name: str, world: World) -> None:
        """Saves a snapshot."""

    def drop_world(self, sandbox: str, name: str) -> None:
        """Deletes a snapshot."""

    def save_clock(self, sandbox: str, clock: Clock) -> None:
        """Saves the clock of a sandbox."""

    def close(self) -> None:
        """Releases the store, so that another process may open it."""


def open_store(url: str, tables: Iterable[Table], version: str) -> Store:
    """Opens `memory`, or the database of a URL such as `sqlite:///state.db`.

    `version` names the contract; a store that was written for another one is refused. `StoreError`.
    """
    if url == "memory":
        return Store()
    from mockserver.state.sql_store import SqlStore  # SQLAlchemy loads slowly, and most starts do not need it

    return SqlStore(url, tables, version)
