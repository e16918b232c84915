"""Comparison of what was sent with what came back: by meaning, not by form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mockserver.verify.probe import Record


def is_same(sent: Any, received: Any, hidden: frozenset[str] = frozenset()) -> bool:
    """True if the received value is the one sent; a reference may come back as a whole record.

    `hidden` are names of write-only members, which an answer leaves out.
    """
    if isinstance(sent, dict) and isinstance(received, dict):
        return all(
            name in hidden or (name in received and is_same(value, received[name], hidden))
            for name, value in sent.items()
        )
    if isinstance(received, dict):
        return sent is not None and sent in (received.get("id"), received.get("slug"))
    if isinstance(sent, list) and isinstance(received, list):
        return len(sent) == len(received) and all(map(is_same, sent, received))
    if isinstance(sent, bool) != isinstance(received, bool):
        return False
    return bool(sent == received) or _is_same_instant(sent, received)


def _is_same_instant(sent: Any, received: Any) -> bool:
    one, other = instant(sent), instant(received)
    if one is None or other is None:
        return False
    # Some databases keep whole seconds only.
    return one == other or (other.microsecond == 0 and one.replace(microsecond=0) == other)


def instant(value: Any) -> datetime | None:
    """Parses a timestamp with an offset; None for every other value."""
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else None


def changed_members(before: Record, after: Record) -> list[str]:
    """Returns the members that both records have with different values."""
    return [name for name in before if name in after and not _is_equal(before[name], after[name])]


def _is_equal(before: Any, after: Any) -> bool:
    return bool(before == after) or (instant(before) is not None and instant(before) == instant(after))
