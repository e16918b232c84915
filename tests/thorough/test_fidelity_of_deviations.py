"""Fidelity finds all planted deviations of the reference server, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traffic.fidelity_runs import changed_calls, record_tour, replay_tour, replayable
from tests.traffic.reference.deviations import DEVIATIONS


# A gateway in place of lists ends the tour early: nothing can be compared call by call.
@pytest.mark.parametrize("name", [name for name in DEVIATIONS if name != "gateway-envelope"])
def test_planted_differences__are_exactly_those_found(name: str, tmp_path: Path) -> None:
    entries = record_tour([DEVIATIONS[name].change], tmp_path / "tour.har")
    _, differing = replay_tour(tmp_path / "tour.har")
    changed = changed_calls(entries)
    assert differing <= changed
    assert (changed & replayable(entries)) <= differing
