"""Settings of Schemathesis and Hypothesis: which phases run in which mode and depth, and what is kept of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis.configuration import storage_directory

from mockserver.verify import engine
from mockserver.verify.engine import Depth
from mockserver.verify.hypothesis_home import hypothesis_home
from mockserver.verify.safety.limits import Limits, Mode


@pytest.mark.parametrize(
    ("mode", "depth", "phases", "tries_other_methods"),
    [
        (Mode.READ_ONLY, Depth.QUICK, [], False),
        (Mode.READ_ONLY, Depth.NORMAL, ["coverage", "fuzzing"], False),
        (Mode.OWN_DATA, Depth.QUICK, [], True),
        (Mode.OWN_DATA, Depth.NORMAL, ["coverage", "fuzzing", "stateful"], True),
        (Mode.FULL, Depth.THOROUGH, ["coverage", "fuzzing", "stateful"], True),
    ],
)
def test_phases__depend_on_mode_and_depth(
    mode: Mode, depth: Depth, phases: list[str], tries_other_methods: bool
) -> None:
    config = engine.configuration("http://127.0.0.1:1", {}, Limits(mode=mode), depth, 0).projects.default.phases
    enabled: dict[str, Any] = {"coverage": config.coverage, "fuzzing": config.fuzzing, "stateful": config.stateful}
    assert [name for name, phase in enabled.items() if phase.enabled] == phases
    assert bool(config.coverage.unexpected_methods) is tries_other_methods


def test_folder_of_hypothesis__keeps_its_tables_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    parts = ("unicode_data", "constants")
    with hypothesis_home():
        for part in parts:
            folder = storage_directory(part).path
            folder.mkdir()
            (folder / "made").write_text("by this run")
    with hypothesis_home():
        assert [part for part in parts if (storage_directory(part).path / "made").exists()] == ["unicode_data"]
    assert [path.name for path in (tmp_path / ".cache/mockserver").iterdir()] == ["unicode_data"]


def test_folder_of_hypothesis__without_a_home_is_a_temporary_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/dev/null")
    with hypothesis_home():
        folder = storage_directory("unicode_data").path
        folder.mkdir()
    assert not folder.exists()
