"""Test suites of the programs in examples/."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.traffic.reference.server import ReferenceServer
from tests.traffic.test_upstream import HALF_OF_THE_TAGS

EXAMPLES = Path(__file__).parents[2] / "examples"
PYTHON, TYPESCRIPT = EXAMPLES / "python", EXAMPLES / "typescript"
RUN = [sys.executable, "-m", "mockserver", "run", "--"]
PATIENCE = 120


def passed(folder: Path, *command: str, **environment: str) -> str:
    """Runs a command, and returns its output. Fails unless it succeeds."""
    known = os.environ | environment
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def compiled() -> None:
    """Installs the modules of the lock file, unless they are installed, and compiles the program and its tests."""
    if shutil.which("npm") is None:
        not_here("npm is missing")
    install_modules()
    passed(TYPESCRIPT, "npm", "run", "pretest")


def install_modules() -> None:
    done = TYPESCRIPT / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= (TYPESCRIPT / "package-lock.json").stat().st_mtime:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=TYPESCRIPT, timeout=PATIENCE).returncode:
        not_here("npm cannot install examples/typescript/package-lock.json")


def not_here(reason: str) -> None:
    assert not os.environ.get("CI"), reason
    pytest.skip(reason)


def test_python__with_a_server_of_its_own() -> None:
    assert " passed" in passed(PYTHON, sys.executable, "-m", "pytest")


def test_python__in_two_processes_on_one_server() -> None:
    """Repeats each test in parallel, so that a shared sandbox fails; without other plugins, to save time."""
    pytest_alone = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "mockserver.testing.pytest_plugin"]
    again = ["-n", "2", "--keep-duplicates", *["test_orders.py"] * 2]
    assert "18 passed" in passed(PYTHON, *RUN, *pytest_alone, *again, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")


# Without `pretest`, which has compiled the tests for both.
NPM_TEST = ("npm", "test", "--ignore-scripts")


@pytest.mark.usefixtures("compiled")
def test_typescript__through_the_generated_client() -> None:
    output = passed(TYPESCRIPT, *RUN, *NPM_TEST)
    assert "fail 0" in output
    assert "refused\n" in output  # the test of an invalid order


@pytest.mark.usefixtures("compiled")
def test_typescript__with_half_of_the_tags_mocked_before_a_reference_server() -> None:
    with ReferenceServer() as reference:
        options = ("--upstream", reference.url, "--mock", HALF_OF_THE_TAGS)
        output = passed(TYPESCRIPT, *RUN[:-1], *options, "--", *NPM_TEST)
    assert "fail 0" in output
