"""Generated answers of every operation and status over HTTP, checked by another validator than that of the server.

ANSWER_SEEDS=200 for the long run.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import Settings
from mockserver.contract.document import load_document
from mockserver.contract.operations import Operation, read_operations
from tests.asgi_client import AsgiClient
from tests.payloads.builders import IndependentValidator

Server = Callable[..., AsgiClient]
SEEDS = range(int(os.environ.get("ANSWER_SEEDS", "3")))
DOCUMENT = load_document(Settings().spec)
COMPONENTS = DOCUMENT.raw["components"]["schemas"]
OPERATIONS = read_operations(DOCUMENT)
BODIES = {
    "createField": {"name": "Categoria", "slug": "categoria", "type": "text"},
    "createItem": {"data": {"numero": "CT-1"}},
    "createTask": {"name": "Validar", "action": "confirmation", "stage": 31},
    "createType": {"name": "Contratos"},
    "createMember": {"email": "rita.costa@example.com", "type": "viewer"},
    "createRole": {"name": "Analista"},
    "addRolePermission": {"area": "items", "action": "read"},
    "createMemberGroup": {"name": "RH"},
    "addMemberGroupUsers": {"users": [64]},
    "createQuickTask": {"title": "Ligar"},
    "createIntegration": {"integration": 8, "data": {"environment": "stage"}},
    "createWorkspace": {"name": "Novo"},
    "updateField": {"required": True},
    "updateItem": {"status": "inactive"},
    "updateType": {"color": None},
    "updateMember": {"role": None},
    "updateRole": {"name": "Gestor"},
    "updateMemberGroup": {"name": "TI"},
    "updateQuickTask": {"priority": "low"},
}


def target_of(operation: Operation) -> str:
    path = operation.path
    for parameter in operation.parameters_in("path"):
        path = path.replace("{" + parameter.name + "}", str(parameter.schema["example"]))
    names = {parameter.name for parameter in operation.parameters_in("query")}
    query = "users=64" if "users" in names else "_limit=3" if "_limit" in names else ""
    return f"{path}?{query}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.id for operation in OPERATIONS])
def test_answers__are_valid_whatever_the_seed(server: Server, operation: Operation) -> None:
    faults: list[Any] = []
    for status, response in operation.responses.items():
        validator = IndependentValidator(response.schema or {}, COMPONENTS)
        for seed in SEEDS:
            headers = {"prefer": f"code={status}, dynamic=true, seed={seed}"}
            target, body = target_of(operation), BODIES.get(operation.id)
            answer = server().request(operation.method, target, json=body, headers=headers)
            assert answer.status_code == status, answer.text
            faults += validator.faults(answer.json())
    assert faults == []
