"""The setup that the targets of the Makefile do, and the agreement of the lock files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 60
# Runs the code after `-c` as Python 3.10 would.
OLD_PYTHON = f"""#!/bin/sh
exec {sys.executable} -c "import sys; sys.version_info = (3, 10, 9); exec(sys.argv[1])" "$2"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that the setup reads, without an environment."""
    for file in (ROOT / "Makefile", ROOT / "pyproject.toml", *ROOT.glob("*.lock")):
        shutil.copy(file, tmp_path)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Under `make test` these variables would make this a recursive make, with other options and output.
    ours = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "OPTIONS")
    environment = {name: text for name, text in os.environ.items() if name not in ours}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def versions(lock: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8")))


def test_serve__installs_the_runtime_lock_only(checkout: Path) -> None:
    planned = make(checkout, "--dry-run", "serve").stdout
    assert "-r requirements-serve.lock" in planned
    assert "-r requirements.lock" not in planned


@pytest.mark.parametrize("target", ["test", "lint", "verify", "dist", "lock"])
def test_development__installs_both_locks(checkout: Path, target: str) -> None:
    planned = make(checkout, "--dry-run", target).stdout
    assert planned.index("-r requirements-serve.lock") < planned.index("-r requirements.lock")


def test_serve__after_a_development_setup_installs_nothing(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    for name in ("ready-to-serve", "ready"):
        (checkout / ".venv" / name).touch()
    assert make(checkout, "--dry-run", "serve").stdout.strip() == ".venv/bin/mockserver serve"


@pytest.mark.parametrize("target", ["serve", "test", "lowest"])
def test_old_python__stops_before_anything_is_installed(checkout: Path, target: str) -> None:
    python = checkout / "python3"
    python.write_text(OLD_PYTHON, encoding="utf-8")
    python.chmod(0o755)
    done = make(checkout, target, f"PYTHON={python}")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == "Python 3.11 or later is required, found 3.10"
    assert not list(checkout.glob(".venv*"))


def test_thorough_tests__which_are_not_run_here_find_their_fixtures() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--setup-plan", "tests/thorough"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout[-500:]


def test_locks__agree_about_each_version() -> None:
    serving, development = versions("requirements-serve.lock"), versions("requirements.lock")
    assert serving.items() <= development.items()


def test_serve_lock__contains_the_runtime_dependencies_without_an_index() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {re.split(r"[<>=~; ]", text)[0] for text in project["dependencies"]}
    locked = versions("requirements-serve.lock").keys()
    assert required <= locked
    assert {"schemathesis", "pytest", "playwright"}.isdisjoint(locked)
    assert "://" not in (ROOT / "requirements-serve.lock").read_text(encoding="utf-8")
