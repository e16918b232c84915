"""Load generator: wrk with one thread and one set of connections, on its own core."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.requests import Answer, Request, send
from benchmarks.servers import LOAD_CORE, Running, on_core

CONNECTIONS = 16
SCRIPTS = Path(__file__).parent / "wrk"

# Each run starts at its own number, so that no two runs create a record with the same name.
_first_numbers = count(1_000_000, 1_000_000)


@dataclass(frozen=True)
class Load:
    """Counts of one wrk run. `errors` are the answers with a status of 400 or more."""

    rate: float
    requests: int
    errors: int


def press(server: Running, request: Request, seconds: int, answers: int = 0) -> Load:
    """Sends the request as fast as possible, for a time in seconds or up to a number of answers."""
    script = SCRIPTS / ("distinct.lua" if request.is_numbered else "same.lua")
    arguments = [request.method, request.path, request.body, str(next(_first_numbers)), str(answers)]
    arguments.append(str(server.references or ""))
    headers = [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    command = [*on_core(LOAD_CORE), "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", str(seconds), *headers]
    command += ["-s", str(script), f"http://127.0.0.1:{server.port}", "--", *arguments]
    return read(subprocess.run(command, check=False, capture_output=True, text=True).stdout)


def ask(server: Running, request: Request) -> Answer:
    """Sends one of the requests of `press`, and returns its answer."""
    references = server.references.read_text().split() if server.references else []
    return send(server.port, request.numbered(next(_first_numbers), references))


def read(output: str) -> Load:
    """Parses the output of wrk, which omits lines with a count of zero."""

    def number(pattern: str) -> float:
        found = re.search(pattern, output)
        return float(found.group(1)) if found else 0.0

    errors = int(number(r"Non-2xx or 3xx responses: (\d+)"))
    return Load(number(r"Requests/sec:\s+([\d.]+)"), int(number(r"(\d+) requests in")), errors)
