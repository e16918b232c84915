"""Blame: which doubts are faults of their own, and whether the read or an earlier write is at fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mockserver.traffic.fidelity import NamedRecord
from mockserver.verify.comparison.doubts import EXISTENCE, KEYS, STATUS, Doubt, Doubts, Write


@dataclass(frozen=True)
class Fault:
    """A doubt with the operation at fault: its own, or that of an earlier `write`."""

    doubt: Doubt
    write: Write | None = None

    @property
    def operation(self) -> str:
        return self.write.operation if self.write else self.doubt.operation


class Blame:
    """Judges all doubts of a run. `answer_of` returns the body of the answer to a call by its number."""

    def __init__(self, doubts: Doubts, answer_of: Callable[[int], Any]) -> None:
        self._doubts, self._answer_of = doubts, answer_of

    def faults(self, faulty: set[str]) -> list[Fault]:
        """Returns the first fault of each operation, except of the `faulty` ones, which have a finding.

        Whatever a faulty operation has written is lost: it may differ from then on, and so may what refers to it.
        """
        faulty, lost, found = set(faulty), set[NamedRecord](), list[Fault]()
        events: list[Write | Doubt] = [*self._doubts.writes, *self._doubts.all]
        for event in sorted(events, key=lambda event: event.number):
            if isinstance(event, Write):
                lost |= event.records if event.operation in faulty or event.records & lost else set()
            elif event.operation not in faulty and not self._is_explained(event, lost):
                fault = self._blame(event)
                found += [fault] if fault.operation not in faulty else []
                faulty.add(fault.operation)
                lost |= fault.write.records | event.record if fault.write else set()
                lost |= event.around if not event.is_read else set()
        return found

    @staticmethod
    def _is_explained(doubt: Doubt, lost: set[NamedRecord]) -> bool:
        """True for a consequence of an earlier fault: of a lost record, or a number that may count one."""
        return bool(doubt.around & lost or (lost and not doubt.record))

    def _blame(self, doubt: Doubt) -> Fault:
        if not doubt.is_read or not doubt.record:
            return Fault(doubt)
        writes = [write for write in self._doubts.writes if write.records & doubt.record]
        before = [write for write in writes if write.number < doubt.number]
        since = before[-1].number if before else 0
        until = next((write.number for write in writes if write.number > doubt.number), doubt.number + len(KEYS) ** 16)
        agreed = [one for one in self._agreed(doubt) if since < one[0] < until]
        earlier = [number for number, name in agreed if number < doubt.number and name == doubt.operation]
        # The same operation has shown it rightly: a write to another record has changed it, the first one, since
        # checks delete afterwards what they have written.
        if earlier and (between := [one for one in self._doubts.writes if max(earlier) < one.number < doubt.number]):
            return Fault(doubt, between[0])
        if not before or any(name != doubt.operation for _, name in agreed):
            return Fault(doubt)
        alike = (one for one in self._doubts.all if one.record & doubt.record and one.member == doubt.member)
        others = {one.operation for one in alike if one.is_read and since < one.number < until}
        is_stored = len(others) > 1 or not before[-1].shown & doubt.record
        return Fault(doubt, before[-1] if is_stored else None)

    def _agreed(self, doubt: Doubt) -> list[tuple[int, str]]:
        """Returns the reads that have shown the member of the record as the fake does."""
        return [
            (number, name)
            for record in doubt.record
            for number, name in self._doubts.agreed[record]
            if shows(self._answer_of(number), record, doubt.member)
        ]


def shows(answer: Any, record: NamedRecord, member: str) -> bool:
    """True if an answer has a member of a record."""
    if isinstance(answer, list):
        return any(shows(row, record, member) for row in answer)
    if not isinstance(answer, dict):
        return False
    is_record = record.key in {str(answer.get(name)) for name in KEYS}
    is_shown = is_record and (member in answer or member in (EXISTENCE, STATUS))
    return is_shown or any(shows(part, record, member) for part in answer.values())
