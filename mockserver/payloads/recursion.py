"""Which references lead back to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document
from mockserver.payloads.merging import followed


class References:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._inside: dict[str, frozenset[str]] = {}
        self._recursive: dict[str, bool] = {}

    def is_recursive(self, ref: str) -> bool:
        if ref not in self._recursive:
            self._recursive[ref] = ref in self._reachable(ref)
        return self._recursive[ref]

    def _reachable(self, ref: str) -> set[str]:
        found: set[str] = set()
        ahead = [ref]
        while ahead:
            new = self._directly_inside(ahead.pop()) - found
            found |= new
            ahead += new
        return found

    def _directly_inside(self, ref: str) -> frozenset[str]:
        if ref not in self._inside:
            self._inside[ref] = frozenset(_references(followed(self._document, ref)))
        return self._inside[ref]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(ref := part.get("$ref"), str):
            yield ref
        for name, value in part.items():
            if name not in ("example", "default", "enum"):
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
