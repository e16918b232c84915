"""The ledger: which records this run has made, in memory and in a file that outlives a killed run.

The file is JSON lines, only ever appended to, each line on disk before the request that it announces is sent. It holds
paths and the run's mark, never a body and never a secret. `read` gives back what a killed run has left.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.errors import StartError


class LedgerError(StartError):
    """The ledger cannot be written or read; without one nothing may be created."""


@dataclass(frozen=True)
class Own:
    """A record of this run: where it lives, in which collection, and the path keys that name it."""

    path: str
    collection: str
    keys: dict[str, str] = field(hash=False, compare=False)


class Ledger:
    """Own records in the order of their making. Without a file (`read-only`) it stays empty."""

    def __init__(
        self, file: Path | None, target: str, mark: str, holds_secret: Callable[[str], bool] = lambda text: False
    ) -> None:
        self.file, self.target, self.mark, self.holds_secret = file, target, mark, holds_secret
        self.own: dict[str, Own] = {}
        self.created = self.deleted = self._announced = 0
        self.open_intents: dict[int, str] = {}
        self.claimed: set[str] = set()  # the target says that they are deleted; the cleanup looks
        self._opened = False

    def announce(self, path: str) -> int:
        """A creation is about to be sent; the number is handed back to `created` or `refused`."""
        self._announced += 1
        self._write(event="announced", number=self._announced, path=path)
        self.open_intents[self._announced] = path
        return self._announced

    def record_created(self, number: int, own: Own) -> None:
        """The target has made the record."""
        self._write(event="created", number=number, path=own.path, collection=own.collection, keys=own.keys)
        self._take_in(number, own)

    def record_refused(self, number: int, status: int) -> None:
        """The target has made nothing."""
        self._write(event="refused", number=number, status=status)
        self._settle(number)

    def record_claimed(self, path: str) -> None:
        """The target says that a record of ours is deleted, and so all below it."""
        gone = [own for own in self.own if own == path or own.startswith(path + "/")]
        for own in gone:
            self._write(event="claimed", path=own)
        self.claimed.update(gone)

    def record_deleted(self, path: str) -> None:
        """A record of ours has been looked for and is gone, and with it all below it."""
        gone = [other for other in self.own if other == path or other.startswith(path + "/")]
        for other in gone:
            self._write(event="deleted", path=other)
            del self.own[other]
        self.deleted += len(gone)

    def is_own(self, path: str) -> bool:
        """True for a record of ours and for everything below it."""
        return any(path == own or path.startswith(own + "/") for own in self.own)

    def in_collection(self, collection: str) -> list[Own]:
        """Our records of a collection, named by its path template."""
        return [o for o in self.own.values() if o.collection == collection and o.path not in self.claimed]

    def _take_in(self, number: int, own: Own) -> None:
        self._settle(number)
        if own.path in self.own:  # its name was free again
            self.deleted += 1
        self.claimed.discard(own.path)
        self.own[own.path] = own
        self.created += 1

    def _settle(self, number: int) -> None:
        self.open_intents.pop(number, None)

    def _write(self, **line: Any) -> None:
        # A record that is named by a secret is not written down: its creation stays open, and the mark finds it.
        if self.file is None or self.holds_secret(str(line.get("path", ""))):
            return
        try:
            with self.file.open("a", encoding="utf-8") as file:
                if not self._opened:
                    json.dump({"event": "run", "target": self.target, "mark": self.mark}, file)
                    file.write("\n")
                json.dump(line, file)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LedgerError(f"{self.file}: the ledger cannot be written: {error.strerror}") from error
        self._opened = True


def read(file: Path) -> Ledger:
    """The ledger of an earlier run, to be gone on with. `LedgerError` if it is none."""
    try:
        lines = [json.loads(line) for line in _whole_lines(file)]
        head = lines[0]
        ledger = Ledger(file, head["target"], head["mark"])
    except OSError as error:
        raise LedgerError(f"{file}: the ledger cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise LedgerError(f"{file}: this is no ledger. Mend: name the file that the killed run has told.") from error
    for line in lines:
        _replay(ledger, line)
    ledger._opened = True
    return ledger


def _whole_lines(file: Path) -> list[str]:
    """A killed run may have left half a line at the end."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    return lines if text.endswith("\n") else lines[:-1]


def _replay(ledger: Ledger, line: dict[str, Any]) -> None:
    match line["event"]:
        case "announced":
            ledger._announced = line["number"]
            ledger.open_intents[line["number"]] = line["path"]
        case "created":
            ledger._take_in(line["number"], Own(line["path"], line["collection"], line["keys"]))
        case "refused":
            ledger._settle(line["number"])
        case "claimed":
            ledger.claimed.add(line["path"])
        case "deleted":
            ledger.own.pop(line["path"], None)
            ledger.deleted += 1
