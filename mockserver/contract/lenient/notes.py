"""What a lenient reading has changed, as notes with a JSON pointer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Pointer, pointer_text

Raw = dict[str, Any]


@dataclass(frozen=True)
class Note:
    """A place that was interpreted leniently, and how."""

    pointer: Pointer
    text: str

    def __str__(self) -> str:
        return f"{pointer_text(self.pointer)}: {self.text}"


class Notes:
    """The notes of one reading."""

    def __init__(self) -> None:
        self.all: list[Note] = []

    def add(self, pointer: Pointer, text: str) -> None:
        self.all.append(Note(pointer, text))
