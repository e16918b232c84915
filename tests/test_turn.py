"""What is done in one turn of the loop, and when. What a client sees of it is judged in `test_odd_input`."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from mockserver.turn import Turn, turn_of


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
        turn_of(asyncio.get_running_loop()).write(wire, answer)
    within = wire.written.copy()
    await asyncio.sleep(0)
    return within, wire.written


def test_answers__are_written_at_the_end_of_the_turn_in_order() -> None:
    assert asyncio.run(_told(Wire(), b"first", b"second")) == ([], [b"first", b"second"])


def test_answer__to_a_connection_that_closes_is_dropped() -> None:
    assert asyncio.run(_told(Wire(is_closing=True), b"late")) == ([], [])


def test_end__writes_what_waits_at_once_and_once() -> None:
    async def shut_down(wire: Wire) -> list[bytes]:
        turn = Turn(asyncio.get_running_loop())
        turn.write(wire, b"last")
        turn.end()
        await asyncio.sleep(0)
        return wire.written

    assert asyncio.run(shut_down(Wire())) == [b"last"]


def test_requests__are_begun_when_all_are_read_and_before_any_is_answered() -> None:
    async def answer_two(wire: Wire) -> list[list[bytes]]:
        turn, seen = Turn(asyncio.get_running_loop()), []

        def answer(text: bytes) -> None:
            turn.write(wire, text)
            seen.append(wire.written.copy())

        turn.begin(partial(answer, b"first"))
        turn.begin(partial(answer, b"second"))
        seen.append(wire.written.copy())
        await asyncio.sleep(0)
        return [*seen, wire.written]

    assert asyncio.run(answer_two(Wire())) == [[], [], [], [b"first", b"second"]]


def fail() -> None:
    raise ValueError("failed")


@pytest.mark.parametrize("is_followed", [True, False])
def test_request__that_fails_keeps_no_other_from_its_answer(is_followed: bool) -> None:
    async def fail_between(wire: Wire) -> list[bytes]:
        turn, loop = Turn(asyncio.get_running_loop()), asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: wire.write(str(context["exception"]).encode()))
        turn.begin(partial(turn.write, wire, b"first"))
        turn.begin(fail)
        if is_followed:
            turn.begin(partial(turn.write, wire, b"last"))
        for _ in range(2):
            await asyncio.sleep(0)
        return wire.written

    assert asyncio.run(fail_between(Wire())) == [b"failed", b"first", *([b"last"] if is_followed else [])]
