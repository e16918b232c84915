"""What a lenient reading has changed."""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import Note, Pointer

Raw = dict[str, Any]


class Notes:
    """The notes of one reading."""

    def __init__(self) -> None:
        self.all: list[Note] = []

    def add(self, pointer: Pointer, text: str) -> None:
        self.all.append(Note(pointer, text))
