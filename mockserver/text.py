"""Forms of a text: ASCII, slug, digits, addresses, and those that are safe on a terminal, in Markdown and in XML."""

from __future__ import annotations

import re
import unicodedata

LONGEST_CELL = 160  # characters
# What begins a cell, an escape, HTML, a link, an image, code, a mention or, before two slashes, a URL.
_MARKUP = re.compile(r"[|\\<>&\[\]`@]|:(?=//)")
# Control characters and surrogates, which no XML document may contain.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def ascii_of(text: str) -> str:
    """Strips accents, and drops letters that have no ASCII form."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def slug_of(text: str) -> str:
    """Returns `aprovacao-de-contrato` for `Aprovação de contrato`; empty if no ASCII letter or digit is left."""
    return re.sub(r"[^a-z0-9]+", "-", ascii_of(text).lower()).strip("-")


def authority_of(host: str, port: int) -> str:
    """Returns the part of a URL that names host and port; an IPv6 address needs brackets there."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def digits_of(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def escape_controls(text: str) -> str:
    """Escapes control characters and marks that reorder text, which could rewrite the lines of a terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def markdown_cell(text: str) -> str:
    """Returns a text that could contain markup as one line of a Markdown table, shortened if it is long."""
    line = escape_controls(" ".join(text.split()))
    line = line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"
    return _MARKUP.sub(lambda mark: f"&#{ord(mark[0])};", line)


def xml_text(text: str) -> str:
    """Replaces what no XML document may contain."""
    return _NOT_XML.sub("?", text)


def count_of(number: int, noun: str, plural: str = "") -> str:
    """Returns `1 record`, `2 records`; `plural` is for nouns that do not only take an `s`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
