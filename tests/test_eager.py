"""Coroutines that begin at once. What it means for requests is judged by all tests that speak HTTP."""

from __future__ import annotations

import asyncio

import pytest

from mockserver.eager import begin


def test_work__that_never_waits_is_done_at_once() -> None:
    async def main() -> tuple[object, list[str]]:
        done: list[str] = []

        async def work() -> None:
            done.append("all")

        return begin(asyncio.get_running_loop(), work()), done

    assert asyncio.run(main()) == (None, ["all"])


def test_work__that_waits_goes_on_as_a_task() -> None:
    async def main() -> list[object]:
        done: list[object] = []

        async def work() -> None:
            done.append(asyncio.current_task())
            await asyncio.sleep(0)
            done.append(await asyncio.wait_for(asyncio.sleep(0, "slept"), 5))

        task = begin(asyncio.get_running_loop(), work())
        assert task is not None
        assert len(done) == 1
        await task
        return [done[0] is task, *done[1:]]

    assert asyncio.run(main()) == [False, "slept"]


def test_work__sees_that_its_task_is_cancelled() -> None:
    async def main() -> list[str]:
        seen: list[str] = []

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append("cancelled")

        task = begin(asyncio.get_running_loop(), work())
        assert task is not None
        await asyncio.sleep(0)
        task.cancel()
        await task
        return seen

    assert asyncio.run(main()) == ["cancelled"]


def test_work__that_fails_after_a_wait_fails_its_task() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise ValueError("broken")

    async def main() -> None:
        task = begin(asyncio.get_running_loop(), work())
        assert task is not None
        await task

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(main())
