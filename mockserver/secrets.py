"""Secrets: which values must never reach the journal, a log, a message or an answer.

Three signs make a value one: the contract says `writeOnly`, its name says so, or it looks like an Enspace key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

MASK = "***"

_KEY = re.compile(r"en\.[A-Za-z0-9]{34}")
_KEY_AS_BYTES = re.compile(_KEY.pattern.encode())
_NAME = re.compile(
    r"api[_-]?key|token|secret|passw|authorization|cookie|credential|crypt[_-]?key|integration_key", re.I
)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """True for names such as `api_key`, `access_token` or `cryptKey`."""
    return _NAME.search(name) is not None


def mask_text(text: str) -> str:
    """The text without anything that looks like an Enspace key."""
    return _KEY.sub(MASK, text)


def cut(raw: bytes, longest: int) -> bytes:
    """The first bytes of a path or a query, without a part of a key at their end, which nobody could tell from text."""
    return raw if len(raw) <= longest else _KEY_AS_BYTES.sub(MASK.encode(), raw)[:longest]


def mask_value(value: Any, secret_names: frozenset[str]) -> Any:
    """A copy of a JSON value in which members with a secret name hold the mask."""
    if isinstance(value, dict):
        return {
            mask_text(name): MASK if name in secret_names or is_secret_name(name) else mask_value(part, secret_names)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [mask_value(part, secret_names) for part in value]
    return mask_text(value) if isinstance(value, str) else value


def mask_query(query: str) -> str:
    """A query string in which the values of secret names hold the mask."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return mask_text("&".join(f"{n}{eq}{MASK if eq and is_secret_name(n) else text}" for n, eq, text in pairs))
