"""Settings of Schemathesis: which of its phases run in which mode and depth."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.verify import engine
from mockserver.verify.engine import Depth
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
