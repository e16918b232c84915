"""Contract coverage at the end of `mockserver run` and `mockserver serve`: a table, a file, an exit code."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import Result

from mockserver.coverage.outcome import TOO_LITTLE
from tests.invocation import invoke
from tests.live import LiveServer

ASK = """
import os, sys, httpx
names = ["ENSPACE_API_URL", "ENSPACE_API_KEY", "ENSPACE_WORKSPACE_ID"]
url, key, workspace = [os.environ[name] for name in names]
httpx.get(url + "/ws/types/contratos", headers={"x-api-key": key, "en-workspace": workspace}, timeout=60)
sys.exit(int(sys.argv[1]))
"""
REQUEST = (
    b"GET /ws/types/contratos HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nen-workspace: company-abc\r\n"
    b"x-api-key: en.DemoFullAccessCompanyAbc0000000001\r\n\r\n"
)
SUITE = """
import pytest

@pytest.mark.parametrize("slug", ["contratos", "nowhere"])
def test_type(enspace, slug):
    enspace.client.get(f"/ws/types/{slug}")
"""


def run(*options: str, code: int = 0) -> Result:
    return invoke("run", *options, "--", sys.executable, "-c", ASK, str(code))


def test_run__ends_with_the_table(tmp_path: Path) -> None:
    done = run("--coverage", str(tmp_path / "coverage.json"))
    assert "mockserver: coverage of the contract: 0.3 % (operations 1 of 68, " in done.stderr
    assert re.search(r"^mockserver:   Types +1 of 6 +1 of 33 +1 of 14 +0 of 14$", done.stderr, re.M)
    assert "required" not in done.stderr
    assert done.exit_code == 0


@pytest.mark.parametrize(("own", "code"), [(0, TOO_LITTLE), (5, 5)])
def test_run__too_little_coverage_is_an_exit_code_of_its_own(own: int, code: int) -> None:
    done = run("--coverage-min", "80", code=own)
    assert done.exit_code == code
    assert "received 0.3 %, required: 80 %" in done.stderr


def test_run__writes_html_to_a_file_of_that_name(tmp_path: Path) -> None:
    file = tmp_path / "coverage.html"
    assert run("--coverage", str(file), code=1).exit_code == 1
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_run__covers_the_calls_of_each_sandbox(tmp_path: Path) -> None:
    (tmp_path / "test_types.py").write_text(SUITE, encoding="utf-8")
    file = tmp_path / "coverage.json"
    suite = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)]
    done = invoke("run", "--coverage", str(file), "--", *suite)
    assert done.exit_code == 0, done.output
    operations = json.loads(file.read_text(encoding="utf-8"))["operations"]
    statuses = next(line["statuses"] for line in operations if line["operation"] == "getType")
    assert [status for status, seen in statuses.items() if seen] == ["200", "404"]


def test_serve__writes_the_file_when_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "coverage.json"
    server = LiveServer(MOCKSERVER_COVERAGE=str(file))
    assert server.ask(REQUEST).status == 200
    code, _, errors = server.stop()
    assert (code, errors) == (0, "")
    assert json.loads(file.read_text(encoding="utf-8"))["seen"] == 3


def test_serve__checks_the_minimum_when_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "coverage.txt"
    server = LiveServer(MOCKSERVER_COVERAGE=str(file), MOCKSERVER_COVERAGE_MIN="80")
    assert server.ask(REQUEST).status == 200
    code, _, errors = server.stop()
    assert code == TOO_LITTLE
    assert errors == "mockserver: coverage of the contract: received 0.3 %, required: 80 %\n"
    assert file.read_text(encoding="utf-8").startswith("coverage of the contract: 0.3 %")


def test_file__that_can_no_longer_be_written_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    server = LiveServer("--coverage", str(folder / "coverage.txt"))
    server.ask(REQUEST)
    folder.rmdir()
    code, _, errors = server.stop()
    assert code == 2
    message = f"the coverage cannot be written to {folder / 'coverage.txt'}: No such file or directory"
    assert errors == f"mockserver: {message}\n"


@pytest.mark.parametrize(("command", "file"), [(["serve", "--port", "0"], "nowhere/coverage.html"), (["run"], ".")])
def test_file__that_cannot_be_written_stops_the_start(tmp_path: Path, command: list[str], file: str) -> None:
    rest = ["--", "true"] if command == ["run"] else []
    done = invoke(*command, "--coverage", str(tmp_path / file), *rest)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"mockserver: --coverage: {tmp_path / file} cannot be written. Fix: ")
