"""Replay of recorded calls against a fake in this process, in their order."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

from mockserver.app import Fake, assemble
from mockserver.contract.operations import Operation, base_path
from mockserver.judging.call_classifier import ELSEWHERE, FROM_FAULT, TROUBLE, WITHOUT_BODY
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.recorded_calls import BROKEN, RecordedBody, RecordedCall
from mockserver.pipeline.authenticate import SCOPE_OF_METHOD
from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT
from mockserver.state.table import Record
from mockserver.traffic.fidelity import AnswerComparison, Difference, Fidelity
from mockserver.traffic.generated_values import TARGETS, GeneratedValues, Kind
from mockserver.traffic.har_reader import HarFile
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

    def run(self, recordings: Sequence[Path]) -> Fidelity:
        """Replays all calls; returns how alike the answers are."""
        keys = asyncio.run(self._find_keys(recordings))
        asyncio.run(self._replay(recordings, keys))
        return self.fidelity

    async def _replay(self, recordings: Sequence[Path], keys: dict[str, str]) -> None:
        origin = self._fake.sandboxes[DEFAULT].world.fork()
        values = GeneratedValues(origin, datetime.now(UTC))
        comparison = AnswerComparison(self._walk, values)
        async with _client(self._fake) as client:
            for usable in self._usable(recordings, self.set_aside):
                call = usable.call
                if call.method != "GET" and isinstance(body := call.answer.json if call.answer.text else None, dict):
                    values.note_change(body.get("updated_at"))
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

    def _compare(self, comparison: AnswerComparison, usable: _Usable, answer: httpx.Response) -> list[Difference]:
        call = usable.call
        if answer.status_code != call.status:
            return [Difference("status", str(call.status), str(answer.status_code))]
        recorded, answered = _parsed(call.answer), _parsed(RecordedBody("application/json", answer.text))
        place = self._matcher.body_place(usable.operation, call.status)
        return comparison.compare(recorded, answered, place, is_refusal=call.status >= 400)

    def _request(
        self, client: httpx.AsyncClient, usable: _Usable, keys: dict[str, str], values: GeneratedValues
    ) -> httpx.Request:
        call = usable.call
        headers = {n: v for n, v in call.request_headers.items() if n not in _NOT_SENT and not n.startswith(":")}
        headers = {name: value for name, value in headers.items() if value != _MASKED or name == "x-api-key"}
        if (name := _key_of(call)) in keys:
            headers["x-api-key"] = keys[name]
        path, query = self._path(usable, values), self._query(call, values)
        url = f"{path}?{query}" if query else path
        return client.build_request(call.method, url, headers=headers, content=self._body(call, values))

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

    def _body(self, call: RecordedCall, values: GeneratedValues) -> bytes:
        if not call.request.is_json or not call.request.text or call.request.json is BROKEN:
            return (call.request.text or "").encode()
        return json.dumps(_with_replayed(call.request.json, "", values), ensure_ascii=False).encode()

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
        best, best_score = "", -1.0
        for key in world["api_keys"]:
            values = GeneratedValues(world, datetime.now(UTC))
            comparison = AnswerComparison(self._walk, values)
            score = 0.0
            for usable in calls:
                if usable.call.method == "GET":
                    answer = await client.send(self._request(client, usable, {name: key["key"]}, values))
                    score += answer.status_code == usable.call.status
                    score += not self._compare(comparison, usable, answer)
                else:
                    score += _may(key, usable.call.method) == (usable.call.status != 403)
            if score > best_score:
                best, best_score = key["key"], score
        return best


def describe_set_aside(set_aside: Counter[str]) -> str:
    """Describes the calls that were not replayed; empty if there are none."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(set_aside.items()))
    return f"not replayed: {reasons}" if reasons else ""


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
