"""Forms of a text: ASCII, slug, digits, and one that is safe on a terminal."""

from __future__ import annotations

import re
import unicodedata


def ascii_of(text: str) -> str:
    """Strips accents, and drops letters that have no ASCII form."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def slug_of(text: str) -> str:
    """Returns `aprovacao-de-contrato` for `Aprovação de contrato`; empty if no ASCII letter or digit is left."""
    return re.sub(r"[^a-z0-9]+", "-", ascii_of(text).lower()).strip("-")


def digits_of(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def escape_controls(text: str) -> str:
    """Escapes control characters and marks that reorder text, which could rewrite the lines of a terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def count_of(number: int, noun: str, plural: str = "") -> str:
    """Returns `1 record`, `2 records`; `plural` is for nouns that do not only take an `s`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
