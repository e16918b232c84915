"""Creation of API keys and sessions. Enspace has no operation for it (R14), but the control API has."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from mockserver.state.ids import ALPHANUMERIC, derived_text
from mockserver.state.table import Record
from mockserver.state.world import World

SCOPES = ("read", "write", "delete")


class DemoCredentials(NamedTuple):
    """A key and one of its workspaces; empty texts in a world without keys, such as that of another contract."""

    key: str = ""
    workspace: str = ""


def first_credentials(world: World) -> DemoCredentials:
    """Returns the first key of a world with its first workspace."""
    key = next(iter(world["api_keys"]), None)
    return DemoCredentials(key["key"], next(iter(key["scope"]["workspaces"]), "")) if key else DemoCredentials()


def new_secret() -> str:
    """Returns a random key in the form of Enspace."""
    # Not derived from the seed: the key of a sandbox must not be predictable.
    return "en." + "".join(secrets.choice(ALPHANUMERIC) for _ in range(34))


def new_token() -> str:
    """Returns a random session token in the form of a signed token, which is masked wherever it appears."""
    return "eyJ" + ".".join(secrets.token_urlsafe(size) for size in (12, 24, 12))


def replace_secrets(world: World) -> None:
    """Gives every key and session of a copied world a new secret."""
    for key in list(world["api_keys"]):
        world.update("api_keys", key["id"], key=new_secret())
    for session in list(world["sessions"]):
        world.update("sessions", session["id"], token=new_token())


def keep_secrets(world: World, earlier: World) -> None:
    """Copies secrets, scopes and expiry from the keys and sessions of an earlier world."""
    for key in list(world["api_keys"]):
        if had := earlier["api_keys"].get(key["id"]):
            world.update("api_keys", key["id"], key=had["key"])
            narrow(world, key, had["scope"]["global"], had["expires_at"])
    for session in list(world["sessions"]):
        if had := earlier["sessions"].get(session["id"]):
            world.update("sessions", session["id"], token=had["token"])


def narrow(world: World, key: Record, scopes: Sequence[str], expires_at: str | None) -> None:
    """Sets the scopes and the expiry of a key."""
    world.update("api_keys", key["id"], scope={**key["scope"], "global": list(scopes)}, expires_at=expires_at)


def make_key(
    world: World,
    seed: int,
    now: str,
    user: Record,
    scopes: Sequence[str],
    workspaces: Sequence[str],
    expires_at: str | None,
    description: str,
) -> Record:
    """Creates a key for a user. Its reference is derived from the seed, its secret is random."""
    return world.insert(
        "api_keys",
        {
            "key": new_secret(),
            "description": description,
            "reference": derived_text(seed, "key", world.next_id("api_keys"), 16),
            "user": user["id"],
            "scope": {"global": list(scopes), "workspaces": list(workspaces)},
            "created_at": now,
            "updated_at": now,
            "expires_at": expires_at,
        },
    )


def workspaces_of(world: World, user: Record) -> list[str]:
    """Returns the slugs of all workspaces of which the user is a member."""
    found = (
        world["workspaces"].get(member["workspace"]) for member in world["members"] if member["user"] == user["id"]
    )
    return [workspace["slug"] for workspace in found if workspace is not None]
