"""Other spellings of a text: plain ASCII, slugs, digits, and the words inside a member name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def plain(text: str) -> str:
    """Without accents; letters that have no ASCII form are left out."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


@lru_cache(maxsize=4096)
def slug_of(text: str) -> str:
    """`Aprovação de contrato` as `aprovacao-de-contrato`; empty for a text without ASCII letters and digits."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text).lower()).strip("-")


def digits_of(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


@lru_cache(maxsize=1024)
def words_of(name: str) -> tuple[str, ...]:
    """`createdAt`, `created_at` and `Created-At` are all `("created", "at")`."""
    return tuple(word.lower() for word in _WORD.findall(plain(name)))


def snake(name: str) -> str:
    return "_".join(words_of(name))
