import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asgi_client import AsgiClient

Server = Callable[..., AsgiClient]

# The example violates its own schema: lint refuses this in ours, but contracts of others may contain it.
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
    assert entry["stages"][-2] == {"stage": "check", "result": "1 violations", "failed": True}


def test_stage__that_fails_is_answered_in_the_envelope_and_logged(
    server: Server, contract: Callable[[str], Path], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("mockserver.pipeline.choose.choose_example", fail)
    answer = server().get("/ws/types")
    message = "An internal server error occurred"
    assert answer.json() == {"statusCode": 500, "error": "Internal Server Error", "message": message}
    assert answer.status_code == 500
    assert "the stage choose failed" in caplog.text
    entry = server().get("/_mock/journal?limit=1").json()["entries"][0]
    assert {"stage": "choose", "result": "internal error", "failed": True} in entry["stages"]
