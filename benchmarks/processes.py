"""CPU time and memory of a server and its children, from `/proc`; Steady, for example, runs in two processes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# The fields of /proc/PID/stat behind the name, which ends with `)`: utime and stime are numbers 14 and 15 of all.
USER_TIME, SYSTEM_TIME = 11, 12


def cpu_seconds(leader: int) -> float:
    """Returns the CPU time so far, which other work on the machine distorts less than requests per second."""
    return sum(map(_ticks, _of_session(leader, "stat"))) / TICKS_PER_SECOND


def resident_megabytes(leader: int) -> float:
    return sum(map(_kilobytes, _of_session(leader, "status"))) / 1024


def _of_session(leader: int, name: str) -> Iterator[str]:
    """Yields a `/proc` file of each process in the session of the server."""
    for process in Path("/proc").glob("[0-9]*"):
        # A process may end between listing and reading.
        with suppress(ProcessLookupError, FileNotFoundError):
            if os.getsid(int(process.name)) == leader:
                yield (process / name).read_text()


def _ticks(stat: str) -> int:
    times = stat.rpartition(")")[2].split()
    return int(times[USER_TIME]) + int(times[SYSTEM_TIME])


def _kilobytes(status: str) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) if found else 0
