"""Doubts: places where the answer of the target differs from that of the fake, by record and member."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.operations import Operation
from mockserver.contract.yaml_text import leaves
from mockserver.traffic.fidelity import KEYS, AnswerDifference, NamedRecord, Place, names_of
from mockserver.traffic.generated_values import TARGETS, Kind
from mockserver.traffic.replay import Replay, ReplayedCall
from mockserver.verify.judging.assertions import instant
from mockserver.verify.probe import MOST, REFUSALS

STATUS, EXISTENCE, ORDER = "status of the answer", "record", "order of rows"  # in place of a member
_NOT_FOUND = 404
_MOST_DOUBTS = 100  # of one operation that are kept, before the first write and since then
_MOST_DOUBTFUL = 0.25  # of the operations that are read before the first write


@dataclass(frozen=True)
class Doubt:
    """A `member` that an answer shows otherwise than the fake, with the `received` value and the `wanted` one.

    `record` has all names of the record that it belongs to, if any; its key is `key`, and it is at `path` in the answer
    (`*` for each row). `around` are also the records that the request names, and those that contain this one.
    """

    number: int  # of the call
    operation: str
    is_read: bool
    is_query: bool  # whose answer depends on more than the record
    member: str
    received: Any
    wanted: Any
    around: frozenset[NamedRecord]
    record: frozenset[NamedRecord] = frozenset()
    key: tuple[str, Any] = ("", None)
    path: tuple[str, ...] = ()
    is_by_earlier: bool = False  # the fake answers so only because of earlier calls
    is_limited: bool = False  # the answer is to a key that may do less than that of the run
    refusals: tuple[str, str] = ("", "")  # the messages of both answers

    @property
    def is_of_record(self) -> bool:
        """True if it is about a value that a record has."""
        return bool(self.key[0]) and self.member != EXISTENCE

    @property
    def is_not_found(self) -> bool:
        """True if the target does not find what the request names."""
        return self.member == STATUS and self.received == _NOT_FOUND

    @property
    def is_about_rights(self) -> bool:
        """True if it is about what a limited key may see or do."""
        return self.is_limited and self.member in (EXISTENCE, STATUS)

    @property
    def is_missing(self) -> bool:
        """True if the target lacks the record: it is not found, or not listed."""
        return self.is_not_found or (self.member == EXISTENCE and not self.received)

    @property
    def referred(self) -> frozenset[NamedRecord]:
        """The records that only one of both values refers to."""
        received, wanted = (
            {
                NamedRecord(TARGETS[name], str(value))
                for name, value in leaves({self.member: side})
                if value is not None and name in TARGETS
            }
            for side in (self.received, self.wanted)
        )
        return frozenset(received ^ wanted)

    def is_about(self, record: NamedRecord) -> bool:
        """True if only one of both values refers to a record: by a member that names it, or by its slug in a text."""
        received, wanted = ({text for _, text in leaves({self.member: side})} for side in (self.received, self.wanted))
        return record in self.referred or (not record.key.isdecimal() and record.key in received ^ wanted)


@dataclass(frozen=True)
class SentWrite:
    """A write, with the records that it names or shows. Without `is_test`, it comes after the call with the number."""

    number: int
    is_test: bool
    operation: str
    is_success: bool
    is_deletion: bool
    records: frozenset[NamedRecord]
    shown: frozenset[NamedRecord]


class Doubts:
    """What a replay shows, call by call.

    `is_alone`: nobody else changes the target, so that all its records count. If the fake answers many of the first
    operations otherwise, it lacks something that the target has, and only new records count.
    Of the `foreign` workspaces the fake knows nothing, or what the target has shown by mistake. The `limited` keys may
    do less than that of the run.
    """

    def __init__(self, replay: Replay, foreign: frozenset[str], limited: frozenset[str], *, is_alone: bool) -> None:
        self._replay, self._foreign, self._limited, self.is_alone = replay, foreign, limited, is_alone
        self._at_start = replay.record_names()
        self._first_read, self._first_doubtful = set[str](), set[str]()
        self._known: set[NamedRecord] = set()
        # What the target shows before the first write and the fake never had, and what was made of that.
        self._lacking: set[NamedRecord] = set()
        self._own: set[NamedRecord] = set()
        self._counts = Counter[tuple[str, bool]]()
        self._last = 0  # the number of the last call of a test
        self.all: list[Doubt] = []
        self.writes: list[SentWrite] = []
        # Those that two answers show differently before the first write; the fake has them as the first one shows them.
        self.contradicted: set[NamedRecord] = set()
        # By record, the reads that have shown it as the fake does: their numbers and operations.
        self.agreed: dict[NamedRecord, list[tuple[int, str]]] = defaultdict(list)

    def collect(self, is_over: Callable[[], bool]) -> None:
        """Replays the calls, until the time is over."""
        for replayed in self._replay.run():
            if is_over():
                return
            self._take(replayed)

    def confirms(self, operation: str) -> bool:
        """True if the fake gives the answers of an operation alike, and not those of another one."""
        doubted = {one.operation for one in self.all}
        certain = {one.operation for one in self.all if not one.record & self.contradicted}
        others = (certain if operation in doubted else doubted) - {operation}
        is_shown = any(name == operation for reads in self.agreed.values() for _, name in reads)
        return self.is_alone and is_shown and bool(others) and operation not in certain

    def table_of(self, listing: Operation) -> str:
        """Returns the collection whose records an operation lists."""
        return self._replay.rows_table(listing)

    def _take(self, replayed: ReplayedCall) -> None:
        call, operation = replayed.call, replayed.operation
        named, shown = self._replay.named(replayed), self._replay.shown(replayed)
        is_success = 200 <= call.status < 300
        if not is_success and 200 <= replayed.status < 300:
            self._replay.undo()
        self._last = call.number or self._last
        found = self._find(replayed, frozenset(named)) if call.number else ()
        # What has changed says more about the reason than the time of the change.
        counting = (one for one in found if self._counts_here(one, named))
        doubts = sorted(counting, key=lambda one: instant(one.received) is not None)
        if operation.method != "GET":
            if not self.writes:
                self._look_back()
            is_deletion, records = operation.method == "DELETE", (frozenset(named | shown), frozenset(shown))
            sent = SentWrite(self._last, bool(call.number), operation.id, is_success, is_deletion, *records)
            self.writes.append(sent)
            self._own |= shown if operation.method == "POST" else set()
            self._lacking |= shown if named & self._lacking else set()
        elif is_success and call.number:
            for record in shown.difference(*(doubt.record for doubt in doubts)):
                self.agreed[record].append((call.number, operation.id))
        if not self.writes:
            self._lacking |= shown - self._at_start
            self._first_read.add(operation.id)
            self._first_doubtful |= {doubt.operation for doubt in doubts}
            self.contradicted |= {name for doubt in doubts if doubt.is_of_record for name in doubt.record}
        self._known |= shown
        kind = operation.id, bool(self.writes)
        self._counts[kind] += len(doubts)
        self.all += doubts if self._counts[kind] <= _MOST_DOUBTS else []

    def _look_back(self) -> None:
        if len(self._first_doubtful) > len(self._first_read) * _MOST_DOUBTFUL:
            self.is_alone, self.all = False, []

    def _counts_here(self, doubt: Doubt, named: set[NamedRecord]) -> bool:
        """False for what others may have changed, and for a record that the fake may never have had."""
        is_unknown = not named <= self._known and (doubt.is_read or doubt.wanted == _NOT_FOUND)
        if doubt.member == STATUS and (named & self._lacking or is_unknown):
            return False
        if not doubt.record and not self._replay.is_whole:
            return False  # it may count a record that the fake cannot have
        is_own = bool(doubt.record & self._own)
        # What a write is answered may depend on the guessed records.
        is_certain = is_own and doubt.is_read
        if not is_certain and any(name.table in self._replay.guessed for name in doubt.record):
            return False
        return self.is_alone or not doubt.is_read or is_own

    def _find(self, replayed: ReplayedCall, named: frozenset[NamedRecord]) -> Iterator[Doubt]:
        # What the fake has generated says nothing of a rule, nor does what another user may see.
        is_foreign = replayed.call.request_headers.get("en-workspace") in self._foreign
        is_comparable = replayed.source in ("state", "refused") and replayed.is_caller_known and not is_foreign
        if not is_comparable or not replayed.differences:
            return
        queried = {name for name, _ in parse_qsl(replayed.call.query)} - {"_limit"}
        is_read = replayed.operation.method == "GET"
        is_limited = replayed.call.request_headers.get("x-api-key") in self._limited
        doubt = partial(
            Doubt, replayed.call.number, replayed.operation.id, is_read, bool(queried), is_limited=is_limited
        )
        rows = list(self._find_rows(doubt, replayed, named))
        yield from rows
        for difference in replayed.differences if not rows else ():
            if difference.place == ("status",):
                received, wanted = difference.recorded, difference.answered
                is_refused = not is_read and wanted in REFUSALS and received not in REFUSALS
                is_by_earlier = is_refused and self._replay.would_succeed_first()
                refusals = _message(replayed.recorded), _message(replayed.answered)
                yield doubt(STATUS, received, wanted, named, named, is_by_earlier=is_by_earlier, refusals=refusals)
            else:
                yield self._find_member(doubt, difference, named, replayed.recorded)

    def _find_rows(
        self, doubt: Callable[..., Doubt], replayed: ReplayedCall, named: frozenset[NamedRecord]
    ) -> Iterator[Doubt]:
        """Yields doubts about which rows a list has, or in which order."""
        table, recorded, answered = self._replay.rows_table(replayed.operation), replayed.recorded, replayed.answered
        if not table or not isinstance(recorded, list) or not isinstance(answered, list):
            return
        received = [row.get("id") for row in recorded if isinstance(row, dict)]
        wanted = [self._replay.values.recorded(Kind(table, "id"), row.get("id")) for row in answered]
        odd = [key for key in (*received, *wanted) if (key in received) != (key in wanted)]
        limit = _limit_of(replayed)
        displaced = _displaced(received, wanted, limit) + _displaced(wanted, received, limit)
        names = {row.get("id"): names_of(table, row) for row in recorded if isinstance(row, dict)}
        for key in (key for key in odd if key not in displaced):
            record = frozenset((NamedRecord(table, str(key)), *names.get(key, ())))
            seen = key in received, key in wanted
            yield doubt(EXISTENCE, *seen, named | record, record, ("id", key), ("*",))
        if not odd and received != wanted:
            rows = frozenset(NamedRecord(table, str(key)) for key in received)
            yield doubt(ORDER, received, wanted, named | rows)

    def _find_member(
        self, doubt: Callable[..., Doubt], difference: AnswerDifference, named: frozenset[NamedRecord], answer: Any
    ) -> Doubt:
        """Returns the doubt about a value: as a member of the innermost record around it, or of the answer."""
        place, records = difference.place[1:], difference.records
        around = named | frozenset(records)
        table = records[-1].table if records else ""
        wanted = difference.answered
        if place[-1:] == ("id",) and table:
            wanted = self._replay.values.recorded(Kind(table, "id"), wanted)
        inner = place
        # Another row of a list is a matter of the record that has the list.
        if place[-1:] == ("id",) and isinstance(place[-2:][0], int) and len(records) > 1:
            inner, table, records = place[:-2], records[-2].table, records[:-1]
        length, key = _innermost(answer, inner, {record.key for record in records})
        if not key[0]:
            path = tuple(part if isinstance(part, str) else "*" for part in place)
            return doubt(".".join(path), difference.recorded, wanted, around, path=path)
        # The rest of the member as it was received: the fake has other ids.
        shown = _at(answer, place[: length + 1])
        whole = _replaced(shown, place[length + 1 :], wanted)
        names = frozenset(names_of(table, _at(answer, place[:length])))
        path = tuple(part if isinstance(part, str) else "*" for part in place[:length])
        return doubt(str(place[length]), shown, whole, around, names, key, path)


def _message(answer: Any) -> str:
    """Returns the message of a refusal; empty for another answer."""
    message = answer.get("message") if isinstance(answer, dict) and "error" in answer else ""
    return message if isinstance(message, str) else ""


def _limit_of(replayed: ReplayedCall) -> int:
    """Returns the most rows that a page may have."""
    default = next((one.schema.get("default") for one in replayed.operation.parameters if one.name == "_limit"), None)
    text = str(dict(parse_qsl(replayed.call.query)).get("_limit", default))
    return int(text) if text.isdecimal() else MOST


def _displaced(page: list[Any], other: list[Any], limit: int) -> list[Any]:
    """Returns the last rows of a page that rows before them, which it lacks, have moved off the other, full page."""
    if len(other) < limit:
        return []
    kept = len(page)
    while kept and page[kept - 1] not in other:
        kept -= 1
    last = max((place for place, key in enumerate(other) if key in page), default=-1)
    added = sum(key not in page for key in other[: last + 1])
    return page[kept:][-added:] if added else []


def _innermost(answer: Any, place: Place, keys: set[str]) -> tuple[int, tuple[str, Any]]:
    """Returns how many parts of a place lead to the innermost record, and its key; an empty name for none."""
    for length in range(len(place) - 1, -1, -1):
        value = _at(answer, place[:length])
        if isinstance(value, dict) and isinstance(place[length], str):
            name = next((name for name in KEYS if str(value.get(name)) in keys), "")
            if name:
                return length, (name, value[name])
    return 0, ("", None)


def _at(value: Any, place: Place) -> Any:
    for part in place:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part, MISSING)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return MISSING
    return value


def _replaced(value: Any, place: Place, new: Any) -> Any:
    """Copies a value with another one at a place in it, or without what is missing there."""
    if not place:
        return new
    if isinstance(value, list) and isinstance(place[0], int):
        rows = [_replaced(row, place[1:], new) if n == place[0] else row for n, row in enumerate(value)]
        return [row for row in rows if row is not MISSING]
    if not isinstance(value, dict):
        return new
    members = {**value, place[0]: _replaced(value.get(place[0]), place[1:], new)}
    return {name: part for name, part in members.items() if part is not MISSING}
