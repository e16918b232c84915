"""Several processes that answer on one port, for a store that they share."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from types import FrameType

from mockserver.errors import StartError
from mockserver.settings import Settings

# A process that ends sooner is not started again: it would not live longer.
_SHORT = 1.0  # seconds


def check_workers(settings: Settings) -> None:
    """Raises `StartError` for settings that only one process can have."""
    if settings.workers == 1:
        return
    if not settings.store.startswith("postgresql"):
        problem = f"--workers: {settings.workers} processes cannot share --store {settings.store.partition(':')[0]}"
        raise StartError(f"{problem}. Fix: use PostgreSQL, or one process.")
    if settings.reload:
        raise StartError("--workers cannot be combined with --reload. Fix: leave one of them out.")
    if not hasattr(os, "fork"):
        raise StartError("--workers needs a system with fork. Fix: start several servers, each on its own port.")


def run_workers(number: int, work: Callable[[], None]) -> int:
    """Runs `work` in so many processes until this one is stopped; starts one again that dies. Returns the exit code."""
    # Nothing is written: the workers read its end when this process is gone, even if it was killed.
    life = os.pipe()
    running: dict[int, float] = {}
    stopping = False
    ends = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def stop(signal_number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for pid in running:
            os.kill(pid, signal.SIGTERM)

    def start() -> None:
        # A signal waits until the number of the new process is known: `stop` would leave it out.
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        if not stopping:
            running[_start(work, life, ends)] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)

    for each in ends:
        if signal.getsignal(each) != signal.SIG_IGN:  # `nohup` ignores SIGHUP
            signal.signal(each, stop)
    while len(running) < number and not stopping:
        start()
    code = 0
    while running:
        pid, status = os.wait()
        lived = time.monotonic() - running.pop(pid)
        if not stopping and lived < _SHORT:
            code = os.waitstatus_to_exitcode(status) or 1
            stop(signal.SIGTERM, None)
        else:
            start()
    return code


def _start(work: Callable[[], None], life: tuple[int, int], blocked: Iterable[signal.Signals]) -> int:
    """Forks; returns the child's number. The child works and exits, at the latest after its parent."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Not by an exception: while the server starts, Python may ignore one, and the process would go on for ever.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
    end, own_end = life
    os.close(own_end)
    Thread(target=_stop_after_parent, args=(end,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        work()
    sys.exit(0)


def _stop_after_parent(end: int) -> None:
    os.read(end, 1)  # returns when the parent is gone
    os.kill(os.getpid(), signal.SIGTERM)
