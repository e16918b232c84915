"""Proof that a record is the run's own, before the first write to it.

The key in the response of a creation proves nothing: a target may answer with a record of somebody else. The record
itself has to show what the run sent, and a time of creation within the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

import requests

from mockserver.verify.safety.bounded_transport import CUT, parse_json
from mockserver.verify.safety.creations import CREATED_AT, Creations
from mockserver.verify.safety.ledger import Announcement, Ledger, OwnRecord

# `Date` has a resolution of one second, and the hosts behind a gateway have clocks of their own.
TOLERANCE = timedelta(seconds=5)
MOST_ROWS = 1000  # per page, the highest `_limit` of the contract
GONE = (404, 410)
Read = Callable[[str], requests.Response | None]


class RecordState(Enum):
    """What exists at the path of an own record."""

    GONE = auto()
    OURS = auto()
    FOREIGN = auto()  # nothing proves that it is ours
    UNKNOWN = auto()  # it cannot be read now


@dataclass(frozen=True)
class Sight:
    """The state of a record, and how it was seen."""

    state: RecordState
    why: str = ""


class TargetClock:
    """The time of the target according to the `Date` headers of its responses; without one, that of this machine."""

    def __init__(self) -> None:
        self._newest: datetime | None = None

    @property
    def now(self) -> datetime:
        """The newest time that the target has shown, so it is never later than the time of the target."""
        return self._newest or datetime.now(UTC)

    def observe(self, response: requests.Response) -> None:
        """Reads the `Date` of a response. An older one may come from a cache."""
        try:
            shown = parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
        except (ValueError, OverflowError):
            return
        self._newest = max(shown, self._newest or shown)


class Ownership:
    """Proofs of the records in a ledger: at most one request per record, none for a record that the run reads anyway.

    `read` sends a GET with the key of the run; None stands for a failure. `foreign` are paths that never become ours.
    """

    def __init__(self, ledger: Ledger, creations: Creations, read: Read) -> None:
        self._ledger, self._creations, self._read = ledger, creations, read
        self._proved: set[str] = set()
        self.foreign: set[str] = set()

    def prove(self, own: OwnRecord) -> Sight:
        """Proves a record, with a GET unless the proof exists already."""
        # The target may have given the id of a deleted record to somebody else's: such a proof is void.
        is_claimed = own.path in self._ledger.claimed
        if own.path in self._proved and not is_claimed:
            return Sight(RecordState.OURS)
        sight = self.look_up(own)
        if sight.state in (RecordState.GONE, RecordState.UNKNOWN) and not is_claimed:
            listed = self._look_up_in_list(own)
            sight = sight if listed.state is RecordState.UNKNOWN else listed
        if sight.state is RecordState.OURS:
            self._proved.add(own.path)
            self._ledger.claimed.discard(own.path)  # the target has deleted nothing
        return sight

    def forget(self, path: str) -> None:
        """Drops the proof of an earlier record at the same path."""
        self._proved.discard(path)

    def look_up(self, own: OwnRecord) -> Sight:
        """Reads what exists at the path of a record now."""
        response = self._read(own.path)
        # The contract may have no GET for a single record.
        if response is not None and (response.status_code == 405 or _shows_nothing(response)):
            return self._look_up_in_list(own)
        return self._sight(own, response, lambda body: body)

    def observe(self, path: str, body: Any) -> None:
        """Takes in a successful response to a GET of the run: it may prove own records, and show foreign ones."""
        collection, rows = (path, body) if isinstance(body, list) else (path.rpartition("/")[0], [body])
        named = self._creations.namer(collection)
        unproved = [own.number for own in self._ledger.own.values() if own.path not in self._proved]
        numbers = [*self._ledger.open_intents, *self._ledger.refused, *unproved]
        lost = [announced for n in numbers if (announced := self._ledger.announced[n]).path == collection]
        for row in rows:
            if (seen := named(row)) is None:
                continue
            if (own := self._ledger.own.get(seen.path)) is not None:
                if not self._doubt_of_own(own, row):
                    self._proved.add(own.path)
            # A creation that was refused, or whose response is lost or names another record, may have created it.
            elif all(self._doubt(seen, row, one) and not self._shows_mark(row, one.names) for one in lost):
                self.foreign.add(seen.path)

    def is_older(self, row: dict[str, Any]) -> bool:
        """True for a record that existed before the run: its creation was answered with it, or has changed it."""
        created = _created_at(row)
        return created is not None and created < self._ledger.started - TOLERANCE

    def is_newer(self, row: dict[str, Any]) -> bool:
        """True for a record that did not exist before the run."""
        created = _created_at(row)
        return created is not None and created >= self._ledger.started - TOLERANCE

    def candidates(self, number: int, rows: list[Any]) -> tuple[list[OwnRecord], list[str]]:
        """Returns the rows that the creation of an announcement may have created, and paths of doubtful rows.

        Only an unseen row with the mark in a name, newer than the announcement, is a candidate.
        """
        announcement, found, doubtful = self._ledger.announced[number], [], []
        named = self._creations.namer(announcement.path)
        for row in rows:
            own = named(row)
            if own is None or own.path in self.foreign or own.path in self._ledger.own:
                continue
            is_marked = self._shows_mark(row, announcement.names)
            if not self._doubt(own, row, announcement) and is_marked:
                found.append(own)
            elif is_marked or not (announcement.names or self._doubt_of_time(own, row, announcement)):
                doubtful.append(own.path)
        return found, doubtful

    def _doubt(self, own: OwnRecord, row: Any, announcement: Announcement) -> str:
        """Explains why a response does not prove that a record was created after an announcement; else empty."""
        if not isinstance(row, dict):
            return "no record is there"
        named = self._creations.namer(announcement.path)(row)
        if named is not None and named.path != own.path:
            return f"a record with another key is there: {named.path}"
        if announcement.names and not self._shows_mark(row, announcement.names):
            return f"the mark of the run is not in {' or '.join(announcement.names)}"
        return self._doubt_of_time(own, row, announcement)

    def _doubt_of_time(self, own: OwnRecord, row: dict[str, Any], announcement: Announcement) -> str:
        shown, creation = row.get(CREATED_AT), self._creations.by_template(own.collection)
        is_undocumented = shown is None and creation is not None and not creation.has_time
        # A target that accepts a time from the request breaks a promise, but the record is ours.
        is_as_sent = shown is not None and shown == announcement.sent_time
        if announcement.names and (is_undocumented or is_as_sent):
            return ""
        try:
            created = datetime.fromisoformat(str(shown))
        except ValueError:
            return f"its {CREATED_AT} is {str(shown)[:40]!r}"
        created = _in_utc(created)
        is_new = created >= announcement.at - TOLERANCE
        return "" if is_new else f"its {CREATED_AT} {created.isoformat()} is before {announcement.at.isoformat()}"

    def _shows_mark(self, row: dict[str, Any], names: tuple[str, ...]) -> bool:
        return any(self._ledger.mark in value for name in names if isinstance(value := row.get(name), str))

    def _doubt_of_own(self, own: OwnRecord, row: Any) -> str:
        # Within the run is enough: clocks of a target may differ by more than a single creation takes.
        announcement = replace(self._ledger.announced[own.number], at=self._ledger.started)
        return self._doubt(own, row, announcement)

    def _look_up_in_list(self, own: OwnRecord) -> Sight:
        collection = self._ledger.announced[own.number].path or own.path.rpartition("/")[0]
        named = self._creations.namer(collection)

        def row_of(rows: Any) -> Any:
            records = ((row, named(row)) for row in rows)
            return next((row for row, record in records if record is not None and record.path == own.path), None)

        response = self._read(f"{collection}?_limit={MOST_ROWS}")
        rows = parse_json(response.content) if response is not None else None
        if response is not None and response.ok and not isinstance(rows, list):
            return Sight(RecordState.UNKNOWN, "its list is no list")
        if isinstance(rows, list) and row_of(rows) is None:
            is_whole = len(rows) < MOST_ROWS
            return Sight(RecordState.GONE if is_whole else RecordState.UNKNOWN, "its list does not contain it")
        return self._sight(own, response, row_of)

    def _sight(self, own: OwnRecord, response: requests.Response | None, row_of: Callable[[Any], Any]) -> Sight:
        if response is None:
            return Sight(RecordState.UNKNOWN, "no response to a GET")
        if response.status_code in GONE:
            return Sight(RecordState.GONE, f"a GET answered {response.status_code}")
        if not response.ok or CUT in response.headers:
            return Sight(RecordState.UNKNOWN, f"a GET answered {response.headers.get(CUT, response.status_code)}")
        doubt = self._doubt_of_own(own, row_of(parse_json(response.content)))
        return Sight(RecordState.FOREIGN, doubt) if doubt else Sight(RecordState.OURS)


def _created_at(row: dict[str, Any]) -> datetime | None:
    try:
        return _in_utc(datetime.fromisoformat(str(row.get(CREATED_AT))))
    except ValueError:
        return None


def _in_utc(instant: datetime) -> datetime:
    """Returns an instant; one without an offset is one of UTC."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _shows_nothing(response: requests.Response) -> bool:
    """True for a success without a record: some targets answer null for a missing one."""
    return response.ok and CUT not in response.headers and response.content.strip() in (b"", b"null")
