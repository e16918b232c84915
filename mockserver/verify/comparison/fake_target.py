"""The fake of the comparison as a target of reproductions: what they assert in its name has to hold there."""

from __future__ import annotations

import httpx

from mockserver.contract.document import Document
from mockserver.contract.operations import base_path
from mockserver.traffic.replay import Replay
from mockserver.verify.judging.assertions import ReceivedAnswer
from mockserver.verify.judging.reproductions import Sender, read_answer


class FakeTarget:
    """The fake as it was before the run, again for each sequence of requests."""

    def __init__(self, replay: Replay, document: Document) -> None:
        self._replay, self._address = replay, f"http://127.0.0.1{base_path(document)}"

    def begin(self) -> Sender:
        """Returns a function that sends the requests of one sequence."""
        send = self._replay.from_start()

        def ask(method: str, path: str, headers: dict[str, str], content: bytes) -> ReceivedAnswer:
            keys = {"x-api-key": self._replay.key_for(headers["x-api-key"])} if "x-api-key" in headers else {}
            request = httpx.Request(method, self._address + path, headers=headers | keys, content=content or None)
            answer = send(request)
            return read_answer(answer.status_code, answer.headers, answer.content)

        return ask
