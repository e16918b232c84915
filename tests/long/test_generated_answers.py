"""Generated answers of every operation and status over HTTP, checked by another validator than that of the server.

ANSWER_SEEDS=200 for the long run.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import Settings
from mockserver.contract.document import load_document
from mockserver.contract.operations import read_operations
from tests.asgi_client import AsgiClient
from tests.enspace.test_access import OPERATIONS as CALLS
from tests.payloads.builders import IndependentValidator

Server = Callable[..., AsgiClient]
SEEDS = range(int(os.environ.get("ANSWER_SEEDS", "3")))
DOCUMENT = load_document(Settings().spec)
COMPONENTS = DOCUMENT.raw["components"]["schemas"]
OPERATIONS = {operation.id: operation for operation in read_operations(DOCUMENT)}


def test_calls__are_one_of_each_operation() -> None:
    assert sum(map(len, CALLS.values())) == len(OPERATIONS)


@pytest.mark.parametrize("need", CALLS, ids=str)
def test_answers__are_valid_whatever_the_seed(server: Server, need: tuple[str, str]) -> None:
    faults: list[Any] = []
    for path, body in CALLS[need]:
        first = server().request(need[1], path, json=body, headers={"prefer": "dynamic=true"})
        operation = OPERATIONS[first.headers["x-mock-operation"]]
        for status, response in operation.responses.items():
            validator = IndependentValidator(response.schema or {}, COMPONENTS)
            for seed in SEEDS:
                headers = {"prefer": f"code={status}, dynamic=true, seed={seed}"}
                answer = server().request(need[1], path, json=body, headers=headers)
                assert answer.status_code == status, answer.text
                faults += validator.faults(answer.json())
    assert faults == []
