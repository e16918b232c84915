"""Plain ASCII forms of a text."""

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
