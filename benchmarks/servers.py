"""Start and stop of each server, on one core."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.requests import KINDS, send

ROOT = Path(__file__).parent.parent
CONTRACT = ROOT / "openapi.yaml"
PORT = "PORT"
SERVER_CORE, LOAD_CORE = 0, 1
PATIENCE = 30.0
POLL = 0.005
ENVIRONMENT = os.environ | {"SCARF_ANALYTICS": "false", "DO_NOT_TRACK": "1"}

OURS, KEPT, STATELESS, CEILING = "mockserver", "mockserver, sqlite", "mockserver, stateless", "ceiling"


class StartError(Exception):
    """A server did not start; the message describes its last answer or output."""


class WrongAnswer(Exception):
    """One of our answers was not the documented one, so its speed means nothing."""


@dataclass(frozen=True)
class Server:
    """A server to measure. In `command`, the part `PORT` is replaced by the port."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Running:
    """A started server. `references` is a file with the reference of one item per line, if it was filled."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_answer: float
    references: Path | None = None

    @property
    def is_ours(self) -> bool:
        return self.name.startswith(OURS)


def python(*arguments: str | Path) -> tuple[str, ...]:
    return (sys.executable, "-m", *map(str, arguments))


def node(*arguments: str | Path) -> tuple[str, ...]:
    return (peers.node(), *map(str, arguments))


def ours(*options: str, contract: Path = CONTRACT, name: str = OURS) -> Server:
    return Server(name, python("mockserver", "serve", "--port", PORT, "--spec", contract, *options))


def ours_kept(folder: Path) -> Server:
    """Describes our server with a persistent store."""
    return ours("--store", f"sqlite:///{folder / 'state.db'}", name=KEPT)


def ours_stateless() -> Server:
    """Describes our server without state, which like the peers generates each answer from the contract."""
    return ours("--stateless", name=STATELESS)


def ceiling(answer: Path) -> Server:
    return Server(CEILING, python("benchmarks.bare", PORT, answer))


def stock_connexion(answers: Path) -> Server:
    return Server("connexion", python("benchmarks.stock_connexion", PORT, CONTRACT, answers))


def npm_peers(contract: Path = CONTRACT) -> list[Server]:
    """Describes the npm peers, without request logs, like our server."""
    bin_, here = peers.MODULES / ".bin", peers.HERE
    prism = (bin_ / "prism", "mock", "--verboseLevel", "fatal", "--port", PORT)
    mockoon = (bin_ / "mockoon-cli", "start", "--disable-log-to-file", "--disable-admin-api", "--hostname", "127.0.0.1")
    return [
        Server("prism", node(*prism, contract)),
        Server("prism-dynamic", node(*prism, "--dynamic", contract)),
        Server("steady", node(bin_ / "steady", "--quiet", "--host", "127.0.0.1", "--port", PORT, contract)),
        Server("scalar", node(here / "scalar.mjs", contract, PORT)),
        Server("mockoon", node(*mockoon, "--port", PORT, "--data", contract)),
    ]


@contextmanager
def running(server: Server, log: Path, status: int | None = 200, *, is_bound: bool = True) -> Iterator[Running]:
    """Runs the server, usually bound to a core; yields after its first answer with this status.

    It is stopped with all its children.
    """
    port = free_port()
    command = [str(port) if part == PORT else part for part in server.command]
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*(on_core(SERVER_CORE) if is_bound else ()), *command],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            wait_for_answer(process, port, status, log)
            yield Running(server.name, port, process, time.perf_counter() - started)
        finally:
            stop(process)


def on_core(core: int) -> list[str]:
    """Returns the command that pins a process to a core, if there is `taskset` and more than one core."""
    pinned = shutil.which("taskset") and (os.cpu_count() or 1) > max(SERVER_CORE, LOAD_CORE)
    return ["taskset", "--cpu-list", str(core)] if pinned else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_answer(process: subprocess.Popen[bytes], port: int, status: int | None, log: Path) -> None:
    """Polls one member until it is answered with the status, any for None. `StartError` after PATIENCE seconds."""
    deadline, last = time.perf_counter() + PATIENCE, 0
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise StartError(f"ended with code {process.returncode}: {last_line(log)}")
        last = send(port, KINDS[0].request).status
        if last and status in (last, None):
            return
        time.sleep(POLL)
    raise StartError(f"answered {last or 'nothing'} within {PATIENCE:.0f} s: {last_line(log)}")


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").replace(f"{ROOT}/", "").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no output")


def stop(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=3)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
