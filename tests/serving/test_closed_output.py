"""Commands whose output nobody reads, or whose working directory is gone: one line at most, and no traceback."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from tests.conftest import HEADERS
from tests.live import MOCKSERVER, PATIENCE, LiveServer, free_port

ROOT = Path(__file__).parents[2]


def ask_until_ready(port: int) -> int:
    """Returns the status of the server at the port. It listens before it has printed its address."""
    transport = httpx.HTTPTransport(retries=8)  # waits up to a minute in all
    with httpx.Client(transport=transport, timeout=PATIENCE) as client:
        return client.get(f"http://127.0.0.1:{port}/ws/types", headers=HEADERS).status_code


def serving(port: int, **options: Any) -> subprocess.Popen[str]:
    command = [*MOCKSERVER, "serve", "--port", str(port)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)


def full_device() -> IO[str]:
    return open("/dev/full", "w")


def closed_pipe() -> IO[str]:
    reading, writing = os.pipe()
    os.close(reading)
    return open(writing, "w")


@pytest.mark.parametrize("output", [full_device, closed_pipe])
def test_serve__goes_on_without_a_reader(output: Callable[[], IO[str]]) -> None:
    port = free_port()
    with output() as stdout, serving(port, stdout=stdout) as process:
        assert ask_until_ready(port) == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")


def test_serve__goes_on_with_a_closed_output() -> None:
    port = free_port()
    command = ["sh", "-c", 'exec "$@" >&-', "sh", *MOCKSERVER, "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert ask_until_ready(port) == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")


def test_serve__in_a_deleted_directory(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "gone"
    folder.mkdir()
    # The shell deletes its own directory, and then becomes the server.
    command = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *MOCKSERVER, "serve", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert ask_until_ready(port) == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("arguments", [["lint"], ["--help"]])
def test_command__whose_output_is_full_says_so_in_one_line(arguments: list[str]) -> None:
    with full_device() as stdout:
        done = subprocess.run(
            [*MOCKSERVER, *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=PATIENCE
        )
    assert done.returncode == 2
    assert re.fullmatch(r"mockserver: the output cannot be written: No space left on device\..+\n", done.stderr)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_shutdown__leaves_all_writes_in_the_single_file(tmp_path: Path, how: signal.Signals) -> None:
    live = LiveServer("--store", f"sqlite:///{tmp_path / 'state.db'}")
    with httpx.Client(base_url=live.address, headers=HEADERS, timeout=PATIENCE) as client:
        for number in range(20):
            item = {"data": {"numero": f"CT-{number}", "valor": number}}
            assert client.post("/ws/types/contratos/items", json=item).status_code == 200
    assert live.stop(how)[::2] == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]
    shutil.copy(tmp_path / "state.db", tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as database:
        written = database.execute("SELECT count(*) FROM changes WHERE record LIKE '%CT-%'").fetchone()
    database.close()
    assert written == (20,)


@pytest.mark.parametrize("output", [full_device, closed_pipe])
def test_run__keeps_the_exit_code_without_a_reader(output: Callable[[], IO[str]]) -> None:
    with output() as stderr:
        done = subprocess.run([*MOCKSERVER, "run", "--", "sh", "-c", "exit 4"], stderr=stderr, timeout=PATIENCE)
    assert done.returncode == 4
