"""Secrets in every part of a response are in nothing that a run leaves: output, reports, pytest files, ledger."""

# ruff: noqa: F811
from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.verify.conftest import left_text  # noqa: F401
from tests.verify.independent import leaks, records
from tests.verify.independent.server import Target


@pytest.mark.parametrize("mode", ["read-only", "own-data", "full"])
def test_twenty_five_planted_secrets__are_in_no_result(left_text: Callable[..., str], mode: str) -> None:
    named = ("--mode", mode, "--tags", "Types,Fields,Members")
    with Target(leaks.leaking()) as there:
        who = (there.url, records.FULL_KEY, records.WORKSPACE)
        left_text(*who, *named, "--report", "first")
        known = ("--compare", "first/verify.json", "--baseline", "first/verify.json")
        left = left_text(*who, *named, "--report", "second", *known)
    assert all(part in left for part in ("still there: ", "first/verify.html", "second/verify.xml", "reproduce/test_"))
    assert (".jsonl" in left) == (mode != "read-only")
    assert [secret for secret in (*leaks.SECRETS, records.FULL_KEY) if secret in left] == []
