"""Members of an answer that the contract does not declare, and which of them may be secrets or are write-only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import members_of, parts_of, properties_of
from mockserver.secrets import is_secret_name

MOST_ROWS = 20  # rows of a list that are searched: a fault in one of them is nearly always in all
# Besides the names that are masked everywhere: these are no secrets where the contract declares them.
_PRIVATE_NAME = re.compile(r"private|session|salt|hash|cvv|ssn|cpf", re.IGNORECASE)
# Keys of providers, JSON Web Tokens, hashes of passwords, keys in PEM.
_SECRET_VALUE = re.compile(
    r"\b(?:sk|pk|en|ghp|xox[bp])[-_.][A-Za-z0-9_-]{16,}|eyJ[\w-]{10,}\.eyJ|\$(?:2[aby]|argon2\w*)\$|-----BEGIN"
)


@dataclass(frozen=True)
class UndeclaredMember:
    """A member that no schema declares."""

    path: str
    is_secret: bool
    is_write_only: bool


def find_undeclared(
    document: Document, schema: Schema | None, body: Any, write_only: frozenset[str] = frozenset()
) -> list[UndeclaredMember]:
    """Returns the undeclared members of a body: write-only ones first, then those that may be secrets."""
    found = list(_undeclared(document, schema, body, write_only, ())) if schema else []
    return sorted(found, key=lambda member: (not member.is_write_only, not member.is_secret))


def _undeclared(
    document: Document, schema: Schema, value: Any, write_only: frozenset[str], path: tuple[str, ...]
) -> Iterator[UndeclaredMember]:
    if isinstance(value, list):
        for items in [part["items"] for part in parts_of(document, schema) if "items" in part][:1]:
            for row in value[:MOST_ROWS]:
                yield from _undeclared(document, items, row, write_only, path)
        return
    members = properties_of(document, schema)
    # An inner object that clients write, such as settings, may keep whatever they have sent.
    is_written = path and not all(document.resolve(part).get("readOnly") for part in members.values())
    is_open = is_written or members_of(document, schema) is None
    for name, inner in value.items() if isinstance(value, dict) else ():
        # Null shows no secret.
        is_write_only = name in write_only and inner is not None
        if name in members:
            yield from _undeclared(document, members[name], inner, write_only, (*path, name))
        elif is_write_only or not is_open:
            is_private = is_secret_name(name) or _PRIVATE_NAME.search(name) is not None
            is_secret = is_private or _SECRET_VALUE.search(str(inner)) is not None
            yield UndeclaredMember(".".join((*path, name)), is_secret, is_write_only)
