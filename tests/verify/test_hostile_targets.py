"""Targets that lie about their records, or break off: no record of others changes, and each left record is reported."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.plan import Plan
from mockserver.verify.reports import terminal_report
from mockserver.verify.safety.limits import Mode
from tests.verify.hostile import HOSTILE, changed_rows, unreported
from tests.verify.targets import target

# What the comparison sends passes the same guard; it takes as long as the rest of a run.
COMPARED = ("an id of another workspace", "the gateway fails from call 40 on", "the mark in foreign names")


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[pytest.mark.compared] if way in COMPARED else []) for way in HOSTILE]
)
def test_hostile_target__harms_nobody(sandbox: Enspace, plan: Callable[..., Plan], way: str) -> None:
    before, proxy = sandbox.state(), HOSTILE[way]()
    with target(proxy.in_front_of(sandbox)) as there:
        results = verify(plan(Mode.OWN_DATA, target=there.url))
    after, summary = sandbox.state(), "\n".join(terminal_report.lines(results))
    assert changed_rows(before, after) == []
    assert unreported(before, after, results) == []
    assert results.exit_code is proxy.exit_code, summary
    assert proxy.says in summary
    # A creation without a response counts, although it may have created nothing.
    assert len(after["roles"]) - len(before["roles"]) <= len(results.cleanup.left), summary
