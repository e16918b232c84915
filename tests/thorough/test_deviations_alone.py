"""Each deviation of the reference server alone makes its one row, shown by its operations, and a small edit."""

from __future__ import annotations

import pytest

from mockserver.judging.contract_patch import learn
from mockserver.judging.drift import find_drift
from tests.traffic.conftest import Recorder
from tests.traffic.har_programs import write_har
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.test_deviations import contract, find_evidence, tour_of

# Other edits add a named schema, a response or an operation.
SMALL = ("property", "nullable", "enum", "limit", "optional", "content")
MOST_LINES = 4


@pytest.mark.parametrize("name", DEVIATIONS)
def test_deviation__is_one_row_and_a_small_edit(recorder: Recorder, name: str) -> None:
    deviation, file = DEVIATIONS[name], recorder.folder / "calls.har"
    file.write_text(write_har("mitmproxy", tour_of([deviation])), encoding="utf-8")
    evidence = find_evidence(file)
    rows = find_drift(contract(), evidence)
    assert [row.identity for row in rows] == ([deviation.row] if deviation.row else [])
    patch = learn(contract(), rows, evidence.places(), also_documented=True)
    assert [row.identity for row in patch.learned] == [row.identity for row in rows]
    lines = [line[0] for line in patch.diff.splitlines()[2:]]
    assert deviation.edit not in SMALL or max(lines.count("+"), lines.count("-")) <= MOST_LINES
    if deviation.operations:
        assert set(rows[0].operations) <= set(deviation.operations)
