"""Secrets of a target are in nothing that a run leaves: by value, by the name of the member, by the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.redaction import Redactor
from tests.verify.targets import between, target


def test_secret_in_a_name__is_in_no_result(left_text: Callable[..., str], sandbox: Enspace) -> None:
    def echoing(made: Any) -> Any:
        return made | {"slug": f"{made['slug']}-{sandbox.api_key}"}

    with target(between(sandbox.url, "POST", "/ws/types", echoing)) as there:
        left = left_text(there.url, sandbox.api_key, sandbox.workspace, "--tags", "Types", "--report", "out")
    assert "verify.html" in left
    assert sandbox.api_key not in left


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"phrase": "hush \\" hush", "a": 1}', '{"phrase": "***", "a": 1}'),
        ("phrase='hush' b=c", "phrase='***' b=c"),
        ("?phrase=hush&password=a", "?phrase=***&password=***"),
        ("phrase: null, a: hush", "phrase: null, a: hush"),
        ("phrase: $MOCKSERVER_VERIFY_KEY", "phrase: $MOCKSERVER_VERIFY_KEY"),
        ("known/1 known%2F1 1/nwonk known", "*** *** *** known"),
        ("authorization: Bearer abcdefgh sk-abcdef ghp", "authorization: *** *** *** ghp"),
    ],
)
def test_text__has_no_known_secret_and_no_value_of_a_secret_name(text: str, shown: str) -> None:
    assert Redactor(["known/1", "short"], {"phrase"}).text(text) == shown
