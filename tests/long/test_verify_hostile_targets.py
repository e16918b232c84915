"""Hostile targets in other modes than `own-data`: each left record is reported, and nothing changes in `read-only`."""

# ruff: noqa: F811
from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.plan import Plan
from mockserver.verify.results import ExitCode
from mockserver.verify.safety.limits import Mode
from tests.verify.conftest import (  # noqa: F401
    _compared_where_marked,
    _no_pauses,
    credentials,
    document,
    plan,
    sandbox,
    shared_sandbox,
)
from tests.verify.hostile import HOSTILE, unreported
from tests.verify.targets import target

# The others answer reads as the fake does, as long as nothing is written.
HOSTILE_TO_READS = (
    "a hidden id, always",
    "an id of another workspace",
    "the gateway fails from call 40 on",
    "the gateway fails when records exist",
)


@pytest.mark.parametrize("way", HOSTILE_TO_READS)
def test_hostile_target__in_read_only_is_only_read(sandbox: Enspace, plan: Callable[..., Plan], way: str) -> None:
    before, proxy = sandbox.state(), HOSTILE[way]()
    with target(proxy.in_front_of(sandbox)) as there:
        results = verify(plan(Mode.READ_ONLY, target=there.url))
    assert there.methods == {"GET"}
    assert sandbox.state() == before
    assert results.exit_code in (ExitCode.KEPT, ExitCode.BROKEN, ExitCode.ENVIRONMENT)


@pytest.mark.parametrize("way", HOSTILE)
def test_hostile_target__in_full_reports_each_left_record(
    sandbox: Enspace, plan: Callable[..., Plan], way: str
) -> None:
    """`full` may change any record; what it leaves is in its report all the same."""
    before, proxy = sandbox.state(), HOSTILE[way]()
    with target(proxy.in_front_of(sandbox)) as there:
        results = verify(plan(Mode.FULL, target=there.url, operations=("listRoles", "createRole", "getRole")))
    assert unreported(before, sandbox.state(), results) == []
