"""Fidelity of the reference server: the fake answers its whole tour alike, except where a deviation was planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traffic.fidelity_runs import changed_calls, record_tour, replay_tour
from tests.traffic.reference.deviations import DEVIATIONS


def test_healthy_tour__is_answered_alike(tmp_path: Path) -> None:
    record_tour([], tmp_path / "tour.har")
    run, differing = replay_tour(tmp_path / "tour.har")
    assert differing == set()
    assert run.fidelity.calls >= 490


@pytest.mark.parametrize("name", ["role-color", "schedule-task-name-null", "role-201", "member-id-text"])
def test_planted_differences__are_exactly_those_found(name: str, tmp_path: Path) -> None:
    entries = record_tour([DEVIATIONS[name].change], tmp_path / "tour.har")
    run, differing = replay_tour(tmp_path / "tour.har")
    assert differing <= changed_calls(entries)
    found = {operation for operation, calls in run.fidelity.operations.items() if calls.differing}
    assert found <= set(DEVIATIONS[name].operations)
    assert found
