"""Promises of all answers together: without a write in between, two of them show a record with the same members."""

from __future__ import annotations

from mockserver.verify.checks.records.record_checks import READING
from mockserver.verify.judging.assertions import others_stay, shows_alike
from mockserver.verify.probe import Probe
from mockserver.verify.received import show
from mockserver.verify.watching.record_shapes import ROW
from mockserver.verify.watching.shown_records import Disagreement, ShownRecord

PROMISE = "answers_agree"


def answers_agree(probe: Probe) -> None:
    """Each answer that shows a record, or a part of it, shows it as the others do."""
    for alike in probe.shown.disagreements:
        for found in alike:
            if not _is_known(probe, found):
                _check_again(probe, found)


def _is_known(probe: Probe, found: Disagreement) -> bool:
    """True if another check has reported the member, also of a write to the record, or the one that holds it."""
    sides, writes = (found.odd, found.reference), [one for one in found.known if one.operation.method != "GET"]
    names = [(side.operation, name) for side in sides for name in side.path]
    names += [(one.operation, found.member) for one in (*sides, *writes)]
    return not probe.is_selected(found.odd.operation) or any(probe.is_wrong(*name) for name in names)


def _check_again(probe: Probe, found: Disagreement) -> None:
    """Reports two answers that still differ, of which the one at fault has not changed meanwhile."""
    odd, reference, member = found.odd, found.reference, found.member
    first, other, second = (_repeat(probe, side) for side in (odd, reference, odd))
    if not first or not other or not second or any(member not in one.record for one in (first, other, second)):
        return
    if first.agrees(other, member):
        _check_reading(probe, found, second)
        return
    # A value of another shape is a fault of its own.
    is_shaped = all(probe.contract.allows(one.schemas[member], one.whole[member]) for one in (first, other))
    if not first.agrees(second, member) or not is_shaped:
        return
    path = ".".join([*(name for name in odd.path if name != ROW), member])
    received = f"{path} {show(second.record[member])} in the record {show(odd.key)}"
    documented = f"{show(other.record[member])}, as {reference.operation.id} shows it"
    place, there = ((list(one.path), one.name, one.key) for one in (odd, other))
    expected = second.answer.expects(shows_alike, member, place, other.answer.member(), there)
    probe.report(odd.operation, PROMISE, second.answer, received, documented, expected, member=member)


def _check_reading(probe: Probe, found: Disagreement, now: ShownRecord) -> None:
    """Reports a GET that has changed what it reads: no answer before it shows its value, all answers after it do.

    Others may work on the target, unless the run owns it.
    """
    before, after, member = found.one, found.other, found.member
    start, end = (side.answer.request.number for side in (before, after))
    earlier = [one for one in found.known if member in one.record and one.answer.request.number < end]
    is_first = not any(one.agrees(after, member) for one in earlier)
    is_single = not after.path and before.operation != after.operation
    is_untouched = probe.is_alone and all(one.is_read for one in probe.log.entries[start : end - 1])
    if is_single and is_first and is_untouched and now.agrees(after, member):
        received = f"{member} {show(after.record[member])} for a GET, and in all answers after it"
        documented = f"{member} {show(before.record[member])}, as {before.operation.id} showed it before"
        expected = before.repeat().expects(others_stay, before.answer.member(), "", after=[after.answer])
        texts = received, documented, expected
        probe.report(after.operation, READING, after.answer, *texts, member=member)


def _repeat(probe: Probe, side: ShownRecord) -> ShownRecord | None:
    """Returns the same record at the same place of another answer."""
    again = probe.shown.find(side.operation, side.repeat(), side.repeat)
    return next((one for one in again if one.is_like(side)), None)
