"""Durability: a process killed at any moment has stored every change that it acknowledged.

DURABILITY_KILLS sets the number of kills.
"""

from __future__ import annotations

import os
import random
import signal
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from json import dumps, loads
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.conftest import HEADERS
from tests.live import PATIENCE, LiveServer
from tests.state.references import dangling

KILLS = int(os.environ.get("DURABILITY_KILLS", "3"))
LIVES = 10  # of one store
MOST_WRITES = 250  # before a kill
ITEMS = "/ws/types/contratos/items"


class Writer(Thread):
    """Creates, changes and deletes items of its own until the server dies.

    `acknowledged` holds the data of each answered call by reference, None for a deleted item; `unsure` is the item of
    the last call, which was not answered.
    """

    def __init__(self, name: str, port: int, writes: int) -> None:
        super().__init__()
        self._name, self._port, self._writes = name, port, writes
        self.is_far, self.may_die = Event(), Event()
        self.acknowledged: dict[str, dict[str, Any] | None] = {}
        self.unsure: str | None = None
        self.died_by_itself = False

    def run(self) -> None:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)) as connection:
            try:
                for number in range(10**6):
                    if number >= self._writes:
                        self.is_far.set()
                    self._write(connection, number)
            except (OSError, HTTPException):
                self.died_by_itself = not self.may_die.is_set()
            finally:
                self.is_far.set()

    def _write(self, connection: HTTPConnection, number: int) -> None:
        alive = [reference for reference, data in self.acknowledged.items() if data is not None]
        if number % 5 == 4:
            self.unsure = alive[-1]
            call(connection, "DELETE", f"{ITEMS}/{self.unsure}")
            self.acknowledged[self.unsure] = None
        elif number % 5 == 3:
            self.unsure = alive[-2]
            made = call(connection, "PUT", f"{ITEMS}/{self.unsure}", {"data": {"cliente": f"{number}"}})
            self.acknowledged[self.unsure] = made["data"]
        else:
            made = call(connection, "POST", ITEMS, {"data": {"numero": f"{self._name} {number}", "valor": number}})
            self.acknowledged[made["reference"]] = made["data"]
        self.unsure = None


def call(connection: HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    headers = {**HEADERS, "content-type": "application/json"}
    connection.request(method, path, None if body is None else dumps(body), headers)
    answer = connection.getresponse()
    received = answer.read()
    assert answer.status == 200, received
    return loads(received)


def state_of(live: LiveServer) -> dict[str, list[dict[str, Any]]]:
    with closing(HTTPConnection("127.0.0.1", live.port, timeout=PATIENCE)) as connection:
        state: dict[str, list[dict[str, Any]]] = call(connection, "GET", "/_mock/state")
    return state


def killed_while_writing(live: LiveServer, moment: random.Random) -> list[Writer]:
    """Lets clients write as fast as they can, and kills the server at a random moment."""
    writers = [Writer(f"writer {at}", live.port, moment.randint(0, MOST_WRITES)) for at in range(3)]
    for writer in writers:
        writer.start()
    moment.choice(writers).is_far.wait(PATIENCE)
    for writer in writers:
        writer.may_die.set()
    live.stop(signal.SIGKILL)
    for writer in writers:
        writer.join()
    return writers


@pytest.mark.parametrize("store", range(-(-KILLS // LIVES)))
def test_kill__loses_nothing_that_was_acknowledged(tmp_path: Path, store: int) -> None:
    moment, url = random.Random(store), f"sqlite:///{tmp_path / 'state.db'}"
    acknowledged: dict[str, dict[str, Any] | None] = {}
    live = LiveServer("--store", url)
    try:
        for _ in range(min(LIVES, KILLS)):
            writers = killed_while_writing(live, moment)
            live = LiveServer("--store", url)
            state = state_of(live)
            assert not any(writer.died_by_itself for writer in writers)
            for writer in writers:
                acknowledged |= writer.acknowledged
                acknowledged.pop(writer.unsure or "", None)
            there = {item["reference"]: item["data"] for item in state["items"]}
            assert {reference: there.get(reference) for reference in acknowledged} == acknowledged
            assert dangling(state) == []
    finally:
        _, _, errors = live.stop()
    assert errors == ""
    assert len(acknowledged) > LIVES
