"""Redaction of reports, terminal output and ledger: known secrets by value, others by name or by shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any
from urllib.parse import quote

from mockserver.contract.document import Document
from mockserver.secrets import MASK, is_secret_name, mask_text

_PAIR = re.compile(r"""(["']?)([A-Za-z][\w-]*)\1(\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"',;&}\])]+)""")
_BEARER = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.I)
_TOKEN = re.compile(r"\b(?:eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|sk-[\w-]{6,}|gh[pousr]_\w{20,}|AKIA[0-9A-Z]{16})\b")
SHORTEST = 6  # characters of a known secret; shorter values are parts of ordinary words


class Redactor:
    """Masks secrets in texts and whole results. `values` are known secrets, `names` are secret member names."""

    def __init__(self, values: Iterable[str], names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self._values: set[str] = set()
        self.add(*values)

    def add(self, *values: str) -> None:
        """Adds secrets, also in their URL-encoded form and reversed; shorter ones would match ordinary words."""
        known = [value for value in values if len(value) >= SHORTEST]
        self._values |= {form for value in known for form in (value, quote(value, safe=""), value[::-1])}

    def holds(self, text: str) -> bool:
        """True if the text contains a secret that is known by its value."""
        return any(value in text for value in self._values)

    def mask_known(self, text: str) -> str:
        """Masks only the secrets that are known by their value."""
        # The longest first: a secret may be a part of another one.
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text

    def changes(self, text: str) -> bool:
        """True if `text` would mask something."""
        return self.text(text) != text

    def text(self, text: str) -> str:
        """Masks all secrets in a text."""
        text = _TOKEN.sub(MASK, _BEARER.sub(rf"\1 {MASK}", mask_text(self.mask_known(text))))
        return _PAIR.sub(self._mask_pair, text)

    def _mask_pair(self, match: re.Match[str]) -> str:
        quotes, name, between, value = match.groups()
        # A masked or variable value stays readable in curl commands; a brace begins an object, not a secret.
        is_plain = value.startswith(("$MOCKSERVER_VERIFY_", MASK)) or value.lower() in (
            "null",
            "true",
            "false",
            "{",
            "[",
        )
        if is_plain or not self._is_secret(name):
            return match[0]
        mark = value[0] if value[0] in "\"'" else ""
        return f"{quotes}{name}{quotes}{between}{mark}{MASK}{mark}"

    def _is_secret(self, name: str) -> bool:
        return name in self.names or is_secret_name(name)

    def redact(self, value: Any) -> Any:
        """Copies a result and masks every text in it."""
        if isinstance(value, str):
            # Enumeration values are ours.
            return value if type(value) is not str else self.text(value)
        if is_dataclass(value) and not isinstance(value, type):
            changed = {part.name: self.redact(getattr(value, part.name)) for part in fields(value) if part.init}
            return replace(value, **changed)
        if isinstance(value, dict):
            return {self.redact(name): self.redact(part) for name, part in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(self.redact(part) for part in value)
        return value


def write_only_names(document: Document) -> frozenset[str]:
    """Returns the names of all `writeOnly` text members of the contract."""
    return frozenset(_write_only(document.raw))


def _write_only(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, member in part.items():
            if isinstance(member, dict) and member.get("writeOnly") is True and member.get("type") == "string":
                yield str(name)
            yield from _write_only(member)
    elif isinstance(part, list):
        for member in part:
            yield from _write_only(member)
