"""The documented messages of the integrations: sent, answered, and checked against the contract."""

from collections.abc import Callable
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator

from mockserver import Settings
from mockserver.contract.document import load_document
from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]
DOCUMENT = load_document(Settings().spec)
CREATE = DOCUMENT.at(("paths", "/integrations", "post"))
REQUESTS = CREATE["requestBody"]["content"]["application/json"]["examples"]
ANSWERS = CREATE["responses"]["200"]["content"]["application/json"]["examples"]

# As it stands on the SendGrid page of the documentation.
SENDGRID = {
    "integration": 4,
    "data": {
        "environment": "stage",
        "api_key": "SG.xxxxxxxxxxxxxxxxxxxx",
        "from_email": "notifications@yourcompany.com.br",
        "from_name": "Enspace Notifications",
    },
}


def schema_of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT.raw["components"]}


def test_sendgrid__request_of_the_documentation_gets_the_documented_answer(server: Server) -> None:
    answer = server().post("/integrations", json=SENDGRID).json()
    assert answer["status"] == "active"
    assert answer["data"] == {"changeKeys": False, "environment": "stage"}
    assert answer["integration"] == {
        "id": 4,
        "name": "Sendgrid",
        "description": "integrations.sendgrid.description",
        "category": "integrations.sendgrid.category",
        "slug": "sendgrid",
        "created_at": "2025-06-17T15:40:10.419Z",
        "updated_at": "2025-06-17T15:40:10.419Z",
        "media": [],
    }


def test_sendgrid__key_is_nowhere_afterwards(server: Server) -> None:
    answer = server().post("/integrations", json=SENDGRID)
    journal = server().get("/_mock/journal?limit=1")
    assert "SG.xxxx" not in answer.text + journal.text
    assert "api_key" not in answer.text


@pytest.mark.parametrize("name", REQUESTS)
def test_message__is_valid_as_request_and_as_answer(name: str) -> None:
    OAS30WriteValidator(schema_of("IntegrationInput")).validate(REQUESTS[name]["value"])
    OAS30ReadValidator(schema_of("Integrations")).validate(ANSWERS[name]["value"])


@pytest.mark.parametrize("name", REQUESTS)
def test_message__sent_gets_its_documented_answer(server: Server, name: str) -> None:
    answer = server(stateless=True).post("/integrations", json=REQUESTS[name]["value"])
    assert answer.status_code == 200
    assert answer.json() == ANSWERS[name]["value"]


def test_messages__are_sixteen() -> None:
    assert len(REQUESTS) + len(ANSWERS) == 16
    assert list(REQUESTS) == list(ANSWERS)
