"""A PostgreSQL server of the tests, on a socket in a temporary folder; each test module gets databases of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_PATIENCE = 60


class PostgresServer:
    """A server that listens on a Unix socket only. Its data are not synced: a kill of the machine may lose them."""

    def __init__(self) -> None:
        # Short, since the path of a socket may have about 100 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        # It refuses to run as root.
        self._user = "postgres" if os.getuid() == 0 else ""
        if self._user:
            shutil.chown(self.folder, self._user)
        self._numbers = count(1)
        self._run("initdb", "--auth=trust", "--username=fake", "--no-sync", "--pgdata", str(self.folder / "data"))
        self.start()

    def start(self) -> None:
        options = f"-k {self.folder} -h '' -c fsync=off -c max_connections=60"
        log, data = str(self.folder / "log"), str(self.folder / "data")
        self._run("pg_ctl", "--wait", "--pgdata", data, "--log", log, "--options", options, "start")

    def kill(self) -> None:
        """Kills the whole server at once."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)

    def stop(self) -> None:
        self._run("pg_ctl", "--pgdata", str(self.folder / "data"), "--mode", "immediate", "stop")
        shutil.rmtree(self.folder)

    @contextmanager
    def connection(self, store: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection of somebody else to the database of a store."""
        name = store.partition("@/")[2].partition("?")[0]
        with closing(psycopg.connect(host=str(self.folder), user="fake", dbname=name, autocommit=True)) as connection:
            yield connection

    def new_database(self) -> str:
        """Creates a database; returns the value of `--store`."""
        name = f"fake_{next(self._numbers)}"
        connection = psycopg.connect(host=str(self.folder), user="fake", dbname="postgres", autocommit=True)
        with closing(connection):
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://fake@/{name}?host={quote(str(self.folder), safe='')}"

    def _run(self, program: str, *arguments: str) -> None:
        path = shutil.which(program) or str(_BINARIES[-1] / program)
        command = ["runuser", "-u", self._user, "--", path] if self._user else [path]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=_PATIENCE, cwd="/")
        assert done.returncode == 0, done.stdout + done.stderr


def is_installed() -> bool:
    """Returns whether this machine has the programs of a server."""
    return bool(shutil.which("initdb") or _BINARIES)


def postgres_server() -> PostgresServer:
    """Starts a server. Without its programs the test is skipped, unless they are required."""
    if not is_installed():
        assert not os.environ.get("CI"), "PostgreSQL is missing"
        pytest.skip("PostgreSQL is missing")
    return PostgresServer()
