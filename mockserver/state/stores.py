"""Where state outlives the process: nowhere (`memory`), or in a database through SQLAlchemy.

The worlds in memory are the state; a store writes each transaction down before it is acknowledged, and gives
everything back at the next start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from mockserver.clock import Clock
from mockserver.errors import StartError
from mockserver.state.world import Change, World

# The world that a sandbox began with is kept under this name, beside its snapshots; theirs never begin with `=`.
ORIGIN = "=origin"


class StoreError(StartError):
    """The store cannot be used; reads as a sentence with the mend."""


@dataclass(frozen=True)
class Saved:
    """A sandbox as a store keeps it: its present world, and by name those that never change: origin and snapshots.

    A new sandbox is at its origin.
    """

    name: str
    seed: int
    clock: Clock
    ends_at: float | None
    live: World
    frozen: dict[str, World]


class Store(Protocol):
    """What a store does. Each call is lasting when it returns, or raises and has changed nothing."""

    def load(self) -> Iterable[Saved]: ...

    def save(self, sandbox: Saved) -> None: ...

    def drop(self, sandbox: str) -> None: ...

    def write(self, sandbox: str, changes: list[Change], sequences: dict[str, int]) -> None: ...

    def begin_from(self, sandbox: str, name: str) -> None: ...

    def save_world(self, sandbox: str, name: str, world: World) -> None: ...

    def drop_world(self, sandbox: str, name: str) -> None: ...

    def save_clock(self, sandbox: str, clock: Clock) -> None: ...

    def close(self) -> None: ...


class MemoryStore:
    """Keeps nothing: the worlds in memory are all there is."""

    def load(self) -> Iterable[Saved]:
        return ()

    def save(self, sandbox: Saved) -> None: ...

    def drop(self, sandbox: str) -> None: ...

    def write(self, sandbox: str, changes: list[Change], sequences: dict[str, int]) -> None: ...

    def begin_from(self, sandbox: str, name: str) -> None: ...

    def save_world(self, sandbox: str, name: str, world: World) -> None: ...

    def drop_world(self, sandbox: str, name: str) -> None: ...

    def save_clock(self, sandbox: str, clock: Clock) -> None: ...

    def close(self) -> None: ...
