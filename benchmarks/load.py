"""The load: wrk with one thread and one set of connections, on a core of its own."""

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

# Each run counts on from a number of its own, so that nothing is created under the same name in two runs.
_first_numbers = count(1_000_000, 1_000_000)


@dataclass(frozen=True)
class Load:
    """What wrk counted in one run. `errors` are the answers with a status from 400 on."""

    rate: float
    requests: int
    errors: int


def press(server: Running, request: Request, seconds: int, answers: int = 0) -> Load:
    """Sends the request as often as the server can take it, until the time is up or so many answers are there."""
    script = SCRIPTS / ("distinct.lua" if request.is_numbered else "same.lua")
    arguments = [request.method, request.path, request.body, str(next(_first_numbers)), str(answers)]
    arguments.append(str(server.references or ""))
    headers = [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    command = [*on_core(LOAD_CORE), "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", str(seconds), *headers]
    command += ["-s", str(script), f"http://127.0.0.1:{server.port}", "--", *arguments]
    return read(subprocess.run(command, check=False, capture_output=True, text=True).stdout)


def ask(server: Running, request: Request) -> Answer:
    """A single one of the requests that `press` sends."""
    references = server.references.read_text().split() if server.references else []
    return send(server.port, request.numbered(next(_first_numbers), references))


def read(output: str) -> Load:
    """What wrk prints: a line is missing where there is nothing to count."""

    def number(pattern: str) -> float:
        found = re.search(pattern, output)
        return float(found.group(1)) if found else 0.0

    errors = int(number(r"Non-2xx or 3xx responses: (\d+)"))
    return Load(number(r"Requests/sec:\s+([\d.]+)"), int(number(r"(\d+) requests in")), errors)
