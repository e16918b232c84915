"""Secrets of a target are in nothing that a run leaves: by value, by the name of the member, by the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.testing.enspace_client import Enspace
from tests.verify.targets import between, target


def test_secret_in_a_name__is_in_no_result(left_text: Callable[..., str], sandbox: Enspace) -> None:
    def echoing(made: Any) -> Any:
        return made | {"slug": f"{made['slug']}-{sandbox.api_key}"}

    with target(between(sandbox.url, "POST", "/ws/types", echoing)) as there:
        left = left_text(there.url, sandbox.api_key, sandbox.workspace, "--tags", "Types", "--report", "out")
    assert "verify.html" in left
    assert sandbox.api_key not in left
