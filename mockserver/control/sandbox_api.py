"""Handlers of the control API for sandboxes, keys and snapshots.

Each handler is named like its operationId. It acts on the sandbox in the query `sandbox`, else on that of the key in
`x-api-key`, else on the default one.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import count
from typing import Any

from mockserver.clock import stamp
from mockserver.control.clock_api import clock_to_json, normalize_instant, parse_clock
from mockserver.control.problems import conflict, not_found, state_errors
from mockserver.control.sandbox_selection import select_sandbox
from mockserver.enspace import keys
from mockserver.enspace.access import describe_access
from mockserver.fixture_files.fixture_dates import DatedFixtures
from mockserver.fixture_files.fixture_validator import emptied
from mockserver.state.sandboxes import DEFAULT, NameTaken, Sandbox, Sandboxes
from mockserver.state.table import Record
from mockserver.state.world import World

Json = dict[str, Any]


_NAME_TRIES = 20


class SandboxHandlers:
    """Operations on the list of sandboxes, and on one of them."""

    def __init__(self, sandboxes: Sandboxes, fixtures: DatedFixtures) -> None:
        self._sandboxes, self._fixtures = sandboxes, fixtures
        self._numbers = count(1)

    async def get_health(self) -> Json:
        return {"status": "ok"}

    async def get_ready(self) -> Json:
        self._sandboxes.check()
        return {"status": "ok"}

    async def list_sandboxes(self) -> list[Json]:
        return [_to_json(sandbox) for sandbox in self._sandboxes]

    async def create_sandbox(self, body: Json) -> tuple[Json, int]:
        default = self._sandboxes[DEFAULT]
        clock = parse_clock(body["clock"]) if "clock" in body else default.clock.copy()
        world = self._fixtures.starting(clock)
        if body.get("fixtures") == "empty":
            world = emptied(world)
        _replace_secrets(world, body)
        sandbox = Sandbox(
            name=body.get("name") or self._free_name(),
            seed=body.get("seed", default.seed),
            clock=clock,
            world=world,
            origin=world.fork(),  # what a reset restores: with the new keys
            # Real time: a sandbox with a frozen clock must end too.
            ends_at=self._sandboxes.now() + body["lifetime"] if "lifetime" in body else None,
        )
        self._add(sandbox, is_named="name" in body)
        return _to_json(sandbox) | _credentials(world), 201

    def _add(self, sandbox: Sandbox, *, is_named: bool) -> None:
        """Adds a sandbox, under another free name if another process has just taken this one."""
        for left in reversed(range(1 if is_named else _NAME_TRIES)):
            try:
                return self._sandboxes.add(sandbox)
            except NameTaken as error:
                if not left:
                    raise conflict(str(error)) from error
                sandbox.name = self._free_name()

    async def delete_sandbox(self, name: str) -> tuple[None, int]:
        with state_errors():
            self._sandboxes.drop(name)
        return None, 204

    async def list_keys(self, sandbox: str | None = None) -> list[Json]:
        world = select_sandbox(self._sandboxes, sandbox).world
        return [_key_to_json(world, key) for key in world["api_keys"]]

    async def create_key(self, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        box = select_sandbox(self._sandboxes, sandbox)
        world = box.world
        user = world["users"].find(("email",), body["user"])
        if user is None:
            raise not_found(f"no user {body['user']!r} in the sandbox {box.name!r}")
        slugs = body.get("workspaces", keys.workspaces_of(world, user))
        if unknown := next((slug for slug in slugs if world["workspaces"].find(("slug",), slug) is None), None):
            raise not_found(f"no workspace {unknown!r} in the sandbox {box.name!r}")
        key = self._sandboxes.transact(
            box,
            lambda: keys.make_key(
                box.world,
                box.seed,
                stamp(box.clock()),
                user,
                body.get("scopes", keys.SCOPES),
                slugs,
                normalize_instant(body.get("expires_at")),
                body.get("description", "Created by the control API"),
            ),
        )
        return _key_to_json(box.world, key), 201

    async def reset(self, sandbox: str | None = None) -> Json:
        box = select_sandbox(self._sandboxes, sandbox)
        self._sandboxes.reset(box)
        return _to_json(box)

    async def list_snapshots(self, sandbox: str | None = None) -> list[Json]:
        return [{"name": name} for name in select_sandbox(self._sandboxes, sandbox).snapshots]

    async def create_snapshot(self, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        with state_errors():
            self._sandboxes.snapshot(select_sandbox(self._sandboxes, sandbox), body["name"])
        return {"name": body["name"]}, 201

    async def delete_snapshot(self, name: str, sandbox: str | None = None) -> tuple[None, int]:
        with state_errors():
            self._sandboxes.drop_snapshot(select_sandbox(self._sandboxes, sandbox), name)
        return None, 204

    async def restore_snapshot(self, name: str, sandbox: str | None = None) -> Json:
        box = select_sandbox(self._sandboxes, sandbox)
        with state_errors():
            self._sandboxes.restore(box, name)
        return _to_json(box)

    def _free_name(self) -> str:
        taken = {sandbox.name for sandbox in self._sandboxes}
        # Numbers are not used again: a test that has ended might still send requests to its sandbox.
        return next(name for name in (f"sandbox-{number}" for number in self._numbers) if name not in taken)


def _replace_secrets(world: World, body: Json) -> None:
    """Replaces the secrets of a copied world. The body can restrict the rights of its first key."""
    with world.transaction():
        # A key selects its sandbox, so no two sandboxes can have the same one.
        keys.replace_secrets(world)
        main = next(iter(world["api_keys"]), None)
        if main is not None and ("scopes" in body or "expires_at" in body):
            scopes = body.get("scopes", main["scope"]["global"])
            keys.narrow(world, main, scopes, normalize_instant(body.get("expires_at", main["expires_at"])))


def _credentials(world: World) -> Json:
    """The keys and tokens of a new sandbox; `list_keys` answers its keys again, and nothing its tokens."""
    first = keys.first_credentials(world)
    return {
        "api_key": first.key or None,
        "workspace": first.workspace or None,
        "keys": [_key_to_json(world, key) for key in world["api_keys"]],
        "sessions": [_session_to_json(world, session) for session in world["sessions"]],
    }


def _to_json(sandbox: Sandbox) -> Json:
    ends_at = None if sandbox.ends_at is None else stamp(sandbox.ends_at)
    return {"name": sandbox.name, "seed": sandbox.seed, "ends_at": ends_at, "clock": clock_to_json(sandbox.clock)}


def _key_to_json(world: World, key: Record) -> Json:
    user = world["users"].get(key["user"]) or {}
    return {
        "id": key["id"],
        "key": key["key"],
        "user": user["email"],
        "description": key["description"],
        "scopes": key["scope"]["global"],
        "workspaces": key["scope"]["workspaces"],
        "expires_at": key["expires_at"],
        "access": [asdict(access) for access in describe_access(world, key)],
    }


def _session_to_json(world: World, session: Record) -> Json:
    user = world["users"].get(session["user"]) or {}
    return {"token": session["token"], "user": user["email"], "expires_at": session["expires_at"]}
