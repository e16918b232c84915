"""Members of records that are never shown, and what stands for them when a record comes back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.enspace.keys import new_secret
from mockserver.secrets import MASK
from mockserver.state.tables import Record

# The hidden members of a collection, each with what makes a new value.
_HIDDEN: Mapping[str, Mapping[str, Callable[[], Any]]] = {
    "api_keys": {"key": new_secret},
    "sessions": {"token": lambda: secrets.token_urlsafe(32)},
    "integrations": {"secrets": dict},
}
_NONE: Mapping[str, Callable[[], Any]] = {}


def masked(table: str, record: Record) -> Record:
    """The record as it is shown."""
    hidden = _HIDDEN.get(table, _NONE)
    return {name: MASK if name in hidden and value else value for name, value in record.items()}


def with_secrets(table: str, row: Record, known: Record | None) -> Record:
    """The row with secrets in place of masks and of what was left out: those of the `known` record, or new ones."""
    for name, new in _HIDDEN.get(table, _NONE).items():
        if row.get(name, MASK) == MASK:
            row = {**row, name: known[name] if known else new()}
    return row
