"""Thousands of answers of the reference server, recorded through the proxy, contradict nothing."""

from __future__ import annotations

from tests.traffic.conftest import Recorder
from tests.traffic.reference.server import ReferenceServer
from tests.traffic.test_reference import record_tours


def test_four_thousand_healthy_answers__have_no_drift(recorder: Recorder) -> None:
    file = recorder.folder / "healthy.raw.har"
    with ReferenceServer() as server:
        assert record_tours(server, file, tours=11) >= 4000
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"
