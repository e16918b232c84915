"""Deviations of the reference server: all at once make their rows and no others, and one patch ends the drift."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import interpret, read_contract
from mockserver.judging.call_classifier import CallClassifier
from mockserver.judging.drift import DriftRow, find_drift
from mockserver.judging.evidence import Evidence
from mockserver.traffic.har_reader import HarFile
from tests.traffic.conftest import ROOT, Recorder
from tests.traffic.har_programs import PROGRAMS, write_har
from tests.traffic.reference.deviations import DEVIATIONS, Deviation
from tests.traffic.reference.more_deviations import MORE
from tests.traffic.reference.server import ReferenceServer
from tests.traffic.reference.tour import Exchange, take_tour, visitor

EXPECTED = {deviation.row for deviation in DEVIATIONS.values() if deviation.row}
MORE_EXPECTED = {deviation.row for deviation in MORE.values() if deviation.row}


def tour_of(deviations: Sequence[Deviation], tours: int = 1) -> list[Exchange]:
    """The exchanges of some tours with a server that deviates."""
    exchanges: list[Exchange] = []
    with ReferenceServer([deviation.change for deviation in deviations]) as server:
        for number in range(tours):
            with visitor(server.url, f"visitor-{number}") as client:
                take_tour(client, number)
                exchanges += client.exchanges
    return exchanges


def find_evidence(file: Path) -> Evidence:
    """What a recording shows at the places of the contract of the project."""
    evidence = Evidence()
    evidence.add("recording", CallClassifier(contract()).classify(HarFile(file).calls()))
    return evidence


def find_rows(file: Path) -> list[DriftRow]:
    return find_drift(contract(), find_evidence(file))


def contract() -> Document:
    return read_contract(ROOT / "openapi.yaml")


@pytest.fixture(scope="module")
def deviating() -> list[Exchange]:
    """The exchanges of two tours with all deviations."""
    return tour_of(list(DEVIATIONS.values()), tours=2)


def test_forty_deviations__are_distinct() -> None:
    assert len(DEVIATIONS) == 40
    assert len(EXPECTED) == sum(bool(deviation.row) for deviation in DEVIATIONS.values())


@pytest.mark.parametrize("program", PROGRAMS)
def test_all_deviations__are_their_rows_in_the_recordings_of_each_program(
    recorder: Recorder, deviating: list[Exchange], program: str
) -> None:
    file = recorder.folder / "deviating.har"
    file.write_text(write_har(program, deviating), encoding="utf-8")
    assert {row.identity for row in find_rows(file)} == EXPECTED


def test_recording_in_parts__has_the_same_rows_in_any_order(recorder: Recorder, deviating: list[Exchange]) -> None:
    parts = {}
    for number in range(3):
        file = recorder.folder / f"part-{number}.har"
        file.write_text(write_har("mitmproxy", deviating[number::3]), encoding="utf-8")
        parts[file.name] = find_evidence(file).recordings["recording"]
    for ordered in (parts, dict(reversed(parts.items()))):
        assert {row.identity for row in find_drift(contract(), Evidence(ordered))} == EXPECTED


def test_one_patch__ends_all_deviations(recorder: Recorder, deviating: list[Exchange]) -> None:
    file, patch = recorder.folder / "deviating.har", recorder.folder / "learned.patch"
    file.write_text(write_har("Playwright", deviating), encoding="utf-8")
    first = recorder.drift(file, "--patch", patch, "--also-documented")
    assert f"settles {len(EXPECTED)} of {len(EXPECTED)}" in first.stdout
    assert len(re.findall(r"^  review: paths//.*: operation: ", first.stdout, re.M)) == 3
    recorder.apply(patch)
    assert recorder.lint() == "0 finding(s)\n"
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"
    check_new_operation(recorder.folder / "openapi.yaml")


def check_new_operation(learned: Path) -> None:
    """Asserts name, tag, keys and schema of a new operation in a contract that was patched."""
    item = interpret(learned, learned.read_text()).raw["paths"]["/ws/types/{slug}/items/by-stage"]
    operation = item["get"]
    assert item["parameters"] == [{"$ref": "#/components/parameters/TypeSlug"}]
    assert (operation["operationId"], operation["tags"]) == ("listTypeItemsByStage", ["Items"])
    assert operation["x-provenance"] == {"status": "observed", "source": "recordings"}
    assert {"200", "401", "404", "500"} <= operation["responses"].keys()


def test_further_deviations__are_their_rows_and_end_with_one_patch(recorder: Recorder) -> None:
    file, patch = recorder.folder / "further.har", recorder.folder / "learned.patch"
    file.write_text(write_har("mitmproxy", tour_of(list(MORE.values()), tours=2)), encoding="utf-8")
    assert {row.identity for row in find_rows(file)} == MORE_EXPECTED
    first = recorder.drift(file, "--patch", patch, "--also-documented")
    assert f"settles {len(MORE_EXPECTED)} of {len(MORE_EXPECTED)}" in first.stdout
    recorder.apply(patch)
    assert recorder.lint() == "0 finding(s)\n"
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"
