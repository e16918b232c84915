import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

Server = Callable[..., TestClient]

# The example breaks its own schema, which lint would find and which a foreign contract may well do.
BROKEN = """
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        '200':
          description: Pets.
          content:
            application/json:
              schema: {type: array, items: {type: string}}
              example: [Rex, 5]
"""


def test_answer__that_breaks_the_contract_is_logged_and_journaled_and_sent(
    server: Server, contract: Callable[[str], Path], caplog: pytest.LogCaptureFixture
) -> None:
    client = server(spec=contract(BROKEN))
    with caplog.at_level(logging.ERROR):
        answer = client.get("/pets")
    assert (answer.status_code, answer.json()) == (200, ["Rex", 5])
    assert "listPets 200 breaks the contract: answer.1: received 5, documented: string" in caplog.text
    entry = client.get("/_mock/journal").json()["entries"][0]
    assert entry["violations"][0]["where"] == "answer.1"
    assert entry["stages"][-1] == {"stage": "check", "result": "broken"}
