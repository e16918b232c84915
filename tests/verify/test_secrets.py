"""Secrets that a target tells stand in nothing that a run leaves behind: terminal, reports, pytest files, ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from mockserver.__main__ import main
from mockserver.testing.enspace_client import Enspace
from tests.verify.independent import leaks, records
from tests.verify.independent.server import Target
from tests.verify.targets import between, target

HASTE = ("--depth", "quick", "--max-time", "20s")
Leaves = Callable[..., str]


@pytest.fixture
def leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Leaves:
    """Everything that runs with these options have said and written, as text."""
    monkeypatch.chdir(tmp_path)
    said = []

    def run(url: str, key: str, workspace: str, *options: str) -> str:
        monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", key)
        monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", workspace)
        said.append(CliRunner().invoke(main, ["verify", url, *HASTE, *options]).output)
        written = [f"{path} {path.read_text()}" for path in tmp_path.rglob("*") if path.is_file()]
        return unquote("\n".join([*said, *written]))

    return run


@pytest.mark.long
@pytest.mark.parametrize("mode", ["read-only", "own-data", "full"])
def test_twenty_five_planted_secrets__are_left_nowhere(leaves: Leaves, mode: str) -> None:
    named = ("--mode", mode, "--tags", "Types,Fields,Members")
    with Target(leaks.leaking()) as there:
        who = (there.url, records.FULL_KEY, records.WORKSPACE)
        leaves(*who, *named, "--report", "first")
        known = ("--compare", "first/verify.json", "--baseline", "first/verify.json")
        left = leaves(*who, *named, "--report", "second", *known)
    assert all(part in left for part in ("still there: ", "first/verify.html", "second/verify.xml", "reproduce/test_"))
    assert (".jsonl" in left) == (mode != "read-only")
    assert [secret for secret in (*leaks.SECRETS, records.FULL_KEY) if secret in left] == []


def test_secret_in_a_name__is_left_nowhere(leaves: Leaves, sandbox: Enspace) -> None:
    def echoing(made: Any) -> Any:
        return made | {"slug": f"{made['slug']}-{sandbox.api_key}"}

    with target(between(sandbox.url, "POST", "/ws/types", echoing)) as there:
        left = leaves(there.url, sandbox.api_key, sandbox.workspace, "--tags", "Types", "--report", "out")
    assert "verify.html" in left
    assert sandbox.api_key not in left
