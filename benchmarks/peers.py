"""Installation and versions of the npm peers, from the lock file next to this module."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NODE = MODULES / ".bin" / "node"
PACKAGES = ("@stoplight/prism-cli", "@stdy/cli", "@scalar/mock-server", "@mockoon/cli")


class InstallError(Exception):
    """The peers cannot be installed; the message says why."""


def install() -> None:
    """Installs missing peers, with a pinned Node, since Prism requires a recent one."""
    done = MODULES / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime:
        return
    if shutil.which("npm") is None:
        raise InstallError("npm is not on the path")
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    result = subprocess.run(command, check=False, cwd=HERE, capture_output=True, text=True)
    if result.returncode:
        raise InstallError("`npm ci` failed: " + (result.stderr.strip() or "no message").splitlines()[0])


def node() -> str:
    """Returns the pinned Node, or the one on the path where it is not packaged for the platform."""
    return str(NODE) if NODE.exists() else "node"


def versions() -> dict[str, str]:
    found = {name: json.loads((MODULES / name / "package.json").read_text())["version"] for name in PACKAGES}
    found["Node"] = subprocess.check_output([node(), "--version"], text=True).strip().lstrip("v")
    return found
