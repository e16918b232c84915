"""The pytest plugin: alone in this process; in parallel, under unittest and killed in suites of their own processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from mockserver import MockServer
from mockserver.testing.pytest_plugin import LIFETIME
from tests.cards import CARDS
from tests.live import PATIENCE

TESTS = """
def test_create(enspace):
    assert enspace.client.post("/ws/types", json={"name": "Ativos"}).status_code == 200
    enspace.journal.assert_called("createType", body={"name": "Ativos"}, times=1)

def test_state_of_another_test_is_not_there(enspace):
    assert "Ativos" not in enspace.client.get("/ws/types").text

def test_failing(enspace):
    enspace.client.get("/ws/types/nowhere")
    enspace.journal.assert_not_called("getType")
"""

JOURNAL_OUT_OF_REACH = """
import httpx

def test_own(enspace):
    enspace.journal._control = httpx.Client(base_url="http://127.0.0.1:9")
    assert False
"""

# Each repetition creates the same type. In a shared sandbox, the second would fail.
CROSSTALK = """
import pytest

@pytest.mark.parametrize("repetition", range(12))
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


IN_ANOTHER_CONTRACT = """
import pytest

@pytest.mark.parametrize("amount", [4, 5])
def test_card(enspace, amount):
    assert enspace.client.post("/cards", data={"amount": amount}).status_code == 204
    enspace.journal.assert_called("createCard", body={"amount": amount}, times=1)
    assert enspace.journal.count() == 1
"""

KILLED = """
import os, signal

def test_own(enspace):
    os.kill(os.getpid(), signal.SIGKILL)
"""


pytest_plugins = ["pytester"]


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    server = MockServer().start()
    sandboxes(server)  # loads the modules of a client: `pytester` unloads those that are first loaded in its run
    yield server
    server.stop()


def run(folder: Path, test: str, *command: str, url: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "test_own.py").write_text(test, encoding="utf-8")
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ({"MOCKSERVER_URL": url} if url else {})
    whole = [sys.executable, "-W", "ignore", "-m", *command]
    return subprocess.run(whole, cwd=folder, env=environment, capture_output=True, text=True)


def sandboxes(server: MockServer) -> list[str]:
    listed = httpx.get(f"{server.url}/_mock/sandboxes", timeout=PATIENCE).json()
    return [sandbox["name"] for sandbox in listed]


# Only the plugins that the tests need: four workers load all of them four times.
PLUGINS = ("-p", "mockserver.testing.pytest_plugin", "-p", "no:cacheprovider")
PYTEST = ("pytest", *PLUGINS, "-p", "xdist.plugin")


@pytest.fixture
def suite(server: MockServer, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a test in this process, in which the packages are loaded already; returns the output of pytest."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run_here(test: str, *options: str, url: str = "") -> str:
        pytester.makepyfile(test_own=test)
        if url:
            monkeypatch.setenv("MOCKSERVER_URL", url)
        return pytester.runpytest_inprocess("-W", "ignore", *PLUGINS, *options).stdout.str()

    return run_here


def test_plugin__gives_each_test_its_own_sandbox_and_reports_the_calls_of_a_failed_one(
    suite: Callable[..., str],
) -> None:
    output = suite(TESTS)
    assert "1 failed, 2 passed" in output
    assert "Enspace calls" in output
    assert "GET /ws/types/nowhere 404 Not Found" in output


def test_plugin__serves_the_contract_that_is_set(pytester: pytest.Pytester, suite: Callable[..., str]) -> None:
    pytester.makeini("[pytest]\nmockserver_spec = cards.yaml\n")
    (pytester.path / "cards.yaml").write_text(CARDS, encoding="utf-8")
    assert "2 passed" in suite(IN_ANOTHER_CONTRACT)


@pytest.mark.parametrize("setting", ["mockserver_spec = nowhere.yaml", "mockserver_seed = many"])
def test_plugin__says_why_its_server_does_not_start(
    pytester: pytest.Pytester, suite: Callable[..., str], setting: str
) -> None:
    pytester.makeini(f"[pytest]\n{setting}\n")
    output = suite(TESTS, "-k", "create")
    assert "the mock server does not start: " in output
    assert setting.partition(" = ")[2] in output
    assert "Traceback" not in output


def test_plugin__reports_a_failed_test_whose_journal_cannot_be_read(
    server: MockServer, suite: Callable[..., str]
) -> None:
    output = suite(JOURNAL_OUT_OF_REACH, url=server.url)
    assert "cannot be read: ConnectError" in output
    assert "INTERNALERROR" not in output


def test_plugin__ignores_a_proxy(
    server: MockServer, suite: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for url in ("", server.url):
        assert "1 passed" in suite(TESTS, "-k", "create", url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "127.0.0.1:9", "http://127.0.0.1:9:9"])
def test_plugin__names_the_variable_of_an_unreachable_server(suite: Callable[..., str], url: str) -> None:
    output = suite(TESTS, "-k", "create", url=url)
    assert "1 error" in output
    assert f"MOCKSERVER_URL: no mock server answers at {url} (" in output
    assert "Traceback" not in output
    assert "httpx" not in output


def test_plugin__of_four_workers_on_one_server_has_no_crosstalk(server: MockServer, tmp_path: Path) -> None:
    test = f'{CROSSTALK}    assert enspace.url == "{server.url}"\n'
    done = run(tmp_path, test, *PYTEST, "-n", "4", url=server.url)
    assert "12 passed" in done.stdout, done.stdout
    assert sandboxes(server) == ["default"]


def test_plugin__of_workers_with_a_server_each_works(tmp_path: Path) -> None:
    done = run(tmp_path, CROSSTALK, *PYTEST, "-n", "2", "-k", "4 or 8")
    assert "2 passed" in done.stdout, done.stdout


def test_unittest__uses_a_server_for_the_class_and_a_sandbox_for_the_test(tmp_path: Path) -> None:
    done = run(tmp_path, UNITTEST, "unittest")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "OK")


def test_plugin__reports_the_calls_of_a_failed_unittest_under_pytest(
    server: MockServer, suite: Callable[..., str]
) -> None:
    output = suite(IN_A_CASE, url=server.url)
    assert "1 failed" in output
    assert "Enspace calls" in output


def test_plugin__that_is_killed_leaves_a_sandbox_until_its_lifetime_is_over(
    server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(tmp_path, KILLED, *PYTEST, url=server.url)
    assert done.returncode == -signal.SIGKILL
    assert len(sandboxes(server)) == 2
    afterwards = time.time() + LIFETIME
    monkeypatch.setattr("mockserver.state.sandboxes.time", SimpleNamespace(time=lambda: afterwards))
    assert sandboxes(server) == ["default"]
