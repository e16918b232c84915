"""What the control API does, one function per operation of its contract.

Values in, values out; Connexion calls them by operationId. What belongs to a sandbox is done in the one that the
query `sandbox` names, else in that of the key in `x-api-key`, else in the default one.
"""

from __future__ import annotations

import time
from itertools import count
from typing import Any

from connexion.exceptions import ProblemException

from mockserver.clock import Clock, checked, clock_from, parse_instant, stamp
from mockserver.control.scope import missing, problems, sandbox_of, unusable
from mockserver.enspace import keys
from mockserver.enspace.context import as_text
from mockserver.enspace.hidden_members import masked
from mockserver.fixture_files.fixture_validator import emptied
from mockserver.state.request_log import RequestLog
from mockserver.state.sandboxes import DEFAULT, Sandbox, Sandboxes
from mockserver.state.table import Record
from mockserver.state.world import World

Json = dict[str, Any]


class SandboxHandlers:
    """The operations on the sandboxes of one server, and on one of them."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes
        self._numbers = count(1)

    async def get_health(self) -> Json:
        return {"status": "ok"}

    async def get_ready(self) -> Json:
        return {"status": "ok"}

    async def list_sandboxes(self) -> list[Json]:
        return [_told(sandbox) for sandbox in self._sandboxes]

    async def create_sandbox(self, body: Json) -> tuple[Json, int]:
        default = self._sandboxes[DEFAULT]
        world = emptied(default.origin) if body.get("fixtures") == "empty" else default.origin.fork()
        main = _with_own_keys(world, body)
        sandbox = Sandbox(
            name=body.get("name") or self._free_name(),
            seed=body.get("seed", default.seed),
            clock=_clock(body["clock"]) if "clock" in body else default.clock.copy(),
            world=world,
            origin=world.fork(),
            ends_at=time.time() + body["lifetime"] if "lifetime" in body else None,
            request_log=RequestLog(),
        )
        with problems():
            self._sandboxes.add(sandbox)
        told = _told(sandbox) | {"api_key": main and main["key"], "workspace": _workspace(main)}
        told["keys"] = [_told_key(world, key) for key in world["api_keys"]]
        told["sessions"] = [_told_session(world, session) for session in world["sessions"]]
        return told, 201

    async def delete_sandbox(self, name: str) -> tuple[None, int]:
        with problems():
            self._sandboxes.drop(name)
        return None, 204

    async def create_key(self, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        box = sandbox_of(self._sandboxes, sandbox)
        world = box.world
        user = world["users"].find(("email",), body["user"])
        if user is None:
            raise missing(f"no user {body['user']!r} in the sandbox {box.name!r}")
        slugs = body.get("workspaces", keys.workspaces_of(world, user))
        if unknown := next((slug for slug in slugs if world["workspaces"].find(("slug",), slug) is None), None):
            raise missing(f"no workspace {unknown!r} in the sandbox {box.name!r}")
        with world.transaction() as changes:
            key = keys.make_key(
                world,
                box.seed,
                stamp(box.clock()),
                user,
                body.get("scopes", keys.SCOPES),
                slugs,
                _instant(body.get("expires_at")),
                body.get("description", "Made by the control API"),
            )
            self._sandboxes.commit(box, changes)
        return _told_key(world, key), 201

    async def get_state(self, sandbox: str | None = None) -> Json:
        world = sandbox_of(self._sandboxes, sandbox).world
        return {name: [masked(name, record) for record in collection] for name, collection in world}

    async def reset(self, sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)
        self._sandboxes.reset(box)
        return _told(box)

    async def list_snapshots(self, sandbox: str | None = None) -> list[Json]:
        return [{"name": name} for name in sandbox_of(self._sandboxes, sandbox).snapshots]

    async def create_snapshot(self, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        with problems():
            self._sandboxes.snapshot(sandbox_of(self._sandboxes, sandbox), body["name"])
        return {"name": body["name"]}, 201

    async def delete_snapshot(self, name: str, sandbox: str | None = None) -> tuple[None, int]:
        with problems():
            self._sandboxes.drop_snapshot(sandbox_of(self._sandboxes, sandbox), name)
        return None, 204

    async def restore_snapshot(self, name: str, sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)
        with problems():
            self._sandboxes.restore(box, name)
        return _told(box)

    async def get_clock(self, sandbox: str | None = None) -> Json:
        return _told_clock(sandbox_of(self._sandboxes, sandbox).clock)

    async def set_clock(self, body: Json, sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)
        self._sandboxes.set_clock(box, _changed(box.clock, body))
        return _told_clock(box.clock)

    def _free_name(self) -> str:
        taken = {sandbox.name for sandbox in self._sandboxes}
        return next(name for name in (f"sandbox-{number}" for number in self._numbers) if name not in taken)


def _with_own_keys(world: World, body: Json) -> Record | None:
    """Gives a copied world secrets of its own. Its first key is the main one, which the body may narrow."""
    with world.transaction():
        keys.replace_secrets(world)
        main = next(iter(world["api_keys"]), None)
        if main is not None and ("scopes" in body or "expires_at" in body):
            scopes = body.get("scopes", main["scope"]["global"])
            keys.narrow(world, main, scopes, _instant(body.get("expires_at", main["expires_at"])))
    return next(iter(world["api_keys"]), None)


def _workspace(key: Record | None) -> str | None:
    return next(iter(key["scope"]["workspaces"]), None) if key else None


def _told(sandbox: Sandbox) -> Json:
    ends_at = None if sandbox.ends_at is None else stamp(sandbox.ends_at)
    return {"name": sandbox.name, "seed": sandbox.seed, "ends_at": ends_at, "clock": _told_clock(sandbox.clock)}


def _told_key(world: World, key: Record) -> Json:
    user = world["users"].get(key["user"]) or {}
    return {
        "key": key["key"],
        "user": user["email"],
        "description": key["description"],
        "scopes": key["scope"]["global"],
        "workspaces": key["scope"]["workspaces"],
        "expires_at": key["expires_at"],
    }


def _told_session(world: World, session: Record) -> Json:
    user = world["users"].get(session["user"]) or {}
    return {"token": session["token"], "user": user["email"], "expires_at": session["expires_at"]}


def _told_clock(clock: Clock) -> Json:
    return {"now": stamp(clock()), "frozen": clock.frozen_at is not None}


def _changed(clock: Clock, body: Json) -> Clock:
    """Another clock, as the body wants it."""
    clock = clock.copy()
    now, frozen = body.get("now"), body.get("frozen", clock.frozen_at is not None)
    if now == "real":
        clock.go()
    elif now is not None:
        clock.freeze(_seconds(now))  # until all is done, so that no moment is lost
    if "advance" in body:
        clock.advance(body["advance"])
    if frozen and clock.frozen_at is None:
        clock.freeze()
    elif not frozen and clock.frozen_at is not None:
        clock.go(clock.frozen_at)
    try:
        return checked(clock)
    except ValueError as error:
        raise unusable(f"cannot set the clock: {error}") from error


def _clock(text: str) -> Clock:
    try:
        return clock_from(text)
    except ValueError as error:
        raise _unreadable(text) from error


def _instant(text: str | None) -> str | None:
    try:
        return None if text is None else as_text(parse_instant(text))
    except (ValueError, OverflowError) as error:
        raise _unreadable(text or "") from error


def _seconds(text: str) -> float:
    try:
        return parse_instant(text).timestamp()
    except ValueError as error:
        raise _unreadable(text) from error


def _unreadable(text: str) -> ProblemException:
    documented = "`real` or an ISO instant such as 2026-03-12T20:55:53Z"
    return unusable(f"received {text[:60]!r}, documented: {documented}")
