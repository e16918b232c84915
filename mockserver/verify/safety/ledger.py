"""Ledger of the records that a run has created, in memory and in a file that survives a killed run.

The file contains JSON lines and is only appended to. Each line is on disk before the request that it announces is sent.
It contains paths and the mark of the run, never a body or a secret. `read_ledger` restores what a killed run has left.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mockserver.errors import StartError

# The members that carry the mark of the run: those by which people know a record.
NAMES = ("name", "title", "slug", "email")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class LedgerError(StartError):
    """Raised when the ledger cannot be written or read; without a ledger nothing may be created."""


@dataclass(frozen=True)
class OwnRecord:
    """A record that this run has created: its path, the path template of its collection, and its path keys."""

    path: str
    collection: str
    keys: dict[str, str] = field(hash=False, compare=False)
    number: int = field(default=0, compare=False)  # of its announcement


@dataclass(frozen=True)
class Announcement:
    """A creation that is about to be sent: its path, and what proves later that it has created a record.

    `names` are the members of its body that carry the mark, `at` is the time of the target. `sent_time` is the time of
    creation that the body sets; only this process knows it.
    """

    path: str
    names: tuple[str, ...] = NAMES
    at: datetime = LONG_AGO
    sent_time: Any = None


class Ledger:
    """Own records in the order of their creation. Without a file (`read-only`) it stays empty."""

    def __init__(
        self, file: Path | None, target: str, mark: str, holds_secret: Callable[[str], bool] = lambda text: False
    ) -> None:
        self.file, self.target, self.mark, self.holds_secret = file, target, mark, holds_secret
        self.started = LONG_AGO  # by the clock of the target
        self.own: dict[str, OwnRecord] = {}
        self.announced: dict[int, Announcement] = {}
        self.created = self.deleted = 0
        self.open_intents: dict[int, str] = {}  # announced creations without an outcome: number and path
        self.refused: dict[int, str] = {}  # those that the target has refused
        self.claimed: set[str] = set()  # deleted according to the target; cleanup checks them
        self._has_header = False

    def announce(self, creation: Announcement) -> int:
        """Notes a creation before it is sent; the number identifies it in `record_created` and `record_refused`."""
        number = max(self.announced, default=0) + 1
        at = creation.at.isoformat()
        self._write(event="announced", number=number, path=creation.path, names=creation.names, at=at)
        self._announce(number, creation)
        return number

    def record_created(self, number: int, own: OwnRecord) -> None:
        """Notes that the target has created the record."""
        self._write(event="created", number=number, path=own.path, collection=own.collection, keys=own.keys)
        self._add(number, own)

    def record_disowned(self, path: str) -> None:
        """Notes that nothing proves a record to be ours: the outcome of its creation is open again."""
        self._write(event="disowned", path=path)
        self._disown(path)

    def record_refused(self, number: int, status: int) -> None:
        """Notes that the target has created nothing, by its answer with this status, or 0 by its list."""
        self._write(event="refused", number=number, status=status)
        self._refuse(number, status)

    def record_claimed(self, path: str) -> None:
        """Notes that the target reports an own record, and everything below it, as deleted."""
        gone = [own for own in self.own if is_at_or_below(own, path)]
        for own in gone:
            self._write(event="claimed", path=own)
        self.claimed.update(gone)

    def record_deleted(self, path: str) -> None:
        """Notes that an own record, and with it everything below it, was looked for and does not exist."""
        gone = [own for own in self.own if is_at_or_below(own, path)]
        for own in gone:
            self._write(event="deleted", path=own)
            del self.own[own]
        self.deleted += len(gone)

    def is_own(self, path: str) -> bool:
        """True for an own record and for everything below it."""
        return any(is_at_or_below(path, own) for own in self.own)

    def in_collection(self, collection: str) -> list[OwnRecord]:
        """Returns the own records of a collection, given its path template."""
        return [o for o in self.own.values() if o.collection == collection and o.path not in self.claimed]

    def _add(self, number: int, own: OwnRecord) -> None:
        self._settle(number)
        if own.path in self.own:  # deleted earlier, and created again under the same name
            self.deleted += 1
        self.claimed.discard(own.path)
        self.own[own.path] = replace(own, number=number)
        self.created += 1

    def _announce(self, number: int, creation: Announcement) -> None:
        self.announced[number] = creation
        self.open_intents[number] = creation.path

    def _disown(self, path: str) -> None:
        number = self.own.pop(path).number
        self.open_intents[number] = self.announced[number].path
        self.created -= 1

    def _refuse(self, number: int, status: int) -> None:
        self._settle(number)
        if status:
            self.refused[number] = self.announced[number].path

    def _settle(self, number: int) -> None:
        self.open_intents.pop(number, None)

    def _write(self, **line: Any) -> None:
        # A path with a secret is not written: its creation stays open, and cleanup finds the record by its mark.
        if self.file is None or self.holds_secret(str(line.get("path", ""))):
            return
        header = {"event": "run", "target": self.target, "mark": self.mark, "started": self.started.isoformat()}
        lines = [line] if self._has_header else [header, line]
        try:
            with self.file.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(one) + "\n" for one in lines)
                file.flush()
                # `flush` alone leaves the line to the operating system, which a power cut would lose.
                os.fsync(file.fileno())
        except OSError as error:
            raise LedgerError(f"{self.file}: the ledger cannot be written: {error.strerror}") from error
        self._has_header = True

    def replay(self, line: dict[str, Any]) -> None:
        """Applies one line of a file, as the run did when it wrote the line."""
        match line["event"]:
            case "run":
                self._has_header = True
                self.started = _instant(line.get("started"))
            case "announced":
                names = tuple(line.get("names", NAMES))
                self._announce(line["number"], Announcement(line["path"], names, _instant(line.get("at"))))
            case "created":
                self._add(line["number"], OwnRecord(line["path"], line["collection"], line["keys"]))
            case "disowned":
                self._disown(line["path"])
            case "refused":
                self._refuse(line["number"], line.get("status", 0))
            case "claimed":
                self.claimed.add(line["path"])
            case "deleted":
                self.own.pop(line["path"], None)
                self.deleted += 1


def read_ledger(file: Path) -> Ledger:
    """Restores the ledger of an earlier run. `LedgerError` if the file is no ledger."""
    try:
        lines = [json.loads(line) for line in _whole_lines(file)]
        ledger = Ledger(file, lines[0]["target"], lines[0]["mark"])
    except OSError as error:
        raise LedgerError(f"{file}: the ledger cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise LedgerError(f"{file}: this is no ledger. Fix: name the file that the killed run has printed.") from error
    for line in lines:
        ledger.replay(line)
    return ledger


def _instant(text: str | None) -> datetime:
    """Parses a time of the ledger; an older version has written none."""
    return datetime.fromisoformat(text) if text else LONG_AGO


def is_at_or_below(path: str, record: str) -> bool:
    """True for the path of a record, and for every path that continues it."""
    return path == record or path.startswith(record + "/")


def names_in(body: Any) -> dict[str, str]:
    """Returns the members of a body by which people know the record; blank ones are no names."""
    named = {name: body[name] for name in NAMES if name in body} if isinstance(body, dict) else {}
    return {name: text for name, text in named.items() if isinstance(text, str) and text.strip()}


def _whole_lines(file: Path) -> list[str]:
    """The lines of the file without the half line that a killed run may have left at the end."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    return lines if text.endswith("\n") else lines[:-1]
