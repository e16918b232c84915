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
    """A fixture cannot be used; raised at start only. Reads `FILE:LINE: what is wrong. Mend: what to do.`"""

    def __init__(self, path: Path, line: int | None, problem: str, mend: str) -> None:
        place = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {problem.rstrip('.')}. Mend: {mend.rstrip('.')}.")


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
    if not fixtures.is_dir():
        raise FixtureError(fixtures, None, "no such folder", "name an existing one with --fixtures")
    return Credentials(_load(fixtures / "api_keys.yaml", "key"), _load(fixtures / "sessions.yaml", "token"))


def _load(path: Path, secret: str) -> list[Credential]:
    if not path.exists():
        return []
    rows, lines = _rows(path)
    credentials: dict[str, Credential] = {}
    for row, line in zip(rows, lines, strict=True):
        try:
            credential = _credential(row, secret)
        except ValueError as error:
            mend = f"write it like the shipped rows of {path.name}"
            raise FixtureError(path, line, f"the row is unusable: {error}", mend) from error
        if credential.secret in credentials:
            raise FixtureError(path, line, f"the `{secret}` of this row stands twice", "give each row its own")
        credentials[credential.secret] = credential
    return list(credentials.values())


def _rows(path: Path) -> tuple[list[Any], list[int]]:
    try:
        text = path.read_text(encoding="utf-8")
        rows = yaml.load(text, Loader=ContractLoader) or []
        tree = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FixtureError(path, line, f"not readable as YAML: {error.problem}", "correct that line") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problem = f"not readable: {str(error).splitlines()[0]}"
        raise FixtureError(path, None, problem, "save it as UTF-8 text") from error
    if not isinstance(rows, list):
        raise FixtureError(path, 1, "not a list", "start each row with `- `")
    return rows, [node.start_mark.line + 1 for node in getattr(tree, "value", ())]


def _credential(row: Any, secret: str) -> Credential:
    if not isinstance(row, dict):
        raise ValueError("it holds no members")
    scope = row.get("scope", {"global": list(SCOPES), "workspaces": None})
    if not isinstance(scope, dict):
        raise ValueError("`scope` has to hold `global` and `workspaces`")
    expires_at = row.get("expires_at")
    return Credential(
        secret=_text(row, secret),
        description=_text(row, "description"),
        reference=_text(row, "reference"),
        user=_text(row, "user"),
        scopes=frozenset(_scopes(_texts(scope, "global"))),
        workspaces=None if "scope" not in row else frozenset(_texts(scope, "workspaces")),
        expires_at=None if expires_at is None else _instant(expires_at),
    )


def _text(row: dict[str, Any], name: str) -> str:
    if not isinstance(value := row.get(name), str) or not value:
        raise ValueError(f"`{name}` has to be a text")
    return value


def _texts(scope: dict[str, Any], name: str) -> list[str]:
    value = scope.get(name)
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(f"`scope.{name}` has to be a list of texts")
    return value


def _scopes(scopes: list[str]) -> list[str]:
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise ValueError(f"unknown scope {unknown[0]!r}, known are {', '.join(SCOPES)}")
    return scopes


def _instant(text: Any) -> float:
    try:
        return parse_instant(text).timestamp()
    except (TypeError, ValueError) as error:
        raise ValueError(f"`expires_at` has to be an ISO instant or null, not {text!r}") from error
