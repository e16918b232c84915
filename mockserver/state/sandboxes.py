"""Sandboxes: isolated copies of all state, selected by the key that a client sends.

A client under test changes nothing but its key. Sandboxes share the collections that none of them has changed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from mockserver.clock import Clock
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.faults import Faults
from mockserver.state.request_log import RequestLog
from mockserver.state.stores import ORIGIN, NewerState, SandboxGone, SavedSandbox, Stale, Store
from mockserver.state.table import Record
from mockserver.state.world import Change, World

DEFAULT = "default"
MAX_SANDBOXES = 10_000
MAX_SNAPSHOTS = 100
# Of a change that other processes come before each time; then these wait.
OPTIMISTIC_TRIES = 5

T = TypeVar("T")


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
    # In a shared store: what is known of it here.
    version: int = 0
    coverage_resets: int = 0


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
            with suppress(NameTaken):  # another process has just created it
                self.add(Sandbox(DEFAULT, seed, clock, default, default.fork()))
            self._discover()

    def close(self) -> None:
        """Releases the store, so that another process may open it."""
        self._store.close()

    def coverage_log(self) -> CoverageLog:
        """Returns the coverage log of all sandboxes together."""
        return self._store.coverage_log(None)

    def after_fork(self) -> None:
        """Leaves the connections to the process that has forked this one."""
        self._store.after_fork()

    def now(self) -> float:
        """Returns the time that lifetimes count by, in seconds since 1970: the same in all processes of a store."""
        return time.time() + self._store.ahead

    def check(self) -> None:
        """Raises `StoreUnavailable` if a shared store does not answer."""
        self._store.check()

    def __iter__(self) -> Iterator[Sandbox]:
        self._discover()
        self.sweep()
        return iter(list(self._by_name.values()))

    def __getitem__(self, name: str) -> Sandbox:
        """Returns the sandbox of this name; `UnknownName`."""
        if name not in self._by_name:
            self._discover()
        self.sweep()
        if name not in self._by_name or not self.catch_up(self._by_name[name]):
            raise UnknownName(f"no sandbox {name!r}")
        return self._by_name[name]

    @property
    def have_keys(self) -> bool:
        """True if any sandbox has a key or a session."""
        return any(self._by_secret.values())

    def find(self, table: str, secret: bytes) -> tuple[Sandbox, Record] | None:
        """Returns the sandbox and the record of the key or session with this secret, or None."""
        known = self._by_secret[table].get(secret)
        if known is None:
            self._discover()
        else:
            self.catch_up(known[0])
        found = self._by_secret[table].get(secret)
        if found is None:
            return None
        sandbox, id = found
        if sandbox.ends_at is not None and sandbox.ends_at <= self.now():
            self.drop(sandbox.name)
            return None
        record = sandbox.world[table].get(id)
        return None if record is None else (sandbox, record)

    def add(self, sandbox: Sandbox) -> None:
        """Adds a new sandbox; `NameTaken`."""
        self._discover()
        self.sweep()
        if sandbox.name in self._by_name:
            raise NameTaken(f"there is a sandbox {sandbox.name!r} already")
        if len(self._by_name) >= MAX_SANDBOXES:
            raise NameTaken(f"there are {MAX_SANDBOXES} sandboxes already; delete one")
        try:
            sandbox.version = self._store.save(_to_saved(sandbox))
        except Stale:
            raise NameTaken(f"there is a sandbox {sandbox.name!r} already") from None
        self._add(sandbox)

    def drop(self, name: str) -> None:
        """Deletes a sandbox; `UnknownName`. The default sandbox cannot be deleted: `NameTaken`."""
        if name == DEFAULT:
            raise NameTaken("the default sandbox stays; reset it instead")
        self._discover()
        if name not in self._by_name:
            raise UnknownName(f"no sandbox {name!r}")
        self._store.drop(name)
        self._forget(name)

    def sweep(self) -> None:
        """Deletes the sandboxes whose lifetime is over."""
        now = self.now()
        for sandbox in [box for box in self._by_name.values() if box.ends_at is not None and box.ends_at <= now]:
            with suppress(UnknownName):  # another process was faster
                self.drop(sandbox.name)

    def transact(self, sandbox: Sandbox, action: Callable[[], T]) -> T:
        """Returns the result of an action on the world, in a saved transaction.

        The action is repeated on the newest state if another process has changed that meanwhile.
        """
        return self._repeat(sandbox, lambda _: self._transact_once(sandbox, action))

    def _transact_once(self, sandbox: Sandbox, action: Callable[[], T]) -> T:
        with sandbox.world.transaction() as changes:
            result = action()
            if changes:
                self.commit(sandbox, changes)
        return result

    def _repeat(self, sandbox: Sandbox, save: Callable[[int], T]) -> T:
        """Calls a function with the version of a sandbox until no other process has changed that meanwhile."""
        for _ in range(OPTIMISTIC_TRIES):
            try:
                return save(sandbox.version)
            except Stale:
                self._require(sandbox)
        with self._store.alone(sandbox.name):
            self._require(sandbox)
            return save(sandbox.version)

    def _require(self, sandbox: Sandbox) -> None:
        """Catches up. Raises `UnknownName` if another process has deleted the sandbox."""
        if not self.catch_up(sandbox):
            raise UnknownName(f"no sandbox {sandbox.name!r}")

    def commit(self, sandbox: Sandbox, changes: list[Change]) -> None:
        """Saves the changes of a transaction; called inside it, so that a failing store, or `Stale`, undoes it."""
        sandbox.version = self._store.write(sandbox.name, changes, sandbox.world.sequences, sandbox.version)
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

    @contextmanager
    def faults(self, sandbox: Sandbox) -> Iterator[Faults]:
        """Yields the faults of a sandbox, to change or count them. `UnknownName`."""
        try:
            with self._store.faults(sandbox.name, sandbox.faults) as faults:
                yield faults
        except SandboxGone:
            self._forget(sandbox.name)
            raise UnknownName(f"no sandbox {sandbox.name!r}") from None
        sandbox.faults = faults

    def reset(self, sandbox: Sandbox) -> None:
        """Restores the origin, and clears request log and faults. Snapshots and coverage stay."""
        self.restore_origin(sandbox)
        sandbox.request_log.clear()
        with self.faults(sandbox) as faults:
            faults.start_again()

    def restore_origin(self, sandbox: Sandbox) -> None:
        """Restores the state of the origin, and nothing else."""
        self._repeat(sandbox, lambda version: self._restore(sandbox, ORIGIN, sandbox.origin, version))

    def snapshot(self, sandbox: Sandbox, name: str) -> None:
        """Saves the present state as a snapshot, replacing one of the same name."""
        self._repeat(sandbox, lambda version: self._keep(sandbox, name, sandbox.world.fork(), version))

    def keep(self, sandbox: Sandbox, name: str, world: World) -> None:
        """Saves a world as a snapshot; the caller must not change it afterwards."""
        self._repeat(sandbox, lambda version: self._keep(sandbox, name, world, version))

    def _keep(self, sandbox: Sandbox, name: str, world: World, version: int) -> None:
        if name not in sandbox.snapshots and len(sandbox.snapshots) >= MAX_SNAPSHOTS:
            raise NameTaken(f"there are {MAX_SNAPSHOTS} snapshots already; delete one")
        sandbox.version = self._store.save_world(sandbox.name, name, world, version)
        sandbox.snapshots[name] = world

    def restore(self, sandbox: Sandbox, name: str) -> None:
        """Restores a snapshot, which stays; `UnknownName`."""
        self._repeat(sandbox, lambda version: self._restore(sandbox, name, _snapshot(sandbox, name), version))

    def drop_snapshot(self, sandbox: Sandbox, name: str) -> None:
        """Deletes a snapshot; `UnknownName`."""
        self._repeat(sandbox, lambda version: self._drop_snapshot(sandbox, name, version))

    def _drop_snapshot(self, sandbox: Sandbox, name: str, version: int) -> None:
        _snapshot(sandbox, name)
        sandbox.version = self._store.drop_world(sandbox.name, name, version)
        del sandbox.snapshots[name]

    def _restore(self, sandbox: Sandbox, name: str, world: World, version: int) -> None:
        sandbox.version = self._store.begin_from(sandbox.name, name, version)
        sandbox.world = world.fork()
        self._index_secrets(sandbox)

    def catch_up(self, sandbox: Sandbox) -> bool:
        """Takes over what other processes have done to a sandbox; returns False if one has deleted it."""
        try:
            newer = self._store.newer(sandbox.name, sandbox.version)
        except SandboxGone:
            self._forget(sandbox.name)
            return False
        if newer is not None:
            self._take_over(sandbox, newer)
        return True

    def _take_over(self, sandbox: Sandbox, newer: NewerState) -> None:
        if newer.whole is not None:
            read = _from_saved(newer.whole)
            sandbox.world, sandbox.origin, sandbox.snapshots = read.world, read.origin, read.snapshots
        elif newer.version != sandbox.version:
            sandbox.world.replay(newer.records, newer.sequences)
        if newer.version != sandbox.version:
            self._index_secrets(sandbox)
        if (newer.clock.frozen_at, newer.clock.ahead) != (sandbox.clock.frozen_at, sandbox.clock.ahead):
            sandbox.clock = newer.clock
        if newer.faults:
            sandbox.faults = Faults.from_json(json.loads(newer.faults))
        if newer.coverage_resets != sandbox.coverage_resets:
            sandbox.coverage_log.shapes.clear()
        sandbox.coverage_resets = newer.coverage_resets
        sandbox.version, sandbox.ends_at = newer.version, newer.ends_at

    def _discover(self) -> None:
        """Takes over the sandboxes that other processes have created, changed or deleted."""
        versions = self._store.versions()
        if versions is None:
            return
        for name in self._by_name.keys() - versions.keys():
            self._forget(name)
        for name, version in versions.items():
            if name not in self._by_name:
                with suppress(SandboxGone):
                    self._add(_from_saved(self._store.read(name)))
            elif version != self._by_name[name].version:
                self.catch_up(self._by_name[name])

    def _forget(self, name: str) -> None:
        if name in self._by_name:
            self._unindex_secrets(self._by_name.pop(name))

    def _add(self, sandbox: Sandbox) -> None:
        self._by_name[sandbox.name] = sandbox
        sandbox.request_log = self._store.request_log(sandbox.name)
        sandbox.coverage_log = self._store.coverage_log(sandbox.name)
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


def _snapshot(sandbox: Sandbox, name: str) -> World:
    if name not in sandbox.snapshots:
        raise UnknownName(f"no snapshot {name!r}")
    return sandbox.snapshots[name]


def _to_saved(sandbox: Sandbox) -> SavedSandbox:
    frozen = {ORIGIN: sandbox.origin, **sandbox.snapshots}
    return SavedSandbox(sandbox.name, sandbox.seed, sandbox.clock, sandbox.ends_at, sandbox.world, frozen)


def _from_saved(saved: SavedSandbox) -> Sandbox:
    snapshots = {name: world for name, world in saved.frozen.items() if name != ORIGIN}
    return Sandbox(
        saved.name,
        saved.seed,
        saved.clock,
        saved.live,
        saved.frozen[ORIGIN],
        saved.ends_at,
        snapshots,
        version=saved.version,
    )
