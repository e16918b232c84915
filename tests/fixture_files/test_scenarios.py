"""Scenario files that cannot be used stop the start, with the file and what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver import Settings
from mockserver.app import assemble
from mockserver.fixture_files.scenarios import ScenarioError


def start_with(folder: Path, content: str) -> None:
    """Starts with the shipped fixtures and one more scenario."""
    for file in Settings().fixtures.glob("*.yaml"):
        (folder / file.name).symlink_to(file)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "mine.yaml").write_bytes(content.encode("utf-8", "surrogateescape"))
    assemble(Settings(fixtures=folder))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("faults: [", "not readable as YAML"),
        ("\udcff", "not readable: 'utf-8' codec"),
        ("- 1", "received other members"),
        ("{description: a, faults: 1}", "faults: received no list"),
        ("{description: a, faults: [{status: 200}]}", "fault 1: status: 200 is less than the minimum of 400"),
        ("{description: a, faults: [{status: 500}, {status: 500, tims: 1}]}", "fault 2: the fault: Additional"),
        ("{description: a, faults: [{operations: [createItms], status: 500}]}", "nearest is createItem"),
    ],
)
def test_scenario__that_cannot_be_used_stops_the_start(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        start_with(tmp_path, content)
    assert str(error.value).startswith(str(tmp_path / "scenarios" / "mine.yaml"))
    assert message in str(error.value)
    assert "Fix: " in str(error.value)


def test_scenario__of_ones_own_is_taken(tmp_path: Path) -> None:
    start_with(tmp_path, "{description: a, faults: [{tags: [Items], delay: {from: 1, to: 2}}]}")
