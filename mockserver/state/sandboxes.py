"""Sandboxes: isolated copies of all state, found by the key that a client sends.

A client under test changes nothing but its key, and lives in a world of its own. All sandboxes share what none of
them has changed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import Clock
from mockserver.state.coverage_log import CoverageLog
from mockserver.state.faults import Faults
from mockserver.state.request_log import RequestLog
from mockserver.state.stores import ORIGIN, Saved, Store
from mockserver.state.table import Record
from mockserver.state.world import Change, World

DEFAULT = "default"
MOST_SANDBOXES = 10_000
MOST_SNAPSHOTS = 100


class NoSuchThing(LookupError):
    """There is no sandbox or snapshot of that name."""


class NameTaken(ValueError):
    """There is one of that name already, or there are too many."""


@dataclass(eq=False, slots=True)
class Sandbox:
    """One isolated copy. `origin` is what a reset goes back to; `ends_at` is in seconds since 1970, None for never.

    `answers` are those made for the `version` of the world that `answers_of` names; whoever uses them keeps them.
    """

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
    answers: dict[Any, Any] = field(default_factory=dict)
    answers_of: int = 0
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
        """Takes over what the store holds; where it holds nothing, `default` becomes the sandbox of that name."""
        for saved in self._store.load():
            self._add(_restored(saved))
        if DEFAULT not in self._by_name:
            self.add(Sandbox(DEFAULT, seed, clock, default, default.fork()))

    def close(self) -> None:
        """Lets go of the store, so that another one may have it."""
        self._store.close()

    def __iter__(self) -> Iterator[Sandbox]:
        self.sweep()
        return iter(list(self._by_name.values()))

    def __getitem__(self, name: str) -> Sandbox:
        """The sandbox of that name; `NoSuchThing`."""
        self.sweep()
        if name not in self._by_name:
            raise NoSuchThing(f"no sandbox {name!r}")
        return self._by_name[name]

    @property
    def have_keys(self) -> bool:
        """True if any sandbox can be found by a secret."""
        return any(self._by_secret.values())

    def find(self, table: str, secret: bytes) -> tuple[Sandbox, Record] | None:
        """Whose secret this is: the sandbox and the record of the key."""
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
        """A new sandbox; `NameTaken`."""
        self.sweep()
        if sandbox.name in self._by_name:
            raise NameTaken(f"there is a sandbox {sandbox.name!r} already")
        if len(self._by_name) >= MOST_SANDBOXES:
            raise NameTaken(f"there are {MOST_SANDBOXES} sandboxes already; delete one")
        self._store.save(_saved(sandbox))
        self._add(sandbox)

    def drop(self, name: str) -> None:
        """Forgets a sandbox with all it holds; `NoSuchThing`. The default one cannot be dropped: `NameTaken`."""
        if name == DEFAULT:
            raise NameTaken("the default sandbox stays; reset it instead")
        if name not in self._by_name:
            raise NoSuchThing(f"no sandbox {name!r}")
        self._store.drop(name)
        self._forget_secrets(self._by_name.pop(name))

    def sweep(self) -> None:
        """Drops the sandboxes whose time is over."""
        now = time.time()
        for sandbox in [box for box in self._by_name.values() if box.ends_at is not None and box.ends_at <= now]:
            self.drop(sandbox.name)

    def commit(self, sandbox: Sandbox, changes: list[Change]) -> None:
        """Makes the changes of one transaction lasting; called inside it, so that a failing store undoes it."""
        self._store.write(sandbox.name, changes, sandbox.world.sequences)
        for change in changes:
            if change.table in self._secret_members:
                self._learn_secrets(sandbox)
                break

    def adopt(self, sandbox: Sandbox, world: World, changes: list[Change]) -> None:
        """Puts a copy of the world with these changes into its place, and makes them lasting; `NoSuchThing`.

        Called inside the transaction of the copy, which goes nowhere if the store fails.
        """
        if self[sandbox.name] is not sandbox:
            raise NoSuchThing(f"the sandbox {sandbox.name!r} is gone")
        before, sandbox.world = sandbox.world, world
        try:
            self.commit(sandbox, changes)
        except BaseException:
            sandbox.world = before
            raise

    def set_clock(self, sandbox: Sandbox, clock: Clock) -> None:
        """Gives the sandbox another clock, and makes that lasting."""
        self._store.save_clock(sandbox.name, clock)
        sandbox.clock = clock

    def reset(self, sandbox: Sandbox) -> None:
        """Back to the beginning: the state, no history, no faults. Snapshots stay, and what was seen."""
        self.begin_anew(sandbox)
        sandbox.request_log, sandbox.faults = RequestLog(), Faults()

    def begin_anew(self, sandbox: Sandbox) -> None:
        """The state is that of the beginning again, and nothing else."""
        self._begin_from(sandbox, ORIGIN, sandbox.origin)

    def snapshot(self, sandbox: Sandbox, name: str) -> None:
        """Keeps the present state under a name; one of that name is replaced."""
        self.keep(sandbox, name, sandbox.world.fork())

    def keep(self, sandbox: Sandbox, name: str, world: World) -> None:
        """Keeps a world as a snapshot of the sandbox, which the world is left to."""
        if name not in sandbox.snapshots and len(sandbox.snapshots) >= MOST_SNAPSHOTS:
            raise NameTaken(f"there are {MOST_SNAPSHOTS} snapshots already; delete one")
        self._store.save_world(sandbox.name, name, world)
        sandbox.snapshots[name] = world

    def restore(self, sandbox: Sandbox, name: str) -> None:
        """Back to a snapshot, which stays; `NoSuchThing`."""
        if name not in sandbox.snapshots:
            raise NoSuchThing(f"no snapshot {name!r}")
        self._begin_from(sandbox, name, sandbox.snapshots[name])

    def drop_snapshot(self, sandbox: Sandbox, name: str) -> None:
        """`NoSuchThing` if there is none of that name."""
        if name not in sandbox.snapshots:
            raise NoSuchThing(f"no snapshot {name!r}")
        self._store.drop_world(sandbox.name, name)
        del sandbox.snapshots[name]

    def _begin_from(self, sandbox: Sandbox, name: str, world: World) -> None:
        self._store.begin_from(sandbox.name, name)
        sandbox.world = world.fork()
        self._learn_secrets(sandbox)

    def _add(self, sandbox: Sandbox) -> None:
        self._by_name[sandbox.name] = sandbox
        self._learn_secrets(sandbox)

    def _learn_secrets(self, sandbox: Sandbox) -> None:
        self._forget_secrets(sandbox)
        for table, member in self._secret_members.items():
            for record in sandbox.world[table]:
                secret = record[member].encode()
                self._by_secret[table][secret] = (sandbox, record["id"])
                sandbox.secrets.append((table, secret))

    def _forget_secrets(self, sandbox: Sandbox) -> None:
        for table, secret in sandbox.secrets:
            self._by_secret[table].pop(secret, None)
        sandbox.secrets.clear()


def _saved(sandbox: Sandbox) -> Saved:
    frozen = {ORIGIN: sandbox.origin, **sandbox.snapshots}
    return Saved(sandbox.name, sandbox.seed, sandbox.clock, sandbox.ends_at, sandbox.world, frozen)


def _restored(saved: Saved) -> Sandbox:
    snapshots = {name: world for name, world in saved.frozen.items() if name != ORIGIN}
    return Sandbox(saved.name, saved.seed, saved.clock, saved.live, saved.frozen[ORIGIN], saved.ends_at, snapshots)
