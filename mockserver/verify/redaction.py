"""What must not stand in a report, on the terminal or in a ledger: known secrets by value, others by name or look."""

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
SHORTEST = 6


class Redactor:
    """Masks texts and whole results. `learn` adds values that turned out to be secrets while the run goes on."""

    def __init__(self, values: Iterable[str], names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self._values: set[str] = set()
        self.learn(*values)

    def learn(self, *values: str) -> None:
        """These texts are secrets, as they are and as they stand in an address."""
        known = [value for value in values if len(value) >= SHORTEST]
        self._values |= {form for value in known for form in (value, quote(value, safe=""), value[::-1])}

    def holds(self, text: str) -> bool:
        """True if a secret known by its value stands in the text."""
        return any(value in text for value in self._values)

    def known(self, text: str) -> str:
        """The text without the secrets that are known by their value."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text

    def changes(self, text: str) -> bool:
        """True if there is something in the text that has to be masked."""
        return self.text(text) != text

    def text(self, text: str) -> str:
        """The text without secrets."""
        text = _TOKEN.sub(MASK, _BEARER.sub(rf"\1 {MASK}", mask_text(self.known(text))))
        return _PAIR.sub(self._pair, text)

    def _pair(self, match: re.Match[str]) -> str:
        quotes, name, between, value = match.groups()
        is_plain = value.startswith(("$ENSPACE_", MASK)) or value.lower() in ("null", "true", "false", "{", "[")
        if is_plain or not self._is_secret(name):
            return match[0]
        mark = value[0] if value[0] in "\"'" else ""
        return f"{quotes}{name}{quotes}{between}{mark}{MASK}{mark}"

    def _is_secret(self, name: str) -> bool:
        return name in self.names or is_secret_name(name)

    def all(self, value: Any) -> Any:
        """A copy of a result in which every text is redacted."""
        if isinstance(value, str):
            # An enumeration is made of words of ours, a diff of words of the contract.
            return value if type(value) is not str else self.text(value)
        if is_dataclass(value) and not isinstance(value, type):
            changed = {part.name: self.all(getattr(value, part.name)) for part in fields(value) if part.init}
            return replace(value, **changed)
        if isinstance(value, dict):
            return {self.all(name): self.all(part) for name, part in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(self.all(part) for part in value)
        return value


def write_only_names(document: Document) -> frozenset[str]:
    """The members with a text in them that the contract calls `writeOnly`, anywhere."""
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
