"""Replay of recorded calls against a fake in this process, in their order."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

from mockserver.app import Fake, assemble
from mockserver.contract.document import Pointer
from mockserver.contract.lenient.reading import read_contract
from mockserver.contract.operations import Operation, base_path
from mockserver.judging import schema_places
from mockserver.judging.call_classifier import ELSEWHERE, FROM_FAULT, TROUBLE, WITHOUT_BODY
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.recorded_calls import BROKEN, RecordedBody, RecordedCall
from mockserver.pipeline.authenticate import SCOPE_OF_METHOD
from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT
from mockserver.state.table import Record
from mockserver.traffic.fidelity import AnswerComparison, AnswerDifference, Fidelity
from mockserver.traffic.generated_values import TARGETS, GeneratedValues, Kind
from mockserver.traffic.har_reader import HarFile
from mockserver.traffic.recorded_fixtures import read_recorded_fixtures
from mockserver.traffic.recorded_world import change_of
from mockserver.traffic.view_walk import ViewWalk

# Headers of the recorded connection and of its client.
_NOT_SENT = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding", "cookie", "authorization")
_MOST_SAMPLES = 20  # calls with which the key of the fake is found that stands for a recorded one
_MASKED = "***"


@dataclass(frozen=True)
class _Usable:
    """A call that can be replayed, and its operation."""

    call: RecordedCall
    operation: Operation


class Replay:
    """Replays recordings. `prefix` is the path that the recorded host adds before those of the contract."""

    def __init__(self, settings: Settings, prefix: str | None) -> None:
        # The journal would keep all calls, and a store of the user must not change.
        self._settings = replace(settings, journal_size=0, store="memory", coverage="", coverage_min=0)
        self._fake = assemble(self._settings)
        self._matcher = CallMatcher(self._fake.document, prefix)
        self._walk = ViewWalk(self._fake.document)
        self._collections = self._walk.collections(self._matcher)
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
            for usable in self._usable(recordings, self.set_aside):
                call = usable.call
                if 200 <= call.status < 300:
                    values.note_change(change_of(call, _parsed(call.answer)))
                answer = await client.send(self._request(client, usable, keys, values))
                self.fidelity.add(usable.operation.id, call.number, self._compare(comparison, usable, answer))

    def _usable(self, recordings: Sequence[Path], set_aside: Counter[str]) -> Iterator[_Usable]:
        for file in recordings:
            for call in HarFile(file).calls():
                operation = self._matcher.match(call.method, call.path)
                if reason := self._reason_against(call, operation):
                    set_aside[reason] += 1
                elif operation is not None:
                    yield _Usable(call, operation)

    def _reason_against(self, call: RecordedCall, operation: Operation | None) -> str:
        """Describes why a call cannot be replayed; empty if it can."""
        if operation is None or call.status in (0, 304):
            return ELSEWHERE
        if call.status in TROUBLE or call.status >= 500:
            return "429 or 5xx"
        if call.headers.get("x-mock-source") == "fault":
            return FROM_FAULT
        is_known = call.answer.text is not None and call.request.text is not None
        return "" if is_known else WITHOUT_BODY

    def _compare(self, comparison: AnswerComparison, usable: _Usable, answer: httpx.Response) -> list[AnswerDifference]:
        call = usable.call
        is_other = answer.status_code != call.status
        differences = [AnswerDifference("status", str(call.status), str(answer.status_code))] if is_other else []
        if is_other and not (answer.is_success and 200 <= call.status < 300):
            return differences
        recorded, answered = _parsed(call.answer), _parsed(RecordedBody("application/json", answer.text))
        place = self._matcher.nearest_body_place(usable.operation, call.status)
        sort = dict(parse_qsl(call.query)).get("_sort", "")
        differences += comparison.compare(recorded, answered, place, is_refusal=call.status >= 400, sort=sort)
        return differences

    def _request(
        self, client: httpx.AsyncClient, usable: _Usable, keys: dict[str, str], values: GeneratedValues
    ) -> httpx.Request:
        call = usable.call
        headers = {n: v for n, v in call.request_headers.items() if n not in _NOT_SENT and not n.startswith(":")}
        headers = {name: value for name, value in headers.items() if value != _MASKED or name == "x-api-key"}
        # Of a refused call, the recording may not say that its key was another one.
        is_refused = call.status == 401 and _key_of(call) in ("", _MASKED)
        if (name := _key_of(call)) in keys and not is_refused:
            headers["x-api-key"] = keys[name]
        path, query = self._path(usable, values), self._query(call, values)
        url = f"{path}?{query}" if query else path
        return client.build_request(call.method, url, headers=headers, content=self._body(usable, values))

    def _path(self, usable: _Usable, values: GeneratedValues) -> str:
        """The path with the ids and references of the replay."""
        own = base_path(self._fake.document)
        template = usable.operation.path.removeprefix(own).split("/")
        segments = self._matcher.inner_path(usable.call.path).split("/")
        for number, name in enumerate(template):
            table = self._collections.get(own + "/".join(template[:number]), "")
            if table and name.startswith("{"):
                kind = Kind(table, "reference" if name == "{reference}" else "id")
                segments[number] = str(values.replayed(kind, segments[number]))
        return own + "/".join(segments)

    def _query(self, call: RecordedCall, values: GeneratedValues) -> str:
        pairs = parse_qsl(call.query, keep_blank_values=True)
        sent = [(n, values.replayed(Kind(TARGETS[n], "id"), v) if n in TARGETS else v) for n, v in pairs]
        return call.query if sent == pairs else urlencode(sent)

    def _body(self, usable: _Usable, values: GeneratedValues) -> bytes:
        call = usable.call
        if not call.request.is_json or not call.request.text or call.request.json is BROKEN:
            return (call.request.text or "").encode()
        body = _with_replayed(call.request.json, "", values)
        place = self._matcher.request_place(usable.operation)
        if _MASKED in call.request.text and place is not None:
            body = self._with_examples(body, [place])
        return json.dumps(body, ensure_ascii=False).encode()

    def _with_examples(self, value: Any, places: list[Pointer]) -> Any:
        """Copies a body with examples of the contract in place of the secrets that were not recorded.

        `places` are those of its possible schemas.
        """
        document, views = self._fake.document, [self._walk.view(place) for place in places]
        if isinstance(value, dict):
            parts = [schema_places.members(document, part) for view in views for part in view.parts]
            return {
                name: self._with_examples(inner, [part[name] for part in parts if name in part])
                for name, inner in value.items()
            }
        examples = (document.at(view.place).get("example") for view in views)
        return next(filter(None, examples), value) if value == _MASKED else value

    async def _find_keys(self, recordings: Sequence[Path]) -> dict[str, str]:
        """Finds for each recorded key the one of the fake that answers most alike."""
        samples: dict[str, list[_Usable]] = defaultdict(list)
        for usable in self._usable(recordings, Counter()):
            name = _key_of(usable.call)
            if len(samples[name]) < _MOST_SAMPLES and (name or usable.call.status < 300):
                samples[name].append(usable)
        # One of its own, since reads are counted too.
        fake = assemble(self._settings)
        found = {}
        async with _client(fake) as client:
            for name, calls in samples.items():
                if any(usable.call.status != 401 for usable in calls):
                    found[name] = await self._most_alike(client, fake, name, calls)
        return found

    async def _most_alike(self, client: httpx.AsyncClient, fake: Fake, name: str, calls: list[_Usable]) -> str:
        world = fake.sandboxes[DEFAULT].world
        best, best_score, shifts = "", -1.0, Counter[int]()
        for key in world["api_keys"]:
            values = GeneratedValues(world, datetime.now(UTC))
            comparison = AnswerComparison(self._walk, values)
            score = 0.0
            for usable in calls:
                if usable.call.method == "GET":
                    answer = await client.send(self._request(client, usable, {name: key["key"]}, values))
                    score += answer.status_code == usable.call.status
                    score -= answer.status_code == 401
                    score += not self._compare(comparison, usable, answer)
                else:
                    score += _may(key, usable.call.method) == (usable.call.status != 403)
            if score > best_score:
                best, best_score, shifts = key["key"], score, values.shifts
        self._shifts += shifts
        return best


def replay(recordings: Sequence[Path], settings: Settings, prefix: str | None, *, has_fixtures: bool) -> Replay:
    """Replays recordings against a fake with the fixtures of the settings, or else with what they show first."""
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


def _key_of(call: RecordedCall) -> str:
    return call.request_headers.get("x-api-key") or call.request_headers.get("authorization") or ""


def _may(key: Record, method: str) -> bool:
    return SCOPE_OF_METHOD.get(method) in key["scope"]["global"]


def _parsed(body: RecordedBody) -> Any:
    return body.json if body.text and body.json is not BROKEN else body.text or None


def _with_replayed(value: Any, name: str, values: GeneratedValues) -> Any:
    """Copies a body with the ids of the replay."""
    if isinstance(value, dict):
        return {key: _with_replayed(inner, key, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_replayed(inner, name, values) for inner in value]
    is_id = name in TARGETS and isinstance(value, int) and not isinstance(value, bool)
    return values.replayed(Kind(TARGETS[name], "id"), value) if is_id else value
