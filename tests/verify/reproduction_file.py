"""A file of a reproduction, run like a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mockserver.verify.credentials import Credentials


def exit_code(file: Path, url: str, credentials: Credentials) -> int:
    """Runs a shell script or a pytest file against a target; 1 is a broken promise."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"] if file.suffix == ".py" else ["bash"]
    named = {"KEY": credentials.key, "SECOND_KEY": credentials.weak_key, "EXPIRED_KEY": credentials.expired_key}
    named |= {"WORKSPACE": credentials.workspace, "TARGET": url}
    environment = os.environ | {f"MOCKSERVER_VERIFY_{name}": value for name, value in named.items()}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the file needs none, and loading them takes a second
    return subprocess.run([*command, str(file)], env=environment, cwd=file.parent, timeout=60).returncode
