"""Sandboxes: isolated copies of all state, selected by the key that a client sends.

A client under test changes nothing but its key. Sandboxes share the collections that none of them has changed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.clock import Clock
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.faults import Faults
from mockserver.state.request_log import RequestLog
from mockserver.state.stores import ORIGIN, SavedSandbox, Store
from mockserver.state.table import Record
from mockserver.state.world import Change, World

DEFAULT = "default"
MAX_SANDBOXES = 10_000
MAX_SNAPSHOTS = 100


class UnknownName(LookupError):
    """There is no sandbox or snapshot of this name."""


class NameTaken(ValueError):
    """The name is used already, or there are too many sandboxes or snapshots."""


@dataclass(eq=False, slots=True)
class Sandbox:
    """One isolated copy. A reset returns to `origin`; `ends_at` is in seconds since 1970, None for never."""

    name: str
    seed: int
    clock: Clock
    world: World
    origin: World
    ends_at: float | None = None
    snapshots: dict[str, World] = field(default_factory=dict)
    request_log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    coverage_log: CoverageLog = field(default_factory=CoverageLog)
    secrets: list[tuple[str, bytes]] = field(default_factory=list)


class Sandboxes:
    """All sandboxes by name, and by each of their secrets.

    `secret_members` names, for each collection of keys, the member that a client sends.
    """

    def __init__(self, store: Store, secret_members: Mapping[str, str]) -> None:
        self._store, self._secret_members = store, secret_members
        self._by_name: dict[str, Sandbox] = {}
        self._by_secret: dict[str, dict[bytes, tuple[Sandbox, int]]] = {table: {} for table in secret_members}

    def open(self, default: World, seed: int, clock: Clock) -> None:
        """Loads the sandboxes of the store; creates the default sandbox if the store has none."""
        for saved in self._store.load():
            self._add(_from_saved(saved))
        if DEFAULT not in self._by_name:
            self.add(Sandbox(DEFAULT, seed, clock, default, default.fork()))

    def close(self) -> None:
        """Releases the store, so that another process may open it."""
        self._store.close()

    def __iter__(self) -> Iterator[Sandbox]:
        self.sweep()
        return iter(list(self._by_name.values()))

    def __getitem__(self, name: str) -> Sandbox:
        """Returns the sandbox of this name; `UnknownName`."""
        self.sweep()
        if name not in self._by_name:
            raise UnknownName(f"no sandbox {name!r}")
        return self._by_name[name]

    @property
    def have_keys(self) -> bool:
        """True if any sandbox has a key or a session."""
        return any(self._by_secret.values())

    def find(self, table: str, secret: bytes) -> tuple[Sandbox, Record] | None:
        """Returns the sandbox and the record of the key or session with this secret, or None."""
        found = self._by_secret[table].get(secret)
        if found is None:
            return None
        sandbox, id = found
        if sandbox.ends_at is not None and sandbox.ends_at <= time.time():
            self.drop(sandbox.name)
            return None
        record = sandbox.world[table].get(id)
        return None if record is None else (sandbox, record)

    def add(self, sandbox: Sandbox) -> None:
        """Adds a new sandbox; `NameTaken`."""
        self.sweep()
        if sandbox.name in self._by_name:
            raise NameTaken(f"there is a sandbox {sandbox.name!r} already")
        if len(self._by_name) >= MAX_SANDBOXES:
            raise NameTaken(f"there are {MAX_SANDBOXES} sandboxes already; delete one")
        self._store.save(_to_saved(sandbox))
        self._add(sandbox)

    def drop(self, name: str) -> None:
        """Deletes a sandbox; `UnknownName`. The default sandbox cannot be deleted: `NameTaken`."""
        if name == DEFAULT:
            raise NameTaken("the default sandbox stays; reset it instead")
        if name not in self._by_name:
            raise UnknownName(f"no sandbox {name!r}")
        self._store.drop(name)
        self._unindex_secrets(self._by_name.pop(name))

    def sweep(self) -> None:
        """Deletes the sandboxes whose lifetime is over."""
        now = time.time()
        for sandbox in [box for box in self._by_name.values() if box.ends_at is not None and box.ends_at <= now]:
            self.drop(sandbox.name)

    def commit(self, sandbox: Sandbox, changes: list[Change]) -> None:
        """Saves the changes of a transaction; called inside it, so that a failing store undoes it."""
        self._store.write(sandbox.name, changes, sandbox.world.sequences)
        for change in changes:
            if change.table in self._secret_members:
                self._index_secrets(sandbox)
                break

    def adopt(self, sandbox: Sandbox, world: World, changes: list[Change]) -> None:
        """Replaces the world of a sandbox by a changed copy, and saves the changes; `UnknownName`.

        Called inside the transaction of the copy, which is discarded if the store fails.
        """
        if self[sandbox.name] is not sandbox:
            raise UnknownName(f"the sandbox {sandbox.name!r} is gone")
        before, sandbox.world = sandbox.world, world
        try:
            self.commit(sandbox, changes)
        except BaseException:
            sandbox.world = before
            raise

    def set_clock(self, sandbox: Sandbox, clock: Clock) -> None:
        """Replaces and saves the clock of a sandbox."""
        self._store.save_clock(sandbox.name, clock)
        sandbox.clock = clock

    def reset(self, sandbox: Sandbox) -> None:
        """Restores the origin, and clears request log and faults. Snapshots and coverage stay."""
        self.restore_origin(sandbox)
        sandbox.request_log, sandbox.faults = RequestLog(), Faults()

    def restore_origin(self, sandbox: Sandbox) -> None:
        """Restores the state of the origin, and nothing else."""
        self._restore(sandbox, ORIGIN, sandbox.origin)

    def snapshot(self, sandbox: Sandbox, name: str) -> None:
        """Saves the present state as a snapshot, replacing one of the same name."""
        self.keep(sandbox, name, sandbox.world.fork())

    def keep(self, sandbox: Sandbox, name: str, world: World) -> None:
        """Saves a world as a snapshot; the caller must not change it afterwards."""
        if name not in sandbox.snapshots and len(sandbox.snapshots) >= MAX_SNAPSHOTS:
            raise NameTaken(f"there are {MAX_SNAPSHOTS} snapshots already; delete one")
        self._store.save_world(sandbox.name, name, world)
        sandbox.snapshots[name] = world

    def restore(self, sandbox: Sandbox, name: str) -> None:
        """Restores a snapshot, which stays; `UnknownName`."""
        if name not in sandbox.snapshots:
            raise UnknownName(f"no snapshot {name!r}")
        self._restore(sandbox, name, sandbox.snapshots[name])

    def drop_snapshot(self, sandbox: Sandbox, name: str) -> None:
        """Deletes a snapshot; `UnknownName`."""
        if name not in sandbox.snapshots:
            raise UnknownName(f"no snapshot {name!r}")
        self._store.drop_world(sandbox.name, name)
        del sandbox.snapshots[name]

    def _restore(self, sandbox: Sandbox, name: str, world: World) -> None:
        self._store.begin_from(sandbox.name, name)
        sandbox.world = world.fork()
        self._index_secrets(sandbox)

    def _add(self, sandbox: Sandbox) -> None:
        self._by_name[sandbox.name] = sandbox
        self._index_secrets(sandbox)

    def _index_secrets(self, sandbox: Sandbox) -> None:
        self._unindex_secrets(sandbox)
        for table, member in self._secret_members.items():
            for record in sandbox.world[table]:
                secret = record[member].encode()
                self._by_secret[table][secret] = (sandbox, record["id"])
                sandbox.secrets.append((table, secret))

    def _unindex_secrets(self, sandbox: Sandbox) -> None:
        for table, secret in sandbox.secrets:
            self._by_secret[table].pop(secret, None)
        sandbox.secrets.clear()


def _to_saved(sandbox: Sandbox) -> SavedSandbox:
    frozen = {ORIGIN: sandbox.origin, **sandbox.snapshots}
    return SavedSandbox(sandbox.name, sandbox.seed, sandbox.clock, sandbox.ends_at, sandbox.world, frozen)


def _from_saved(saved: SavedSandbox) -> Sandbox:
    snapshots = {name: world for name, world in saved.frozen.items() if name != ORIGIN}
    return Sandbox(saved.name, saved.seed, saved.clock, saved.live, saved.frozen[ORIGIN], saved.ends_at, snapshots)
