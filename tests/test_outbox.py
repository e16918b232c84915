"""Answers of one turn are written together. What a client sees of it is judged in `test_odd_input`."""

from __future__ import annotations

import asyncio

from mockserver.outbox import Outbox, outbox_of


class Wire(asyncio.Transport):
    """Remembers what was written to it."""

    def __init__(self, *, is_closing: bool = False) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self._is_closing = is_closing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self._is_closing


async def _told(wire: Wire, *answers: bytes) -> tuple[list[bytes], list[bytes]]:
    """What is written within the turn, and after it."""
    for answer in answers:
        outbox_of(asyncio.get_running_loop()).add(wire, answer)
    within = wire.written.copy()
    await asyncio.sleep(0)
    return within, wire.written


def test_answers__are_written_at_the_end_of_the_turn_in_order() -> None:
    assert asyncio.run(_told(Wire(), b"first", b"second")) == ([], [b"first", b"second"])


def test_answer__to_a_connection_that_closes_is_dropped() -> None:
    assert asyncio.run(_told(Wire(is_closing=True), b"late")) == ([], [])


def test_flush__writes_what_waits_at_once_and_once() -> None:
    async def shut_down(wire: Wire) -> list[bytes]:
        outbox = Outbox(asyncio.get_running_loop())
        outbox.add(wire, b"last")
        outbox.flush()
        await asyncio.sleep(0)
        return wire.written

    assert asyncio.run(shut_down(Wire())) == [b"last"]
