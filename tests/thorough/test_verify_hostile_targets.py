"""The hostile targets that `tests/long` leaves out, in other modes than `own-data`."""

# ruff: noqa: F811
from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import Plan
from tests.long import test_verify_hostile_targets as few
from tests.verify.conftest import _no_pauses, credentials, document, plan, sandbox, shared_sandbox  # noqa: F401
from tests.verify.hostile import HOSTILE

OTHERS = [way for way in HOSTILE if way not in few.FEW]


@pytest.mark.parametrize("way", OTHERS)
def test_other_hostile_target__in_read_only_is_only_read(sandbox: Enspace, plan: Callable[..., Plan], way: str) -> None:
    few.test_hostile_target__in_read_only_is_only_read(sandbox, plan, way)


@pytest.mark.parametrize("way", OTHERS)
def test_other_hostile_target__in_full_reports_each_left_record(
    sandbox: Enspace, plan: Callable[..., Plan], way: str
) -> None:
    few.test_hostile_target__in_full_reports_each_left_record(sandbox, plan, way)
