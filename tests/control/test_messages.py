"""The documented messages of the integrations: each one sent gets its answer."""

from collections.abc import Callable

import pytest

from mockserver import Settings
from mockserver.contract.document import load_document
from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]
DOCUMENT = load_document(Settings().spec)
CREATE = DOCUMENT.at(("paths", "/integrations", "post"))
REQUESTS = CREATE["requestBody"]["content"]["application/json"]["examples"]
ANSWERS = CREATE["responses"]["200"]["content"]["application/json"]["examples"]


@pytest.mark.parametrize("name", REQUESTS)
def test_message__sent_gets_its_documented_answer(server: Server, name: str) -> None:
    answer = server(stateless=True).post("/integrations", json=REQUESTS[name]["value"])
    assert answer.status_code == 200
    assert answer.json() == ANSWERS[name]["value"]


def test_messages__are_sixteen() -> None:
    assert len(REQUESTS) + len(ANSWERS) == 16
    assert list(REQUESTS) == list(ANSWERS)
