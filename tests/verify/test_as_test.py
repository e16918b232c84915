"""A verification inside somebody's own pytest suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.as_test import assert_kept
from tests.verify.targets import between, target

QUICK = {"operations": "countRoles,listRoles", "mode": "read-only", "depth": "quick"}


@pytest.fixture(autouse=True)
def _keys(sandbox: Enspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", sandbox.api_key)
    monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", sandbox.workspace)


def test_target_that_keeps_the_contract__passes(sandbox: Enspace, tmp_path: Path) -> None:
    results = assert_kept(
        sandbox.url, operations="countRoles,listRoles", mode="read-only", depth="quick", report=str(tmp_path / "out")
    )
    assert results.verdict == "kept"
    assert (tmp_path / "out" / "verify.html").exists()


def test_target_that_breaks_the_contract__fails_with_the_summary(sandbox: Enspace) -> None:
    with (
        target(between(sandbox.url, "GET", "/ws/roles/count", lambda count: 999)) as there,
        pytest.raises(AssertionError, match="countRoles: count_agrees_with_list"),
    ):
        assert_kept(there.url, **QUICK)
