"""The rows of the journal and of the request logs that several processes share, in PostgreSQL.

What an entry of the journal holds is in `pipeline`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, text

from mockserver.state.database_errors import available
from mockserver.state.request_log import FIRST_ID, MAX_REQUESTS, LoggedRequest
from mockserver.state.shared_logs import logged_row

# A single statement, so that each id is given once. The lock of the journal is held until the row is visible, so that
# numbers appear in their order; `locked` waits for `counted`, as two requests must not take the two locks crosswise.
_APPEND = text(
    "WITH counted AS (UPDATE sandboxes SET requests = requests + 1 WHERE name = :sandbox RETURNING requests),"
    " logged AS (INSERT INTO requests (sandbox, id, at, key, request)"
    " SELECT :sandbox, :first_id - 1 + requests, :at, :key, :request FROM counted),"
    " locked AS (SELECT count(*), pg_advisory_xact_lock(4011) FROM counted)"
    " INSERT INTO journal (number, entry) SELECT nextval('journal_numbers'), :entry FROM locked"
    " WHERE CAST(:entry AS text) IS NOT NULL RETURNING number"
)
_STATE = text(
    "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_removals) AS removals,"
    " (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_numbers) AS number"
)
_SINCE = text("SELECT number, entry FROM journal WHERE number > :number ORDER BY number")
_REMOVE = text("DELETE FROM journal WHERE number = ANY(:numbers)")
_COUNT_REMOVAL = text("SELECT nextval('journal_removals')")
_DELETE_OLD = text("DELETE FROM journal WHERE number <= (SELECT max(number) FROM journal) - :most")
_DELETE_OLD_REQUESTS = text(
    "DELETE FROM requests USING sandboxes WHERE sandbox = name AND id < :first_id + requests - :most"
)
_BETWEEN_DELETIONS = 100  # requests
_NOT_LOGGED = dict.fromkeys(("sandbox", "at", "key", "request"))


@dataclass(frozen=True)
class JournalState:
    """How often entries were removed, and the number of the newest request."""

    removals: int
    number: int


class JournalStore:
    """The entries as texts. The oldest beyond `max_entries` are deleted now and then, as are old logged requests."""

    def __init__(self, engine: Engine, max_entries: int) -> None:
        self._engine, self._max_entries, self._appended = engine, max_entries, 0

    def append(self, entry: str | None, sandbox: str | None, request: LoggedRequest | None) -> int:
        """Adds an entry, which every process can read when this returns, and the request to the log of its sandbox.

        Either may be None. Returns the number of the entry, 0 without one.
        """
        logged = _NOT_LOGGED if request is None else logged_row(request) | {"sandbox": sandbox}
        with available(), self._engine.connect() as connection:
            number = connection.scalar(_APPEND, logged | {"entry": entry, "first_id": FIRST_ID})
            self._appended += 1
            if self._appended % _BETWEEN_DELETIONS == 0:
                connection.execute(_DELETE_OLD, {"most": self._max_entries})
                connection.execute(_DELETE_OLD_REQUESTS, {"most": MAX_REQUESTS, "first_id": FIRST_ID})
        return number or 0

    def state(self) -> JournalState:
        with available(), self._engine.connect() as connection:
            row = connection.execute(_STATE).one()
        return JournalState(row.removals, row.number)

    def since(self, number: int) -> list[tuple[int, str]]:
        """Returns numbers and entries after a number, oldest first."""
        with available(), self._engine.connect() as connection:
            return [(row.number, row.entry) for row in connection.execute(_SINCE, {"number": number})]

    def remove(self, numbers: Iterable[int]) -> None:
        with available(), self._engine.connect() as connection:
            connection.execute(_REMOVE, {"numbers": list(numbers)})
            connection.execute(_COUNT_REMOVAL)
