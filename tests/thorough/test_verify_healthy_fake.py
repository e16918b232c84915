"""The whole contract against the healthy fake: no finding, every operation reached, and cleanup after Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.settings import environment_with
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.engine import Depth
from mockserver.verify.plan import Plan
from mockserver.verify.safety.limits import Mode


@pytest.mark.parametrize(("seed", "depth"), [(0, Depth.QUICK), (1, Depth.NORMAL)])
def test_healthy_fake__keeps_every_promise_of_every_operation(
    plan: Callable[..., Plan], seed: int, depth: Depth
) -> None:
    results = verify(plan(Mode.FULL, operations=(), depth=depth, seed=seed))
    assert results.findings == ()
    assert [coverage.operation for coverage in results.coverage if not coverage.seen] == []
    assert not any("/ws" in left.path.split() for left in results.cleanup.left)


def test_random_delays__of_up_to_3_s_break_no_promise(sandbox: Enspace, plan: Callable[..., Plan]) -> None:
    sandbox.fault(delay={"from": 0, "to": 3000})
    results = verify(plan(Mode.READ_ONLY, operations=("listRoles", "countRoles")))
    assert results.findings == ()
    assert results.full_verdict == "kept"


def test_interrupted_run__cleans_up(sandbox: Enspace, tmp_path: Path) -> None:
    before = sandbox.state()
    environment = environment_with(MOCKSERVER_VERIFY_KEY=sandbox.api_key, MOCKSERVER_VERIFY_WORKSPACE=sandbox.workspace)
    command = [sys.executable, "-m", "mockserver", "verify", sandbox.url, "--depth", "normal"]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        while not sandbox.journal.count(operation="createRole", status=200):
            pass
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=120)[0]
    assert "none left" in output
    assert process.returncode == 130
    assert sandbox.state() == before
