"""Secrets: which values must never reach the journal, a log, a message or an answer.

Three signs make a value one: the contract says `writeOnly`, its name says so, or it has the shape of an Enspace key, of
a signed token, of what follows `Bearer`, or of a user and a password in a URL.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

MASK = "***"

_SHAPE = re.compile(
    r"en(?:\.|%2[eE])[A-Za-z0-9]{34}"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?<=[Bb]earer )[\w.~+/-]{8,}=*"
    r"|(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)",
    re.ASCII,
)
_SHAPE_AS_BYTES = re.compile(_SHAPE.pattern.encode(), re.ASCII)
# Enspace's customers write Portuguese: `senha` is a password.
_NAME = re.compile(
    r"(api|access|private|crypt|integration)[_-]?key|token|secret|passw|senha|authorization|cookie|credential", re.I
)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """True for names such as `api_key`, `access_token` or `cryptKey`."""
    return _NAME.search(name) is not None


def mask_text(text: str) -> str:
    """The text without anything that has the shape of a secret."""
    # A first look, which takes a tenth of the time.
    if "en." in text or "en%2" in text or "eyJ" in text or "earer " in text or "://" in text:
        return _SHAPE.sub(MASK, text)
    return text


def mask_path(path: str) -> str:
    """The same of a path; one that hides a secret behind percent signs is told decoded."""
    told = mask_text(path)
    if "%" in told and (masked := mask_text(decoded := unquote(told))) != decoded:
        return masked
    return told


def excerpt(text: str, longest: int) -> str:
    """The beginning of a text for a message, masked before it is cut: nobody could tell half a key from text."""
    return mask_path(text)[:longest]


def cut(raw: bytes, longest: int) -> bytes:
    """The first bytes of a path or a query, without a part of a key at their end, which nobody could tell from text."""
    return raw if len(raw) <= longest else _SHAPE_AS_BYTES.sub(MASK.encode(), raw)[:longest]


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
    return "&".join(map(_mask_pair, query.split("&")))


def _mask_pair(pair: str) -> str:
    name, equals, text = pair.partition("=")
    is_secret = equals and is_secret_name(unquote_plus(name))
    return f"{mask_path(name)}{equals}{MASK if is_secret else mask_path(text)}"
