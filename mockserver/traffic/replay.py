"""Replay of recorded calls against a fake in this process, in their order."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import httpx

from mockserver.app import Fake, assemble
from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.enspace.tables import TABLES
from mockserver.judging.call_classifier import ELSEWHERE, FAILING, FROM_FAULT, WITHOUT_BODY
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.recorded_calls import BROKEN, RecordedBody, RecordedCall, Recording
from mockserver.pipeline.authenticate import SCOPE_OF_METHOD
from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT
from mockserver.state.table import Record
from mockserver.traffic.fidelity import AnswerComparison, AnswerDifference, Fidelity, NamedRecord, names_of
from mockserver.traffic.generated_values import GeneratedValues
from mockserver.traffic.recorded_fixtures import RecordedFixtures, in_recorded_order, read_recorded_fixtures
from mockserver.traffic.recorded_world import change_of
from mockserver.traffic.replay_requests import ReplayableCall, ReplayRequests
from mockserver.traffic.shown_times import ShownTimes
from mockserver.traffic.view_walk import ViewWalk

_SAME_TIME = 60  # seconds between the stamp of a change and the end of its call
_MOST_SAMPLES = 20  # calls with which the key of the fake is found that stands for a recorded one


@dataclass(frozen=True)
class ReplayedCall:
    """A recorded call, and how the answer of the fake differs. `source` says where the fake has it from.

    `is_caller_known`: the key in the fake is that of the same user, as far as answers have said.
    """

    call: RecordedCall
    operation: Operation
    status: int
    source: str
    answered: Any
    differences: list[AnswerDifference]
    is_caller_known: bool

    @property
    def recorded(self) -> Any:
        """The body of the recorded answer."""
        return _parsed(self.call.answer)


class Replay:
    """A fake to which recorded calls are sent. `prefix` is the path that the host adds before those of the contract.

    `start` has the records and keys of the recordings, if the fake starts with these. With `times`, the recordings have
    all calls to their target, so that each change of a record follows from one of them.
    """

    def __init__(
        self,
        document: Document,
        settings: Settings,
        prefix: str | None,
        recordings: Sequence[Recording],
        start: RecordedFixtures | None = None,
        times: ShownTimes | None = None,
    ) -> None:
        self._recordings, self._keys, self._times = recordings, start.keys if start else None, times
        self.is_whole = start is None or not start.left_out.counts  # no record of the recordings is missing
        # Collections with a record that was only named: all of its members are guessed.
        self.guessed = frozenset(+start.completed if start else ())
        # The journal would keep all calls, and a store of the user must not change.
        self._settings = replace(settings, journal_size=0, store="memory", coverage="", coverage_min=0)
        self._fake = assemble(self._settings, document=document, world=start.world if start else None)
        self._sandbox = self._fake.sandboxes[DEFAULT]
        self._before = self._start = self._sandbox.world.fork()
        self._matcher, self._walk = CallMatcher(document, prefix), ViewWalk(document)
        self._requests = ReplayRequests(document, self._matcher, self._walk)
        self.set_aside = Counter[str]()
        self._shifts: Counter[int] = Counter()  # days by which recording and fixtures differ

    def run(self) -> Iterator[ReplayedCall]:
        """Replays the calls, one by one."""
        keys = asyncio.run(self._find_keys()) if self._keys is None else self._keys.replacements
        # What recordings show was not moved.
        shift = 0 if self._keys is not None else next((days for days, _ in self._shifts.most_common(1)), None)
        start = datetime.now(UTC) if self._keys is None else None
        self.values = values = GeneratedValues(self._sandbox.world.fork(), start, shift)
        comparison = AnswerComparison(self._walk, values, self._times)
        with asyncio.Runner() as runner:
            client = _client(self._fake)
            for replayable in self._replayable(self.set_aside):
                call = replayable.call
                if 200 <= call.status < 300:
                    values.note_change(change_of(call, _parsed(call.answer)))
                if self._keys is not None:
                    self._sandbox.clock.freeze(_time_of(call))
                self._before = self._sandbox.world.fork()
                self._request = self._requests.make(client, replayable, keys, values)
                answer = runner.run(client.send(self._request))
                answered = _json_of(answer)
                yield ReplayedCall(
                    call,
                    replayable.operation,
                    answer.status_code,
                    answer.headers.get("x-mock-source", ""),
                    answered,
                    self._compare(comparison, replayable, answer.status_code, answered),
                    self._keys is None or replayable.key not in self._keys.of_unknown_user,
                )
            runner.run(client.aclose())

    def undo(self) -> None:
        """Takes back what the last call has changed in the fake."""
        self._sandbox.world = self._before

    def would_succeed_first(self) -> bool:
        """True if the fake accepts the request of the last call, were it the first one."""
        return self.from_start()(self._request).is_success

    def from_start(self) -> Callable[[httpx.Request], httpx.Response]:
        """Returns a function that sends requests to another fake, which has no record of the calls at first."""
        sandbox = self._untouched.sandboxes[DEFAULT]
        sandbox.world = self._start.fork()
        sandbox.clock.freeze(self._sandbox.clock())
        return lambda request: asyncio.run(self._send_elsewhere(request))

    async def _send_elsewhere(self, request: httpx.Request) -> httpx.Response:
        async with _client(self._untouched) as client:
            return await client.send(request)

    def key_for(self, recorded: str) -> str:
        """Returns the key of the fake that stands for a recorded one: the same one if it is unknown."""
        return self._keys.replacements.get(recorded, recorded) if self._keys is not None else recorded

    @cached_property
    def _untouched(self) -> Fake:
        return assemble(self._settings, document=self._fake.document, world=self._start)

    def record_names(self) -> set[NamedRecord]:
        """Returns all records that the fake has now."""
        world = self._sandbox.world
        return {name for table in TABLES for row in world[table.name] for name in names_of(table.name, row)}

    def named(self, replayed: ReplayedCall) -> set[NamedRecord]:
        """Returns the records that a request names, as they were recorded."""
        return set(self._requests.named(ReplayableCall(replayed.call, replayed.operation)))

    def shown(self, replayed: ReplayedCall) -> set[NamedRecord]:
        """Returns the records in a recorded answer."""
        found = set[NamedRecord]()

        def see(table: str, view: Record, around: Record) -> Record:
            found.update(names_of(table, view))
            return around

        place = self._matcher.nearest_body_place(replayed.operation, replayed.call.status)
        if place is not None and 200 <= replayed.call.status < 300:
            self._walk.walk(replayed.recorded, self._walk.view(place), {}, see)
        return found

    def rows_table(self, operation: Operation) -> str:
        """Returns the collection whose records an operation lists; empty for another answer."""
        return self._requests.collections.get(operation.path, "") if operation.method == "GET" else ""

    def _replayable(self, set_aside: Counter[str]) -> Iterator[ReplayableCall]:
        for recording in self._recordings:
            for call in recording.calls():
                operation = self._matcher.match(call.method, call.path)
                if reason := self._reason_against(call, operation):
                    set_aside[reason] += 1
                elif operation is not None:
                    yield ReplayableCall(call, operation)

    def _reason_against(self, call: RecordedCall, operation: Operation | None) -> str:
        """Describes why a call cannot be replayed; empty if it can."""
        if operation is None or call.status in (0, 304):
            return ELSEWHERE
        if call.is_failing:
            return FAILING
        if call.headers.get("x-mock-source") == "fault":
            return FROM_FAULT
        is_known = call.answer.text is not None and call.request.text is not None
        return "" if is_known else WITHOUT_BODY

    def _compare(
        self, comparison: AnswerComparison, replayable: ReplayableCall, status: int, answered: Any
    ) -> list[AnswerDifference]:
        call = replayable.call
        is_other = status != call.status
        differences = [AnswerDifference(("status",), call.status, status)] if is_other else []
        if is_other and not (200 <= status < 300 and 200 <= call.status < 300):
            return differences
        recorded = _parsed(call.answer)
        place = self._matcher.nearest_body_place(replayable.operation, call.status)
        sort = dict(parse_qsl(call.query)).get("_sort", "")
        differences += comparison.compare(recorded, answered, place, is_refusal=call.status >= 400, sort=sort)
        return differences

    async def _find_keys(self) -> dict[str, str]:
        """Finds for each recorded key the one of the fake that answers most alike."""
        samples: dict[str, list[ReplayableCall]] = defaultdict(list)
        for replayable in self._replayable(Counter()):
            name = replayable.key
            if len(samples[name]) < _MOST_SAMPLES and (name or replayable.call.status < 300):
                samples[name].append(replayable)
        # One of its own, since reads are counted too.
        fake = assemble(self._settings, document=self._fake.document)
        found = {}
        async with _client(fake) as client:
            for name, calls in samples.items():
                if any(replayable.call.status != 401 for replayable in calls):
                    found[name] = await self._most_alike(client, fake, name, calls)
        return found

    async def _most_alike(self, client: httpx.AsyncClient, fake: Fake, name: str, calls: list[ReplayableCall]) -> str:
        world = fake.sandboxes[DEFAULT].world
        best, best_score, shifts = "", float("-inf"), Counter[int]()
        for key in world["api_keys"]:
            values = GeneratedValues(world, datetime.now(UTC))
            comparison = AnswerComparison(self._walk, values)
            score = 0.0
            for replayable in calls:
                if replayable.call.method == "GET":
                    answer = await client.send(self._requests.make(client, replayable, {name: key["key"]}, values))
                    score += answer.status_code == replayable.call.status
                    score -= answer.status_code == 401
                    answered = _json_of(answer)
                    score += not self._compare(comparison, replayable, answer.status_code, answered)
                else:
                    score += _may(key, replayable.call.method) == (replayable.call.status != 403)
            if score > best_score:
                best, best_score, shifts = key["key"], score, values.shifts
        self._shifts += shifts
        return best


def open_replay(
    recordings: Sequence[Recording],
    document: Document,
    settings: Settings,
    prefix: str | None,
    *,
    has_fixtures: bool,
    times: ShownTimes | None = None,
) -> Replay:
    """Prepares a replay against a fake with the fixtures of the settings, or else with what recordings show first.

    Raises `StartError` if they show no record.
    """
    recordings = in_recorded_order(recordings)
    if has_fixtures:
        return Replay(document, settings, prefix, recordings)
    fixtures = read_recorded_fixtures(recordings, document, prefix, keep_values=True, at_start=True)
    return Replay(document, replace(settings, keep_dates=True), prefix, recordings, fixtures, times)


def fidelity_of(replay: Replay) -> Fidelity:
    """Replays all calls and returns how alike the answers are."""
    fidelity = Fidelity()
    for replayed in replay.run():
        fidelity.add(replayed.operation.id, replayed.call.number, replayed.differences)
    return fidelity


def describe_set_aside(set_aside: Counter[str]) -> Iterator[str]:
    """Yields a line about the calls that were not replayed, if there are any."""
    if set_aside:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(set_aside.items()))
        yield f"not replayed: {reasons}"


def _client(fake: Fake) -> httpx.AsyncClient:
    # An error of the fake is an answer, with which the recorded one is compared.
    transport = httpx.ASGITransport(fake.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


def _time_of(call: RecordedCall) -> float | None:
    """Returns the time of a call by the clock of its target, in seconds since 1970; None if it is unknown."""
    body = _parsed(call.answer)
    stamps = [body.get(name) for name in ("created_at", "updated_at")] if isinstance(body, dict) else []
    ended = _seconds(call.headers.get("date"))
    changed = max((time for text in stamps if call.method != "GET" and (time := _seconds(text))), default=None)
    is_exact = changed and (ended is None or abs(changed - ended) <= _SAME_TIME)
    # Without the header, `started` is the time of the client, whose clock may be another one.
    return changed if is_exact else ended or _seconds(call.started)


def _seconds(text: Any) -> float | None:
    """Returns the time in a text, as headers or JSON write it; None if there is none."""
    with suppress(ValueError, TypeError):
        return (parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)).timestamp()
    return None


def _may(key: Record, method: str) -> bool:
    return SCOPE_OF_METHOD.get(method) in key["scope"]["global"]


def _json_of(answer: httpx.Response) -> Any:
    """Returns the body of an answer of the fake: JSON, else its text."""
    try:
        return answer.json() if answer.content else None
    except ValueError:
        return answer.text


def _parsed(body: RecordedBody) -> Any:
    return body.json if body.text and body.json is not BROKEN else body.text or None
