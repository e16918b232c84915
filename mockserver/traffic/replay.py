"""Replay of recorded calls against a fake in this process, in their order."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl

import httpx

from mockserver.app import Fake, assemble
from mockserver.contract.lenient.reading import read_contract
from mockserver.contract.operations import Operation
from mockserver.judging.call_classifier import ELSEWHERE, FAILING, FROM_FAULT, WITHOUT_BODY
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.recorded_calls import BROKEN, RecordedBody, RecordedCall
from mockserver.pipeline.authenticate import SCOPE_OF_METHOD
from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT
from mockserver.state.table import Record
from mockserver.traffic.fidelity import AnswerComparison, AnswerDifference, Fidelity
from mockserver.traffic.generated_values import GeneratedValues
from mockserver.traffic.har_reader import HarFile
from mockserver.traffic.recorded_fixtures import in_recorded_order, read_recorded_fixtures
from mockserver.traffic.recorded_world import change_of
from mockserver.traffic.replay_requests import ReplayableCall, ReplayRequests
from mockserver.traffic.view_walk import ViewWalk

_MOST_SAMPLES = 20  # calls with which the key of the fake is found that stands for a recorded one


class Replay:
    """Replays recordings. `prefix` is the path that the recorded host adds before those of the contract."""

    def __init__(self, settings: Settings, prefix: str | None) -> None:
        # The journal would keep all calls, and a store of the user must not change.
        self._settings = replace(settings, journal_size=0, store="memory", coverage="", coverage_min=0)
        self._fake = assemble(self._settings)
        self._matcher = CallMatcher(self._fake.document, prefix)
        self._walk = ViewWalk(self._fake.document)
        self._requests = ReplayRequests(self._fake.document, self._matcher, self._walk)
        self.fidelity, self.set_aside = Fidelity(), Counter[str]()
        self._shifts: Counter[int] = Counter()  # days by which recording and fixtures differ

    def run(self, recordings: Sequence[Path]) -> None:
        """Replays all calls."""
        keys = asyncio.run(self._find_keys(recordings))
        asyncio.run(self._replay(recordings, keys))

    async def _replay(self, recordings: Sequence[Path], keys: dict[str, str]) -> None:
        origin = self._fake.sandboxes[DEFAULT].world.fork()
        shift = self._shifts.most_common(1)[0][0] if self._shifts else None
        values = GeneratedValues(origin, datetime.now(UTC), shift)
        comparison = AnswerComparison(self._walk, values)
        async with _client(self._fake) as client:
            for replayable in self._replayable(recordings, self.set_aside):
                call = replayable.call
                if 200 <= call.status < 300:
                    values.note_change(change_of(call, _parsed(call.answer)))
                answer = await client.send(self._requests.make(client, replayable, keys, values))
                self.fidelity.add(replayable.operation.id, call.number, self._compare(comparison, replayable, answer))

    def _replayable(self, recordings: Sequence[Path], set_aside: Counter[str]) -> Iterator[ReplayableCall]:
        for file in recordings:
            for call in HarFile(file).calls():
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
        self, comparison: AnswerComparison, replayable: ReplayableCall, answer: httpx.Response
    ) -> list[AnswerDifference]:
        call = replayable.call
        is_other = answer.status_code != call.status
        differences = [AnswerDifference("status", str(call.status), str(answer.status_code))] if is_other else []
        if is_other and not (answer.is_success and 200 <= call.status < 300):
            return differences
        recorded, answered = _parsed(call.answer), _parsed(RecordedBody("application/json", answer.text))
        place = self._matcher.nearest_body_place(replayable.operation, call.status)
        sort = dict(parse_qsl(call.query)).get("_sort", "")
        differences += comparison.compare(recorded, answered, place, is_refusal=call.status >= 400, sort=sort)
        return differences

    async def _find_keys(self, recordings: Sequence[Path]) -> dict[str, str]:
        """Finds for each recorded key the one of the fake that answers most alike."""
        samples: dict[str, list[ReplayableCall]] = defaultdict(list)
        for replayable in self._replayable(recordings, Counter()):
            name = replayable.key
            if len(samples[name]) < _MOST_SAMPLES and (name or replayable.call.status < 300):
                samples[name].append(replayable)
        # One of its own, since reads are counted too.
        fake = assemble(self._settings)
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
                    score += not self._compare(comparison, replayable, answer)
                else:
                    score += _may(key, replayable.call.method) == (replayable.call.status != 403)
            if score > best_score:
                best, best_score, shifts = key["key"], score, values.shifts
        self._shifts += shifts
        return best


def replay(recordings: Sequence[Path], settings: Settings, prefix: str | None, *, has_fixtures: bool) -> Replay:
    """Replays recordings against a fake with the fixtures of the settings, or else with what they show first."""
    recordings = in_recorded_order(recordings)
    with TemporaryDirectory() as folder:
        if not has_fixtures:
            document, start = read_contract(settings.spec), Path(folder) / "start"
            read_recorded_fixtures(recordings, document, prefix, keep_values=True, at_start=True).write(
                start, settings.fixtures
            )
            settings = replace(settings, fixtures=start)
        run = Replay(settings, prefix)
        run.run(recordings)
    return run


def describe_set_aside(set_aside: Counter[str]) -> Iterator[str]:
    """Yields a line about the calls that were not replayed, if there are any."""
    if set_aside:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(set_aside.items()))
        yield f"not replayed: {reasons}"


def _client(fake: Fake) -> httpx.AsyncClient:
    # An error of the fake is an answer, with which the recorded one is compared.
    transport = httpx.ASGITransport(fake.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


def _may(key: Record, method: str) -> bool:
    return SCOPE_OF_METHOD.get(method) in key["scope"]["global"]


def _parsed(body: RecordedBody) -> Any:
    return body.json if body.text and body.json is not BROKEN else body.text or None
