"""The keys and sessions that the fake knows, read from the fixtures.

Nothing here judges a request; that is the stage `authenticate`. Values of keys stay in this file: everything else
speaks of a key by its `reference`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mockserver.clock import parse_instant
from mockserver.contract.document import ContractLoader
from mockserver.errors import StartError

SCOPES = ("read", "write", "delete")


class FixtureError(StartError):
    """A fixture cannot be used; raised at start only. Reads `FILE: what is wrong. Mend: what to do.`"""

    def __init__(self, path: Path, problem: str, mend: str) -> None:
        super().__init__(f"{path}: {problem.rstrip('.')}. Mend: {mend.rstrip('.')}.")


@dataclass(frozen=True, slots=True)
class Credential:
    """Who a key or a session is. `expires_at` is in seconds since 1970, None for never.

    `workspaces` is None for a session, which is not bound to any.
    """

    secret: str = field(repr=False)
    description: str
    reference: str
    user: str
    scopes: frozenset[str]
    workspaces: frozenset[str] | None
    expires_at: float | None


class Credentials:
    """All keys and sessions, found by their secret."""

    def __init__(self, keys: Iterable[Credential], sessions: Iterable[Credential]) -> None:
        self.keys = {key.secret.encode(): key for key in keys}
        self.sessions = {session.secret.encode(): session for session in sessions}


def load_credentials(fixtures: Path) -> Credentials:
    """Reads `api_keys.yaml` and `sessions.yaml`; a missing file holds none. `FixtureError` on anything unusable."""
    return Credentials(_load(fixtures / "api_keys.yaml", "key"), _load(fixtures / "sessions.yaml", "token"))


def _load(path: Path, secret: str) -> list[Credential]:
    if not path.exists():
        return []
    try:
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=ContractLoader) or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FixtureError(path, f"not readable as YAML: {error}", "correct the file") from error
    if not isinstance(rows, list):
        raise FixtureError(path, "not a list", "start each row with `- `")
    return [_credential(path, number, row, secret) for number, row in enumerate(rows, 1)]


def _credential(path: Path, number: int, row: Any, secret: str) -> Credential:
    try:
        scope = row.get("scope", {"global": SCOPES, "workspaces": None})
        return Credential(
            secret=_text(row, secret),
            description=_text(row, "description"),
            reference=_text(row, "reference"),
            user=_text(row, "user"),
            scopes=frozenset(_scopes(scope["global"])),
            workspaces=None if scope["workspaces"] is None else frozenset(scope["workspaces"]),
            expires_at=None if row.get("expires_at") is None else parse_instant(row["expires_at"]).timestamp(),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"row {number} is unusable: {type(error).__name__} {error}"
        raise FixtureError(path, problem, f"write it like the shipped rows of {path.name}") from error


def _text(row: dict[str, Any], name: str) -> str:
    if not isinstance(value := row[name], str) or not value:
        raise ValueError(f"`{name}` has to be a text")
    return value


def _scopes(scopes: list[str]) -> list[str]:
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise ValueError(f"unknown scope {unknown[0]!r}, known are {', '.join(SCOPES)}")
    return scopes
