"""Schemathesis against the fake, in process: every phase and every check, with good data and bad.

The cases of an operation are made in its test: `parametrize` of Schemathesis makes those of all operations at the
collection, which costs each worker of pytest-xdist many seconds.
"""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Config
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.schemas import BaseSchema

import tests.schemathesis_hooks  # noqa: F401  # registers its hook
from mockserver import Settings
from mockserver.app import Fake, assemble
from mockserver.state.sandboxes import DEFAULT
from tests.conftest import FULL_KEY
from tests.long.test_generated_answers import OPERATIONS

EXAMPLES = 15
SEQUENCES = 30
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module")
def fake() -> Fake:
    return assemble(Settings())


@pytest.fixture(scope="module")
def schema(fake: Fake) -> BaseSchema:
    schema = schemathesis.openapi.from_path(
        Settings().spec,
        config=Config.from_dict(
            {
                "auth": {"openapi": {"ApiKeyAuth": {"api_key": FULL_KEY}, "WorkspaceAuth": {"api_key": "company-abc"}}},
                "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            }
        ),
    )
    schema.app = fake.app
    return schema


def reset_sandbox(fake: Fake) -> None:
    """Resets the default sandbox: a case may have deleted the workspace, or blocked its caller."""
    fake.sandboxes.reset(fake.sandboxes[DEFAULT])


def run_all_cases(schema: BaseSchema, operation: str, test: Callable[[Any], None]) -> None:
    """Calls the test with all cases of an operation."""
    one = schema.include(operation_id=operation)
    (made,) = get_all_tests(schema=one, test_func=test, settings=SETTINGS, given_kwargs=None)
    assert isinstance(made, Ok), made.err()
    made.ok()[1]()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation__keeps_its_contract(schema: BaseSchema, fake: Fake, operation: str) -> None:
    def keep_contract(case: Any) -> None:
        reset_sandbox(fake)
        case.call_and_validate()

    run_all_cases(schema, operation, keep_contract)


def test_sequences_of_calls__keep_the_contract(schema: BaseSchema, fake: Fake) -> None:
    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            reset_sandbox(fake)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=6,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
