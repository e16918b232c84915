"""Members of an answer that the contract does not declare, and which of them may be secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import members_of, parts_of
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


def find_undeclared(document: Document, schema: Schema | None, body: Any) -> UndeclaredMember | None:
    """Returns an undeclared member of a body, one that may be a secret before all others; None without any."""
    found = list(_undeclared(document, schema, body, ())) if schema else []
    return min(found, key=lambda member: not member.is_secret, default=None)


def _undeclared(document: Document, schema: Schema, value: Any, path: tuple[str, ...]) -> Iterator[UndeclaredMember]:
    if isinstance(value, list):
        for items in [part["items"] for part in parts_of(document, schema) if "items" in part][:1]:
            for row in value[:MOST_ROWS]:
                yield from _undeclared(document, items, row, path)
        return
    members = members_of(document, schema) if isinstance(value, dict) else None
    # An inner object that clients write, such as settings, may keep whatever they have sent.
    if not members or (path and not all(document.resolve(part).get("readOnly") for part in members.values())):
        return
    for name, inner in value.items():
        if name not in members:
            is_private = is_secret_name(name) or _PRIVATE_NAME.search(name) is not None
            is_secret = is_private or _SECRET_VALUE.search(str(inner)) is not None
            yield UndeclaredMember(".".join((*path, name)), is_secret)
        else:
            yield from _undeclared(document, members[name], inner, (*path, name))
