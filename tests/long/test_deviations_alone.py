"""Each deviation of the reference server alone makes its one row, shown by its operations, and a small edit."""

# ruff: noqa: F811
from __future__ import annotations

import pytest

from tests.traffic.conftest import Recorder, recorder  # noqa: F401
from tests.traffic.har_programs import write_har
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.test_deviations import find_rows, tour_of

SIMPLE = ("property", "nullable", "enum", "limit", "optional", "anyOf")


@pytest.mark.parametrize("name", DEVIATIONS)
def test_deviation__is_one_row(recorder: Recorder, name: str) -> None:
    deviation, file = DEVIATIONS[name], recorder.folder / "calls.har"
    file.write_text(write_har("mitmproxy", tour_of([deviation])), encoding="utf-8")
    rows = find_rows(file)
    assert [row.identity for row in rows] == ([deviation.row] if deviation.row else [])
    if deviation.operations:
        assert set(rows[0].operations) <= set(deviation.operations)
