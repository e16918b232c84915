"""Members of records that are never shown: masking them, and restoring them when a masked record comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.enspace.keys import new_secret, new_token
from mockserver.secrets import MASK, NO_SECRETS, mask_text
from mockserver.state.table import Record

# The hidden members of each collection, with the functions that create new values.
_HIDDEN: Mapping[str, Mapping[str, Callable[[], Any]]] = {
    "api_keys": {"key": new_secret},
    "sessions": {"token": new_token},
    "integrations": {"secrets": dict},
}
_NONE: Mapping[str, Callable[[], Any]] = {}


def masked(table: str, record: Record) -> Record:
    """Masks the secrets of a record."""
    shown: Record = NO_SECRETS.mask(record)
    hidden = _HIDDEN.get(table, _NONE)
    return shown | {name: MASK if record[name] else record[name] for name in hidden if name in record}


def with_secrets(table: str, row: Record, known: Record | None) -> Record:
    """Replaces masks and missing secrets by those of the `known` record, or by new ones."""
    if known is not None:
        row = _restored(row, known)
    for name, new in _HIDDEN.get(table, _NONE).items():
        if row.get(name, MASK) == MASK:
            row = {**row, name: known[name] if known else new()}
    return row


def _restored(shown: Any, known: Any) -> Any:
    """Replaces every masked part of the shown value by that part of the known value."""
    if isinstance(shown, dict) and isinstance(known, dict):
        return {
            name: known[name] if part == MASK and name in known else _restored(part, known.get(name))
            for name, part in shown.items()
        }
    # Lists of another length have been edited, so that their elements no longer correspond.
    if isinstance(shown, list) and isinstance(known, list) and len(shown) == len(known):
        return [_restored(part, other) for part, other in zip(shown, known, strict=True)]
    is_same = isinstance(shown, str) and isinstance(known, str) and shown == mask_text(known)
    return known if is_same else shown
