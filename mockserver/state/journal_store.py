"""The rows of the journal that several processes share, in PostgreSQL. What an entry holds is in `pipeline`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, text

from mockserver.state.database_errors import available

# A single statement: the lock is held until the row is visible, so that positions appear in their order.
_APPEND = text(
    "INSERT INTO journal (position, number, entry)"
    " SELECT nextval('journal_positions'), :number, :entry FROM (SELECT pg_advisory_xact_lock(4011)) AS locked"
)
_NEXT_NUMBER = text("SELECT nextval('journal_numbers')")
_STATE = text(
    "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_removals) AS removals,"
    " (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_numbers) AS number"
)
_SINCE = text("SELECT position, entry FROM journal WHERE position > :position ORDER BY position")
_REMOVE = text("DELETE FROM journal WHERE number = ANY(:numbers)")
_COUNT_REMOVAL = text("SELECT nextval('journal_removals')")
_DELETE_OLD = text("DELETE FROM journal WHERE position <= (SELECT max(position) FROM journal) - :most")
_BETWEEN_DELETIONS = 100  # entries


@dataclass(frozen=True)
class JournalState:
    """How often entries were removed, and the number of the newest request."""

    removals: int
    number: int


class JournalStore:
    """The entries as texts. The oldest beyond `max_entries` are deleted now and then."""

    def __init__(self, engine: Engine, max_entries: int) -> None:
        self._engine, self._max_entries, self._appended = engine, max_entries, 0

    def next_number(self) -> int:
        with available(), self._engine.connect() as connection:
            return int(connection.scalar(_NEXT_NUMBER))

    def append(self, number: int, entry: str) -> None:
        """Adds an entry, which every process can read when this returns."""
        with available(), self._engine.connect() as connection:
            connection.execute(_APPEND, {"number": number, "entry": entry})
            self._appended += 1
            if self._appended % _BETWEEN_DELETIONS == 0:
                connection.execute(_DELETE_OLD, {"most": self._max_entries})

    def state(self) -> JournalState:
        with available(), self._engine.connect() as connection:
            row = connection.execute(_STATE).one()
        return JournalState(row.removals, row.number)

    def since(self, position: int) -> list[tuple[int, str]]:
        """Returns positions and entries after a position, oldest first."""
        with available(), self._engine.connect() as connection:
            return [(row.position, row.entry) for row in connection.execute(_SINCE, {"position": position})]

    def remove(self, numbers: Iterable[int]) -> None:
        with available(), self._engine.connect() as connection:
            connection.execute(_REMOVE, {"numbers": list(numbers)})
            connection.execute(_COUNT_REMOVAL)
