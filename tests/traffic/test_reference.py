"""The independent reference server answers all operations as documented; `drift` finds nothing in its traffic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.contract.lenient.reading import read_contract
from mockserver.judging.call_matcher import CallMatcher
from mockserver.traffic.har_reader import HarFile
from tests.traffic.conftest import ROOT, Recorder
from tests.traffic.recording import recording
from tests.traffic.reference.operations import OPERATIONS
from tests.traffic.reference.server import ReferenceServer
from tests.traffic.reference.tour import Visitor, take_tour, visitor


@pytest.fixture
def reference() -> Iterator[ReferenceServer]:
    with ReferenceServer() as server:
        yield server


@pytest.fixture
def caller(reference: ReferenceServer) -> Iterator[Visitor]:
    with visitor(reference.url) as client:
        yield client


def record_tours(server: ReferenceServer, file: Path, tours: int = 1) -> int:
    """Records tours of different keys; returns how many answers there are."""
    answers = 0
    with recording(server.url, file, "--allow-writes", "--keep-values") as proxy:
        for number in range(tours):
            with visitor(f"127.0.0.1:{proxy.port}", f"visitor-{number}") as client:
                take_tour(client, number)
                answers += len(client.exchanges)
        proxy.end()
    return answers


def test_tour__shows_every_operation_and_has_no_drift(reference: ReferenceServer, recorder: Recorder) -> None:
    file = recorder.folder / "healthy.raw.har"
    assert record_tours(reference, file) >= 450
    matcher = CallMatcher(read_contract(ROOT / "openapi.yaml"))
    answered = (matcher.match(call.method, call.path) for call in HarFile(file).calls() if call.status == 200)
    assert {operation.id for operation in answered if operation} == set(OPERATIONS)
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"


def test_each_key__has_a_world_of_its_own(reference: ReferenceServer, caller: Visitor) -> None:
    caller.ask("POST", "/ws/roles", {"name": "Portaria"})
    with visitor(reference.url, "another key") as other:
        assert other.get("/ws/roles/count") == 8
    assert caller.get("/ws/roles/count") == 9


@pytest.mark.parametrize(("key", "status"), [("an expired one", 401), ("invalid", 401), ("", 401), ("any", None)])
def test_key__is_accepted_unless_it_says_otherwise(caller: Visitor, key: str, status: int | None) -> None:
    caller.key = key
    assert (caller.get("/ws/context")).get("statusCode") == status


def test_read_only_key__may_not_write(caller: Visitor) -> None:
    caller.key = "en.DemoReadOnlyCompanyAbc000000000002"
    assert caller.ask("POST", "/ws/roles", {"name": "Portaria"})["message"] == "Token lacks the required scope: write"
    assert caller.get("/ws/roles/count") == 8
