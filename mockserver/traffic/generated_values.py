"""Values that a server generates, in a recording and in its replay: which one stands for which.

Ids and references of new records differ, and so do the instants of changes. All days of fixtures may be moved by the
same number of days: when a sandbox starts, or when personal data was replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from mockserver.enspace.tables import TABLES
from mockserver.state.world import World

# The collection whose ids the members of this name hold, in views and in bodies: `role`, `users`, `assigned_to`.
TARGETS = {relation.member.rpartition(".")[2]: relation.target for table in TABLES for relation in table.relations} | {
    "field": "fields"
}
_GENERATED, _DIGITS = {"id", "reference", *TARGETS}, set("0123456789")
SAME_TIME = timedelta(seconds=5)  # a target may work on a request for a while, and round
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(T.*)?")


class Kind(NamedTuple):
    """A kind of generated value: the ids or the references of one collection."""

    table: str
    member: str


def kind_of(name: str, table: str) -> Kind | None:
    """Returns the kind of value that a member of a record holds; None for a member that is not generated."""
    if name in ("id", "reference"):
        return Kind(table, name) if table else None
    return Kind(TARGETS[name], "id") if name in TARGETS else None


class GeneratedValues:
    """The pairs learned so far. `origin` is the world before the replay, which begins at the instant `start`.

    Without a `start`, the clock of the replay is that of the recording. `shift` is the number of days by which all days
    of fixtures were moved, None if that is unknown: any will do then. `shifts` counts those that were seen.
    """

    def __init__(self, origin: World, start: datetime | None, shift: int | None = None) -> None:
        self._start, self._shift = start, shift
        self._of_fixtures = {
            (Kind(table.name, member), str(record[member]))
            for table in TABLES
            for record in origin[table.name]
            for member in ("id", "reference")
            if member in record
        }
        self.shifts: Counter[int] = Counter()
        self._replayed: dict[tuple[Kind, str], Any] = {}
        self._recorded: dict[tuple[Kind, str], Any] = {}
        self._recorded_start: datetime | None = None

    def note_change(self, stamp: str) -> None:
        """Notes the instant of a recorded change: later instants were generated too."""
        if INSTANT.fullmatch(stamp):
            instant = datetime.fromisoformat(stamp)
            self._recorded_start = min(instant, self._recorded_start or instant)

    def replayed(self, kind: Kind, recorded: Any) -> Any:
        """Returns the value that stands for a recorded one in the replay."""
        return self._replayed.get((kind, str(recorded)), recorded)

    def recorded(self, kind: Kind, replayed: Any) -> Any:
        """Returns the recorded value for which one of the replay stands."""
        return self._recorded.get((kind, str(replayed)), replayed)

    def is_plain(self, name: str, recorded: Any, replayed: Any) -> bool:
        """Whether a member is equal and of a kind that no server generates: there is nothing to compare or to learn."""
        if recorded != replayed or type(recorded) is not type(replayed) or name in _GENERATED:
            return False
        # A text that begins with a digit may be a day, which is counted.
        return recorded[:1] not in _DIGITS if isinstance(recorded, str) else not isinstance(recorded, (dict, list))

    def are_alike(self, kind: Kind | None, recorded: Any, replayed: Any) -> bool:
        """Whether a value stands for a recorded one; learns pairs of new records, whose values may be equal too."""
        if recorded == replayed:
            return self._are_of_same_record(kind, replayed)
        if kind is not None and self._is_pair(kind, recorded, replayed):
            return True
        if not isinstance(recorded, str) or not isinstance(replayed, str):
            return False
        return self._is_moved(recorded, replayed) or self._is_generated(recorded, replayed)

    def _are_of_same_record(self, kind: Kind | None, value: Any) -> bool:
        """False for an equal value that is known to stand for another one."""
        if isinstance(value, str) and _DAY.fullmatch(value):  # a day that was not moved, perhaps
            self.shifts[0] += 1
        if kind is None or value is None or (kind, str(value)) in self._of_fixtures:
            return True
        return self._is_pair(kind, value, value)

    def _is_pair(self, kind: Kind, recorded: Any, replayed: Any) -> bool:
        known = self._replayed.get((kind, str(recorded)))
        if known is not None:
            return str(known) == str(replayed)
        if (kind, str(replayed)) in self._recorded or (kind, str(replayed)) in self._of_fixtures:
            return False
        self._replayed[kind, str(recorded)] = replayed
        self._recorded[kind, str(replayed)] = recorded
        return True

    def _is_moved(self, recorded: str, replayed: str) -> bool:
        """Whether both are the same time on days that lie as far apart as all others."""
        before, after = _DAY.fullmatch(recorded), _DAY.fullmatch(replayed)
        if not before or not after or before[2] != after[2]:
            return False
        try:
            days = (date.fromisoformat(after[1]) - date.fromisoformat(before[1])).days
        except ValueError:
            return False
        self.shifts[days] += 1
        return self._shift in (days, None)

    def _is_generated(self, recorded: str, replayed: str) -> bool:
        """Whether both are instants of the same change, or else since the recorded changes and the replay began."""
        if not INSTANT.fullmatch(recorded) or not INSTANT.fullmatch(replayed):
            return False
        one, other = datetime.fromisoformat(recorded), datetime.fromisoformat(replayed)
        if self._start is None:
            return abs(one - other) <= SAME_TIME
        return (self._recorded_start is None or one >= self._recorded_start) and other >= self._start
