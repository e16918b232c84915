"""Blame: which doubts are faults of their own, and whether the read or an earlier write is at fault."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.traffic.fidelity import KEYS, NamedRecord
from mockserver.verify.comparison.doubts import EXISTENCE, STATUS, Doubt, Doubts, SentWrite

EVERY = "*"  # in place of a key: all records of a collection
RIGHTS = ("roles", "permissions")  # collections that say what a limited key may do


@dataclass(frozen=True)
class BlamedDoubt:
    """A doubt with the operation at fault: its own, or that of an earlier `write`."""

    doubt: Doubt
    write: SentWrite | None = None

    @property
    def operation(self) -> str:
        return self.write.operation if self.write else self.doubt.operation


class Blame:
    """Evaluates the doubts of a run. `answer_of` returns the body of the answer to a call by its number.

    Any read may have changed the records of the `unstable` collections. Unless the fake has the `is_whole` world of the
    target, it cannot know which records exist, and how many.
    """

    def __init__(self, doubts: Doubts, answer_of: Callable[[int], Any], unstable: set[str], *, is_whole: bool) -> None:
        self._doubts, self._answer_of, self._unstable, self._is_whole = doubts, answer_of, unstable, is_whole

    def faults(self, faulty: set[str], reaching: set[str], reached: Mapping[str, set[str]]) -> list[BlamedDoubt]:
        """Returns the first fault of each operation, except of the `faulty` ones, which have a finding.

        Whatever a faulty operation has written, or has refused to write, is lost: it may differ from then on, and so
        may what refers to it. Writes of a `reaching` one change other records too: all of their collections are lost,
        and so are those that an operation has `reached` by what it does beyond its record.
        """
        faulty, found = set(faulty), list[BlamedDoubt]()
        lost = {NamedRecord(table, EVERY) for table in self._unstable}
        taken = set[tuple[str, str]]()  # operations, with the collections that they have taken records of along
        for event in self._events():
            if isinstance(event, SentWrite):
                is_lost = event.operation in faulty or (event.is_success and _are_lost(event.records, lost))
                lost |= event.records if is_lost else set()
                lost |= {NamedRecord(one.table, EVERY) for one in event.records if event.operation in reaching}
                lost |= {NamedRecord(table, EVERY) for table in reached.get(event.operation, ())}
            elif event.record & lost:
                lost |= event.record  # by its other names too
            elif event.operation not in faulty and not self._is_explained(event, lost, faulty):
                fault = self._blame(event, taken)
                found += [fault] if fault.operation not in faulty else []
                faulty.add(fault.operation)
                taken |= {(fault.operation, name.table) for name in event.record if fault.write and event.is_missing}
                lost |= fault.write.records | event.record if fault.write else set()
                lost |= event.around | _written_at(self._doubts, event.number) if not event.is_read else set()
        return found

    def _events(self) -> list[SentWrite | Doubt]:
        """Returns what has happened in its order, and then the doubts about contradicted records."""
        doubts, contradicted = self._doubts.all, self._doubts.contradicted
        certain = [one for one in doubts if not one.record & contradicted]
        events: list[SentWrite | Doubt] = sorted([*self._doubts.writes, *certain], key=lambda event: event.number)
        return [*events, *(one for one in doubts if one.record & contradicted)]

    def _is_explained(self, doubt: Doubt, lost: set[NamedRecord], faulty: set[str]) -> bool:
        """True for a consequence of an earlier fault: of a lost record or right, or a number that may count one.

        A contradicted record may have been shown wrongly at first.
        """
        if doubt.is_about_rights and any(record.table in RIGHTS for record in lost):
            return True
        shown_by = {name for record in doubt.record for _, name in self._doubts.agreed[record]}
        is_contradicted = doubt.record & self._doubts.contradicted and shown_by & faulty
        if not self._is_whole and (doubt.member == EXISTENCE or not doubt.record):
            return True
        return bool(_are_lost(doubt.around | doubt.referred, lost) or (lost and not doubt.record) or is_contradicted)

    def _blame(self, doubt: Doubt, taken: set[tuple[str, str]]) -> BlamedDoubt:
        """Decides by the other answers that show the record between the writes before and after the doubt."""
        tested = [write for write in self._doubts.writes if write.is_success and write.is_test]
        if deletion := self._deletion(doubt, tested, taken):
            return BlamedDoubt(doubt, deletion)
        writes = [write for write in tested if write.records & doubt.record]
        before = [write for write in writes if write.number < doubt.number]
        was_wrong = doubt.member in self._contradicting(doubt.operation)
        if not doubt.is_read or was_wrong or (doubt.is_query and doubt.member == EXISTENCE):
            return BlamedDoubt(doubt)
        # What no write shows, such as what is created beside something else, was as the last answer shows it.
        shown = (number for number, name in self._agreed(doubt, 0, doubt.number) if name == doubt.operation)
        since = before[-1].number if before else max(shown, default=doubt.number)
        until = next((write.number for write in writes if write.number > doubt.number), sys.maxsize)
        later = [write for write in tested if since < write.number < doubt.number]
        if referred := [write for write in later if any(map(doubt.is_about, write.records))]:
            return BlamedDoubt(doubt, referred[-1])
        if not before:
            return BlamedDoubt(doubt)
        agreed = self._agreed(doubt, since, until)
        own = [number for number, name in agreed if number < doubt.number and name == doubt.operation]
        # The same operation has shown it rightly: a write to another record has changed it, most likely the first one,
        # since checks delete afterwards what they have written.
        if between := [write for write in later if own and max(own) < write.number]:
            return BlamedDoubt(doubt, between[0])
        if any(name != doubt.operation for _, name in agreed):
            return BlamedDoubt(doubt)
        alike = (one for one in self._doubts.all if one.record & doubt.record and one.member == doubt.member)
        others = {one.operation for one in alike if one.is_read and since < one.number < until}
        is_stored = len(others) > 1 or not before[-1].shown & doubt.record
        return BlamedDoubt(doubt, before[-1] if is_stored else None)

    def _deletion(self, doubt: Doubt, tested: list[SentWrite], taken: set[tuple[str, str]]) -> SentWrite | None:
        """Returns the deletion of something else that has taken a missing record along.

        No later answer shows the record. Since it was last shown, an operation has deleted that has `taken` others of
        its collection along; or one operation alone has deleted, and a request that names the record does not find it.
        """
        last = {name: self._last_shown(name) for name in doubt.record if doubt.is_missing}
        gone = {name: number for name, number in last.items() if number < doubt.number}
        since = max(gone.values(), default=sys.maxsize)
        between = [write for write in tested if write.is_deletion and since < write.number < doubt.number]
        others = [write for write in between if not write.records & gone.keys()]
        if known := [write for write in others if any((write.operation, name.table) in taken for name in gone)]:
            return known[0]
        is_not_found = any(one.is_not_found and one.record & gone.keys() for one in self._doubts.all)
        is_certain = is_not_found and len({write.operation for write in others}) == 1
        return others[0] if is_certain else None

    def _last_shown(self, record: NamedRecord) -> int:
        """Returns the number of the last call that has found a record; 0 for none."""
        writes = (write.number for write in self._doubts.writes if write.is_success and record in write.records)
        reads = (number for number, _ in self._doubts.agreed[record])
        return max((*writes, *reads), default=0)

    def _contradicting(self, operation: str) -> set[str]:
        """Returns the members that an operation has shown otherwise than another one before the first write."""
        contradicted = self._doubts.contradicted
        return {one.member for one in self._doubts.all if one.operation == operation and one.record & contradicted}

    def _agreed(self, doubt: Doubt, since: int, until: int) -> list[tuple[int, str]]:
        """Returns the reads between two calls that have shown the member of the record as the fake does."""
        return [
            (number, name)
            for record in doubt.record
            for number, name in self._doubts.agreed[record]
            if since < number < until and shows(self._answer_of(number), record, doubt.member)
        ]


def _written_at(doubts: Doubts, number: int) -> frozenset[NamedRecord]:
    """Returns the records of the write with this number; its answer may show one that the fake lacks."""
    return frozenset().union(*(write.records for write in doubts.writes if write.is_test and write.number == number))


def _are_lost(records: frozenset[NamedRecord], lost: set[NamedRecord]) -> bool:
    """True if one of the records, or every record of its collection, is lost."""
    return any(one in lost or NamedRecord(one.table, EVERY) in lost for one in records)


def shows(answer: Any, record: NamedRecord, member: str) -> bool:
    """True if an answer has a member of a record."""
    if isinstance(answer, list):
        return any(shows(row, record, member) for row in answer)
    if not isinstance(answer, dict):
        return False
    is_record = record.key in {str(answer.get(name)) for name in KEYS}
    is_shown = is_record and (member in answer or member in (EXISTENCE, STATUS))
    return is_shown or any(shows(part, record, member) for part in answer.values())
