"""TypeScript clients that common generators make of the served contract with their default settings.

`test_story.py` uses the Python client of openapi-python-client.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver import MockServer

CLIENTS = Path(__file__).parents[1] / "clients"
PATIENCE = 300
# By program: the command that generates its client from CONTRACT.
GENERATORS = {
    "openapi_fetch": ("openapi-typescript", "CONTRACT", "-o", "generated/openapi_fetch.d.ts"),
    "hey_api": ("openapi-ts", "-i", "CONTRACT", "-o", "generated/hey_api", "--no-log-file"),
    "orval": ("orval", "--input", "CONTRACT", "--output", "generated/orval.ts", "--client", "fetch"),
}


def not_here(reason: str) -> None:
    assert not os.environ.get("CI"), reason
    pytest.skip(reason)


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    server = MockServer(seed=1).start()
    yield server
    server.stop()


def run(folder: Path, server: MockServer, *command: str) -> str:
    """Runs a command that knows the server, and returns its output. Fails unless it succeeds."""
    key, workspace = server.main_key()
    known = {"ENSPACE_API_URL": server.url, "ENSPACE_API_KEY": key, "ENSPACE_WORKSPACE_ID": workspace}
    arguments = [f"{server.url}/openapi.json" if part == "CONTRACT" else part for part in command]
    done = subprocess.run(
        arguments, cwd=folder, env=os.environ | known, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs in a folder of their own, with the modules of the lock file."""
    if shutil.which("npm") is None:
        not_here("npm is missing")
    folder = tmp_path_factory.mktemp("clients")
    for file in CLIENTS.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=folder, timeout=PATIENCE).returncode:
        not_here("npm cannot install tests/clients/package-lock.json")
    return folder


@pytest.mark.starts_first
def test_typescript_clients__compile_and_change_items(programs: Path, server: MockServer) -> None:
    tools = programs / "node_modules" / ".bin"
    for generator, *arguments in GENERATORS.values():
        run(programs, server, str(tools / generator), *arguments)
    run(programs, server, str(tools / "tsc"))
    for program in GENERATORS:
        bundle = ("--bundle", "--platform=node", "--format=esm", f"--outfile={program}.mjs")
        run(programs, server, str(tools / "esbuild"), f"{program}.ts", *bundle)
        assert run(programs, server, "node", f"{program}.mjs") == "passed\n", program
