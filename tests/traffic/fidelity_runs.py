"""Replays of a tour of the reference server, with the answers that a deviation has changed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

from mockserver import Settings
from mockserver.contract.lenient.reading import read_contract
from mockserver.judging.call_matcher import CallMatcher
from mockserver.traffic.fidelity import Fidelity
from mockserver.traffic.har_entries import HarEntries
from mockserver.traffic.har_reader import HarFile
from mockserver.traffic.recorded_fixtures import read_recorded_fixtures
from mockserver.traffic.replay import fidelity_of, open_replay
from tests.traffic.har_client import TARGET, forwarded
from tests.traffic.reference.server import Change, ReferenceServer
from tests.traffic.reference.tour import take_tour, visitor

DOCUMENT = read_contract(Settings().spec)
Entry = dict[str, Any]


def record_tour(changes: Sequence[Change], file: Path) -> list[Entry]:
    """Records a tour with personal data; returns the entries."""
    entries = HarEntries(DOCUMENT, TARGET, "", None)
    with ReferenceServer(list(changes)) as server, visitor(server.url) as client:
        take_tour(client)
        made = [entries.entry(forwarded(exchange)) for exchange in client.exchanges]
    file.write_text(json.dumps({"log": {"entries": made}}), encoding="utf-8")
    return made


@cache
def healthy_tour() -> tuple[list[Entry], Path]:
    """The entries of a tour without deviations, and fixtures with the records before it."""
    folder = Path(mkdtemp())
    entries = record_tour([], folder / "healthy.har")
    start = read_recorded_fixtures([HarFile(folder / "healthy.har")], DOCUMENT, None, keep_values=True, at_start=True)
    start.write(folder / "start", Settings().fixtures)
    return entries, folder / "start"


def replay_tour(file: Path) -> tuple[Fidelity, set[int]]:
    """Replays a recorded tour against the healthy records; returns the numbers of the calls that differ."""
    settings = replace(Settings(), fixtures=healthy_tour()[1])
    fidelity = fidelity_of(open_replay([HarFile(file)], DOCUMENT, settings, None, has_fixtures=True))
    return fidelity, {number for operation in fidelity.operations.values() for number in operation.differing}


def changed_calls(entries: list[Entry]) -> set[int]:
    """The numbers of the calls whose answers are others than in the healthy tour, apart from instants."""
    pairs = enumerate(zip(healthy_tour()[0], entries, strict=True), 1)
    return {number for number, (one, other) in pairs if _comparable(one) != _comparable(other)}


def _comparable(entry: Entry) -> tuple[int, str]:
    text = entry["response"]["content"].get("text", "")
    return entry["response"]["status"], re.sub(r'"20\d\d-\d\d-\d\dT[^"]*"', "T", text)


def replayable(entries: list[Entry]) -> set[int]:
    """The numbers of the calls that a replay compares.

    Not those of unknown paths or without recorded bodies, nor failures, nor request logs: their rows depend on time.
    """
    matcher = CallMatcher(DOCUMENT)
    return {number for number, entry in enumerate(entries, 1) if _is_replayable(entry, matcher)}


def _is_replayable(entry: Entry, matcher: CallMatcher) -> bool:
    request, response = entry["request"], entry["response"]
    if matcher.match(request["method"], urlsplit(request["url"]).path) is None:
        return False
    has_bodies = "text" in request.get("postData", {"text": ""}) and "text" in response["content"]
    is_answer = response["status"] < 500 and response["status"] != 429
    return has_bodies and is_answer and "request-logs" not in request["url"]
