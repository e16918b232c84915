"""Schemathesis against the control API in process: every phase and every check, with valid and invalid requests."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from schemathesis import Config
from schemathesis.schemas import BaseSchema

from mockserver import Settings
from mockserver.app import Fake, assemble
from mockserver.contract.document import load_document
from mockserver.contract.operations import read_operations
from mockserver.control.control_app import CONTRACT
from tests.long.test_contract_tests import EXAMPLES, reset_sandbox, run_all_cases

OPERATIONS = [operation.id for operation in read_operations(load_document(CONTRACT))]


@pytest.fixture(scope="module")
def fake() -> Fake:
    fake = assemble(Settings())
    fake.journal.close()  # streams then end by themselves, as when a server stops
    return fake


@pytest.fixture(scope="module")
def schema(fake: Fake) -> BaseSchema:
    generation = {"max-examples": EXAMPLES, "deterministic": True, "database": "none"}
    schema = schemathesis.openapi.from_path(CONTRACT, config=Config.from_dict({"generation": generation}))
    schema.app = fake.app
    schema.config.update(base_url="http://localhost/_mock")
    return schema


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation__keeps_the_contract_of_the_control_api(schema: BaseSchema, fake: Fake, operation: str) -> None:
    def keep_contract(case: Any) -> None:
        reset_sandbox(fake)
        case.call_and_validate()

    run_all_cases(schema, operation, keep_contract)
