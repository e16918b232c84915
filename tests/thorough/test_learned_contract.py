"""A contract that has learned forty deviations is no weaker elsewhere: it refuses what breaks it at other places."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import interpret, read_contract
from mockserver.contract.operations import Operation
from mockserver.contract.schemas import Schemas
from mockserver.judging.call_classifier import CallClassifier
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.drift import find_drift
from mockserver.judging.evidence import Evidence
from mockserver.judging.recorded_calls import RecordedBody, RecordedCall
from mockserver.traffic.har_reader import HarFile
from tests.traffic.conftest import ROOT, Recorder
from tests.traffic.har_programs import write_har
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.test_deviations import EXPECTED, tour_of

MUTATIONS = 900
WRONG: tuple[Any, ...] = (None, True, -3, 2.5, "", "no such choice", [], {}, ["x"], {"x": 1})
UNCHECKED = "deleteRole"  # its body was learned to be empty, so that any is accepted


class Validators:
    """Which answers a contract accepts."""

    def __init__(self, document: Document) -> None:
        self._matcher, self._schemas = CallMatcher(document), Schemas(document, "response")
        self._compiled: dict[str, Any] = {}

    def operation(self, call: RecordedCall) -> Operation | None:
        return self._matcher.match(call.method, call.path)

    def accepts(self, call: RecordedCall, body: Any) -> bool:
        operation = self.operation(call)
        assert operation is not None
        response = operation.find_response(call.status)
        assert response is not None
        key = f"{operation.id} {call.status}"
        if key not in self._compiled:
            self._compiled[key] = self._schemas.validator(response.schema or {})
        return bool(self._compiled[key].is_valid(body))


def mutations(body: Any, random: Random) -> Iterator[Any]:
    """Copies of a body in which one member is missing or has another value."""
    paths = list(_paths(body, ()))
    for path in random.sample(paths, min(3, len(paths))):
        changed = copy.deepcopy(body)
        owner = changed
        for name in path[:-1]:
            owner = owner[name]
        if isinstance(owner, dict) and random.random() < 0.25:
            del owner[path[-1]]
        else:
            owner[path[-1]] = random.choice(WRONG)
        yield changed


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for name, inner in inside:
        yield (*path, name)
        yield from _paths(inner, (*path, name))


def is_learned(document: Document, call: RecordedCall, body: Any) -> bool:
    """Whether a changed answer contradicts the contract only where the deviations do."""
    evidence, changed = Evidence(), RecordedBody("application/json", json.dumps(body))
    answer = replace(call, answer=changed)
    evidence.add("one", CallClassifier(document).classify([answer]))
    rows = {row.identity for row in find_drift(document, evidence)}
    return not rows or not rows.isdisjoint(EXPECTED)


def test_mutated_answers__are_refused_after_learning(recorder: Recorder) -> None:
    before = read_contract(ROOT / "openapi.yaml")
    file, patch = recorder.folder / "calls.har", recorder.folder / "learned.patch"
    file.write_text(write_har("Playwright", tour_of(list(DEVIATIONS.values()), tours=2)), encoding="utf-8")
    recorder.drift(file, "--patch", patch, "--also-documented")
    recorder.apply(patch)
    contract = recorder.folder / "openapi.yaml"
    original, learned = Validators(before), Validators(interpret(contract, contract.read_text()))
    file.write_text(write_har("Playwright", tour_of([])), encoding="utf-8")
    tried = list(islice(_tried(HarFile(file), before, original), MUTATIONS))
    assert len(tried) >= 800
    assert [(call.url, body) for call, body in tried if learned.accepts(call, body)] == []


def _tried(file: HarFile, before: Document, original: Validators) -> Iterator[tuple[RecordedCall, Any]]:
    """Mutations that the contract refuses, at places that no deviation is about."""
    random, calls = Random(24), [call for call in file.calls() if call.status < 300]
    random.shuffle(calls)
    for call in calls * 4:
        operation = original.operation(call)
        if operation is None or operation.id == UNCHECKED:
            continue
        for body in mutations(call.answer.json, random):
            if not original.accepts(call, body) and not is_learned(before, call, body):
                yield call, body
