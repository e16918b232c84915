"""Fidelity of the reference server: the fake answers its whole tour alike, except where a deviation was planted."""

from __future__ import annotations

from pathlib import Path

from tests.traffic.fidelity_runs import changed_calls, record_tour, replay_tour
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.test_seed_from import rows_of, seed, serve


def test_healthy_tour__is_answered_alike(tmp_path: Path) -> None:
    record_tour([], tmp_path / "tour.har")
    fidelity, differing = replay_tour(tmp_path / "tour.har")
    assert differing == set()
    assert fidelity.calls >= 490


def test_planted_differences__are_exactly_those_found(tmp_path: Path) -> None:
    planted = [
        DEVIATIONS[name] for name in ("role-color", "schedule-task-name-null", "quick-task-204", "member-id-text")
    ]
    entries = record_tour([deviation.change for deviation in planted], tmp_path / "tour.har")
    fidelity, differing = replay_tour(tmp_path / "tour.har")
    assert differing <= changed_calls(entries)
    found = {operation for operation, calls in fidelity.operations.items() if calls.differing}
    assert found <= {operation for deviation in planted for operation in deviation.operations}
    assert [deviation for deviation in planted if found.isdisjoint(deviation.operations)] == []


def test_fixtures_of_the_tour__give_the_recorded_rows(tmp_path: Path) -> None:
    calls = record_tour([], tmp_path / "tour.har")
    assert seed(tmp_path / "out", tmp_path / "tour.har").exit_code == 0
    client = serve(tmp_path / "out")
    lists = [(client.get(path).json(), rows) for path, rows in rows_of(calls) if "request-logs" not in path]
    equal = sum(row in answered for answered, rows in lists if isinstance(answered, list) for row in rows)
    # The others are those that later calls have changed.
    assert equal / sum(len(rows) for _, rows in lists) >= 0.95
