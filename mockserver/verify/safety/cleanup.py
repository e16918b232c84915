"""Cleanup: deletes the records of a run, children first, and checks that they are gone."""

from __future__ import annotations

import time
from enum import Enum, auto
from typing import Any

import requests

from mockserver.verify.results import Cleanup, LeftRecord
from mockserver.verify.safety.creations import Creation, path_keys
from mockserver.verify.safety.ledger import Ledger, OwnRecord
from mockserver.verify.safety.own_workspaces import COLLECTION, OwnWorkspaces
from mockserver.verify.safety.request_guard import CUT, REFUSED, RequestGuard, parse_json

PAUSES = (0.0, 0.5, 1.0)  # seconds before a round, by the number of rounds without progress
GONE = (404, 410)


class RecordState(Enum):
    """What exists at the path of an own record."""

    GONE = auto()
    OURS = auto()
    FOREIGN = auto()  # a record without the mark
    UNKNOWN = auto()


class Cleaner:
    """Deletes the records of a ledger. Its session sends through the guard, which refuses everything else."""

    def __init__(
        self,
        session: requests.Session,
        base: str,
        headers: dict[str, str],
        guard: RequestGuard,
        creations: dict[str, Creation],
        workspaces: OwnWorkspaces,
    ) -> None:
        self._session, self._base, self._headers, self._guard = session, base, headers, guard
        self._ledger: Ledger = guard.ledger
        self._creations, self._workspaces = creations, workspaces
        self._reasons: dict[str, str] = {}
        self._foreign: set[str] = set()

    def clean(self) -> Cleanup:
        """Deletes everything and returns the outcome; may be called again.

        Works in rounds, because a target may fail now and then: as long as they delete something, and a few times
        after pauses.
        """
        in_vain = 0
        with self._guard.overtime():
            while in_vain < len(PAUSES) and (before := self._count_open()):
                # A target that has just failed gets time to recover.
                time.sleep(PAUSES[in_vain])
                self._clean_once()
                in_vain = 0 if self._count_open() < before else in_vain + 1
            # Own workspaces are not in the ledger; each is deleted through its own header.
            for slug in self._workspaces.slugs.copy():
                self._request("DELETE", COLLECTION, **{"en-workspace": slug})
        return self.outcome()

    def _count_open(self) -> int:
        """Counts the records and the creations without an outcome that another round may settle."""
        return len(self._ledger.own.keys() - self._foreign) + len(self._ledger.open_intents)

    def _clean_once(self) -> None:
        self._adopt_open_creations()
        # Newest first, because children come after their parents; a copy, because a deletion changes the ledger.
        for own in reversed(self._ledger.own.copy().values()):
            if own.path in self._ledger.own and own.path not in self._foreign:
                self._delete(own)

    def outcome(self) -> Cleanup:
        """Returns the state of the records, at any time."""
        lost = "a creation without a response, and the list cannot be read"
        left = [LeftRecord(path, lost) for path in self._ledger.open_intents.values()]
        left += [LeftRecord(path, self._reasons.get(path, "not tried")) for path in self._ledger.own]
        file = str(self._ledger.file) if self._ledger.file and left else ""
        undeletable = {path: n for path, n in self._guard.undeletable.items() if path != COLLECTION}
        left += [LeftRecord(path, f"{n} created, no DELETE removes them") for path, n in undeletable.items()]
        left += [LeftRecord(f"{COLLECTION} with {slug}", "the DELETE was refused") for slug in self._workspaces.slugs]
        created = self._workspaces.created
        deleted = created - len(self._workspaces.slugs)
        return Cleanup(self._ledger.created + created, self._ledger.deleted + deleted, tuple(dict.fromkeys(left)), file)

    def _adopt_open_creations(self) -> None:
        """Searches the lists for the mark: a creation without a response may have created its record."""
        for number, path in list(self._ledger.open_intents.items()):
            creation = next(c for t, c in self._creations.items() if path_keys(t, path) is not None)
            response = self._request("GET", path + "?_limit=1000")
            rows = parse_json(response.content) if response is not None and response.ok else None
            if isinstance(rows, list):
                self._adopt(number, path, creation, rows)
            elif self._ledger.is_own(path) or (response is not None and response.status_code in GONE):
                # Nothing is left without its collection, or below an own record, which is deleted anyway.
                self._ledger.record_refused(number, 0)

    def _adopt(self, number: int, path: str, creation: Creation, rows: list[Any]) -> None:
        marked = (creation.created_record(path, row) for row in rows if self._ledger.mark in str(row))
        found = [own for own in marked if own is not None and own.path not in self._ledger.own]
        for own in found:
            self._ledger.record_created(number, own)
        if not found:
            self._ledger.record_refused(number, 0)

    def _delete(self, own: OwnRecord) -> None:
        # The target may have given the id of a deleted record to somebody else's: such a path is read first.
        if own.path in self._ledger.claimed and not self._is_still_ours(own):
            return
        response = self._request("DELETE", own.path)
        if response is None or not (response.ok or response.status_code in GONE):
            status = "no response" if response is None else f"the DELETE answered {response.status_code}"
            self._reasons[own.path] = status
        elif self._look_up(own) is RecordState.GONE:
            self._ledger.record_deleted(own.path)
        else:
            self._reasons[own.path] = f"still there after a DELETE that answered {response.status_code}"

    def _is_still_ours(self, own: OwnRecord) -> bool:
        """True if a record that the target reported as deleted still exists with the mark."""
        state = self._look_up(own)
        if state is RecordState.GONE:
            self._ledger.record_deleted(own.path)
        elif state is RecordState.FOREIGN:
            self._foreign.add(own.path)
            self._reasons[own.path] = "reported as deleted, and now a record without the mark of the run"
        elif state is RecordState.UNKNOWN:
            self._reasons[own.path] = "reported as deleted, and it cannot be read"
        return state is RecordState.OURS

    def _look_up(self, own: OwnRecord) -> RecordState:
        response = self._request("GET", own.path)
        if response is not None and response.status_code == 405:  # the contract has no GET for a single record
            return self._look_up_in_list(own)
        if response is None:
            return RecordState.UNKNOWN
        if response.status_code in GONE:
            return RecordState.GONE
        if not response.ok or CUT in response.headers:
            return RecordState.UNKNOWN
        return RecordState.OURS if self._ledger.mark in response.text else RecordState.FOREIGN

    def _look_up_in_list(self, own: OwnRecord) -> RecordState:
        """Looks for the id: such a record lies below an own one and has no name to carry the mark."""
        collection, _, last = own.path.rpartition("/")
        response = self._request("GET", collection + "?_limit=1000")
        rows = parse_json(response.content) if response is not None else None
        if response is not None and response.status_code in GONE:
            return RecordState.GONE
        if not isinstance(rows, list):
            return RecordState.UNKNOWN
        ids = [str(row.get("id")) for row in rows if isinstance(row, dict)]
        return RecordState.OURS if last in ids else RecordState.GONE

    def _request(self, method: str, path: str, **headers: str) -> requests.Response | None:
        """Returns the target's own response: None for a failure, a redirect or a refusal of the guard."""
        try:
            response = self._session.request(
                method, self._base + path, headers=self._headers | headers, allow_redirects=False
            )
        except requests.RequestException:
            return None
        return None if response.is_redirect or REFUSED in response.headers else response
