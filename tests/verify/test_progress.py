"""Progress of a run: lines without a terminal, and the estimate of the rest."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.engine import Depth
from mockserver.verify.progress import TimeEstimate
from tests.invocation import invoke


def test_progress__without_a_terminal_is_a_line_now_and_then(
    sandbox: Enspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", sandbox.api_key)
    monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", sandbox.workspace)
    monkeypatch.setattr("mockserver.verify.command.PROGRESS_EVERY", 0.01)
    options = ("--depth", "quick", "--mode", "read-only", "--operations", "listRoles,countRoles,getRole")
    lines = invoke("verify", sandbox.url, *options).stderr.splitlines()
    assert lines
    pattern = r"[\d,]+ requests?, 0 findings(, about \d+ (s|min) left)?: [\w /{}]*"
    assert [line for line in lines if not re.fullmatch(pattern, line)] == []
    assert any("left" in line for line in lines)


@pytest.mark.parametrize(("is_terminal", "end"), [(False, ""), (True, "\r")])
def test_progress__of_a_short_run_is_a_line_of_a_terminal_that_is_cleared(
    sandbox: Enspace, monkeypatch: pytest.MonkeyPatch, is_terminal: bool, end: str
) -> None:
    stream = SimpleNamespace(isatty=lambda: is_terminal)
    monkeypatch.setattr("mockserver.verify.command.sys", SimpleNamespace(stderr=stream, exit=sys.exit))
    monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", sandbox.api_key)
    monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", sandbox.workspace)
    options = ("--depth", "quick", "--mode", "read-only", "--operations", "countRoles")
    shown = invoke("verify", sandbox.url, *options).stderr
    assert (shown[:1], shown[-1:]) == (end, end)
    assert ("0 findings" in shown, "\n" in shown) == (is_terminal, False)


@pytest.mark.parametrize(
    ("check", "elapsed", "limit", "text"),
    [
        (0, 10, 600, ""),  # nothing is known yet
        (45, 10, 600, ", about 10 s left"),
        (10, 5, 600, ", about 45 s left"),
        (10, 60, 600, ", about 9 min left"),
        (10, 60, 30, ", about 30 s left"),  # the run ends then
        (90, 10, 600, ", about 5 s left"),
    ],
)
def test_rest__is_estimated_from_what_is_done(check: int, elapsed: float, limit: float, text: str) -> None:
    estimate = TimeEstimate(Depth.QUICK)
    estimate.note_check(check, 90)
    assert estimate.describe(elapsed, limit) == text
