"""Hostile targets with the tests of all operations: nothing of others changes, each left record is reported."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.plan import Plan
from mockserver.verify.safety.limits import Limits, Mode
from tests.verify.hostile import BELOW, HOSTILE, changed_rows, unreported
from tests.verify.targets import target

MOST = 120  # seconds for tests: on a busy machine too, they reach the first writes
LONGEST = MOST + 160  # that for the cleanup, and one request each


@pytest.mark.parametrize("way", HOSTILE | BELOW)
def test_hostile_target__with_all_operations_harms_nobody(
    sandbox: Enspace, plan: Callable[..., Plan], way: str
) -> None:
    before, proxy = sandbox.state(), (HOSTILE | BELOW)[way]()
    limits = Limits(mode=Mode.OWN_DATA, max_time=MOST)
    with target(proxy.in_front_of(sandbox)) as there:
        results = verify(plan(target=there.url, operations=(), limits=limits))
    after = sandbox.state()
    assert changed_rows(before, after) == []
    assert unreported(before, after, results) == []
    assert results.exit_code is proxy.exit_code, str(results.cleanup)
    assert results.environment.seconds < LONGEST
    if way in BELOW:
        assert proxy.says in results.stopped
        assert after == before
