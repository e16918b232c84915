"""Schemathesis against the control API in process: every phase and every check, with valid and invalid requests."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis import Config

import tests.schemathesis_hooks  # noqa: F401  # registers its hook
from mockserver import Settings
from mockserver.app import assemble
from mockserver.control.control_app import CONTRACT
from mockserver.state.sandboxes import DEFAULT

EXAMPLES = 15

SCHEMA = schemathesis.openapi.from_path(
    CONTRACT,
    config=Config.from_dict({"generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"}}),
)
FAKE = assemble(Settings())
SCHEMA.app = FAKE.app
FAKE.journal.close()  # streams then end by themselves, as when a server stops
SCHEMA.config.update(base_url="http://localhost/_mock")


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
def test_operation__keeps_the_contract_of_the_control_api(case: Any) -> None:
    FAKE.sandboxes.reset(FAKE.sandboxes[DEFAULT])
    case.call_and_validate()
