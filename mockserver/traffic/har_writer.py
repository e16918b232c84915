"""Writer of recordings: one entry in each line of a part file while calls arrive, a HAR file at the end.

A killed recording leaves the part file, which `drift` reads too. Only the owner may read either.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

import ijson

from mockserver.errors import StartError

PART = ".part"
RAW = ".raw.har"  # the end of the name of a file with personal data
REPLACED = "personal data replaced"  # the comment of an entry whose values are nobody's


class HarWriter:
    """A recording in `file`; entries of an earlier one in the same file stay."""

    def __init__(self, file: Path) -> None:
        self.file, self.part = file, file.with_name(file.name + PART)
        self.count = 0
        try:
            self._out: TextIO = os.fdopen(os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a")
        except OSError as error:
            raise StartError(f"{self.part}: the recording cannot be written: {error.strerror}") from error

    def add(self, entry: dict[str, Any]) -> None:
        """Appends an entry; it survives the end of the process."""
        self._out.write(json.dumps(entry) + "\n")
        self._out.flush()
        self.count += 1

    def finish(self) -> None:
        """Writes the HAR file, and removes the part file."""
        self._out.close()
        unfinished = self.file.with_name(self.file.name + ".new")
        creator = json.dumps({"name": "enspace-mockserver", "version": version("enspace-mockserver")})
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [')
            for number, entry in enumerate(self._entries()):
                out.write((",\n" if number else "\n") + entry)
            out.write("\n]}}\n")
        unfinished.replace(self.file)
        self.part.unlink()

    def _entries(self) -> Iterator[str]:
        """The entries of the earlier recording and of this one, as JSON texts."""
        if self.file.exists():
            with self.file.open("rb") as file:
                yield from (json.dumps(entry) for entry in ijson.items(file, "log.entries.item", use_float=True))
        with self.part.open(encoding="utf-8") as lines:
            yield from (line.rstrip("\n") for line in lines if line.endswith("\n"))
