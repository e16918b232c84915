"""The pytest plugin and `MockServer` in the ways in which suites are run: side by side, by unittest, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import MockServer

pytestmark = pytest.mark.long

# Each repetition makes the same type: in a shared sandbox it would be there already, and be seen by the others.
CROSSTALK = """
import pytest

@pytest.mark.parametrize("repetition", range(50))
def test_own(enspace, repetition):
    name = f"Ativos {repetition}"
    enspace.fault("listRoles", status=500, times=1)
    assert enspace.client.post("/ws/types", json={"name": name, "slug": "ativos"}).status_code == 200
    assert enspace.client.get("/ws/types/ativos").json()["name"] == name
    assert enspace.client.get("/ws/types/count").json() == 6
    assert [enspace.client.get("/ws/roles").status_code for _ in range(2)] == [500, 200]
    assert enspace.journal.count() == 5
    enspace.journal.assert_called("createType", body={"name": name}, times=1)
"""

UNITTEST = """
import unittest
from mockserver import MockServer

class TestOwn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = MockServer().start()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.enspace = self.enterContext(self.server.sandbox())

    def test_create(self):
        self.assertEqual(self.enspace.client.post("/ws/types", json={"name": "Ativos"}).status_code, 200)
        self.enspace.journal.assert_called("createType", body={"name": "Ativos"})

    def test_state_of_another_test_is_not_there(self):
        self.assertEqual(self.enspace.client.get("/ws/types/count").json(), 5)
"""

IN_A_CASE = """
import unittest, pytest

class TestOwn(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _enspace(self, enspace):
        self.enspace = enspace

    def test_failing(self):
        self.enspace.client.get("/ws/types/nowhere")
        self.enspace.journal.assert_not_called("getType")
"""

KILLED = """
import os, signal

def test_own(enspace):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    server = MockServer().start()
    yield server
    server.stop()


def run(folder: Path, test: str, *command: str, url: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "test_own.py").write_text(test, encoding="utf-8")
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ({"MOCKSERVER_URL": url} if url else {})
    whole = [sys.executable, "-W", "ignore", "-m", *command]
    return subprocess.run(whole, cwd=folder, env=environment, capture_output=True, text=True)


# Only the plugins that are needed: eight workers would load all of them eight times.
PYTEST = ("pytest", "-p", "mockserver.testing.pytest_plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider")


def test_plugin__of_eight_workers_on_one_server_has_no_crosstalk(server: MockServer, tmp_path: Path) -> None:
    done = run(tmp_path, CROSSTALK, *PYTEST, "-n", "8", url=server.url)
    assert "50 passed" in done.stdout, done.stdout
    assert [sandbox["name"] for sandbox in httpx.get(f"{server.url}/_mock/sandboxes").json()] == ["default"]


def test_plugin__of_workers_with_a_server_each_works(tmp_path: Path) -> None:
    done = run(tmp_path, CROSSTALK, *PYTEST, "-n", "2", "-k", "11 or 22")
    assert "2 passed" in done.stdout, done.stdout


def test_unittest__uses_a_server_for_the_class_and_a_sandbox_for_the_test(tmp_path: Path) -> None:
    done = run(tmp_path, UNITTEST, "unittest")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "OK")


def test_plugin__tells_the_calls_of_a_failed_unittest_under_pytest(server: MockServer, tmp_path: Path) -> None:
    done = run(tmp_path, IN_A_CASE, *PYTEST, url=server.url)
    assert "1 failed" in done.stdout
    assert "Enspace calls" in done.stdout


def test_plugin__that_is_killed_leaves_a_sandbox_that_ends_by_itself(server: MockServer, tmp_path: Path) -> None:
    done = run(tmp_path, KILLED, *PYTEST, url=server.url)
    assert done.returncode == -signal.SIGKILL
    left = [each for each in httpx.get(f"{server.url}/_mock/sandboxes").json() if each["name"] != "default"]
    assert [each["ends_at"] is None for each in left] == [False]
    httpx.delete(f"{server.url}/_mock/sandboxes/{left[0]['name']}").raise_for_status()
