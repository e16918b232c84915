"""Cleanup: deletes the records of a run, children first, and checks that they are gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from mockserver.verify.credentials import WORKSPACE
from mockserver.verify.results import Cleanup, LeftRecord
from mockserver.verify.safety.bounded_transport import parse_json
from mockserver.verify.safety.ledger import OwnRecord
from mockserver.verify.safety.own_workspaces import COLLECTION, OwnWorkspaces
from mockserver.verify.safety.ownership import GONE, MOST_ROWS, RecordState
from mockserver.verify.safety.request_guard import RequestGuard

PAUSES = (0.0, 0.5, 1.0)  # seconds before a round, by the number of rounds without progress


class Cleaner:
    """Deletes the records of the guard's ledger; the guard refuses everything else."""

    def __init__(self, guard: RequestGuard, workspaces: OwnWorkspaces) -> None:
        self._guard, self._ledger, self._workspaces = guard, guard.ledger, workspaces
        self._reasons: dict[str, str] = {}
        self._foreign: set[str] = set()

    def clean(self) -> Cleanup:
        """Deletes everything and returns the outcome; may be called again.

        Works in rounds, because a target may fail now and then: as long as they delete something, and a few times
        after pauses.
        """
        with self._guard.overtime():
            refused = self._refused_by_path()
            self._clean_all()
            self._adopt_refused(refused)
            self._clean_all()
            # Own workspaces are not in the ledger; each is deleted through its own header.
            for slug in self._workspaces.slugs.copy():
                self._guard.call("DELETE", COLLECTION, **{WORKSPACE: slug})
        return self.outcome()

    def _clean_all(self) -> None:
        in_vain = 0
        while in_vain < len(PAUSES) and (before := self._count_open()):
            # A target that has just failed gets time to recover.
            time.sleep(PAUSES[in_vain])
            self._clean_once()
            in_vain = 0 if self._count_open() < before else in_vain + 1

    def _count_open(self) -> int:
        """Counts the records and the creations without an outcome that another round may settle."""
        return len(self._ledger.own.keys() - self._foreign) + len(self._ledger.open_intents)

    def _clean_once(self) -> None:
        self._adopt_open_creations()
        for own in self._newest_first():
            is_below = self._is_below_own(own)
            if is_below and own.path in self._ledger.claimed:
                continue
            status = self._delete(own)
            if status and is_below:
                self._ledger.record_claimed(own.path)
            elif status:
                self._confirm(own, status)
        # A record that is gone has taken with it what was below; the others below have to be looked up.
        for own in self._newest_first():
            if own.path in self._ledger.claimed and (status := self._delete(own)):
                self._confirm(own, status)

    def _newest_first(self) -> Iterator[OwnRecord]:
        """Yields what is to be deleted; newest first, because children come after their parents."""
        for own in reversed(self._ledger.own.copy().values()):  # a copy, because a deletion changes the ledger
            if self._guard.is_out_of_time:
                self._reasons.setdefault(own.path, "the time for the cleanup is over")
            elif own.path in self._ledger.own and own.path not in self._foreign:
                yield own

    def _is_below_own(self, own: OwnRecord) -> bool:
        return self._ledger.is_own(own.path.rpartition("/")[0])

    def outcome(self) -> Cleanup:
        """Returns the state of the records, at any time."""
        lost = "a creation without a response, and the list cannot be read"
        left = [LeftRecord(path, self._reasons.get(path, lost)) for path in self._ledger.open_intents.values()]
        left += [LeftRecord(path, self._reasons.get(path, "not tried")) for path in self._ledger.own]
        file = str(self._ledger.file) if self._ledger.file and left else ""
        undeletable = [
            path for path in sorted(self._guard.records.undeletable) if path.rpartition("/")[0] != COLLECTION
        ]
        left += [LeftRecord(path, "no DELETE removes it", is_deletable=False) for path in undeletable]
        # A workspace of the run, whose slug has the mark, is deleted with everything in it.
        elsewhere = {
            path: slug for path, slug in self._guard.records.elsewhere.items() if self._ledger.mark not in slug
        }
        left += [LeftRecord(path, f"created in the workspace {slug}") for path, slug in elsewhere.items()]
        left += [LeftRecord(f"{COLLECTION} with {slug}", "the DELETE was refused") for slug in self._workspaces.slugs]
        created = self._ledger.created + self._workspaces.created + len(undeletable)
        deleted = self._ledger.deleted + self._workspaces.created - len(self._workspaces.slugs)
        return Cleanup(created, deleted, tuple(left), file, tuple(sorted(self._guard.records.deleted_others)))

    def _adopt_open_creations(self) -> None:
        """Searches the lists for the mark: a creation without a response may have created its record."""
        for path, numbers in _by_path(self._ledger.open_intents).items():
            status, rows = self._list(path)
            if rows is not None:
                self._adopt(path, numbers, rows)
            elif self._ledger.is_own(path) or status in GONE:
                # Nothing is left without its collection, or below an own record, which is deleted anyway.
                self._refuse(numbers)

    def _list(self, path: str) -> tuple[int, list[Any] | None]:
        """Returns the status of a list, and its rows; without a response, the status is 0."""
        response = self._guard.call("GET", f"{path}?_limit={MOST_ROWS}")
        rows = parse_json(response.content) if response is not None and response.ok else None
        return 0 if response is None else response.status_code, rows if isinstance(rows, list) else None

    def _refused_by_path(self) -> dict[str, list[int]]:
        """Returns the refused creations by path, without those below own records, which are deleted anyway.

        Without a name with the mark, nothing would show that a record is ours.
        """
        refused, announced = self._ledger.refused, self._ledger.announced
        named = {number: path for number, path in refused.items() if announced[number].names}
        return {path: numbers for path, numbers in _by_path(named).items() if not self._ledger.is_own(path)}

    def _adopt_refused(self, refused: dict[str, list[int]]) -> None:
        """Searches the lists for records of creations that were refused: a target may create what it refuses."""
        for path, numbers in refused.items():
            _, rows = self._list(path)
            # Newest first: a later announcement has fewer candidates.
            for number in reversed(numbers if rows else []):
                candidates, _ = self._guard.ownership.candidates(number, rows or [])
                for own in candidates[:1]:
                    self._ledger.record_created(number, own)
        self._ledger.refused.clear()

    def _adopt(self, path: str, numbers: list[int], rows: list[Any]) -> None:
        """Adopts rows of a list, unless they are more than there are creations without a response."""
        found: dict[str, OwnRecord] = {}
        matched: dict[int, OwnRecord] = {}
        doubtful: list[str] = []
        # Newest first: a later announcement has fewer candidates.
        for number in reversed(numbers):
            candidates, others = self._guard.ownership.candidates(number, rows)
            found |= {own.path: own for own in candidates}
            doubtful += others
            if unmatched := [own for own in candidates if own not in matched.values()]:
                matched[number] = unmatched[-1]
        if len(found) > len(matched):
            doubtful += found
            matched = {}
        for number, own in matched.items():
            self._ledger.record_created(number, own)
        lost = [number for number in numbers if number not in matched]
        if self._ledger.is_own(path) or not (doubtful or len(rows) >= MOST_ROWS):
            self._refuse(lost)
        elif lost:
            why = f"may be: {', '.join(dict.fromkeys(doubtful))}" if doubtful else "the list is too long to search"
            self._reasons[path] = f"a creation without a usable response; {why}"

    def _refuse(self, numbers: list[int]) -> None:
        for number in numbers:
            self._ledger.record_refused(number, 0)

    def _delete(self, own: OwnRecord) -> int:
        """Deletes a record; returns the status if it says that the record is gone, else 0."""
        if not self._is_ours(own):
            return 0
        response = self._guard.call("DELETE", own.path)
        if response is not None and (response.ok or response.status_code in GONE):
            return response.status_code
        status = "no response" if response is None else f"the DELETE answered {response.status_code}"
        self._reasons[own.path] = status
        return 0

    def _confirm(self, own: OwnRecord, status: int) -> None:
        """Looks whether a record is gone after a DELETE with this status."""
        if self._guard.ownership.look_up(own).state is RecordState.GONE:
            self._note_deleted(own)
        else:
            self._reasons[own.path] = f"still there after a DELETE that answered {status}"

    def _note_deleted(self, own: OwnRecord) -> None:
        """Notes that a record is gone; it was in this workspace then, even if its creation named another one."""
        self._ledger.record_deleted(own.path)
        self._guard.records.elsewhere.pop(own.path, None)

    def _is_ours(self, own: OwnRecord) -> bool:
        """True if a record is proved to exist and to be ours; settles it otherwise."""
        is_claimed = own.path in self._ledger.claimed
        sight = self._guard.ownership.prove(own)
        if sight.state is RecordState.GONE and is_claimed:
            self._note_deleted(own)
        elif sight.state is RecordState.GONE:
            self._ledger.record_disowned(own.path)  # the record of the creation may exist under another key
        elif sight.state is RecordState.FOREIGN and not is_claimed:
            self._guard.disown(own, sight.why)
        elif sight.state is RecordState.FOREIGN:
            self._foreign.add(own.path)
            self._reasons[own.path] = f"reported as deleted, and now a record of somebody else: {sight.why}"
        elif sight.state is RecordState.UNKNOWN:
            self._reasons[own.path] = f"not deleted, because it is not proved to be ours: {sight.why}"
        return sight.state is RecordState.OURS


def _by_path(creations: dict[int, str]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for number, path in creations.items():
        numbers.setdefault(path, []).append(number)
    return numbers
