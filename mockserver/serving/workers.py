"""Several processes that answer on one port, for a store that they share."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
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
    running: dict[int, float] = {}
    stopping = False

    def stop(signal_number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for pid in running:
            os.kill(pid, signal.SIGTERM)

    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(each) != signal.SIG_IGN:  # `nohup` ignores SIGHUP
            signal.signal(each, stop)
    while len(running) < number and not stopping:
        running[_start(work)] = time.monotonic()
    code = 0
    while running:
        pid, status = os.wait()
        lived = time.monotonic() - running.pop(pid)
        if not stopping and lived < _SHORT:
            code = os.waitstatus_to_exitcode(status) or 1
            stop(signal.SIGTERM, None)
        elif not stopping:
            running[_start(work)] = time.monotonic()
    return code


def _start(work: Callable[[], None]) -> int:
    """Forks; returns the child's number. The child works and exits."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        work()
    sys.exit(0)
