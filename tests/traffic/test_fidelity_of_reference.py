"""Fidelity of the reference server: the fake answers its whole tour alike, except where a deviation was planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traffic.fidelity_runs import changed_calls, record_tour, replay_tour
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.test_seed_from import rows_of, seed, serve


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


def test_fixtures_of_the_tour__give_the_recorded_rows(tmp_path: Path) -> None:
    calls = record_tour([], tmp_path / "tour.har")
    assert seed(tmp_path / "out", tmp_path / "tour.har").exit_code == 0
    client = serve(tmp_path / "out")
    lists = [(client.get(path).json(), rows) for path, rows in rows_of(calls) if "request-logs" not in path]
    equal = sum(row in answered for answered, rows in lists if isinstance(answered, list) for row in rows)
    # The others are those that later calls have changed.
    assert equal / sum(len(rows) for _, rows in lists) >= 0.95
