"""The records that the requests of a run make and delete: creations go to the ledger, what is beyond it is listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from mockserver.verify.credentials import WORKSPACE
from mockserver.verify.safety.bounded_transport import parse_json
from mockserver.verify.safety.creations import CREATED_AT
from mockserver.verify.safety.ledger import Announcement, LedgerError, names_in
from mockserver.verify.safety.limits import Mode, is_success
from mockserver.verify.safety.ownership import TargetClock
from mockserver.verify.safety.run_scope import RunScope


class RunRecords:
    """What one run has made and deleted. `stop` ends the run, because it could not delete what it makes."""

    def __init__(self, scope: RunScope, clock: TargetClock, stop: Callable[[str], None]) -> None:
        self._scope, self._clock, self._stop = scope, clock, stop
        self.undeletable: set[str] = set()  # paths of records created by an operation without a DELETE
        self.deleted_others: set[str] = set()  # paths of deleted records that the run has not created
        self.elsewhere: dict[str, str] = {}  # paths of records created in other workspaces, and their slugs

    def announce(self, request: requests.PreparedRequest, path: str) -> int:
        """Writes a creation to the ledger before it is sent; returns its number, 0 for any other request."""
        if not self._scope.creations.made_by(request, path):
            return 0
        body = parse_json(request.body)
        sent_time = body.get(CREATED_AT) if isinstance(body, dict) else None
        # In `full`, a name may be too short for the mark: then parent and time prove the record.
        marked = tuple(name for name, text in names_in(body).items() if self._scope.ledger.mark in text)
        try:
            return self._scope.ledger.announce(Announcement(path, marked, self._clock.now, sent_time))
        except LedgerError as error:
            self._stop(str(error))
            raise

    def settle(self, number: int, path: str, response: requests.Response) -> None:
        """Writes the outcome of a creation to the ledger; stops the run if the new record cannot be deleted."""
        if not is_success(response):
            # A failing server, or one that redirects, may have created the record: the entry stays open, and cleanup
            # searches for the mark.
            if 400 <= response.status_code < 500:
                self._scope.ledger.record_refused(number, response.status_code)
            return
        own = self._scope.creations.namer(path)(parse_json(response.content))
        # The entry stays open unless the record is named: cleanup searches for the mark.
        if own is not None and own.path in self._scope.ownership.foreign:
            if self._scope.mode is Mode.OWN_DATA:
                self._stop(f"POST {path} was answered with a record that was there before")
        elif own is not None and own.path in self._scope.ledger.own.keys() - self._scope.ledger.claimed:
            return  # one of our own, so the new record has another key
        elif own is not None:
            self._scope.ledger.record_created(number, own)
            self._scope.ownership.forget(own.path)
        elif self._scope.mode is Mode.OWN_DATA:
            self._stop(f"POST {path} created a record, but the response does not name it, so it cannot be deleted")

    def note_effects(
        self, request: requests.PreparedRequest, response: requests.Response, path: str, *, is_cleanup: bool
    ) -> None:
        """Notes what a successful request has deleted, or created where the ledger cannot list it."""
        if not is_success(response):
            return
        creation, is_here = self._scope.creations.made_by(request, path), self._scope.covers(request)
        body: Any = parse_json(response.content) if request.method == "POST" else None
        is_undeletable = not creation and isinstance(body, dict) and "id" in body
        if is_undeletable and not self._scope.ownership.is_older(body):
            self.undeletable.add(f"{path}/{body['id']}")
        if creation and not is_here and (own := self._scope.creations.namer(path)(body)):
            self.elsewhere[own.path] = str(request.headers[WORKSPACE])
        # The cleaner looks each record up itself before it notes a deletion.
        if request.method == "DELETE" and not is_cleanup:
            is_record = self._scope.creations.of_record(path) is not None and is_here
            self.deleted_others |= {path} if is_record and not self._scope.ledger.is_own(path) else set()
            self._scope.ledger.record_claimed(path)
