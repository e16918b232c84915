"""Schemathesis against the fake, in process: every phase and every check, with good data and bad."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Config

import tests.schemathesis_hooks  # noqa: F401  # registers its hook
from mockserver import Settings
from mockserver.app import assemble
from mockserver.state.sandboxes import DEFAULT
from tests.conftest import FULL_KEY

EXAMPLES = 30

SCHEMA = schemathesis.openapi.from_path(
    Settings().spec,
    config=Config.from_dict(
        {
            "auth": {"openapi": {"ApiKeyAuth": {"api_key": FULL_KEY}, "WorkspaceAuth": {"api_key": "company-abc"}}},
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
        }
    ),
)
FAKE = assemble(Settings())
SCHEMA.app = FAKE.app


def reset_sandbox() -> None:
    """Resets the default sandbox: a case may have deleted the workspace, or blocked its caller."""
    FAKE.sandboxes.reset(FAKE.sandboxes[DEFAULT])


class Machine(SCHEMA.as_state_machine()):  # type: ignore[misc]
    def setup(self) -> None:
        reset_sandbox()


TestStateful = Machine.TestCase
TestStateful.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
def test_operation__keeps_its_contract(case: Any) -> None:
    reset_sandbox()
    case.call_and_validate()
