"""Detection and masking of secrets, which must never appear in the journal, a log, a message or a response.

A value is a secret if the contract says `writeOnly`, if its name says so, or if it has the form of an Enspace key, a
signed token, a bearer token, or a user and a password in a URL.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, unquote_plus

MASK = "***"

_FORM = re.compile(
    r"en(?:\.|%2[eE])[A-Za-z0-9]{34}"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?<=[Bb]earer )[\w.~+/-]{8,}=*"
    r"|(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)",
    re.ASCII,
)
_FORM_OF_BYTES = re.compile(_FORM.pattern.encode(), re.ASCII)
# Every secret of these forms contains one of these marks, which are faster to search for.
_MARK = re.compile(r"en[.%]|eyJ|earer |://")
# Enspace's customers write Portuguese: `senha` is a password.
_NAME = re.compile(
    r"(api|access|private|crypt|integration)[_-]?key|token|secret|passw|senha|authorization|cookie|credential", re.I
)


def is_secret_name(name: str) -> bool:
    """Whether it is a name such as `api_key`, `access_token` or `cryptKey`."""
    return _NAME.search(name) is not None


def mask_text(text: str) -> str:
    """Masks everything in the text that has the form of a secret."""
    # For a text of 1 MB the regular expression alone would take 90 ms, while all other clients wait.
    return _FORM.sub(MASK, text) if _MARK.search(text) else text


def mask_path(path: str) -> str:
    """Masks secrets in a path. One that is percent-encoded is masked in the decoded path."""
    shown = mask_text(path)
    decoded = unquote(shown)
    masked = mask_text(decoded)
    return shown if masked == decoded else masked


def excerpt(text: str, longest: int) -> str:
    """Masks a text and cuts it for a message; in this order, because half a key is not recognized."""
    return mask_path(text)[:longest]


def cut(raw: bytes, longest: int) -> bytes:
    """Cuts a path or a query; a longer one is masked before, because half a key is not recognized."""
    return raw if len(raw) <= longest else _FORM_OF_BYTES.sub(MASK.encode(), raw)[:longest]


def mask_value(value: Any, secret_names: frozenset[str]) -> Any:
    """Copies a JSON value with secrets, and members with secret names, masked."""
    if isinstance(value, dict):
        return {
            mask_text(name): MASK if name in secret_names or is_secret_name(name) else mask_value(part, secret_names)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [mask_value(part, secret_names) for part in value]
    return mask_text(value) if isinstance(value, str) else value


def mask_query(query: str) -> str:
    """Masks the values of secret names in a query string."""
    return "&".join(map(_mask_pair, query.split("&")))


def _mask_pair(pair: str) -> str:
    name, equals, text = pair.partition("=")
    is_secret = equals and is_secret_name(unquote_plus(name))
    return f"{mask_path(name)}{equals}{MASK if is_secret else mask_path(text)}"
