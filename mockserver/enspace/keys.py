"""API keys as the product makes them; no operation of the API does (R14), so the control API can."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from mockserver.state.ids import ALPHANUMERIC, derived_text
from mockserver.state.table import Record
from mockserver.state.world import World

SCOPES = ("read", "write", "delete")


def new_secret() -> str:
    """A key of Enspace's form that nobody can guess."""
    return "en." + "".join(secrets.choice(ALPHANUMERIC) for _ in range(34))


def new_token() -> str:
    """A session of the form of a signed token, so that it is known for a secret wherever it is told."""
    return "eyJ" + ".".join(secrets.token_urlsafe(size) for size in (12, 24, 12))


def replace_secrets(world: World) -> None:
    """Gives every key and session of a copied world a secret of its own."""
    for key in list(world["api_keys"]):
        world.update("api_keys", key["id"], key=new_secret())
    for session in list(world["sessions"]):
        world.update("sessions", session["id"], token=new_token())


def keep_secrets(world: World, earlier: World) -> None:
    """Gives the keys and sessions of a world what those of an earlier one had: the secret, what it may, until when."""
    for key in list(world["api_keys"]):
        if had := earlier["api_keys"].get(key["id"]):
            world.update("api_keys", key["id"], key=had["key"])
            narrow(world, key | {"key": had["key"]}, had["scope"]["global"], had["expires_at"])
    for session in list(world["sessions"]):
        if had := earlier["sessions"].get(session["id"]):
            world.update("sessions", session["id"], token=had["token"])


def narrow(world: World, key: Record, scopes: Sequence[str], expires_at: str | None) -> None:
    """Lets a key do less, or for less time."""
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
    """A new key of a user. Its reference follows from the seed, its secret does not."""
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
    """The slugs of all workspaces that the user is a member of."""
    found = (
        world["workspaces"].get(member["workspace"]) for member in world["members"] if member["user"] == user["id"]
    )
    return [workspace["slug"] for workspace in found if workspace is not None]
