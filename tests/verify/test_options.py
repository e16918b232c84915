"""Options of `mockserver verify` as they arrive in the plan of the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.verify.credentials import Credentials
from mockserver.verify.engine import Depth
from mockserver.verify.options import VerifyOptions, plan_of
from mockserver.verify.results import Severity
from mockserver.verify.safety.limits import Limits, Mode
from tests.conftest import ANALYST_KEY, EXPIRED_KEY, FULL_KEY, READ_ONLY_KEY, VIEWER_KEY

LOCAL, STAGING = "http://127.0.0.1:1", "https://staging.example.com"
DEMO = Credentials(FULL_KEY, "company-abc", READ_ONLY_KEY, EXPIRED_KEY, "rh-abc", ANALYST_KEY, VIEWER_KEY)
VALUES = ("en.own", "own", "en.weak", "en.old", "foreign", "en.limited", "en.viewer")
OWN = Credentials(*VALUES)
NAMES = ("KEY", "WORKSPACE", "SECOND_KEY", "EXPIRED_KEY", "FOREIGN_WORKSPACE", "LIMITED_KEY", "VIEWER_KEY")
VARIABLES = dict(zip(NAMES, VALUES, strict=True))


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"MOCKSERVER_VERIFY_{name}", raising=False)


def test_plan__has_defaults() -> None:
    plan = plan_of(VerifyOptions(target=LOCAL + "/"))
    assert (plan.target, plan.depth, plan.seed, plan.operations, plan.tags) == (LOCAL, Depth.NORMAL, 0, (), ())
    assert plan.limits == Limits(Mode.OWN_DATA, request_time=30, max_time=600, rate=0, allow_http=False)
    assert (plan.slow, plan.fail_on, plan.known, plan.ledger) == (2, Severity.ERROR, (), Path("verify-ledger.jsonl"))


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({"depth": "thorough"}, "depth", Depth.THOROUGH),
        ({"operations": "listRoles, getRole,"}, "operations", ("listRoles", "getRole")),
        ({"tags": "Roles"}, "tags", ("Roles",)),
        ({"slow": "0.5s"}, "slow", 0.5),
        ({"seed": "7"}, "seed", 7),
        ({"fail_on": "warning"}, "fail_on", Severity.WARNING),
        ({"report": "out"}, "ledger", Path("out/verify-ledger.jsonl")),
        ({"report": "out", "ledger": "kept.jsonl"}, "ledger", Path("kept.jsonl")),
        ({"mode": "full"}, "limits", Limits(Mode.FULL)),
        ({"request_time": "5", "max_time": "1.5h"}, "limits", Limits(Mode.OWN_DATA, request_time=5, max_time=5400)),
        ({"max_time": "2m", "rate": "30/m"}, "limits", Limits(Mode.OWN_DATA, max_time=120, rate=0.5)),
        ({"allow_http": "true"}, "limits", Limits(Mode.OWN_DATA, allow_http=True)),
    ],
)
def test_option__is_in_the_plan(options: dict[str, str], name: str, value: Any) -> None:
    assert getattr(plan_of(VerifyOptions(target=LOCAL, **options)), name) == value


@pytest.mark.parametrize(
    ("target", "variables", "options", "credentials"),
    [
        (LOCAL, {}, {}, DEMO),
        (LOCAL, {"KEY": FULL_KEY}, {}, DEMO),
        (LOCAL, {}, {"workspace": "rh-abc"}, replace(DEMO, workspace="rh-abc")),
        (LOCAL, {"FOREIGN_WORKSPACE": "financeiro-abc"}, {}, replace(DEMO, foreign_workspace="financeiro-abc")),
        (LOCAL, {"KEY": "en.own"}, {}, Credentials("en.own", "")),
        (STAGING, {"KEY": FULL_KEY}, {}, Credentials(FULL_KEY, "")),
        (STAGING, VARIABLES, {}, OWN),
        (STAGING, VARIABLES, {"workspace": "w"}, replace(OWN, workspace="w")),
        (STAGING, VARIABLES, {"foreign_workspace": "f"}, replace(OWN, foreign_workspace="f")),
    ],
)
def test_credentials__are_those_of_the_environment_or_the_demo_ones_on_loopback(
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    variables: dict[str, str],
    options: dict[str, str],
    credentials: Credentials,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"MOCKSERVER_VERIFY_{name}", value)
    assert plan_of(VerifyOptions(target=target, **options)).credentials == credentials
