"""The results of `make dist` outside the checkout: the wheel in a new environment, and the stand-alone file."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.live import LiveServer

ROOT = Path(__file__).parents[2]
PATIENCE = 120

THREE_LINES = """\
def test_type__is_there_after_its_creation(enspace):
    made = enspace.client.post("/ws/types", json={"name": "Ativos"}).json()
    assert made in enspace.client.get("/ws/types").json()
"""
ASK = "import httpx, os; print(httpx.get(os.environ['ENSPACE_API_URL'] + '/_mock/ready', timeout=60).json())"


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Runs a command without the environment of this process, and returns its output. Fails unless it succeeds."""
    known = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)} | environment
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def new_environment(folder: Path) -> Path:
    """Creates a Python with the libraries of this one but without the checkout, so that nothing is downloaded."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=ROOT)
    (site_packages,) = folder.glob("lib/python3.*/site-packages")
    (site_packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin" / "python"


def test_wheel__of_a_git_url_needs_three_lines_in_a_new_environment(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    source = ("--no-build-isolation", "--no-deps", "--wheel-dir", tmp_path, f"git+file://{ROOT}")
    run(*pip, "wheel", *source, folder=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    python = new_environment(tmp_path / "environment")
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel, folder=tmp_path)
    # The file of the hint of `verify`, with its extra; the libraries are there already.
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", hint_of_verify(tmp_path), folder=tmp_path)
    (tmp_path / "test_types.py").write_text(THREE_LINES, encoding="utf-8")
    assert "1 passed" in run(python, "-m", "pytest", "test_types.py", folder=tmp_path)
    place = run(python, "-c", "import mockserver; print(mockserver.__file__)", folder=tmp_path)
    assert place.startswith(str(tmp_path))


def hint_of_verify(folder: Path) -> str:
    """Returns what `mockserver verify` proposes to install when Schemathesis is missing."""
    code = "import sys; sys.modules['schemathesis'] = None; from mockserver.__main__ import main; main(['verify', 'x'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2, done.stderr
    return done.stderr.rpartition("pip install ")[2].strip().strip("'")


@pytest.mark.starts_first
def test_file__lints_runs_and_serves_on_its_own(tmp_path: Path) -> None:
    subprocess.run(["make", "dist", f"DIST={tmp_path}/dist"], cwd=ROOT, check=True, timeout=PATIENCE)
    file, cache = str(tmp_path / "dist" / "mockserver.pex"), {"PEX_ROOT": str(tmp_path / "cache")}
    assert run(sys.executable, file, "lint", folder=tmp_path, **cache) == "0 finding(s)\n"
    arguments = [sys.executable, file, "run", "--", sys.executable, "-c", ASK]
    assert run(*arguments, folder=tmp_path, **cache) == "{'status': 'ok'}\n"
    server = LiveServer(program=[sys.executable, file], **cache)
    assert server.first_line.startswith("Enspace: 68 operations")
    assert server.ask(b"GET /docs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").status in (200, 307)
    assert server.stop()[0] == 0
